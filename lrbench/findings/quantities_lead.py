"""Quantities of the first epoch: which rates lead in it, and which are behind at its end.

A lead is looked for at every rate and every evaluated step, so its intervals are corrected for all of them together.
The rate that others are compared with at the end was picked because its loss is least there, so those intervals allow
for the range of as many means as there are rates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lrbench.analysis.results import Analysis
from lrbench.analysis.statistics import FEWEST_FOR_SEPARATION, Trend, corrected, t_interval
from lrbench.analysis.studentized_range import range_critical
from lrbench.findings.quantities_training import first_epoch_end
from lrbench.findings.registry import Quantities

quantity = Quantities()


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
        enough = interval.n >= FEWEST_FOR_SEPARATION and interval.low > 0
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


@quantity("First evaluated step of the first epoch at which the rate leads by the rule of early_lead")
def first_led_step(analysis: Analysis, learning_rate: float, other: float) -> float:
    return min(_led(analysis, learning_rate, other), default=math.nan)


@quantity("Last evaluated step of the first epoch at which the rate leads by the rule of early_lead")
def last_led_step(analysis: Analysis, learning_rate: float, other: float) -> float:
    return max(_led(analysis, learning_rate, other), default=math.nan)
