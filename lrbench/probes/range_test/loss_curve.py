"""The rates of a range test, its losses smoothed, and the step at which it stops."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BETA = 0.98  # of the moving average, as in fastai
DIVERGED_ABOVE = 4.0  # times the least smoothed loss so far, as in fastai
WHOLE, DIVERGED, NOT_FINITE = "whole", "diverged", "not finite"  # how a test ends


def rising_rates(lowest: float, highest: float, steps: int) -> np.ndarray:
    """The rate of each step of an epoch, shape (steps,): equal factors apart, from the lowest to the highest."""
    return np.geomspace(lowest, highest, steps) if steps > 1 else np.array([lowest])


def smoothed(losses: Sequence[float] | np.ndarray) -> np.ndarray:
    """The exponential moving average of the losses with bias correction, shape (steps,).

    v = β v + (1 − β) loss from v = 0, and after k steps v / (1 − βᵏ); fastai's `AvgSmoothLoss`.
    """
    average, found = 0.0, np.empty(len(losses))
    for step, loss in enumerate(losses, 1):
        average = BETA * average + (1 - BETA) * loss
        found[step - 1] = average / (1 - BETA**step)
    return found


def ended(losses: Sequence[float] | np.ndarray, steps: int) -> tuple[int, str] | None:
    """How many of the losses count, and how the test ended there; None where it goes on.

    It ends with the first smoothed loss above `DIVERGED_ABOVE` times the least so far, which counts; before the first
    loss that is not finite; or with the epoch.

    steps : of the epoch
    """
    curve = smoothed(losses)
    with np.errstate(invalid="ignore"):
        over = curve > DIVERGED_ABOVE * np.fmin.accumulate(curve)
    stops = np.flatnonzero(over | ~np.isfinite(curve))
    if len(stops):
        first = int(stops[0])
        return (first + 1, DIVERGED) if np.isfinite(curve[first]) else (first, NOT_FINITE)
    return (steps, WHOLE) if len(losses) >= steps else None
