"""Settings that are one of several kinds, each with a name and parameters of its own: optimizers, schedules."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Tag, ValidationInfo, create_model
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import CoreSchema

from lrbench.settings.sections import Section, complete, error_of
from lrbench.settings.values import shown

TAG = "\0"  # what pydantic's tags begin with, which stand among the keys in the places of its errors


class Named(Section):
    """One of several kinds of settings: its name, and its parameters."""

    name: str

    def keras(self) -> dict[str, Any]:
        """The Keras class (`class`), and its arguments beside the parameters; empty where it has none."""
        raise NotImplementedError

    def for_training(self) -> dict[str, Any]:
        """The settings that training takes, as JSON has them: name, parameters, and `keras`."""
        return {**self.model_dump(mode="json"), "keras": self.keras()}


def name_of(kind: type[Section]) -> str:
    """What a config calls a kind."""
    (name,) = kind.model_fields["name"].annotation.__args__  # type: ignore[union-attr]
    return str(name)


@dataclass(frozen=True)
class ByName:
    """Annotates settings that are of one of these kinds: the one whose name stands in them."""

    kinds: tuple[type[Section], ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        """A union, tagged by name. Where no kind has the name, keys that no kind has are wrong anyway."""
        by_name: dict[str, Any] = {name_of(kind): kind for kind in self.kinds}
        keys: dict[str, Any] = {key: (Any, None) for kind in by_name.values() for key in kind.model_fields}
        keys["name"] = (Literal[tuple(by_name)], ...)
        unnamed: Any = create_model("Unnamed", __base__=Section, **keys)

        def tag(value: Any) -> str:
            name = value.get("name") if isinstance(value, dict) else getattr(value, "name", None)
            return TAG + name if isinstance(name, str) and name in by_name else TAG

        each: list[Any] = [Annotated[kind, Tag(TAG + name)] for name, kind in by_name.items()]
        union = functools.reduce(operator.or_, [*each, Annotated[unnamed, Tag(TAG), SkipJsonSchema()]])
        schema: CoreSchema = handler.generate_schema(Annotated[union, Discriminator(tag)])
        return schema


def _only_of(kind: type[Named]) -> Callable[[Any, ValidationInfo], Any]:
    def check(value: Any, info: ValidationInfo) -> Any:
        if info.data.keys() != kind.model_fields.keys():
            return value  # a parameter is wrong, which is told
        expected = kind.model_construct(**info.data).keras()
        if value != expected:
            raise error_of(f"is {shown(value)} but must be {expected}")
        return value

    return check


def trained(kind: type[Named]) -> type[Section]:
    """What `for_training` of this kind gives: nothing may be left out of it."""
    keras = Annotated[dict[str, Any], AfterValidator(_only_of(kind))]
    return complete(kind, keras=(keras, ...))
