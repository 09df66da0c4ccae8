"""The arguments of a run's Keras schedule: from the units of the settings to the numbers that Keras takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Units = Mapping[str, Callable[[float], float | int]]


def schedule_arguments(
    schedule: Mapping[str, Any], peak: float, steps_per_epoch: int, epochs: int
) -> tuple[str, dict[str, Any]]:
    """The class in keras.optimizers.schedules, and its arguments by name.

    schedule : as `lrbench.settings.schedules.Schedule.for_training` gives it
    peak : the learning rate of the run
    """
    total = steps_per_epoch * epochs

    def steps(share: float) -> int:
        return max(1, round(share * total))

    units: Units = {
        "peaks": lambda factor: factor * peak,
        "peaks_over_steps_of_share": lambda share: peak / steps(share),
        "steps_of_share": steps,
        "last_step_of_epoch": lambda epoch: int(epoch) * steps_per_epoch - 1,  # Keras counts steps from 0
    }
    arguments = {name: _argument(value, units) for name, value in schedule["keras"].items() if name != "class"}
    return schedule["keras"]["class"], arguments


def _argument(value: Any, units: Units) -> Any:
    """An argument with its units worked out: a number as it is, `{unit: number}`, or a list of these."""
    if isinstance(value, list):
        return [_argument(item, units) for item in value]
    if isinstance(value, Mapping):
        ((unit, number),) = value.items()
        return units[unit](number)
    return value
