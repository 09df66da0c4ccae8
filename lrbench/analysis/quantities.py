"""Numbers that no table holds and that a sentence needs: each by name, a pure function of an analysis.

An item of evidence names the quantity and its arguments, so whoever reads it can compute it again.
A `statistic` is the mean over seeds, or the low or high end of its t interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lrbench.analysis import convergence, statistics
from lrbench.analysis.results import Analysis
from lrbench.analysis.series import (
    by_seed,
    epoch_ends,
    fitted_changes,
    history,
    interval_of,
    paired_differences,
)

LATE_EPOCHS = 3  # the last epochs over which a claim compares training losses
QUANTITIES: dict[str, Callable[..., float]] = {}


def quantity(function: Callable[..., float]) -> Callable[..., float]:
    """Put a function into the registry under its own name."""
    QUANTITIES[function.__name__] = function
    return function


def eligible_rates(analysis: Analysis) -> pd.DataFrame:
    """The rates whose planned runs are all present and all learned."""
    return analysis.rates.loc[analysis.rates["eligible"].astype(bool)]


def best_rate(analysis: Analysis, measure: str = "score_mean", largest: bool = True) -> float:
    """The eligible rate with the best mean of a measure; of equal ones the smallest. NaN without one."""
    rates = eligible_rates(analysis).sort_values("learning_rate")
    rates = rates.loc[np.isfinite(rates[measure])]
    if rates.empty:
        return math.nan
    row = rates[measure].idxmax() if largest else rates[measure].idxmin()
    return float(rates.loc[row, "learning_rate"])


# The experiment


@quantity
def rows(analysis: Analysis, table: str, **where: Any) -> float:
    """Number of rows of a table with these values"""
    frame = getattr(analysis, table)
    keep = pd.Series(True, index=frame.index)
    for column, value in where.items():
        keep &= frame[column] == value
    return int(keep.sum())


@quantity
def total(analysis: Analysis, table: str, column: str) -> float:
    """Sum of a column of a table"""
    return int(getattr(analysis, table)[column].sum())


@quantity
def missing_runs(analysis: Analysis) -> float:
    """Planned runs less the runs there are"""
    return int(analysis.rates["planned"].sum() - analysis.rates["n"].sum())


@quantity
def fewest_seeds(analysis: Analysis) -> float:
    """The least number of runs of a rate"""
    return int(analysis.rates["n"].min()) if len(analysis.rates) else 0


@quantity
def most_seeds(analysis: Analysis) -> float:
    """The largest number of runs of a rate"""
    return int(analysis.rates["n"].max()) if len(analysis.rates) else 0


@quantity
def confidence_level(analysis: Analysis) -> float:
    """1 - thresholds.significance"""
    return 1 - analysis.thresholds.significance


@quantity
def epochs(analysis: Analysis) -> float:
    """The last epoch of the table epochs"""
    return int(analysis.epochs["epoch"].max()) if len(analysis.epochs) else 0


@quantity
def score_epochs(analysis: Analysis) -> float:
    """Number of last epochs that the score is a mean of: a fifth, at least 1 and at most 5"""
    return convergence.score_epochs(int(epochs(analysis)))


@quantity
def last_half(analysis: Analysis) -> float:
    """Number of epochs in the last half, at least 3"""
    return convergence.last_half(int(epochs(analysis)))


@quantity
def validation_examples(analysis: Analysis) -> float:
    """Examples of the validation part, from the data set's manifest"""
    return int(analysis.dataset["parts"]["validation"]["examples"])


# Accuracy


@quantity
def resolution(analysis: Analysis) -> float:
    """sqrt(a (1 - a) / validation examples), a the best mean score"""
    scores = eligible_rates(analysis)["score_mean"]
    scores = scores if len(scores) else analysis.rates["score_mean"]
    best = float(scores.max())
    return math.sqrt(max(best * (1 - best), 0) / validation_examples(analysis))


@quantity
def delta(analysis: Analysis) -> float:
    """The larger of thresholds.tie and the resolution of the validation set"""
    return max(analysis.thresholds.tie, resolution(analysis))


@quantity
def score_lead(analysis: Analysis, learning_rate: float, other: float) -> float:
    """Difference of two rates' mean scores"""
    means = analysis.rates.set_index("learning_rate")["score_mean"]
    return float(means.loc[learning_rate] - means.loc[other])


