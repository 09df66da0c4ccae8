"""The learning rate of a run as its optimizer takes it: a number, or one of Keras' schedules of its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrbench.learning.settings import RunSettings
from lrbench.schedule_arguments import schedule_arguments

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

    name, arguments = schedule_arguments(schedule, settings.learning_rate, steps_per_epoch, settings.epochs)
    made: LearningRateSchedule = getattr(keras.optimizers.schedules, name)(**arguments)
    return made


def rate_at(rate: float | LearningRateSchedule, step: int) -> float:
    """The rate of a step; steps count from 1."""
    return float(rate(step - 1)) if callable(rate) else rate
