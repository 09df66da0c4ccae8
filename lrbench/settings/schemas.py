"""A place in settings: what the JSON schema of their section allows there, and the value that stands there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KINDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "a mapping",
    "string": "text",
}
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """A place in settings.

    schemas : the JSON schemas of which the value has to fit one; none where the place is not known
    value : what stands there; None where nothing does
    definitions : the schemas that others refer to by name
    path : the keys that lead there, without indices
    """

    schemas: tuple[Schema, ...]
    value: Any
    definitions: Schema
    path: tuple[str, ...] = ()

    @classmethod
    def of(cls, schema: Schema, value: Any) -> Place:
        """The place of settings as a whole."""
        definitions: Schema = schema.get("$defs", {})
        return cls(_fitting(schema, value, definitions), value, definitions)

    def below(self, loc: Sequence[str | int]) -> Place:
        """The place that keys and indices lead to from here."""
        place = self
        for part in loc:
            place = place._next(part)
        return place

    def _next(self, part: str | int) -> Place:
        value = _item(self.value, part)
        found: list[Schema] = []
        for schema in self.schemas:
            more = schema.get("additionalProperties")
            below = (
                schema.get("items") if isinstance(part, int) else schema.get("properties", {}).get(part, more or None)
            )
            for fitting in _fitting(below, value, self.definitions) if isinstance(below, Mapping) else ():
                if fitting not in found:
                    found.append(fitting)
        path = self.path if isinstance(part, int) else (*self.path, part)
        return Place(tuple(found), value, self.definitions, path)

    def value_at(self, loc: Sequence[str | int]) -> Any:
        """The value that keys and indices lead to from here, None where there is none."""
        value = self.value
        for part in loc:
            value = _item(value, part)
        return value

    def keys(self) -> list[str]:
        """The keys that the mapping here may have."""
        return list(dict.fromkeys(key for schema in self.schemas for key in schema.get("properties", {})))

    def kinds(self) -> list[str]:
        """The types of JSON that the value here may have."""
        return list(dict.fromkeys(schema["type"] for schema in self.schemas if "type" in schema))

    def names(self) -> list[str]:
        """The names of which the value here may be one; empty where it may be any."""
        each = [schema.get("enum", [schema["const"]] if "const" in schema else []) for schema in self.schemas]
        return list(dict.fromkeys(str(name) for names in each for name in names))

    def allowed(self) -> str:
        """What to write here, after a comma; empty where that is not known."""
        if self.names():
            return f", one of {', '.join(self.names())}"
        return f", {words_for_kinds(self.kinds())}" if self.kinds() else ""

    def by_name(self) -> dict[str, list[str]]:
        """By name, the keys that the mapping here may have, where they depend on its name; empty where they do not."""
        return {
            name: [key for key in schema["properties"] if key != "name"]
            for schema in self._whole()
            for name in Place((schema["properties"].get("name", {}),), None, {}).names()
            if len(self._whole()) > 1
        }

    def _whole(self) -> list[Schema]:
        """Every schema of a mapping that may stand here, whatever name the value has."""
        return [schema for schema in self.alternatives if "properties" in schema]

    @property
    def alternatives(self) -> tuple[Schema, ...]:
        """The schemas here, those of other names too."""
        return tuple(other for schema in self.schemas for other in schema.get("$alternatives", (schema,)))

    def paths(self) -> list[str]:
        """The dotted path of every key from here, each once."""
        return list(dict.fromkeys(self._paths("")))

    def _paths(self, prefix: str) -> Iterator[str]:
        for key in self.keys():
            yield prefix + key
            yield from Place(self.schemas, None, self.definitions)._next(key)._paths(f"{prefix}{key}.")


def words_for_kinds(kinds: Sequence[str]) -> str:
    """Types of JSON in words: `a list or a mapping`."""
    return " or ".join(KINDS[kind] for kind in kinds)


def _item(value: Any, part: str | int) -> Any:
    if isinstance(part, int):
        return value[part] if isinstance(value, list) and part < len(value) else None
    return value.get(part) if isinstance(value, Mapping) else None


def _fitting(schema: Schema, value: Any, definitions: Schema) -> tuple[Schema, ...]:
    """The schemas that a schema is an alternative of; of mappings with names, that whose name the value has, if any."""
    each = tuple(_plain_schemas(schema, definitions))
    named = tuple(one for one in each if "const" in one.get("properties", {}).get("name", {}))
    if len(named) < 2:
        return each
    name = _item(value, "name")
    chosen = tuple(one for one in named if one["properties"]["name"]["const"] == name) or named
    return tuple({**one, "$alternatives": named} for one in chosen)


def _plain_schemas(schema: Schema, definitions: Schema) -> Iterator[Schema]:
    if "$ref" in schema:
        yield from _plain_schemas(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    elif "oneOf" in schema or "anyOf" in schema:
        for alternative in schema.get("oneOf", schema.get("anyOf", ())):
            yield from _plain_schemas(alternative, definitions)
    else:
        yield schema
