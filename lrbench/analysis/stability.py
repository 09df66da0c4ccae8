"""How steadily the training loss of one run fell.

Every function takes training losses measured with the weights held still, in nats, shape (measurements,).
Where one of them is not finite the measure is NaN, since a run that diverged has no steadiness to speak of.
"""

from __future__ import annotations

import math

import numpy as np

OSCILLATION_FEWEST = 8  # epochs under which too few are left to tell oscillation from the first descent
WARM_UP_FEWEST = 3  # epochs of first descent that oscillation leaves out ...
WARM_UP_TENTHS = 3  # ... or three tenths of all
THIRD_DIFFERENCE_VARIANCE = 20  # var(w - 3x + 3y - z) of independent values in units of theirs: 1 + 9 + 9 + 1
FEWEST_MOVES = 2  # measurements that a move needs


def backtrack(loss: np.ndarray) -> float:
    """Share of the loss's way, from epoch end to epoch end, that led upwards: 0 falls throughout, 1 only rises.

    A loss that never moves has gone no way up: 0. NaN with one epoch.
    """
    if len(loss) < FEWEST_MOVES or not np.isfinite(loss).all():
        return math.nan
    moves = np.diff(loss)
    way = float(np.abs(moves).sum())
    return float(moves[moves > 0].sum()) / way if way else 0.0


def warm_up(epochs: int) -> int:
    """Epochs of first descent, which oscillation leaves out."""
    return max(WARM_UP_FEWEST, -(-WARM_UP_TENTHS * epochs // 10))


def oscillation(loss: np.ndarray) -> float:
    """Standard deviation of the loss around its smooth course, at epoch ends after the first descent, in nats.

    sqrt(mean(third difference squared) / 20): for independent noise its standard deviation, whatever the slope and
    the curvature of the course around which it lies; a course that is a parabola gives 0 (the idea of von Neumann
    et al. 1941, two orders higher). NaN under eight epochs.
    """
    if len(loss) < OSCILLATION_FEWEST or not np.isfinite(loss).all():
        return math.nan
    third = np.diff(loss[warm_up(len(loss)) :], n=3)
    return math.sqrt(float(np.mean(third**2)) / THIRD_DIFFERENCE_VARIANCE)


def largest_rise(loss: np.ndarray) -> float:
    """The loss's largest upward move from one epoch's end to the next, in nats; 0 where it never rises."""
    if len(loss) < FEWEST_MOVES or not np.isfinite(loss).all():
        return math.nan
    return max(float(np.diff(loss).max()), 0.0)


def largest_spike(loss: np.ndarray) -> float:
    """How far the loss rose above its least value so far, at most, over all measurements, in nats."""
    if not len(loss) or not np.isfinite(loss).all():
        return math.nan
    return float((loss - np.minimum.accumulate(loss)).max())


def exploded(loss: np.ndarray, ratio: float) -> bool:
    """Whether the loss was ever at least `ratio` times its first value, whatever happened later."""
    return bool((loss >= ratio * loss[0]).any())


def uses_oscillation(epochs: int) -> bool:
    """Whether runs of so many epochs have an oscillation; shorter ones are judged by their largest rise."""
    return epochs >= OSCILLATION_FEWEST


def root_mean_square(values: np.ndarray) -> float:
    """The oscillation of several runs together; NaN where one has none."""
    return math.sqrt(float(np.mean(np.square(values)))) if len(values) else math.nan
