"""The optimizers: the name of each in a config, its parameters, and the Keras class that it is.

To add one, write its class here and name it in OPTIMIZERS; nothing else lists optimizers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from lrbench.settings.named import ByName, Named, trained
from lrbench.settings.sections import TrueOrFalse, setting
from lrbench.settings.values import Parameter


class Optimizer(Named):
    """An optimizer with its parameters. The learning rate is apart from them, because it is what is compared.

    KERAS : the Keras class, and those of its arguments that make it this optimizer
    """

    KERAS: ClassVar[Mapping[str, Any]]

    def keras(self) -> dict[str, Any]:
        """The Keras class (`class`) and those of its arguments that make it this optimizer."""
        return dict(self.KERAS)


class _Moments(Optimizer):
    beta_1: Parameter = setting(0.9, ge=0, lt=1, meaning="decay of the first moment", why="Keras' preset")
    beta_2: Parameter = setting(0.999, ge=0, lt=1, meaning="decay of the second moment", why="Keras' preset")
    epsilon: Parameter = setting(1e-7, gt=0, le=1, meaning="added to the denominator", why="Keras' preset")


class _Momentum(Optimizer):
    momentum: Parameter = setting(
        0.9, gt=0, lt=1, meaning="share of the step before that is added", why="the usual one"
    )


class Adam(_Moments):
    """Adam (Kingma and Ba 2015)."""

    KERAS: ClassVar = {"class": "Adam"}
    name: Literal["adam"]


class AdamW(_Moments):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019)."""

    KERAS: ClassVar = {"class": "AdamW"}
    name: Literal["adamw"]
    weight_decay: Parameter = setting(0.004, ge=0, le=1, meaning="decoupled weight decay", why="Keras' preset")


class Sgd(Optimizer):
    """Plain stochastic gradient descent."""

    KERAS: ClassVar = {"class": "SGD"}
    name: Literal["sgd"]


class Momentum(_Momentum):
    """Stochastic gradient descent with momentum."""

    KERAS: ClassVar = {"class": "SGD"}
    name: Literal["momentum"]


class Nesterov(_Momentum):
    """Stochastic gradient descent with Nesterov's momentum."""

    KERAS: ClassVar = {"class": "SGD", "nesterov": True}
    name: Literal["nesterov"]


class RmsProp(Optimizer):
    """RMSprop."""

    KERAS: ClassVar = {"class": "RMSprop"}
    name: Literal["rmsprop"]
    rho: Parameter = setting(0.9, ge=0, lt=1, meaning="decay of the mean square", why="Keras' preset")
    momentum: Parameter = setting(
        0.0, ge=0, lt=1, meaning="share of the step before that is added", why="Keras' preset"
    )
    epsilon: Parameter = setting(1e-7, gt=0, le=1, meaning="added to the denominator", why="Keras' preset")
    centered: TrueOrFalse = setting(False, meaning="subtract the mean from the mean square", why="Keras' preset")


OPTIMIZERS: tuple[type[Optimizer], ...] = (Adam, AdamW, Sgd, Momentum, Nesterov, RmsProp)


AnOptimizer = Annotated[Optimizer, ByName(OPTIMIZERS)]
TrainedOptimizer = Annotated[Named, ByName(tuple(map(trained, OPTIMIZERS)))]
