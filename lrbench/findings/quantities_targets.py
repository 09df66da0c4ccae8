"""Quantities of speed: steps until a target is first reached, and until it is kept to the end."""

from __future__ import annotations

import math

import numpy as np

from lrbench.analysis.convergence import Reached, Reaching, is_faster_to
from lrbench.analysis.results import Analysis
from lrbench.analysis.series import MINIMUM_SEEDS, by_seed
from lrbench.analysis.statistics import t_interval
from lrbench.findings.registry import Quantities

quantity = Quantities()
WHEN = ("first", "sustained")  # the two ways in which a target is reached


def median_reaching(analysis: Analysis, learning_rate: float, target: float) -> Reaching:
    """When the median run of a rate first reached a target, and when it reached it for good."""
    reach = analysis.reach
    (row,) = reach[(reach["learning_rate"] == learning_rate) & (reach["target"] == target)].to_dict("records")
    first, kept = (Reached(float(row[f"{when}_after"]), float(row[f"{when}_at"])) for when in WHEN)
    return Reaching(first, kept)


def is_seen_faster(analysis: Analysis, faster: float, slower: float, target: float, pairs: int) -> bool:
    """Whether a rate is faster to a target than another, first and for good, by the medians and seed by seed.

    Seed by seed: over at least three seeds that both have, the t interval of the mean log of the least ratio of their
    steps lies above 0, its level corrected for so many pairs of rates.
    """
    fast, slow = (median_reaching(analysis, rate, target) for rate in (faster, slower))
    if not is_faster_to(fast, slow) or paired_seeds(analysis, faster, slower, target) < MINIMUM_SEEDS:
        return False
    level = analysis.thresholds.significance / max(pairs, 1)
    return all(t_interval(_log_ratios(analysis, slower, faster, target, when), level).low > 0 for when in WHEN)


def _log_ratios(analysis: Analysis, slower: float, faster: float, target: float, when: str) -> np.ndarray:
    """Log of the least that slower over faster steps can be, for each seed that both have, shape (seeds,)."""
    targets = analysis.targets.loc[analysis.targets["target"] == target]
    after, at = by_seed(targets, f"{when}_after", slower), by_seed(targets, f"{when}_at", faster)
    seeds = after.index.intersection(at.index)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(after.loc[seeds].to_numpy() / at.loc[seeds].to_numpy())


@quantity("Median steps until the target is reached (first, or sustained), slower over faster: the least or the most")
def steps_ratio(
    analysis: Analysis, slower: float, faster: float, target: float, bound: str, when: str = "sustained"
) -> float:
    reach = analysis.reach.loc[analysis.reach["target"] == target].set_index("learning_rate")
    ends = (f"{when}_after", f"{when}_at")
    dividend, divisor = ends if bound == "least" else ends[::-1]
    steps = float(reach.loc[faster, divisor])
    return float(reach.loc[slower, dividend]) / steps if steps > 0 else math.inf


@quantity("Number of seeds in which the slower rate's step interval lies wholly after the faster one's")
def slower_seeds(analysis: Analysis, slower: float, faster: float, target: float) -> float:
    targets = analysis.targets.loc[analysis.targets["target"] == target]
    after, at = by_seed(targets, "sustained_after", slower), by_seed(targets, "sustained_at", faster)
    seeds = after.index.intersection(at.index)
    return int((after.loc[seeds] >= at.loc[seeds]).sum())


@quantity("Number of seeds that both rates have, for which steps to the target are known")
def paired_seeds(analysis: Analysis, learning_rate: float, other: float, target: float) -> float:
    targets = analysis.targets.loc[analysis.targets["target"] == target]
    one, two = (by_seed(targets, "first_at", rate).index for rate in (learning_rate, other))
    return len(one.intersection(two))


@quantity("The highest validation accuracy of any evaluation of any run")
def highest_accuracy(analysis: Analysis) -> float:
    return float(analysis.evaluations["val_accuracy"].max())
