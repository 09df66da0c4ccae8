"""A plan: the learning rates and seeds of an experiment's runs, as JSON passes it between stages.

`learning_rates` and `seeds` are ascending lists. `first_seeds`, of a search alone, says of each rate how many of the
seeds it has, from the first on; without it every rate has all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

LEARNING_RATES, SEEDS, FIRST_SEEDS = "learning_rates", "seeds", "first_seeds"
Plan = Mapping[str, Sequence[Any]]


def plan_of(counts: Mapping[float, int]) -> dict[str, Any]:
    """The plan in which each rate has so many seeds, from 0 on."""
    rates = sorted(counts)
    each = [counts[rate] for rate in rates]
    return {LEARNING_RATES: rates, SEEDS: list(range(max(each, default=0))), FIRST_SEEDS: each}


def seeds_by_rate(plan: Plan) -> dict[float, tuple[int, ...]]:
    """The seeds of each rate's runs, ascending, by rate, ascending."""
    rates, seeds = plan[LEARNING_RATES], sorted(map(int, plan[SEEDS]))
    each = plan.get(FIRST_SEEDS) or [len(seeds)] * len(rates)
    return {float(rate): tuple(seeds[:count]) for rate, count in sorted(zip(rates, each, strict=True))}


def seeds_at(plan: Plan, learning_rate: float | None) -> int:
    """How many seeds a rate has; without a rate how many there are."""
    if learning_rate is None or FIRST_SEEDS not in plan:
        return len(plan[SEEDS])
    return len(seeds_by_rate(plan)[learning_rate])


def planned_runs(plan: Plan) -> int:
    """How many runs a plan has."""
    return sum(map(len, seeds_by_rate(plan).values()))
