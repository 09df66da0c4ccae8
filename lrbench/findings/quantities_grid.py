"""Quantities of the grid of tried rates: the plateau, the range that trains, rivals, and seeds still needed."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from lrbench.analysis.pairs import comparison
from lrbench.analysis.power import MOST_SEEDS, POWER, seeds_to_tell_apart
from lrbench.analysis.results import Analysis
from lrbench.analysis.series import by_seed
from lrbench.findings.registry import Quantities

quantity = Quantities()


def trained_range(analysis: Analysis) -> tuple[list[float], float | None, float | None]:
    """The unbroken run of tried rates around the recommended one all of whose runs learned, and the next on each side.

    None on a side where no tried rate is left. Without a recommended rate the range is empty.
    """
    if analysis.choice is None:
        return [], None, None
    rates = analysis.rates.sort_values("learning_rate")
    grid = [float(rate) for rate in rates["learning_rate"]]
    learned = ((rates["learned"] == rates["n"]) & (rates["n"] > 0)).tolist()
    first = last = grid.index(analysis.choice.chosen)
    while first > 0 and learned[first - 1]:
        first -= 1
    while last < len(grid) - 1 and learned[last + 1]:
        last += 1
    below = grid[first - 1] if first > 0 else None
    above = grid[last + 1] if last < len(grid) - 1 else None
    return grid[first : last + 1], below, above


@quantity("The highest over the lowest rate of the range that trains")
def trained_factor(analysis: Analysis) -> float:
    found, _, _ = trained_range(analysis)
    return found[-1] / found[0] if found else math.nan


@quantity("log10 of the highest over the lowest rate of the range that trains")
def trained_decades(analysis: Analysis) -> float:
    return math.log10(trained_factor(analysis))


@quantity("Norm of the first update over that of the weights before it, mean over seeds")
def first_update_ratio(analysis: Analysis, learning_rate: float) -> float:
    rows = analysis.evaluations.loc[analysis.evaluations["step"] == 1]
    values = by_seed(rows, "update_ratio", learning_rate).to_numpy(dtype=float)
    return float(np.mean(values)) if len(values) else math.nan


@quantity("How many times as large as another a learning rate is")
def rate_factor(_analysis: Analysis, learning_rate: float, other: float) -> float:
    return learning_rate / other


def rivals_not_told_apart(analysis: Analysis) -> list[tuple[float, pd.Series]]:
    """The rates that scores do not tell apart from the recommended one, with their comparisons, the nearest first."""
    if analysis.choice is None:
        return []
    chosen = analysis.choice.chosen
    rows = {
        float(rate): comparison(analysis.comparisons, "score", float(rate), chosen)
        for rate in analysis.rates["learning_rate"]
    }
    open_ = [(rate, row) for rate, row in rows.items() if row is not None and not row["separated"]]
    return sorted(open_, key=lambda item: (abs(float(item[1]["difference"])), item[0]))


@quantity("Seeds with which a paired t test is likely enough to tell the two scores apart, as they differ and vary")
def seeds_needed(analysis: Analysis, learning_rate: float, other: float) -> float:
    row = comparison(analysis.comparisons, "score", learning_rate, other)
    if row is None:
        return math.nan
    return seeds_to_tell_apart(float(row["difference"]), float(row["sd"]), analysis.thresholds.significance)


@quantity("Probability with which a difference is to be found")
def wanted_power(_analysis: Analysis) -> float:
    return POWER


@quantity("Number of seeds up to which the seeds needed are worked out")
def most_seeds_considered(_analysis: Analysis) -> float:
    return MOST_SEEDS


# Unequal classes


def class_shares(analysis: Analysis) -> np.ndarray:
    """Each class's share of the validation data, shape (classes,)."""
    counts = np.array(analysis.dataset["parts"]["validation"]["class_counts"], dtype=float)
    return counts / counts.sum()


@quantity("The largest class's share of the validation data")
def largest_class(analysis: Analysis) -> float:
    return float(class_shares(analysis).max())


@quantity("The smallest class's share of the validation data")
def smallest_class(analysis: Analysis) -> float:
    return float(class_shares(analysis).min())
