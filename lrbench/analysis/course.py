"""The course of one run: how steadily its loss fell, when it reached targets, what training on cost.

Losses are measured with the weights held still, in nats. Where one of them is not finite a measure of steadiness is
NaN, since a run that diverged has no steadiness to speak of.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

OSCILLATION_FEWEST = 8  # epochs under which too few are left to tell oscillation from the first descent
WARM_UP_FEWEST = 3  # epochs of first descent that oscillation leaves out ...
WARM_UP_TENTHS = 3  # ... or three tenths of all
THIRD_DIFFERENCE_VARIANCE = 20  # var(w - 3x + 3y - z) of independent values in units of theirs: 1 + 9 + 9 + 1
FEWEST_MOVES = 2  # measurements that a move needs


def backtrack(loss: np.ndarray) -> float:
    """The sum of the loss's rises over the sum of all its moves' sizes: 0 if it only falls, 1 if it only rises.

    loss : shape (epochs,), at the ends of epochs. 0 if it never moves; NaN with one epoch or a loss that is not finite.
    """
    if len(loss) < FEWEST_MOVES or not np.isfinite(loss).all():
        return math.nan
    moves = np.diff(loss)
    way = float(np.abs(moves).sum())
    return float(moves[moves > 0].sum()) / way if way else 0.0


def warm_up(epochs: int) -> int:
    """How many epochs at the start, the first descent, `oscillation` leaves out."""
    return max(WARM_UP_FEWEST, -(-WARM_UP_TENTHS * epochs // 10))


def oscillation(loss: np.ndarray) -> float:
    """Standard deviation of the loss around its smooth course, at epoch ends after the first descent, in nats.

    sqrt(mean(third difference squared) / 20): for independent noise its standard deviation, whatever the slope and
    the curvature of the course around which it lies; a course that is a parabola gives 0 (the idea of von Neumann
    et al. 1941, two orders higher).

    loss : shape (epochs,), at the ends of epochs. NaN under eight epochs or where a loss is not finite.
    """
    if len(loss) < OSCILLATION_FEWEST or not np.isfinite(loss).all():
        return math.nan
    third = np.diff(loss[warm_up(len(loss)) :], n=3)
    return math.sqrt(float(np.mean(third**2)) / THIRD_DIFFERENCE_VARIANCE)


def largest_rise(loss: np.ndarray) -> float:
    """The loss's largest rise from one epoch's end to the next, in nats; 0 if it never rises.

    loss : shape (epochs,). NaN with one epoch or where a loss is not finite.
    """
    if len(loss) < FEWEST_MOVES or not np.isfinite(loss).all():
        return math.nan
    return max(float(np.diff(loss).max()), 0.0)


def largest_spike(loss: np.ndarray) -> float:
    """The most by which the loss ever stood above its least value until then, in nats.

    loss : shape (evaluations,), step 0 among them. NaN without any or where a loss is not finite.
    """
    if not len(loss) or not np.isfinite(loss).all():
        return math.nan
    return float((loss - np.minimum.accumulate(loss)).max())


def exploded(loss: np.ndarray, ratio: float) -> bool:
    """Whether the loss was ever at least `ratio` times its first value, whatever happened later.

    loss : shape (evaluations,), the first before training; NaN is not above anything
    """
    return bool((loss >= ratio * loss[0]).any())


def uses_oscillation(epochs: int) -> bool:
    """Whether runs of so many epochs have an oscillation; shorter ones are judged by their largest rise."""
    return epochs >= OSCILLATION_FEWEST


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
    return float(skills(np.array(accuracy), chance))


def skills(accuracies: np.ndarray, chance: float) -> np.ndarray:
    """The skill of each accuracy, in the shape of the accuracies."""
    return (accuracies - chance) / (1 - chance) if chance < 1 else np.full(accuracies.shape, math.nan)


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
    training_change : shape (runs,), change of the running training loss between the same two windows
    """

    window: int
    onset: float
    rise: np.ndarray
    training_change: np.ndarray


def overfit_window(epochs: int) -> int:
    """How many epochs of validation loss are averaged to see overfitting."""
    return max(OVERFIT_SHORTEST, -(-epochs // OVERFIT_SHARE))


def overfitting(val_loss: np.ndarray, running_loss: np.ndarray) -> Overfitting:
    """How far validation loss rose again in the runs of one rate; both arguments have shape (runs, epochs).

    A training loss that keeps falling is what tells overfitting from instability.
    """
    runs, epochs = val_loss.shape
    window = overfit_window(epochs)
    unknown = Overfitting(window, math.nan, *(np.full(runs, math.nan) for _ in range(2)))
    if runs == 0 or epochs <= window or not (np.isfinite(val_loss).all() and (val_loss > 0).all()):
        return unknown
    windows = np.lib.stride_tricks.sliding_window_view(val_loss, window, axis=1).mean(axis=2)
    least = int(np.argmin(windows.mean(axis=0)))
    last = windows.shape[1] - 1
    training = np.lib.stride_tricks.sliding_window_view(running_loss, window, axis=1).mean(axis=2)
    of_others = np.arange(runs), least_of_others(windows)
    return Overfitting(
        window,
        math.nan if least == last else 1 + least + (window - 1) / 2,
        np.log(windows[:, last] / windows[of_others]),
        training[:, last] - training[of_others],
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


def cost_of_going_on(val_loss: np.ndarray) -> np.ndarray:
    """Log of each run's last validation loss over that at the epoch where the other runs' mean is least.

    val_loss : shape (runs, epochs); returns shape (runs,), NaN where a loss is not a finite positive number.
    """
    runs, epochs = val_loss.shape
    if runs == 0 or epochs == 0 or not (np.isfinite(val_loss).all() and (val_loss > 0).all()):
        return np.full(runs, math.nan)
    return np.log(val_loss[:, -1] / val_loss[np.arange(runs), least_of_others(val_loss)])


def drop_from_peak(val_accuracy: np.ndarray) -> np.ndarray:
    """Each run's validation accuracy at the epoch where the other runs' mean is highest, less its score.

    val_accuracy : shape (runs, epochs); returns shape (runs,), NaN where an accuracy is not finite.
    """
    runs, epochs = val_accuracy.shape
    if runs == 0 or epochs == 0 or not np.isfinite(val_accuracy).all():
        return np.full(runs, math.nan)
    scores = val_accuracy[:, -score_epochs(epochs) :].mean(axis=1)
    return val_accuracy[np.arange(runs), least_of_others(-val_accuracy)] - scores
