"""Per-seed values drawn from the tables, and their intervals.

Seeds are paired: the same seed gives two learning rates the same first weights and the same batches.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from lrbench.analysis.statistics import t_interval

STATISTICS = ("mean", "low", "high")
MINIMUM_SEEDS = 3  # under it an interval has one degree of freedom at most, and nothing is concluded


def interval_of(values: pd.Series, significance: float) -> dict[str, float]:
    """Mean over seeds and the ends of its t interval, NaN where there are too few seeds or one is not finite."""
    found = t_interval(values.to_numpy(dtype=float), significance)
    return {name: getattr(found, name) for name in STATISTICS}


def by_seed(frame: pd.DataFrame, column: str, learning_rate: float) -> pd.Series:
    """One value for each seed of a rate, from a table with one row per run; index: seed."""
    return frame.loc[frame["learning_rate"] == learning_rate].set_index("seed")[column].sort_index()


def history(frame: pd.DataFrame, column: str, learning_rate: float, index: str = "epoch") -> pd.DataFrame:
    """A rate's histories of one column, shape (steps or epochs, seeds)."""
    rows = frame.loc[frame["learning_rate"] == learning_rate]
    return rows.pivot(index=index, columns="seed", values=column).sort_index().sort_index(axis=1)


def samples(frame: pd.DataFrame, column: str) -> dict[float, np.ndarray]:
    """By rate one value for each of its seeds, shape (seeds,), from a table with one row per run."""
    return {rate: values[:, 0] for rate, values in sampled_histories(frame, column, []).items()}


def sampled_histories(frame: pd.DataFrame, column: str, index: Sequence[str] = ("epoch",)) -> dict[float, np.ndarray]:
    """By rate the histories of its seeds in one column, shape (seeds, epochs), from a table of whole runs."""
    ordered = frame.sort_values(["learning_rate", "seed", *index])
    rates, values = ordered["learning_rate"].to_numpy(), ordered[column].to_numpy(dtype=float)
    length = len(ordered) // max(len(ordered[["learning_rate", "seed"]].drop_duplicates()), 1)
    return {float(rate): values[rates == rate].reshape(-1, length) for rate in np.unique(rates)}


def epoch_ends(evaluations: pd.DataFrame) -> pd.DataFrame:
    """The evaluations at the end of an epoch."""
    epoch = evaluations["epoch"]
    return evaluations.loc[(epoch >= 1) & (epoch == epoch.round())]


def paired_differences(first: pd.Series, second: pd.Series) -> pd.Series:
    """First - second in the seeds that both have; index: seed."""
    seeds = first.index.intersection(second.index).sort_values()
    return first.loc[seeds] - second.loc[seeds]


def fitted_changes(histories: pd.DataFrame) -> pd.Series:
    """Change of each seed's history over its whole length, by the slope of a least-squares line; index: seed."""
    values = histories.to_numpy(dtype=float)
    if len(values) < 2:
        return pd.Series(math.nan, index=histories.columns)
    steps = np.arange(len(values)) - (len(values) - 1) / 2
    slopes = steps @ values / (steps @ steps)
    return pd.Series(slopes * (len(values) - 1), index=histories.columns)
