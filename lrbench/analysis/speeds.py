"""Whether one learning rate gets to a target sooner than another by more than chance explains.

The verdict `too slow`, the observation of speed and the sentences of the answer all ask here, so they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lrbench.analysis.convergence import Reached, Reaching, is_faster_to
from lrbench.analysis.rates import kept_by_all, shared_target
from lrbench.analysis.results import Analysis
from lrbench.analysis.series import MINIMUM_SEEDS, by_seed
from lrbench.analysis.statistics import t_interval

WHEN = ("first", "sustained")  # the two ways in which a target is reached


@dataclass(frozen=True)
class Speeds:
    """When runs and rates reached their targets.

    reach, targets : the tables of these names
    last_step : of training; a run that has not reached a target by then reaches it later
    significance : level of a single test
    """

    reach: pd.DataFrame
    targets: pd.DataFrame
    last_step: float
    significance: float

    def median_reaching(self, rate: float, target: float) -> Reaching:
        """When the median run of a rate first reached a target, and when it reached it for good."""
        rows = self.reach[(self.reach["learning_rate"] == rate) & (self.reach["target"] == target)]
        (row,) = rows.to_dict("records")
        first, kept = (Reached(float(row[f"{when}_after"]), float(row[f"{when}_at"])) for when in WHEN)
        return Reaching(first, kept)

    def pairs(self, target: float) -> int:
        """How many pairs there are of rates every run of which keeps a target, at least 1."""
        count = int((kept_by_all(self.reach) & (self.reach["target"] == target)).sum())
        return max(count * (count - 1) // 2, 1)

    def told_apart(self, faster: float, slower: float, target: float, pairs: int | None = None) -> bool:
        """Whether a rate is faster to a target than another, first and for good, by the medians and seed by seed.

        Seed by seed: over at least three seeds that both have, the t interval of the mean log of the least ratio of
        their steps lies above 0, its level corrected for so many pairs of rates; by default, those that keep the
        target.
        """
        fast, slow = (self.median_reaching(rate, target) for rate in (faster, slower))
        if not is_faster_to(fast, slow) or self.paired_seeds(faster, slower, target) < MINIMUM_SEEDS:
            return False
        level = self.significance / (self.pairs(target) if pairs is None else max(pairs, 1))
        return all(t_interval(self._log_ratios(slower, faster, target, when), level).low > 0 for when in WHEN)

    def slower(self, rate: float, chosen: float | None) -> bool:
        """Whether a rate is told apart as slower than the chosen one.

        Looked at is the highest target that every run of both keeps; where there is none, the highest that every run
        of the chosen rate keeps.
        """
        if chosen is None or self.reach.empty:
            return False
        shared = shared_target(self.reach[self.reach["learning_rate"].isin([rate, chosen])], 2)
        if shared is not None:
            return self.told_apart(chosen, rate, shared)
        kept = self.reach.loc[kept_by_all(self.reach) & (self.reach["learning_rate"] == chosen), "target"]
        others = self.reach["learning_rate"].nunique() - 1
        return bool(len(kept)) and self.told_apart(chosen, rate, float(kept.max()), others)

    def paired_seeds(self, one: float, other: float, target: float) -> int:
        """Number of seeds that both rates have."""
        targets = self.targets.loc[self.targets["target"] == target]
        first, second = (by_seed(targets, "first_at", rate).index for rate in (one, other))
        return len(first.intersection(second))

    def _log_ratios(self, slower: float, faster: float, target: float, when: str) -> np.ndarray:
        """Log of the least that slower over faster steps can be, for each seed that both have, shape (seeds,)."""
        targets = self.targets.loc[self.targets["target"] == target]
        after, at = by_seed(targets, f"{when}_after", slower), by_seed(targets, f"{when}_at", faster)
        seeds = after.index.intersection(at.index)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(after.loc[seeds].clip(upper=self.last_step).to_numpy() / at.loc[seeds].to_numpy())


def speeds_of(analysis: Analysis) -> Speeds:
    """The speeds of an experiment."""
    last = float(analysis.evaluations["step"].max())
    return Speeds(analysis.reach, analysis.targets, last, analysis.thresholds.significance)
