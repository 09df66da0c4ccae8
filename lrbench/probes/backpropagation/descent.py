"""The loss along a direction: how far one step may go before it does harm."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

POINTS_PER_DECADE = 12
MARGIN = 10.0  # the line reaches from a tenth of the smallest rate to ten times the largest, at least
FARTHEST = 1e9  # beyond ten times the largest rate, the line ends at this multiple of the smallest
NEAREST_DECADES = 12
VANISHED = 1e-12  # nats: a loss below it is not followed any farther
ROUNDING = 1e-13  # relative: losses that are closer than this count as equal
TOLERANCE = 1e-6  # relative: how exactly the places on the line are found

Line = Sequence[tuple[float, float]]


def follow(loss_at: Callable[[float], float], learning_rates: Sequence[float]) -> dict[str, Any]:
    """The loss as a function of the step length, and where a step becomes too long.

    Losses are compared at the points of the line and at the learning rates. Each place is then searched between two
    neighbours of these, to `tolerance`, relative to the step length.

    Parameters
    ----------
    loss_at : the loss after a step of a given length
    learning_rates : step lengths that are to be on the line, ascending

    Returns
    -------
    `points`, `at_rates`, `tolerance`, and two places:

    `turn` : where the loss stops falling, with `status`
        `turns` (the first minimum: its `step` and `loss`), `vanishes` (`step` is where the loss falls below `below`
        nats), `falls` (it never stops), `flat` (it changes by no more than rounding) or `rises` (from the start).
        `lower_at` is the first step length beyond it at which the loss is lower still, or None.
    `worse` : where the loss first rises above its start, with `status` `worse` or `never`.
        `better_at` is the first step length beyond it at which the loss is below its start again, or None.
    """
    start = loss_at(0.0)
    points = [(0.0, start)]
    for step in _steps(loss_at, start, learning_rates):
        loss = loss_at(step)
        points.append((step, loss))
        far = step >= MARGIN * learning_rates[-1]
        if far and (not loss < start or loss < VANISHED or step >= FARTHEST * learning_rates[0]):
            break
    at_rates = [(rate, loss_at(rate)) for rate in learning_rates]
    line = sorted(dict(points + at_rates).items())
    return {
        "points": [_point(step, loss) for step, loss in points],
        "at_rates": [{"learning_rate": rate, **_point(rate, loss)} for rate, loss in at_rates],
        "tolerance": TOLERANCE,
        "turn": _turn(loss_at, line),
        "worse": _worse(loss_at, line),
    }


def _steps(loss_at: Callable[[float], float], start: float, learning_rates: Sequence[float]) -> Iterator[float]:
    """Step lengths, evenly spaced on a logarithmic axis, from where a shorter step does not help more."""
    nearest = learning_rates[0] / MARGIN
    for _ in range(NEAREST_DECADES):
        loss = loss_at(nearest)
        if not _above(loss, start) and not _above(loss, loss_at(nearest / 10)):
            break
        nearest /= 10
    return (nearest * 10 ** (count / POINTS_PER_DECADE) for count in itertools.count())


def _point(step: float, loss: float) -> dict[str, Any]:
    return {"step": step, "loss": finite(loss), "status": "finite" if math.isfinite(loss) else "not finite"}


def finite(value: float) -> float | None:
    """A number as JSON has it: none where it is not finite."""
    return float(value) if math.isfinite(value) else None


def _above(loss: float, other: float) -> bool:
    """Whether a loss is higher by more than rounding, or not a number."""
    return math.isnan(loss) or loss > other * (1 + ROUNDING)


def _turn(loss_at: Callable[[float], float], line: Line) -> dict[str, Any]:
    lowest = 0
    for place, (step, loss) in enumerate(line):
        if loss < VANISHED:
            at = _first(lambda length: loss_at(length) < VANISHED, line[max(place - 1, 0)][0], step)
            return {"status": "vanishes", "step": at, "loss": loss_at(at), "below": VANISHED, "lower_at": None}
        if _above(loss, line[lowest][1]):
            at = _lowest(loss_at, line[lowest - 1][0], step) if lowest else 0.0
            least = loss_at(at)
            if _above(least, line[lowest][1]):  # several minima lie between the neighbours
                at, least = line[lowest]
            return {
                "status": "turns" if lowest else "rises",
                "step": at,
                "loss": least,
                "lower_at": next((far for far, other in line[place:] if _above(least, other)), None),
            }
        if loss < line[lowest][1]:
            lowest = place
    changed = _above(line[0][1], line[lowest][1])
    return {"status": "falls" if changed else "flat", "step": None, "loss": None, "lower_at": None}


def _worse(loss_at: Callable[[float], float], line: Line) -> dict[str, Any]:
    start = line[0][1]
    for place, (step, loss) in enumerate(line):
        if _above(loss, start):
            nearest = place == 1  # as near to the start as the line goes
            at = 0.0 if nearest else _first(lambda length: _above(loss_at(length), start), line[place - 1][0], step)
            better = next((far for far, other in line[place:] if _above(start, other)), None)
            return {"status": "worse", "step": at, "better_at": better}
    return {"status": "never", "step": None, "better_at": None}


def _first(reached: Callable[[float], bool], low: float, high: float) -> float:
    """By bisection, the step length from which something is reached that is not at `low` but at `high`."""
    while high - low > TOLERANCE * high:
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def _lowest(loss_at: Callable[[float], float], low: float, high: float) -> float:
    """Where the loss is lowest between two step lengths, by golden sections."""
    ratio = (math.sqrt(5) - 1) / 2
    inner = [high - ratio * (high - low), low + ratio * (high - low)]
    found = [loss_at(step) for step in inner]
    while high - low > TOLERANCE * high:
        if found[0] < found[1] or not math.isfinite(found[1]):
            high, inner[1], found[1] = inner[1], inner[0], found[0]
            inner[0] = high - ratio * (high - low)
            found[0] = loss_at(inner[0])
        else:
            low, inner[0], found[0] = inner[0], inner[1], found[1]
            inner[1] = low + ratio * (high - low)
            found[1] = loss_at(inner[1])
    return inner[int(np.argmin(found))]
