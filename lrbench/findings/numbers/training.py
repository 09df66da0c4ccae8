"""Numbers of training: losses, their ratios between rates, and leads early in training."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lrbench.analysis import course
from lrbench.analysis.measurements import by_seed, epoch_ends, fitted_changes, history, interval_of, paired_differences
from lrbench.analysis.pipeline import Analysis, computed_once
from lrbench.analysis.statistics import Trend, corrected, range_critical, t_interval
from lrbench.findings.numbers.rates import epochs, last_half, quantity
from lrbench.tables.analysis import FEWEST_SEEDS


def train_losses(analysis: Analysis, learning_rate: float, step: int) -> pd.Series:
    """Training loss of each run of a rate after a step; index: seed."""
    return by_seed(analysis.evaluations.loc[analysis.evaluations["step"] == step], "train_loss", learning_rate)


@quantity("Training loss after a step, mean over seeds")
def train_loss(analysis: Analysis, learning_rate: float, step: int) -> float:
    return float(train_losses(analysis, learning_rate, step).mean(skipna=False))


@quantity("Training loss after a step, less that of the other rate, paired by seed")
def train_loss_difference(analysis: Analysis, learning_rate: float, other: float, step: int, statistic: str) -> float:
    pairs = paired_differences(train_losses(analysis, learning_rate, step), train_losses(analysis, other, step))
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


@quantity("The step that ends the first epoch")
def first_epoch_steps(analysis: Analysis) -> float:
    return first_epoch_end(analysis) or 0


@quantity("First evaluated step of the first epoch at which the interval of the training loss difference is below 0")
def first_leading_step(analysis: Analysis, learning_rate: float, other: float) -> float:
    return min(leading_steps(analysis, learning_rate, other), default=math.nan)


@quantity("Last evaluated step of the first epoch at which the interval of the training loss difference is below 0")
def last_leading_step(analysis: Analysis, learning_rate: float, other: float) -> float:
    return max(leading_steps(analysis, learning_rate, other), default=math.nan)


@quantity("exp(d) - 1, d the log ratio of windowed validation losses in the table rates")
def loss_rise(analysis: Analysis, learning_rate: float, statistic: str) -> float:
    row = analysis.rates.set_index("learning_rate").loc[learning_rate]
    return math.expm1(float(row[f"overfit_{statistic}"]))


@quantity("Number of epochs in the window of the overfitting measure")
def window(analysis: Analysis) -> float:
    return course.overfit_window(int(epochs(analysis)))


@quantity("Change of log val_loss over the last half of the epochs, by the slope of a line fitted to each seed")
def log_val_loss_change(analysis: Analysis, learning_rate: float, statistic: str) -> float:
    losses = history(analysis.epochs, "val_loss", learning_rate).tail(int(last_half(analysis)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return interval_of(fitted_changes(np.log(losses)), analysis.thresholds.significance)[statistic]


@quantity("Change of log training loss over the last half of the epochs, by the slope of a line fitted to each seed")
def log_train_loss_change(analysis: Analysis, learning_rate: float, statistic: str) -> float:
    losses = history(epoch_ends(analysis.evaluations), "train_loss", learning_rate).tail(int(last_half(analysis)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return interval_of(fitted_changes(np.log(losses)), analysis.thresholds.significance)[statistic]


@quantity("1 - exp(change of log val_loss over the last half); its low end comes from the change's high end")
def val_loss_fall(analysis: Analysis, learning_rate: float, statistic: str) -> float:
    mirrored = {"mean": "mean", "low": "high", "high": "low"}[statistic]
    return -math.expm1(log_val_loss_change(analysis, learning_rate, mirrored))


@quantity("Change of val_accuracy over the last half of the epochs, by the slope of a line fitted to each seed")
def accuracy_change(analysis: Analysis, learning_rate: float, statistic: str) -> float:
    accuracies = history(analysis.epochs, "val_accuracy", learning_rate).tail(int(last_half(analysis)))
    return interval_of(fitted_changes(accuracies), analysis.thresholds.significance)[statistic]


def _loss_moves(analysis: Analysis, learning_rate: float) -> np.ndarray:
    return np.diff(history(analysis.epochs, "loss", learning_rate).to_numpy(dtype=float), axis=0)


@quantity("Number of steps from epoch to epoch, over all seeds")
def loss_moves(analysis: Analysis, learning_rate: float) -> float:
    return _loss_moves(analysis, learning_rate).size


@quantity("Number of steps from epoch to epoch, over all seeds, in which the running training loss does not fall")
def loss_rises(analysis: Analysis, learning_rate: float) -> float:
    moves = _loss_moves(analysis, learning_rate)
    return int((~(moves < 0)).sum())


@quantity("Number of runs whose oscillation, or under 8 epochs largest rise, is at least thresholds.oscillation")
def unsteady_runs(analysis: Analysis, learning_rate: float) -> float:
    measure = "oscillation" if course.uses_oscillation(int(epochs(analysis))) else "largest_rise"
    return int((by_seed(analysis.runs, measure, learning_rate) >= analysis.thresholds.oscillation).sum())


@quantity("Share of steps from epoch to epoch, over all seeds, in which the running training loss does not fall")
def rising_share(analysis: Analysis, learning_rate: float) -> float:
    moves = loss_moves(analysis, learning_rate)
    return loss_rises(analysis, learning_rate) / moves if moves else math.nan


# Stability


@quantity("Exp of the t interval of log(measure / measure of the other rate), paired by seed")
def ratio(analysis: Analysis, learning_rate: float, other: float, measure: str, statistic: str) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = [np.log(by_seed(analysis.runs, measure, rate)) for rate in (learning_rate, other)]
        pairs = paired_differences(*logs)
    return math.exp(interval_of(pairs, analysis.thresholds.significance)[statistic])


@quantity("Number of seeds that both rates have")
def common_seeds(analysis: Analysis, learning_rate: float, other: float) -> float:
    runs = analysis.runs
    seeds = [set(runs.loc[runs["learning_rate"] == rate, "seed"]) for rate in (learning_rate, other)]
    return len(set.intersection(*seeds))


@dataclass(frozen=True)
class Compared:
    """Training losses of two rates after one step: the other's less the rate's, by seed, and the other's mean."""

    differences: np.ndarray
    reference: float


