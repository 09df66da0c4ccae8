"""Quantities of generalisation: gaps between training, validation and test data."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from lrbench.analysis.convergence import least_of_others, overfit_window
from lrbench.analysis.rates import resolution
from lrbench.analysis.results import Analysis
from lrbench.analysis.runs import validation_examples
from lrbench.analysis.series import by_seed, sampled_histories, samples
from lrbench.analysis.statistics import FEWEST_FOR_SPREAD, Interval, Trend
from lrbench.analysis.studentized_range import range_critical
from lrbench.findings.quantities_end import trends_of
from lrbench.findings.quantities_experiment import eligible_rates
from lrbench.findings.registry import Quantities

quantity = Quantities()


def loss_gaps(analysis: Analysis) -> dict[float, Trend]:
    """By eligible rate the final validation loss less the final training loss."""
    rates = sorted(map(float, eligible_rates(analysis)["learning_rate"]))
    gaps = samples(analysis.runs, "generalisation_gap")
    return trends_of(analysis, {rate: gaps[rate] for rate in rates})


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
