"""The moments of a run at which its steps are budgeted, and which steps those are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HUNDREDTH, TENTH, EPOCH, QUARTER, HALF, END = "hundredth", "tenth", "epoch", "quarter", "half", "end"
FEWEST_STEPS = 3  # from which a standard error can be had of each term
SPREAD = 16  # steps of a window for each minibatch step that is looked at
PER_STATE = 2  # of these from each state of a window: the run's own step, and one more
MEMORY = ("beta_1", "momentum")  # parameters of optimizers whose steps go on in the direction of those before


def moments(steps_per_epoch: int, epochs: int) -> dict[int, str]:
    """The last step of each moment, ascending, with the moment's name; moments that fall together count once.

    A hundredth and a tenth of the first epoch, the first epoch, a quarter and a half of training, all of it.
    """
    total = steps_per_epoch * epochs
    ends = {
        EPOCH: steps_per_epoch,
        END: total,
        HALF: total // 2,
        QUARTER: total // 4,
        TENTH: steps_per_epoch // 10,
        HUNDREDTH: steps_per_epoch // 100,
    }
    named: dict[int, str] = {}
    for name, step in ends.items():
        named.setdefault(max(step, 1), name)
    return dict(sorted(named.items()))


def remembers(optimizer: Mapping[str, Any]) -> bool:
    """Whether steps of an optimizer go on in the direction of those before, so that one state says little."""
    return any(optimizer.get(name, 0) > 0 for name in MEMORY)


def stops(steps_per_epoch: int, epochs: int, steps: int, in_window: bool) -> dict[int, list[int]]:
    """By the last step of each moment, the steps before which a run is stopped, ascending.

    That last step alone; or, `in_window`, that and others evenly over the SPREAD times as many steps that end with it,
    as far as they belong to no moment before: a PER_STATE-th of `steps` in all, or as many as there are. A moment that
    has fewer than FEWEST_STEPS so is left out.
    """
    found: dict[int, list[int]] = {}
    last = 0
    for end in moments(steps_per_epoch, epochs):
        first = max(last + 1, end - SPREAD * steps + 1) if in_window else end
        number = min(steps // PER_STATE, end - first + 1)
        if number >= FEWEST_STEPS or not in_window:
            found[end] = [first + k * (end - first) // max(number - 1, 1) for k in range(number)]
            last = end
    return found