def _compared(analysis: Analysis, other: float, steps: pd.Series) -> dict[tuple[float, int], Compared]:
    """By rate and step, in the rows of `evaluations` that `steps` selects; rates without common seeds are left out."""
    rows = analysis.evaluations.loc[steps].sort_values("seed")
    losses = {
        (float(rate), int(step)): pd.Series(own["train_loss"].to_numpy(dtype=float), own["seed"].to_numpy())
        for (rate, step), own in rows.groupby(["learning_rate", "step"])
    }
    found = {}
    for (rate, step), own in losses.items():
        reference = losses.get((other, step))
        if rate == other or reference is None:
            continue
        common = own.index.intersection(reference.index)
        if len(common):
            theirs = reference[common].to_numpy()
            found[rate, step] = Compared(theirs - own[common].to_numpy(), float(np.mean(theirs)))
    return found


@computed_once
def early_leads(analysis: Analysis, other: float) -> dict[tuple[float, int], Trend]:
    """By rate and evaluated step of the first epoch, its end left out, how far its training loss is below the other's.

    Found where that is told from chance and at least the threshold `overfit` of the other's loss.
    """
    rows = analysis.evaluations
    compared = _compared(analysis, other, (rows["step"] > 0) & (rows["epoch"] < 1))
    trends = corrected([one.differences for one in compared.values()], analysis.thresholds.significance)
    floor = analysis.thresholds.overfit
    return {
        key: Trend(trend.interval, trend.found and trend.interval.mean >= floor * one.reference)
        for (key, one), trend in zip(compared.items(), trends, strict=True)
    }


@computed_once
def deficits_at_end(analysis: Analysis, other: float) -> dict[float, Trend]:
    """By rate how far its training loss at the end of the first epoch is above the other's.

    Found where that is told from chance and at least the threshold `overfit` of the other's loss.
    """
    rows = analysis.evaluations
    compared = _compared(analysis, other, rows["step"] == first_epoch_end(analysis))
    means = 1 + sum(bool(np.isfinite(one.differences).all()) for one in compared.values())
    found = {}
    for (rate, _), one in compared.items():
        interval = t_interval(-one.differences, analysis.thresholds.significance)
        if math.isfinite(interval.p) and interval.sd > 0:
            reach = range_critical(analysis.thresholds.significance, means, interval.n - 1)
            half = reach * interval.sd / math.sqrt(interval.n)
            interval = type(interval)(
                interval.n, interval.mean, interval.sd, interval.mean - half, interval.mean + half, interval.p
            )
        enough = interval.n >= FEWEST_SEEDS and interval.low > 0
        found[rate] = Trend(interval, bool(enough and interval.mean >= analysis.thresholds.overfit * one.reference))
    return found


@quantity("Training loss of the other rate less that of this one after a step, by seed, corrected over rates and steps")
def early_lead(analysis: Analysis, learning_rate: float, other: float, step: int, statistic: str) -> float:
    return float(getattr(early_leads(analysis, other)[learning_rate, step].interval, statistic))


@quantity(
    "Training loss at the end of epoch 1 less the other rate's, paired by seed, corrected by the range of the rates"
)
def deficit_at_end(analysis: Analysis, learning_rate: float, other: float, statistic: str) -> float:
    return float(getattr(deficits_at_end(analysis, other)[learning_rate].interval, statistic))


def _led(analysis: Analysis, learning_rate: float, other: float) -> list[int]:
    return [step for (rate, step), lead in early_leads(analysis, other).items() if rate == learning_rate and lead.found]


@quantity("Number of evaluated steps of the first epoch, its end left out, at which the rate leads as for early_lead")
def led_steps(analysis: Analysis, learning_rate: float, other: float) -> float:
    return len(_led(analysis, learning_rate, other))


@quantity("Number of evaluated steps of the first epoch, its end left out, at which the two rates are compared")
def steps_before_epoch_1_ends(analysis: Analysis, learning_rate: float, other: float) -> float:
    return sum(rate == learning_rate for rate, _ in early_leads(analysis, other))


@quantity("First evaluated step of the first epoch at which the rate leads by the rule of early_lead")
def first_led_step(analysis: Analysis, learning_rate: float, other: float) -> float:
    return min(_led(analysis, learning_rate, other), default=math.nan)


@quantity("Last evaluated step of the first epoch at which the rate leads by the rule of early_lead")
def last_led_step(analysis: Analysis, learning_rate: float, other: float) -> float:
    return max(_led(analysis, learning_rate, other), default=math.nan)
