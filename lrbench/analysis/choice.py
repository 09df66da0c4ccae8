"""Which learning rate to train with, by a rule that was written down before any run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lrbench.analysis.rates import reach, reaches_later, resolution, shared_target, unsteadiness
from lrbench.analysis.thresholds import Thresholds

FEWEST_TO_LEAVE_OUT = 3  # seeds of which one can be left out
MOST_TO_LEAVE_OUT = 30  # seeds above which a single one cannot turn a mean


@dataclass(frozen=True)
class Choice:
    """The recommended rate and how it was chosen.

    candidates : the rates within the tie or the resolution of the best mean score, ascending; the chosen one is one
    criterion : the step of the rule that decided: only eligible, accuracy, steps, oscillation, score, smaller rate
    target : the validation accuracy at which speed was compared, or None
    dropped : for each candidate that was not chosen, the step of the rule at which it lost
    without_seed : by seed, the rate that would be chosen without its runs, where that is another one
    """

    chosen: float
    candidates: tuple[float, ...]
    criterion: str
    target: float | None
    dropped: Mapping[float, str]
    without_seed: Mapping[int, float]


@dataclass(frozen=True)
class Basis:
    """What the rule reads.

    runs, targets : rows of the tables of these names, of the eligible rates only
    epochs : of a run; n_validation : examples that validate
    """

    runs: pd.DataFrame
    targets: pd.DataFrame
    epochs: int
    n_validation: int
    thresholds: Thresholds

    def without(self, seed: int) -> Basis:
        """The same without the runs of a seed."""
        rest = {name: getattr(self, name) for name in ("runs", "targets")}
        kept = {name: table[table["seed"] != seed] for name, table in rest.items()}
        return Basis(**kept, epochs=self.epochs, n_validation=self.n_validation, thresholds=self.thresholds)


def choose(basis: Basis) -> Choice | None:
    """The rule's choice among the eligible rates, and what it would be without each seed; None without any."""
    if basis.runs.empty:
        return None
    choice = _decide(basis)
    seeds = sorted(map(int, basis.runs["seed"].unique()))
    if not FEWEST_TO_LEAVE_OUT <= len(seeds) <= MOST_TO_LEAVE_OUT:
        return choice
    others = {seed: _decide(basis.without(seed)).chosen for seed in seeds}
    changed = {seed: rate for seed, rate in others.items() if rate != choice.chosen}
    return Choice(choice.chosen, choice.candidates, choice.criterion, choice.target, choice.dropped, changed)


def _decide(basis: Basis) -> Choice:
    runs = basis.runs.sort_values(["learning_rate", "seed"])
    means = {float(rate): float(own["score"].mean()) for rate, own in runs.groupby("learning_rate")}
    best = max(means.values())
    margin = max(basis.thresholds.tie, resolution(best, basis.n_validation))
    candidates = tuple(sorted(rate for rate, mean in means.items() if best - mean <= margin))
    if len(candidates) == 1:
        return Choice(candidates[0], candidates, "accuracy" if len(means) > 1 else "only eligible", None, {}, {})
    left = list(candidates)
    dropped: dict[float, str] = {}
    criterion = "steps"
    own = basis.targets[basis.targets["learning_rate"].isin(candidates)]
    reached = reach(own, {"plan": {"learning_rates": candidates}})
    target = shared_target(reached, len(candidates)) if len(reached) else None
    if target is not None:
        at = reached[reached["target"] == target].set_index("learning_rate")
        fastest = min(left, key=lambda rate: (at.loc[rate, "sustained_at"], at.loc[rate, "sustained_after"], rate))
        left = [rate for rate in candidates if not reaches_later(reached, target, rate, fastest)]
        dropped |= {rate: "steps" for rate in candidates if rate not in left}
    costs = {
        "oscillation": lambda rate: unsteadiness(runs[runs["learning_rate"] == rate], basis.epochs),
        "score": lambda rate: -means[rate],
        "smaller rate": float,
    }
    for step, cost in costs.items():
        if len(left) == 1:
            break
        values = {rate: float(cost(rate)) for rate in left}
        if not np.isfinite(list(values.values())).all():
            continue
        lowest = [rate for rate in left if values[rate] == min(values.values())]
        if len(lowest) < len(left):
            dropped |= {rate: step for rate in left if rate not in lowest}
            left, criterion = lowest, step
    return Choice(left[0], candidates, criterion, target, dropped, {})


def best_score(rates: pd.DataFrame) -> float:
    """The highest mean score of an eligible rate, or of any where none is eligible; NaN without runs."""
    eligible = rates.loc[rates["eligible"].astype(bool), "score_mean"]
    scores = eligible if len(eligible) else rates["score_mean"]
    return float(scores.max()) if len(scores) else math.nan
