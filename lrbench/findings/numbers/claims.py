"""Quantities of the claims: losses of two rates in the seeds that both have, and what was corrected for looking often.

Where several steps or rates are looked at, each interval has the level 1 - significance / number looked at
(Bonferroni), so that all of them together err as rarely as one interval of the level 1 - significance.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from lrbench.analysis.course import Reached, is_faster
from lrbench.analysis.measurements import by_seed, epoch_ends, history, interval_of, paired_differences
from lrbench.analysis.pipeline import Analysis
from lrbench.analysis.runs import validation_examples
from lrbench.analysis.statistics import Interval, corrected, t_interval
from lrbench.findings.numbers.rates import eligible_rates, epochs, quantity
from lrbench.findings.numbers.training import train_losses

FIRST_STEPS = 0.1  # of the first epoch: what "at first" means
LATE_EPOCHS = 3  # the last epochs over which a claim compares training losses


def _in_common(one: pd.Series, other: pd.Series) -> tuple[pd.Series, pd.Series]:
    seeds = one.index.intersection(other.index).sort_values()
    return one.loc[seeds], other.loc[seeds]


def _unlike(one: pd.Series, other: pd.Series) -> int:
    """Number of seeds in which the first is above the second, or not finite where the second is."""
    one, other = _in_common(one, other)
    return int((np.isfinite(other) & ~(np.isfinite(one) & (one <= other))).sum())


# In the first steps


def first_steps(analysis: Analysis) -> list[int]:
    """The evaluated steps up to a tenth of the first epoch, ascending."""
    rows = analysis.evaluations
    return sorted(set(rows.loc[(rows["step"] > 0) & (rows["epoch"] <= FIRST_STEPS), "step"].astype(int)))


def _first_differences(analysis: Analysis, learning_rate: float, other: float) -> dict[int, Interval]:
    """Intervals of the training loss difference at the first steps, by step, corrected for their number by Holm."""
    looked_at = first_steps(analysis)
    differences = [
        paired_differences(train_losses(analysis, learning_rate, step), train_losses(analysis, other, step)).to_numpy()
        for step in looked_at
    ]
    trends = corrected(differences, analysis.thresholds.significance)
    return {step: trend.interval for step, trend in zip(looked_at, trends, strict=True)}


@quantity("Number of evaluated steps up to a tenth of the first epoch")
def first_steps_evaluated(analysis: Analysis) -> float:
    return len(first_steps(analysis))


@quantity("The last evaluated step up to a tenth of the first epoch")
def last_first_step(analysis: Analysis) -> float:
    return max(first_steps(analysis), default=math.nan)


@quantity("Number of first steps at which the corrected interval of the training loss difference is below 0")
def first_steps_below(analysis: Analysis, learning_rate: float, other: float) -> float:
    return sum(found.high < 0 for found in _first_differences(analysis, learning_rate, other).values())


@quantity("Number of first steps at which the corrected interval of the training loss difference is above 0")
def first_steps_above(analysis: Analysis, learning_rate: float, other: float) -> float:
    return sum(found.low > 0 for found in _first_differences(analysis, learning_rate, other).values())


@quantity("Number of first steps at which the training loss difference has no interval, as a loss is not finite")
def first_steps_unknown(analysis: Analysis, learning_rate: float, other: float) -> float:
    return sum(not math.isfinite(found.mean) for found in _first_differences(analysis, learning_rate, other).values())


# Losses of two rates


@quantity("Training loss after a step, mean over the seeds that both rates have")
def train_loss_in_common(analysis: Analysis, learning_rate: float, other: float, step: int) -> float:
    one, _ = _in_common(train_losses(analysis, learning_rate, step), train_losses(analysis, other, step))
    return float(one.mean(skipna=False))


@quantity(
    "Number of seeds in which training loss after a step is above the other rate's, or not finite where that one is"
)
def seeds_above(analysis: Analysis, learning_rate: float, other: float, step: int) -> float:
    return _unlike(train_losses(analysis, learning_rate, step), train_losses(analysis, other, step))


def _late_train_losses(analysis: Analysis, learning_rate: float) -> pd.Series:
    losses = history(epoch_ends(analysis.evaluations), "train_loss", learning_rate)
    return losses.tail(LATE_EPOCHS).mean(skipna=False)


@quantity("Number of last epochs over which training losses are compared")
def late_epochs(analysis: Analysis) -> float:
    return int(min(LATE_EPOCHS, epochs(analysis)))


@quantity("Training loss at the ends of the last epochs, mean over epochs and over the seeds that both rates have")
def late_train_loss(analysis: Analysis, learning_rate: float, other: float) -> float:
    one, _ = _in_common(_late_train_losses(analysis, learning_rate), _late_train_losses(analysis, other))
    return float(one.mean(skipna=False))


@quantity("Training loss at the ends of the last epochs, less the other rate's, corrected for so many rates looked at")
def late_train_loss_difference(
    analysis: Analysis, learning_rate: float, other: float, looked_at: int, statistic: str
) -> float:
    pairs = paired_differences(_late_train_losses(analysis, learning_rate), _late_train_losses(analysis, other))
    return interval_of(pairs, analysis.thresholds.significance / looked_at)[statistic]


@quantity("Number of seeds in which late training loss is above the other rate's, or not finite where that one is")
def late_seeds_above(analysis: Analysis, learning_rate: float, other: float) -> float:
    return _unlike(_late_train_losses(analysis, learning_rate), _late_train_losses(analysis, other))


@quantity("Number of runs whose train_loss or val_loss after the last epoch is below its value before training")
def runs_below_start(analysis: Analysis, learning_rate: float, measure: str) -> float:
    rows = analysis.evaluations
    start = by_seed(rows.loc[rows["step"] == 0], measure, learning_rate)
    end = by_seed(rows.loc[rows["epoch"] == epochs(analysis)], measure, learning_rate)
    return int((end < start).sum())


# The recommendation


@quantity("1 where the recommendation chooses the rate, 0 where it does not")
def recommended(analysis: Analysis, learning_rate: float) -> float:
    return int(analysis.chosen == learning_rate)


@quantity("1 where the recommendation names the rate as practically tied, 0 where it does not")
def tied_with_recommended(analysis: Analysis, learning_rate: float) -> float:
    if analysis.choice is None or learning_rate not in analysis.choice.candidates:
        return 0
    return int(analysis.rates.set_index("learning_rate").loc[learning_rate, "tied"])


@quantity("Score less that of the other rate, paired by seed and corrected for the other eligible rates")
def score_behind(analysis: Analysis, learning_rate: float, other: float, statistic: str) -> float:
    pairs = paired_differences(*(by_seed(analysis.runs, "score", rate) for rate in (learning_rate, other)))
    looked_at = max(len(eligible_rates(analysis)) - 1, 1)
    least = 1 / validation_examples(analysis.dataset)
    level = analysis.thresholds.significance / looked_at
    return float(getattr(t_interval(pairs.to_numpy(dtype=float), level, least), statistic))


# Steps to a target


@quantity("Median steps until the target is first reached, slower over faster: the least or the most it can be")
def first_reached_ratio(analysis: Analysis, slower: float, faster: float, target: float, bound: str) -> float:
    reach = analysis.reach.loc[analysis.reach["target"] == target].set_index("learning_rate")
    ends = ("first_after", "first_at") if bound == "least" else ("first_at", "first_after")
    dividend, divisor = float(reach.loc[slower, ends[0]]), float(reach.loc[faster, ends[1]])
    return dividend / divisor if divisor > 0 else math.inf


@quantity(
    "Number of seeds in which the slower rate both first reaches and keeps the target later, by disjoint intervals"
)
def later_seeds(analysis: Analysis, slower: float, faster: float, target: float) -> float:
    targets = analysis.targets.loc[analysis.targets["target"] == target]
    late, early = (targets.loc[targets["learning_rate"] == rate].set_index("seed") for rate in (slower, faster))
    seeds = late.index.intersection(early.index)
    return sum(
        all(
            is_faster(*(Reached(*rows.loc[seed, [f"{event}_after", f"{event}_at"]]) for rows in (early, late)))
            for event in ("first", "sustained")
        )
        for seed in seeds
    )
