"""Quantities of speed: steps until a target is reached and kept."""

from __future__ import annotations

import math

from lrbench.analysis.registry import Quantities
from lrbench.analysis.results import Analysis
from lrbench.analysis.series import by_seed

quantity = Quantities()


@quantity
def steps_ratio(analysis: Analysis, slower: float, faster: float, target: float, bound: str) -> float:
    """Median steps until the target is reached and kept, slower over faster: the least or the most it can be"""
    reach = analysis.reach.loc[analysis.reach["target"] == target].set_index("learning_rate")
    ends = ("sustained_after", "sustained_at") if bound == "least" else ("sustained_at", "sustained_after")
    dividend, divisor = float(reach.loc[slower, ends[0]]), float(reach.loc[faster, ends[1]])
    return dividend / divisor if divisor > 0 else math.inf


@quantity
def slower_seeds(analysis: Analysis, slower: float, faster: float, target: float) -> float:
    """Number of seeds in which the slower rate's step interval lies wholly after the faster one's"""
    targets = analysis.targets.loc[analysis.targets["target"] == target]
    after, at = by_seed(targets, "sustained_after", slower), by_seed(targets, "sustained_at", faster)
    seeds = after.index.intersection(at.index)
    return int((after.loc[seeds] >= at.loc[seeds]).sum())
