"""The learning-rate schedules: the name of each in a config, its parameters, and the Keras class that it is.

A schedule says what share of the peak rate, which is the rate of the config, each step has. To add one, write its class
here and name it in SCHEDULES; nothing else lists schedules.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from lrbench.settings.named import ByName, Named, name_of, trained
from lrbench.settings.sections import setting
from lrbench.settings.values import Parameter, StepEpochs


class Schedule(Named):
    """A learning-rate schedule with its parameters, which are shares of training or of the peak rate, or epochs.

    A change of batch size or of the number of examples so leaves its shape as it is.
    """

    def keras(self) -> dict[str, Any]:
        """The Keras class (`class`) and its arguments: numbers, or `{unit: number}`, which training works out.

        Units: `peaks` (times the peak rate), `peaks_over_steps_of_share` (the peak rate over the number of steps that
        this share of training has), `steps_of_share` (that number), `last_step_of_epoch` (its index among all steps).
        """
        raise NotImplementedError


class Constant(Schedule):
    """The same rate at every step."""

    name: Literal["constant"]

    def keras(self) -> dict[str, Any]:
        """Nothing: a number is the rate."""
        return {}


class LinearWarmup(Schedule):
    """The rate rises in equal steps to the peak and stays there (Goyal et al. 2017)."""

    name: Literal["linear_warmup"]
    warmup: Parameter = setting(
        0.1, gt=0, le=1, meaning="the rate rises over this share of training", why="a usual one"
    )

    def keras(self) -> dict[str, Any]:
        """From the peak over the number of steps of the warm-up, the rate of the first step, to the peak."""
        return {
            "class": "PolynomialDecay",
            "initial_learning_rate": {"peaks_over_steps_of_share": self.warmup},
            "end_learning_rate": {"peaks": 1.0},
            "decay_steps": {"steps_of_share": self.warmup},
            "power": 1.0,
        }


class Cosine(Schedule):
    """The rate falls by half a cosine (Loshchilov and Hutter 2017), after a linear warm-up where one is asked for."""

    name: Literal["cosine"]
    warmup: Parameter = setting(
        0.0, ge=0, lt=1, meaning="the rate rises over this share of training", why="no warm-up, as Keras' preset"
    )
    floor: Parameter = setting(0.0, ge=0, lt=1, meaning="share of the peak rate at the end", why="Keras' preset")

    def keras(self) -> dict[str, Any]:
        """Keras' own warm-up begins where that of `linear_warmup` does."""
        decay = {"class": "CosineDecay", "alpha": self.floor, "decay_steps": {"steps_of_share": 1 - self.warmup}}
        if not self.warmup:
            return {**decay, "initial_learning_rate": {"peaks": 1.0}}
        return {
            **decay,
            "initial_learning_rate": {"peaks_over_steps_of_share": self.warmup},
            "warmup_target": {"peaks": 1.0},
            "warmup_steps": {"steps_of_share": self.warmup},
        }


class Linear(Schedule):
    """The rate falls in equal steps."""

    name: Literal["linear"]
    floor: Parameter = setting(0.0, ge=0, lt=1, meaning="share of the peak rate at the end", why="as that of `cosine`")

    def keras(self) -> dict[str, Any]:
        """A polynomial of the first degree over the whole training."""
        return {
            "class": "PolynomialDecay",
            "initial_learning_rate": {"peaks": 1.0},
            "end_learning_rate": {"peaks": self.floor},
            "decay_steps": {"steps_of_share": 1.0},
            "power": 1.0,
        }


class Step(Schedule):
    """The rate is multiplied by a factor after some epochs."""

    name: Literal["step"]
    epochs: StepEpochs = setting(meaning="the rate falls after each of these epochs", unit="epochs")
    factor: Parameter = setting(
        0.1, gt=0, lt=1, meaning="what the rate is multiplied by each time", why="the usual one"
    )

    def keras(self) -> dict[str, Any]:
        """The rate changes at the first step of the next epoch."""
        return {
            "class": "PiecewiseConstantDecay",
            "boundaries": [{"last_step_of_epoch": epoch} for epoch in self.epochs],
            "values": [{"peaks": self.factor**times} for times in range(len(self.epochs) + 1)],
        }


class Exponential(Schedule):
    """The rate falls by the same factor at every step."""

    name: Literal["exponential"]
    floor: Parameter = setting(
        0.01, gt=0, lt=1, meaning="share of the peak rate at the end", why="two decades lower, an arbitrary choice"
    )

    def keras(self) -> dict[str, Any]:
        """The factor is reached after the whole training."""
        return {
            "class": "ExponentialDecay",
            "initial_learning_rate": {"peaks": 1.0},
            "decay_steps": {"steps_of_share": 1.0},
            "decay_rate": self.floor,
        }


SCHEDULES: tuple[type[Schedule], ...] = (Constant, LinearWarmup, Cosine, Linear, Step, Exponential)
CONSTANT = name_of(Constant)
ASchedule = Annotated[Schedule, ByName(SCHEDULES)]
TrainedSchedule = Annotated[Named, ByName(tuple(trained(kind) for kind in SCHEDULES if kind is not Constant))]
