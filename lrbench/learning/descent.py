"""The loss along a direction: how far one step may go before it does harm."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

POINTS_PER_DECADE = 12
MARGIN = 10.0  # the line reaches from a tenth of the smallest rate to ten times the largest, at least
FARTHEST = 1e9  # beyond ten times the largest rate, it is followed no farther than this multiple of the smallest
NEAREST_DECADES = 12
VANISHED = 1e-12  # nats: the example is known by heart, and rounding alone decides whether the loss still falls
SECTIONS = 60


def follow(loss_at: Callable[[float], float], learning_rates: Sequence[float]) -> dict[str, Any]:
    """The loss as a function of the step length, and where a step becomes too long.

    Parameters
    ----------
    loss_at : the loss after a step of a given length
    learning_rates : step lengths that are to be on the line, ascending

    Returns
    -------
    `points`, `at_rates`; `turn`: the first step length beyond which the loss no longer falls, with `status` `turns`,
    `vanishes` (the loss is below 1e-12 before), `falls` (as far as it was followed) or `rises` (from the start);
    `worse`: the first step length from which the loss is above its start, with `status` `worse` or `never`.
    """
    start = loss_at(0.0)
    steps, losses = [0.0], [start]
    for step in _steps(loss_at, start, learning_rates):
        steps.append(step)
        losses.append(loss_at(step))
        far = step >= MARGIN * learning_rates[-1]
        if far and (not losses[-1] < start or losses[-1] < VANISHED or step >= FARTHEST * learning_rates[0]):
            break
    return {
        "points": [_point(step, loss) for step, loss in zip(steps, losses, strict=True)],
        "at_rates": [{"learning_rate": rate, **_point(rate, loss_at(rate))} for rate in learning_rates],
        "turn": _turn(loss_at, steps, losses),
        "worse": _worse(loss_at, steps, losses),
    }


def _steps(loss_at: Callable[[float], float], start: float, learning_rates: Sequence[float]) -> Any:
    nearest = learning_rates[0] / MARGIN
    for _ in range(NEAREST_DECADES):
        if loss_at(nearest) < start:
            break
        nearest /= 10
    return (nearest * 10 ** (count / POINTS_PER_DECADE) for count in itertools.count())


def _point(step: float, loss: float) -> dict[str, Any]:
    return {"step": step, "loss": finite(loss), "status": "finite" if math.isfinite(loss) else "not finite"}


def finite(value: float) -> float | None:
    """A number as JSON has it: none where it is not finite."""
    return float(value) if math.isfinite(value) else None


def _turn(loss_at: Callable[[float], float], steps: Sequence[float], losses: Sequence[float]) -> dict[str, Any]:
    for place, (step, loss) in enumerate(zip(steps, losses, strict=True)):
        if loss < VANISHED:
            return {"status": "vanishes", "step": step, "loss": loss}
        if place == 0 or loss < losses[place - 1]:
            continue
        if place == 1:
            return {"status": "rises", "step": 0.0, "loss": losses[0]}
        lowest = _lowest(loss_at, steps[place - 2], step)
        return {"status": "turns", "step": lowest, "loss": loss_at(lowest)}
    return {"status": "falls", "step": None, "loss": None}


def _lowest(loss_at: Callable[[float], float], low: float, high: float) -> float:
    """Where the loss is lowest between two step lengths, by golden sections."""
    ratio = (math.sqrt(5) - 1) / 2
    inner = [high - ratio * (high - low), low + ratio * (high - low)]
    found = [loss_at(step) for step in inner]
    for _ in range(SECTIONS):
        if found[0] < found[1] or not math.isfinite(found[1]):
            high, inner[1], found[1] = inner[1], inner[0], found[0]
            inner[0] = high - ratio * (high - low)
            found[0] = loss_at(inner[0])
        else:
            low, inner[0], found[0] = inner[0], inner[1], found[1]
            inner[1] = low + ratio * (high - low)
            found[1] = loss_at(inner[1])
    return inner[int(np.argmin(found))]


def _worse(loss_at: Callable[[float], float], steps: Sequence[float], losses: Sequence[float]) -> dict[str, Any]:
    for place in range(1, len(steps)):
        if not losses[place] < losses[0]:
            low, high = steps[place - 1], steps[place]
            for _ in range(SECTIONS):
                middle = (low + high) / 2
                low, high = (middle, high) if loss_at(middle) < losses[0] else (low, middle)
            return {"status": "worse", "step": high}
    return {"status": "never", "step": None}
