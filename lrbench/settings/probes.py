"""The probes that a config may name: those that have a folder in `lrbench.probes`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from lrbench.identity.discovery import names_of
from lrbench.places import PROBES
from lrbench.settings.sections import Problem, merged


@dataclass(frozen=True)
class Names:
    """Annotates a tuple of names that is written as a list: each one of those that are known, and each once.

    The value is in the order of the alphabet, because the order in which it is written means nothing.
    """

    known: tuple[str, ...]

    def _problems(self, values: list[Any]) -> Iterator[Problem]:
        for name, times in Counter(value for value in values if value in self.known).items():
            if times > 1:
                yield Problem(f"has {name} {times} times; write each once")

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], CoreSchema]) -> CoreSchema:
        """A list whose problems are all told, those of its items too."""

        def check(value: Any, validate: Callable[[Any], Any]) -> Any:
            if not isinstance(value, list):
                raise PydanticKnownError("list_type")
            return tuple(sorted(merged(value, lambda values: validate(tuple(values)), self._problems(value))))

        each = core_schema.tuple_variable_schema(core_schema.literal_schema(list(self.known)))
        return core_schema.no_info_wrap_validator_function(check, each)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: Callable[[CoreSchema], JsonSchemaValue]
    ) -> JsonSchemaValue:
        """The array, in which no name is twice."""
        return handler(schema) | {"uniqueItems": True}


ProbeNames = Annotated[tuple[str, ...], Names(tuple(sorted(names_of([str(PROBES)]))))]