def plateau(analysis: Analysis) -> list[float]:
    """The unbroken run of tried rates around the best one whose mean score is within thresholds.plateau of it."""
    best = best_rate(analysis)
    rates = analysis.rates.sort_values("learning_rate")
    grid = rates["learning_rate"].tolist()
    if math.isnan(best):
        return []
    top = float(rates.loc[rates["learning_rate"] == best, "score_mean"].iloc[0])
    near = (rates["eligible"].astype(bool) & (rates["score_mean"] >= top - analysis.thresholds.plateau)).tolist()
    first = last = grid.index(best)
    while first > 0 and near[first - 1]:
        first -= 1
    while last < len(grid) - 1 and near[last + 1]:
        last += 1
    return grid[first : last + 1]


@quantity
def plateau_rates(analysis: Analysis) -> float:
    """Number of tried rates on the plateau"""
    return len(plateau(analysis))


@quantity
def plateau_factor(analysis: Analysis) -> float:
    """Largest rate of the plateau over its smallest"""
    found = plateau(analysis)
    return found[-1] / found[0] if found else math.nan


def _scores(analysis: Analysis) -> np.ndarray:
    """Scores of the eligible rates, shape (rates, seeds), in the seeds that all of them have."""
    rates = eligible_rates(analysis)["learning_rate"]
    runs = analysis.runs.loc[analysis.runs["learning_rate"].isin(rates)]
    return runs.pivot(index="learning_rate", columns="seed", values="score").dropna(axis=1).to_numpy(dtype=float)


@quantity
def variance_share(analysis: Analysis, source: str) -> float:
    """Eta squared of the score over eligible rates and seeds: of the rate, of the seed, or of neither"""
    shares = statistics.variance_shares(_scores(analysis))
    if shares is None:
        return math.nan
    rate, seed = shares
    return {"rate": rate, "seed": seed, "neither": max(0.0, 1 - rate - seed)}[source]


@quantity
def chance_share(analysis: Analysis) -> float:
    """Share of the spread that a factor without effect takes on average: (rates - 1) / (runs - 1)"""
    scores = _scores(analysis)
    return (scores.shape[0] - 1) / (scores.size - 1) if scores.size > 1 else math.nan


@quantity
def rate_effect_p(analysis: Analysis) -> float:
    """P of the F test that the rate makes no difference to the score, seeds as blocks; rest at least one example"""
    scores = _scores(analysis)
    rates, seeds = scores.shape
    if min(rates, seeds) < 2 or not np.isfinite(scores).all():
        return math.nan
    of_rate, of_seed = (scores.mean(axis=axis, keepdims=True) for axis in (1, 0))
    rate = float(((of_rate - scores.mean()) ** 2).sum()) * seeds / (rates - 1)
    freedom = (rates - 1) * (seeds - 1)
    rest = float(((scores - of_rate - of_seed + scores.mean()) ** 2).sum()) / freedom
    least = (
        1 / validation_examples(analysis)
    ) ** 2 / 2  # half the variance that a difference is taken to have at least
    return float(stats.f.sf(rate / max(rest, least), rates - 1, freedom))


@quantity
def spread_p(analysis: Analysis) -> float:
    """P of Levene's test (around medians) that the score spreads alike over seeds at all eligible rates"""
    groups = _scores(analysis)
    if groups.shape[0] < 2 or groups.shape[1] < 3 or not (groups.std(axis=1) > 0).any():
        return math.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(stats.levene(*groups, center="median").pvalue)


# Losses and accuracies over time


@quantity
def loss_gap(analysis: Analysis, learning_rate: float, statistic: str) -> float:
    """Final validation loss less final training loss"""
    gaps = by_seed(analysis.runs, "generalisation_gap", learning_rate)
    return interval_of(gaps, analysis.thresholds.significance)[statistic]


def _train_losses(analysis: Analysis, learning_rate: float, step: int) -> pd.Series:
    return by_seed(analysis.evaluations.loc[analysis.evaluations["step"] == step], "train_loss", learning_rate)


@quantity
def train_loss(analysis: Analysis, learning_rate: float, step: int) -> float:
    """Training loss after a step, mean over seeds"""
    return float(_train_losses(analysis, learning_rate, step).mean(skipna=False))


