"""How far and how fast one training run, or one learning rate's runs, got: measures of single histories.

Accuracies and skills are shares from 0 to 1, losses are in nats, steps count updates of the weights. What
cannot be measured is NaN; what never happened is infinite.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

SCORE_SHARE = 5  # the score is a mean over the last E // 5 epochs ...
SCORE_LONGEST = 5  # ... at least one and at most five of them
OVERFIT_SHORTEST = 3  # epochs of a window of validation loss, which single epochs are too noisy for
OVERFIT_SHARE = 10  # ... or a tenth of all epochs
ROUNDING = 1e-12  # of accuracies: a mean of equal numbers may differ from them in its last bits
HALF_SHORTEST = 3  # epochs that a slope needs


@dataclass(frozen=True)
class Reached:
    """When a target was reached: in the interval (after, at] of steps; both infinite if never."""

    after: float
    at: float


NEVER = Reached(math.inf, math.inf)


def skill(accuracy: float, chance: float) -> float:
    """Accuracy beyond the largest class's share: 0 for always naming that class, 1 for no error.

    (accuracy - chance) / (1 - chance); with one class only, where nothing can be learned, NaN.
    """
    return (accuracy - chance) / (1 - chance) if chance < 1 else math.nan


def score_epochs(epochs: int) -> int:
    """How many of the last epochs the score is averaged over."""
    return min(max(epochs // SCORE_SHARE, 1), SCORE_LONGEST)


def score(val_accuracy: np.ndarray) -> float:
    """Mean validation accuracy of the last epochs; val_accuracy has shape (epochs,)."""
    return float(np.mean(val_accuracy[-score_epochs(len(val_accuracy)) :]))


def share_correct(accuracy: np.ndarray, examples: int) -> np.ndarray:
    """Accuracies as the exact shares k / examples that they are; measured in single precision they lie a little off.

    Without this, a run that is exactly at a target would count as below it or not, as rounding has it.
    """
    return np.round(np.asarray(accuracy, dtype=float) * examples) / examples


def first_reached(step: np.ndarray, val_accuracy: np.ndarray, target: float) -> Reached:
    """When the validation accuracy was first at or above a target.

    step, val_accuracy : shape (evaluations,), in ascending steps. An accuracy that is not finite is below.
    """
    return _reached_at(step, np.flatnonzero(val_accuracy >= target))


def sustained_reached(step: np.ndarray, val_accuracy: np.ndarray, target: float) -> Reached:
    """From when on the validation accuracy was never again below a target; arguments as for `first_reached`."""
    below = np.flatnonzero(~(val_accuracy >= target))
    start = below[-1] + 1 if len(below) else 0
    return _reached_at(step, np.arange(start, len(step)))


def _reached_at(step: np.ndarray, indices: np.ndarray) -> Reached:
    if not len(indices):
        return NEVER
    index = int(indices[0])
    return Reached(float(step[max(index - 1, 0)]), float(step[index]))


def is_faster(one: Reached, other: Reached) -> bool:
    """Whether one interval of steps ends before the other begins; overlapping intervals tell nothing."""
    return one.at <= other.after and one.at < other.at


@dataclass(frozen=True)
class Reaching:
    """How a target was reached: for the first time, and from when on it was kept to the end."""

    first: Reached
    kept: Reached


def is_faster_to(one: Reaching, other: Reaching) -> bool:
    """Whether one reaches a target before the other, both for the first time and for good.

    Where the two do not agree, as after one dip near the end of training, neither is faster.
    """
    return is_faster(one.first, other.first) and is_faster(one.kept, other.kept)


def first_epoch_at(val_accuracy: np.ndarray, level: float) -> float:
    """The first epoch at whose end the validation accuracy is at or above a level; infinite if there is none.

    val_accuracy : shape (epochs,). A difference of rounding errors is none.
    """
    places = np.flatnonzero(val_accuracy >= level - ROUNDING)
    return float(places[0] + 1) if len(places) else math.inf


@dataclass(frozen=True)
class Overfitting:
    """How far validation loss rose again after it was least.

    window : epochs that are averaged
    onset : epoch at the middle of the window whose loss, averaged over runs, is least; NaN where that is the last
        window or some loss is not a finite positive number
    rise : shape (runs,), log of the last window's validation loss over that of the window at which the mean
        of the other runs is least
    training_fell : whether the running training loss, averaged over runs, fell between the two windows
    """

    window: int
    onset: float
    rise: np.ndarray
    training_fell: bool


def overfit_window(epochs: int) -> int:
    """How many epochs of validation loss are averaged to see overfitting."""
    return max(OVERFIT_SHORTEST, -(-epochs // OVERFIT_SHARE))


def overfitting(val_loss: np.ndarray, running_loss: np.ndarray) -> Overfitting:
    """How far validation loss rose again in the runs of one rate; both arguments have shape (runs, epochs).

    A training loss that keeps falling is what tells overfitting from instability.
    """
    runs, epochs = val_loss.shape
    window = overfit_window(epochs)
    unknown = Overfitting(window, math.nan, np.full(runs, math.nan), False)
    if runs == 0 or epochs <= window or not (np.isfinite(val_loss).all() and (val_loss > 0).all()):
        return unknown
    windows = np.lib.stride_tricks.sliding_window_view(val_loss, window, axis=1).mean(axis=2)
    least = int(np.argmin(windows.mean(axis=0)))
    last = windows.shape[1] - 1
    training = np.lib.stride_tricks.sliding_window_view(running_loss, window, axis=1).mean(axis=2).mean(axis=0)
    return Overfitting(
        window,
        math.nan if least == last else 1 + least + (window - 1) / 2,
        np.log(windows[:, last] / windows[np.arange(runs), least_of_others(windows)]),
        bool(training[last] < training[least]),
    )


def least_of_others(values: np.ndarray) -> np.ndarray:
    """For each run, the column at which the mean of the other runs is least; of a single run, its own.

    values : shape (runs, windows or epochs). Measured from the least of the very values that are averaged, noise alone
    would look like a rise.
    """
    return np.argmin(values.sum(axis=0) - values if len(values) > 1 else values, axis=1)


def last_half(epochs: int) -> int:
    """How many of the last epochs a late trend is fitted over."""
    return max(HALF_SHORTEST, -(-epochs // 2))


def late_log_change(loss: np.ndarray) -> float:
    """Change of the log of a loss over the last half of training, from a line fitted by least squares.

    loss : shape (epochs,), nats. NaN under three epochs or where a loss is not a finite positive number.
    """
    count = last_half(len(loss))
    late = loss[-count:]
    if len(late) < count or not (np.isfinite(late).all() and (late > 0).all()):
        return math.nan
    position = np.arange(count) - (count - 1) / 2
    slope = float(position @ np.log(late) / (position @ position))
    return slope * (count - 1)
