"""The optimizers: the name of each in a config, its parameters, and the Keras class that it is.

To add one, write its class here and name it in OPTIMIZERS; nothing else lists optimizers.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Discriminator, Tag, create_model
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import CoreSchema

from lrbench.settings.sections import Section, TrueOrFalse, complete, error_of, setting
from lrbench.settings.values import Parameter, shown

TAG = "\0"  # what pydantic's tags begin with, which stand among the keys in the places of its errors


class Optimizer(Section):
    """An optimizer with its parameters. The learning rate is apart from them, because it is what is compared.

    KERAS : the Keras class, and those of its arguments that make it this optimizer
    """

    KERAS: ClassVar[Mapping[str, Any]]
    name: str

    def for_training(self) -> dict[str, Any]:
        """The settings that training takes, as JSON has them: name, parameters, and `keras`."""
        return {**self.model_dump(), "keras": dict(self.KERAS)}


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


def name_of(optimizer: type[Section]) -> str:
    """What a config calls an optimizer."""
    (name,) = optimizer.model_fields["name"].annotation.__args__  # type: ignore[union-attr]
    return str(name)


@dataclass(frozen=True)
class ByName:
    """Annotates an optimizer that is one of these classes: the one whose name stands in the settings."""

    optimizers: tuple[type[Section], ...] = OPTIMIZERS

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        """A union, tagged by name. Where no optimizer has the name, keys that no optimizer has are wrong anyway."""
        by_name: dict[str, Any] = {name_of(optimizer): optimizer for optimizer in self.optimizers}
        keys: dict[str, Any] = {key: (Any, None) for optimizer in by_name.values() for key in optimizer.model_fields}
        keys["name"] = (Literal[tuple(by_name)], ...)
        unnamed: Any = create_model("Optimizer", __base__=Section, **keys)

        def tag(value: Any) -> str:
            name = value.get("name") if isinstance(value, dict) else getattr(value, "name", None)
            return TAG + name if isinstance(name, str) and name in by_name else TAG

        each: list[Any] = [Annotated[optimizer, Tag(TAG + name)] for name, optimizer in by_name.items()]
        union = functools.reduce(operator.or_, [*each, Annotated[unnamed, Tag(TAG), SkipJsonSchema()]])
        schema: CoreSchema = handler.generate_schema(Annotated[union, Discriminator(tag)])
        return schema


def _only(expected: Mapping[str, Any]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if value != expected:
            raise error_of(f"is {shown(value)} but must be {dict(expected)}")
        return value

    return check


def _trained(optimizer: type[Optimizer]) -> type[Section]:
    """What `for_training` gives: nothing may be left out of it."""
    keras = Annotated[dict[str, Any], AfterValidator(_only(optimizer.KERAS))]
    return complete(optimizer, keras=(keras, ...))


AnOptimizer = Annotated[Optimizer, ByName()]
TrainedOptimizer = Annotated[Section, ByName(tuple(map(_trained, OPTIMIZERS)))]
