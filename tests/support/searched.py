"""A search that has ended, made up: runs with seeds by rate, and what was decided after each round."""

from __future__ import annotations

import functools
from typing import Any

from support.histories import Made, experiment, flat

from lrbench.findings.rounds import decided, first_round, scored_runs
from lrbench.tables.plan import seeds_by_rate

SEARCH: dict[str, Any] = {
    "rates": {"from": 1e-4, "to": 0.1, "at_most": 8, "resolution": 2.0},
    "seeds": {"first": 3, "at_most": 9},
    "rounds": 5,
    "level": 0.05,
}
THRESHOLDS = {"significance": SEARCH["level"] / SEARCH["rounds"]}
SCORES = {1e-4: 0.90, 3e-4: 0.94, 5e-4: 0.955, 1e-3: 0.96, 1.7e-3: 0.9596, 3e-3: 0.958, 0.01: 0.93}
NOISE = (-0.002, 0.0015, 0.001, -0.001, 0.0, 0.002, -0.0015, 0.0005, -0.0005)


def score(rate: float, seed: int) -> float:
    """The score of a run; a rate that is too high fails."""
    return SCORES.get(rate, 0.1) + NOISE[(seed + 2 * list(SCORES).index(rate)) % 9] if rate in SCORES else 0.1


def made_of(plan: dict[str, Any]) -> Made:
    """The experiment whose runs are those of a plan."""
    runs = {rate: [flat(score(rate, seed)) for seed in seeds] for rate, seeds in seeds_by_rate(plan).items()}
    return experiment(runs, search=SEARCH, thresholds=THRESHOLDS)


@functools.cache
def searched() -> tuple[Made, tuple[dict[str, Any], ...]]:
    """The experiment as it is after the search, and the rounds."""
    plan: dict[str, Any] | None = first_round({"search": SEARCH, "thresholds": {"tie": 0.001}})
    rounds: list[dict[str, Any]] = []
    made = None
    while plan is not None:
        made = made_of(plan)
        tables = {name: [getattr(made, name)] for name in ("epochs", "evaluations", "steps")}
        runs = scored_runs(tables, made.origin, made.dataset, made.settings)
        rounds.append(decided(len(rounds) + 1, runs, made.origin, made.dataset, made.settings))
        plan = rounds[-1]["next"]
    assert made is not None
    return made, tuple(rounds)


def ended() -> Made:
    """The experiment as it is after the search."""
    return searched()[0]