@quantity
def train_loss_difference(analysis: Analysis, learning_rate: float, other: float, step: int, statistic: str) -> float:
    """Training loss after a step, less that of the other rate, paired by seed"""
    pairs = paired_differences(_train_losses(analysis, learning_rate, step), _train_losses(analysis, other, step))
    return interval_of(pairs, analysis.thresholds.significance)[statistic]


def leading_steps(analysis: Analysis, learning_rate: float, other: float) -> list[int]:
    """The evaluated steps of the first epoch, its end left out, at which a rate's training loss is the lower one.

    Lower means that the t interval of the difference, paired by seed, lies below 0.
    """
    rows = analysis.evaluations
    steps = sorted(set(rows.loc[(rows["step"] > 0) & (rows["epoch"] < 1), "step"].astype(int)))
    return [step for step in steps if train_loss_difference(analysis, learning_rate, other, step, "high") < 0]


def first_epoch_end(analysis: Analysis) -> int | None:
    """The step that ends the first epoch."""
    steps = analysis.evaluations.loc[analysis.evaluations["epoch"] == 1, "step"]
    return int(steps.iloc[0]) if len(steps) else None


@quantity
def first_epoch_steps(analysis: Analysis) -> float:
    """The step that ends the first epoch"""
    return first_epoch_end(analysis) or 0


@quantity
def first_leading_step(analysis: Analysis, learning_rate: float, other: float) -> float:
    """First evaluated step of the first epoch at which the interval of the training loss difference is below 0"""
    return min(leading_steps(analysis, learning_rate, other), default=math.nan)


@quantity
def last_leading_step(analysis: Analysis, learning_rate: float, other: float) -> float:
    """Last evaluated step of the first epoch at which the interval of the training loss difference is below 0"""
    return max(leading_steps(analysis, learning_rate, other), default=math.nan)


@quantity
def loss_rise(analysis: Analysis, learning_rate: float, statistic: str) -> float:
    """exp(d) - 1, d the log ratio of windowed validation losses in the table rates"""
    row = analysis.rates.set_index("learning_rate").loc[learning_rate]
    return math.expm1(float(row[f"overfit_{statistic}"]))


@quantity
def window(analysis: Analysis) -> float:
    """Number of epochs in the window of the overfitting measure"""
    return convergence.overfit_window(int(epochs(analysis)))


def _windowed_accuracy(analysis: Analysis, learning_rate: float) -> pd.DataFrame:
    """Validation accuracy averaged over windows, index: epoch in the middle of the window; one column a seed."""
    length = int(window(analysis))
    means = history(analysis.epochs, "val_accuracy", learning_rate).rolling(length).mean().iloc[length - 1 :]
    return means.set_axis(means.index - (length - 1) / 2)


@quantity
def windowed_accuracy_change(analysis: Analysis, learning_rate: float, epoch: float, statistic: str) -> float:
    """Change of validation accuracy from the window around an epoch to the last window, paired by seed"""
    accuracy = _windowed_accuracy(analysis, learning_rate)
    return interval_of(accuracy.iloc[-1] - accuracy.loc[epoch], analysis.thresholds.significance)[statistic]


