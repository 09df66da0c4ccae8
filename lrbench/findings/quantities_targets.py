"""Quantities of speed: steps until a target is first reached, and until it is kept to the end."""

from __future__ import annotations

import math

from lrbench.analysis.results import Analysis
from lrbench.analysis.series import by_seed
from lrbench.analysis.speeds import speeds_of
from lrbench.findings.registry import Quantities

quantity = Quantities()


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
    return speeds_of(analysis).paired_seeds(learning_rate, other, target)


@quantity("The highest validation accuracy of any evaluation of any run")
def highest_accuracy(analysis: Analysis) -> float:
    return float(analysis.evaluations["val_accuracy"].max())
