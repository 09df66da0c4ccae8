"""The verdict on each learning rate in a word, and whether one rate gets to a target sooner than another.

The verdict `too slow`, the observation of speed and the sentences of the answer all ask the same function, so they
cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lrbench.analysis.choice import comparison
from lrbench.analysis.course import Reached, Reaching, is_faster_to
from lrbench.analysis.measurements import by_seed
from lrbench.analysis.rates import kept_by_all, shared_target
from lrbench.analysis.statistics import t_interval
from lrbench.tables.analysis import FEWEST_SEEDS, WHEN


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
        if not is_faster_to(fast, slow) or self.paired_seeds(faster, slower, target) < FEWEST_SEEDS:
            return False
        level = self.significance / (self.pairs(target) if pairs is None else max(pairs, 1))
        return all(t_interval(self._log_ratios(slower, faster, target, when), level).low > 0 for when in WHEN)

    def slower(self, rate: float, chosen: float | None) -> bool:
        """Whether a rate is told apart as slower than the chosen one.

        The two are compared at the highest target that every run of both keeps; where there is none, at the highest
        that every run of the chosen rate keeps.
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


VERDICTS = (
    "diverges",
    "fails to learn",
    "incomplete",
    "recommended",
    "unstable",
    "practically tied",
    "not resolved",
    "too slow",
    "overfits",
    "behind",
    "not told apart",
)

PLURAL = {"diverges": "diverge", "fails to learn": "fail to learn", "overfits": "overfit"}


def with_verdicts(rates: pd.DataFrame, speeds: Speeds, comparisons: pd.DataFrame, chosen: float | None) -> pd.DataFrame:
    """The table `rates` with each rate's verdict, the first of VERDICTS that fits, and its remarks.

    `behind` and `too slow` are said only of rates that the scores tell apart from the recommended one, `too slow` only
    where the speeds do so too. Remarks are the ids of all that is to be said of a rate beside its verdict.
    """
    filled = rates.copy()
    named = [_verdict(row, speeds, comparisons, chosen) for row in rates.to_dict("records")]
    filled["verdict"] = pd.Series([verdict for verdict, _ in named], dtype="str", index=rates.index)
    filled["remarks"] = pd.Series([" ".join(remarks) for _, remarks in named], dtype="str", index=rates.index)
    return filled


def behind(comparisons: pd.DataFrame, rate: float, chosen: float | None) -> bool:
    """Whether the scores tell a rate apart from the chosen one, the chosen one ahead."""
    if chosen is None:
        return False
    row = comparison(comparisons, "score", rate, chosen)
    return row is not None and bool(row["separated"]) and (row["difference"] < 0) == (rate > chosen)


def _verdict(
    rate: Mapping[str, Any], speeds: Speeds, comparisons: pd.DataFrame, chosen: float | None
) -> tuple[str, list[str]]:
    value = float(rate["learning_rate"])
    is_behind = behind(comparisons, value, chosen)
    too_slow = bool(
        is_behind and chosen is not None and value < chosen and rate["still_improving"] and speeds.slower(value, chosen)
    )
    fits = {
        "diverges": rate["diverged"] > 0,
        "fails to learn": rate["failed"] + rate["collapsed"] > 0,
        "incomplete": not rate["complete"],
        "recommended": value == chosen,
        "unstable": rate["unstable"],
        "practically tied": rate["tied"],
        "not resolved": rate["unresolved"],
        "too slow": too_slow,
        "overfits": rate["overfits"],
        "behind": is_behind,
        "not told apart": True,
    }
    verdict = next(name for name in VERDICTS if fits[name])
    remarks = {
        "diverged": verdict != "diverges" and rate["diverged"] > 0,
        "failed": verdict != "fails to learn" and rate["failed"] > 0,
        "collapsed": rate["collapsed"] > 0,
        "incomplete": verdict != "incomplete" and not rate["complete"],
        "exploded": rate["exploded"] > 0,
        "unstable": verdict != "unstable" and rate["unstable"] and not rate["exploded"],
        "behind": is_behind and verdict not in ("behind", "too slow"),
        "still_improving": verdict != "too slow" and rate["still_improving"],
        "overfits": verdict != "overfits" and rate["overfits"],
        "practically_tied": verdict == "unstable" and rate["tied"],
        "not_resolved": verdict == "unstable" and rate["unresolved"],
    }
    return verdict, [name for name, said in remarks.items() if said]


def counts(verdicts: pd.Series) -> dict[str, int]:
    """How many rates have each verdict, in the order of VERDICTS; those of none are left out."""
    found = {name: int(np.sum(verdicts == name)) for name in VERDICTS}
    return {name: count for name, count in found.items() if count}