@quantity
def log_val_loss_change(analysis: Analysis, learning_rate: float, statistic: str) -> float:
    """Change of log val_loss over the last half of the epochs, by the slope of a line fitted to each seed"""
    losses = history(analysis.epochs, "val_loss", learning_rate).tail(int(last_half(analysis)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return interval_of(fitted_changes(np.log(losses)), analysis.thresholds.significance)[statistic]


@quantity
def log_train_loss_change(analysis: Analysis, learning_rate: float, statistic: str) -> float:
    """Change of log training loss over the last half of the epochs, by the slope of a line fitted to each seed"""
    losses = history(epoch_ends(analysis.evaluations), "train_loss", learning_rate).tail(int(last_half(analysis)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return interval_of(fitted_changes(np.log(losses)), analysis.thresholds.significance)[statistic]


@quantity
def val_loss_fall(analysis: Analysis, learning_rate: float, statistic: str) -> float:
    """1 - exp(change of log val_loss over the last half); its low end comes from the change's high end"""
    mirrored = {"mean": "mean", "low": "high", "high": "low"}[statistic]
    return -math.expm1(log_val_loss_change(analysis, learning_rate, mirrored))


@quantity
def accuracy_change(analysis: Analysis, learning_rate: float, statistic: str) -> float:
    """Change of val_accuracy over the last half of the epochs, by the slope of a line fitted to each seed"""
    accuracies = history(analysis.epochs, "val_accuracy", learning_rate).tail(int(last_half(analysis)))
    return interval_of(fitted_changes(accuracies), analysis.thresholds.significance)[statistic]


def _loss_moves(analysis: Analysis, learning_rate: float) -> np.ndarray:
    return np.diff(history(analysis.epochs, "loss", learning_rate).to_numpy(dtype=float), axis=0)


@quantity
def loss_moves(analysis: Analysis, learning_rate: float) -> float:
    """Number of steps from epoch to epoch, over all seeds"""
    return _loss_moves(analysis, learning_rate).size


@quantity
def loss_rises(analysis: Analysis, learning_rate: float) -> float:
    """Number of steps from epoch to epoch, over all seeds, in which the running training loss does not fall"""
    moves = _loss_moves(analysis, learning_rate)
    return int((~(moves < 0)).sum())


@quantity
def rising_share(analysis: Analysis, learning_rate: float) -> float:
    """Share of steps from epoch to epoch, over all seeds, in which the running training loss does not fall"""
    moves = loss_moves(analysis, learning_rate)
    return loss_rises(analysis, learning_rate) / moves if moves else math.nan


# Stability


@quantity
def rms(analysis: Analysis, learning_rate: float, measure: str) -> float:
    """Root mean square over seeds of a column of the table runs"""
    values = by_seed(analysis.runs, measure, learning_rate).to_numpy(dtype=float)
    return float(np.sqrt(np.mean(values**2))) if len(values) else math.nan


@quantity
def ratio(analysis: Analysis, learning_rate: float, other: float, measure: str, statistic: str) -> float:
    """Exp of the t interval of log(measure / measure of the other rate), paired by seed"""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = [np.log(by_seed(analysis.runs, measure, rate)) for rate in (learning_rate, other)]
        pairs = paired_differences(*logs)
    return math.exp(interval_of(pairs, analysis.thresholds.significance)[statistic])


def _late_train_losses(analysis: Analysis, learning_rate: float) -> pd.Series:
    losses = history(epoch_ends(analysis.evaluations), "train_loss", learning_rate)
    return losses.tail(LATE_EPOCHS).mean(skipna=False)


@quantity
def late_epochs(analysis: Analysis) -> float:
    """Number of last epochs over which training losses are compared"""
    return int(min(LATE_EPOCHS, epochs(analysis)))


@quantity
def late_train_loss(analysis: Analysis, learning_rate: float) -> float:
    """Training loss at the ends of the last epochs, mean over epochs and seeds"""
    return float(_late_train_losses(analysis, learning_rate).mean(skipna=False))


@quantity
def late_train_loss_difference(analysis: Analysis, learning_rate: float, other: float, statistic: str) -> float:
    """Training loss at the ends of the last epochs, less that of the other rate, paired by seed"""
    pairs = paired_differences(_late_train_losses(analysis, learning_rate), _late_train_losses(analysis, other))
    return interval_of(pairs, analysis.thresholds.significance)[statistic]


@quantity
def common_seeds(analysis: Analysis, learning_rate: float, other: float) -> float:
    """Number of seeds that both rates have"""
    runs = analysis.runs
    seeds = [set(runs.loc[runs["learning_rate"] == rate, "seed"]) for rate in (learning_rate, other)]
    return len(set.intersection(*seeds))


@quantity
def late_seeds_above(analysis: Analysis, learning_rate: float, other: float) -> float:
    """Number of seeds in which late training loss is above the other rate's, or not finite where that one is"""
    one, reference = _late_train_losses(analysis, learning_rate), _late_train_losses(analysis, other)
    seeds = one.index.intersection(reference.index)
    one, reference = one.loc[seeds], reference.loc[seeds]
    return int((np.isfinite(reference) & ~(np.isfinite(one) & (one <= reference))).sum())


# Steps to a target


def shared_target(analysis: Analysis, *rates: float) -> float:
    """The highest target that every run of every one of these rates reaches and keeps; NaN if there is none."""
    reach = analysis.reach.loc[analysis.reach["learning_rate"].isin(rates)]
    full = reach.loc[(reach["sustained_reached"] == reach["n"]) & (reach["n"] > 0)]
    counts = full.groupby("target")["learning_rate"].nunique()
    shared = counts.loc[counts == len(set(rates))]
    return float(shared.index.max()) if len(shared) else math.nan


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
