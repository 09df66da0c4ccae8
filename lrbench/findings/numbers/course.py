"""Numbers of the course of validation: gaps, overfitting, the end, time to accuracies and to targets."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from lrbench.analysis.course import cost_of_going_on, drop_from_peak, first_epoch_at, least_of_others, overfit_window
from lrbench.analysis.measurements import by_seed, history, interval_of, sampled_histories, samples
from lrbench.analysis.pipeline import Analysis, computed_once
from lrbench.analysis.rates import resolution
from lrbench.analysis.runs import validation_examples
from lrbench.analysis.statistics import Interval, Trend, corrected, range_critical, t_interval
from lrbench.analysis.verdicts import Speeds
from lrbench.findings.numbers.rates import eligible_rates, quantity
from lrbench.tables.analysis import FEWEST_FOR_SPREAD


def loss_gaps(analysis: Analysis) -> dict[float, Trend]:
    """By eligible rate the final validation loss less the final training loss."""
    rates = sorted(map(float, eligible_rates(analysis)["learning_rate"]))
    gaps = samples(analysis.runs, "generalisation_gap")
    return trends_of(analysis, {rate: gaps[rate] for rate in rates})


def speeds_of(analysis: Analysis) -> Speeds:
    """The speeds of an experiment."""
    last = float(analysis.evaluations["step"].max())
    return Speeds(analysis.reach, analysis.targets, last, analysis.thresholds.significance)


@quantity("Final validation loss less final training loss, with an interval corrected over the rates that learned")
def loss_gap(analysis: Analysis, learning_rate: float, statistic: str) -> float:
    return float(getattr(loss_gaps(analysis)[learning_rate].interval, statistic))


def windowed_accuracy_changes(analysis: Analysis, rates: list[float]) -> dict[float, Trend]:
    """By rate the fall of validation accuracy from the least validation loss to the end, over the same windows.

    A fall is positive. Windows and the choice of each seed's window are those of the overfitting measure.
    """
    curves = [sampled_histories(analysis.epochs, name) for name in ("val_loss", "val_accuracy")]

    def falls(rate: float) -> np.ndarray:
        losses, accuracies = (own[rate] for own in curves)
        width = overfit_window(losses.shape[1])
        if losses.shape[1] <= width:
            return np.full(len(losses), math.nan)
        means = [
            np.lib.stride_tricks.sliding_window_view(one, width, axis=1).mean(axis=2) for one in (losses, accuracies)
        ]
        return means[1][np.arange(len(losses)), least_of_others(means[0])] - means[1][:, -1]

    return trends_of(analysis, {rate: falls(rate) for rate in rates})


@quantity(
    "Fall of val_accuracy over the windows of the overfitting measure, with an interval corrected over these rates"
)
def windowed_accuracy_fall(analysis: Analysis, learning_rate: float, rates: list[float], statistic: str) -> float:
    return float(getattr(windowed_accuracy_changes(analysis, list(rates))[learning_rate].interval, statistic))


# The test set of a holdout


@quantity("Examples of the test part, from the data set's manifest")
def test_examples(analysis: Analysis) -> float:
    return int(sum(analysis.dataset["parts"]["test"]["class_counts"]))


def test_difference_interval(analysis: Analysis, learning_rate: float) -> Interval:
    """Test accuracy less score: mean over seeds, and an interval that allows for the seeds and for both finite sets.

    All seeds are measured on the same two sets, so their luck does not average out: a(1 - a) / examples of either set
    stands beside the squared standard error over seeds. The rate was picked by its score, so that error is taken as
    many times as the range of the rates that learned asks for.
    """
    tests, scores = (by_seed(analysis.runs, name, learning_rate) for name in ("test_accuracy", "score"))
    differences = (tests - scores).to_numpy(dtype=float)
    n, mean = len(differences), float(np.mean(differences)) if len(differences) else math.nan
    if n < FEWEST_FOR_SPREAD or not math.isfinite(mean):
        return Interval(n, mean, math.nan, math.nan, math.nan, math.nan)
    sd = float(np.std(differences, ddof=1))
    over_seeds = sd**2 / n
    sets = (
        resolution(float(tests.mean()), int(test_examples(analysis))) ** 2
        + resolution(float(scores.mean()), validation_examples(analysis.dataset)) ** 2
    )
    level, rates = analysis.thresholds.significance, max(len(eligible_rates(analysis)), 2)
    reach = range_critical(level, rates, n - 1) ** 2 * over_seeds + float(stats.norm.ppf(1 - level / 2)) ** 2 * sets
    half = math.sqrt(reach)
    return Interval(n, mean, sd, mean - half, mean + half, math.nan)


@quantity("Test accuracy less score, with an interval that allows for the seeds and for both finite sets")
def test_difference(analysis: Analysis, learning_rate: float, statistic: str) -> float:
    return float(getattr(test_difference_interval(analysis, learning_rate), statistic))


# Where an epoch was picked by looking at the curves, the seeds' values are not quite independent, although each seed's
# epoch is taken from the others: without any effect, intervals at the plain level leave out 0 in up to 9 % of
# experiments of ten seeds. At this share of the level it is at most 5 % with up to ten seeds.
PICKED = 0.5


@quantity("1 less half of thresholds.significance: the level of intervals from an epoch that was picked by the curves")
def picked_level(analysis: Analysis) -> float:
    return 1 - PICKED * analysis.thresholds.significance


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


@quantity("val_accuracy, averaged over seeds, at its highest epoch, less the mean score")
def peak_height(analysis: Analysis, learning_rate: float) -> float:
    accuracies = sampled_histories(analysis.epochs, "val_accuracy")[learning_rate].mean(axis=0)
    score = analysis.rates.set_index("learning_rate").loc[learning_rate, "score_mean"]
    return float(np.max(accuracies) - score) if np.isfinite(accuracies).all() else math.nan


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


ROUNDED_TO_EPOCHS = math.sqrt(2 / 12)  # each of the two has the variance 1/12 of a uniform rounding error


@computed_once
def _accuracies(analysis: Analysis, learning_rate: float) -> pd.DataFrame:
    """Validation accuracy at the end of each epoch, shape (epochs, seeds)."""
    return history(analysis.epochs, "val_accuracy", learning_rate)


def _mean_curve(analysis: Analysis, learning_rate: float) -> np.ndarray:
    """Mean validation accuracy over seeds at the end of each epoch, shape (epochs,)."""
    return _accuracies(analysis, learning_rate).to_numpy(dtype=float).mean(axis=1)


def _epochs_by_seed(analysis: Analysis, learning_rate: float, other: float) -> pd.Series:
    """For each seed, the first epoch at which the rate's accuracy is at or above the other's score; index: seed."""
    curves, scores = _accuracies(analysis, learning_rate), by_seed(analysis.runs, "score", other)
    seeds = curves.columns.intersection(scores.index)
    levels = zip(curves[seeds].to_numpy(dtype=float).T, scores.loc[seeds].tolist(), strict=True)
    return pd.Series([first_epoch_at(curve, level) for curve, level in levels], index=seeds)


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
