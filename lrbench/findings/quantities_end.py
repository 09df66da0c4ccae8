"""Quantities of the end of training: when the validation loss was least, and what going on from there cost."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from lrbench.analysis.going_on import cost_of_going_on, drop_from_peak
from lrbench.analysis.results import Analysis
from lrbench.analysis.series import by_seed, interval_of, sampled_histories, samples
from lrbench.analysis.statistics import Interval, Trend, corrected, t_interval
from lrbench.findings.registry import Quantities

quantity = Quantities()


# Where an epoch was picked by looking at the curves, the seeds' values are not quite independent, although each seed's
# epoch is taken from the others: without any effect, intervals at the plain level leave out 0 in up to 9 % of
# experiments of ten seeds. At this share of the level it is at most 5 % with up to ten seeds.
PICKED = 0.5


def trends_of(analysis: Analysis, values: Mapping[float, np.ndarray], share: float = 1.0) -> dict[float, Trend]:
    """By rate the mean of its values over seeds, its interval corrected for the number of rates.

    share : of the significance level that is used
    """
    trends = corrected(list(values.values()), share * analysis.thresholds.significance)
    return dict(zip(values, trends, strict=True))


def measured_rates(analysis: Analysis) -> list[float]:
    """The rates that have runs, ascending."""
    return sorted(map(float, analysis.rates.loc[analysis.rates["n"] > 0, "learning_rate"]))


@quantity("The epoch at which val_loss, averaged over seeds, is least")
def least_val_loss_epoch(analysis: Analysis, learning_rate: float) -> float:
    losses = sampled_histories(analysis.epochs, "val_loss")[learning_rate].mean(axis=0)
    return int(np.argmin(losses)) + 1 if np.isfinite(losses).all() else math.nan


def going_on(analysis: Analysis, learning_rate: float) -> Interval:
    """Log ratio of the last val_loss to that at the epoch where the other seeds' mean is least: mean and interval."""
    losses = sampled_histories(analysis.epochs, "val_loss")[learning_rate]
    return t_interval(cost_of_going_on(losses), PICKED * analysis.thresholds.significance)


@quantity("exp(d) - 1, d the log ratio of the last val_loss to that at the epoch where the other seeds' mean is least")
def going_on_cost(analysis: Analysis, learning_rate: float, statistic: str) -> float:
    return math.expm1(getattr(going_on(analysis, learning_rate), statistic))


def last_drops(analysis: Analysis) -> dict[float, Trend]:
    """By rate the score less the final accuracy."""
    scores, ends = (samples(analysis.runs, name) for name in ("score", "final_val_accuracy"))
    return trends_of(analysis, {rate: scores[rate] - ends[rate] for rate in scores})


@quantity("Score less final val_accuracy, with an interval corrected over the rates")
def last_drop(analysis: Analysis, learning_rate: float, statistic: str) -> float:
    return float(getattr(last_drops(analysis)[learning_rate].interval, statistic))


@quantity("The first epoch at which val_accuracy, averaged over seeds, is highest")
def peak_epoch(analysis: Analysis, learning_rate: float) -> float:
    accuracies = sampled_histories(analysis.epochs, "val_accuracy")[learning_rate].mean(axis=0)
    return int(np.argmax(accuracies)) + 1 if np.isfinite(accuracies).all() else math.nan


def peak_drops(analysis: Analysis) -> dict[float, Trend]:
    """By rate the accuracy at the epoch where the other seeds' mean is highest, less the score."""
    curves = sampled_histories(analysis.epochs, "val_accuracy")
    return trends_of(analysis, {rate: drop_from_peak(own) for rate, own in curves.items()}, PICKED)


@quantity("val_accuracy at the epoch where the other seeds' mean is highest, less the score; corrected over the rates")
def peak_drop(analysis: Analysis, learning_rate: float, statistic: str) -> float:
    return float(getattr(peak_drops(analysis)[learning_rate].interval, statistic))


@quantity("Mean over seeds of a column of the table runs, and the ends of its t interval")
def seed_mean(analysis: Analysis, learning_rate: float, measure: str, statistic: str) -> float:
    return interval_of(by_seed(analysis.runs, measure, learning_rate), analysis.thresholds.significance)[statistic]
