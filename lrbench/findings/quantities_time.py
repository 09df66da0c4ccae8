"""Quantities of time saved: the epoch at which one rate is where another ends."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from lrbench.analysis.convergence import first_epoch_at
from lrbench.analysis.results import Analysis
from lrbench.analysis.series import by_seed, history, interval_of
from lrbench.analysis.statistics import t_interval
from lrbench.findings.registry import Quantities

quantity = Quantities()
ROUNDED_TO_EPOCHS = math.sqrt(2 / 12)  # each of the two has the variance 1/12 of a uniform rounding error


def _mean_curve(analysis: Analysis, learning_rate: float) -> np.ndarray:
    """Mean validation accuracy over seeds at the end of each epoch, shape (epochs,)."""
    return history(analysis.epochs, "val_accuracy", learning_rate).to_numpy(dtype=float).mean(axis=1)


def _epochs_by_seed(analysis: Analysis, learning_rate: float, other: float) -> pd.Series:
    """For each seed, the first epoch at which the rate's accuracy is at or above the other's score; index: seed."""
    curves, scores = history(analysis.epochs, "val_accuracy", learning_rate), by_seed(analysis.runs, "score", other)
    seeds = curves.columns.intersection(scores.index)
    return pd.Series(
        [first_epoch_at(curves[seed].to_numpy(dtype=float), float(scores.loc[seed])) for seed in seeds], index=seeds
    )


def is_earlier(analysis: Analysis, learning_rate: float, other: float, comparisons: int) -> bool:
    """Whether a rate is at another's score before that one itself is, seed by seed.

    The t interval of the mean difference of epochs lies above 0, its level corrected for so many comparisons. Its
    standard deviation is taken to be at least that of the difference of two numbers each rounded to a whole epoch.
    """
    gain = _epochs_by_seed(analysis, other, other) - _epochs_by_seed(analysis, learning_rate, other)
    level = analysis.thresholds.significance / max(comparisons, 1)
    return bool(t_interval(gain.to_numpy(dtype=float), level, ROUNDED_TO_EPOCHS).low > 0)


@quantity("First epoch at whose end the rate's accuracy, mean over seeds, is at or above the other's mean score")
def epoch_at_score(analysis: Analysis, learning_rate: float, other: float) -> float:
    score = float(analysis.rates.set_index("learning_rate").loc[other, "score_mean"])
    return first_epoch_at(_mean_curve(analysis, learning_rate), score)


@quantity("First epoch at whose end the rate's accuracy is at or above the other's score of the same seed; at least 1")
def seed_epoch_at_score(analysis: Analysis, learning_rate: float, other: float, statistic: str) -> float:
    found = interval_of(_epochs_by_seed(analysis, learning_rate, other), analysis.thresholds.significance)
    return max(found[statistic], 1.0) if np.isfinite(found[statistic]) else found[statistic]
