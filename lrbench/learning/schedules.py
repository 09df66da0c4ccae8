"""The learning rate of a run as its optimizer takes it: a number, or one of Keras' schedules of its steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lrbench.learning.settings import RunSettings

if TYPE_CHECKING:
    from keras.optimizers.schedules import LearningRateSchedule

SETTING = "learning_rate_schedule"  # absent where the rate is constant


def steps_of_epoch(examples: int, batch_size: int) -> int:
    """How many steps an epoch of so many training examples has; the last batch may be smaller."""
    return -(-examples // batch_size)


def learning_rate(settings: RunSettings, steps_per_epoch: int) -> float | LearningRateSchedule:
    """The rate of a run, or the schedule that gives the rate of each step, of which this rate is the peak."""
    schedule = settings.shared.get(SETTING)
    if schedule is None:
        return settings.learning_rate
    import keras

    arguments = {name: value for name, value in schedule["keras"].items() if name != "class"}
    total = steps_per_epoch * settings.epochs
    units = _units(settings.learning_rate, steps_per_epoch, total)
    make = getattr(keras.optimizers.schedules, schedule["keras"]["class"])
    return make(**{name: _argument(value, units) for name, value in arguments.items()})


def rate_at(rate: float | LearningRateSchedule, step: int) -> float:
    """The rate of a step; steps count from 1."""
    return float(rate(step - 1)) if callable(rate) else rate


def _units(peak: float, steps_per_epoch: int, total: int) -> Mapping[str, Callable[[float], float | int]]:
    """By the unit that an argument is written in, what makes it the number that Keras takes."""

    def steps(share: float) -> int:
        return max(1, round(share * total))

    return {
        "peaks": lambda factor: factor * peak,
        "peaks_over_steps_of_share": lambda share: peak / steps(share),
        "steps_of_share": steps,
        "last_step_of_epoch": lambda epoch: int(epoch) * steps_per_epoch - 1,  # Keras counts steps from 0
    }


def _argument(value: Any, units: Mapping[str, Callable[[float], float | int]]) -> Any:
    """An argument with its units worked out: a number as it is, `{unit: number}`, or a list of these."""
    if isinstance(value, list):
        return [_argument(item, units) for item in value]
    if isinstance(value, Mapping):
        ((unit, number),) = value.items()
        return units[unit](number)
    return value
