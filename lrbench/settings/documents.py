"""The documents of the settings: the JSON schemas for editors, and the table of keys in config/README.md.

`python -m lrbench.settings.documents` writes them from the models, in which alone a setting is declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import NoneType
from typing import Any, get_args

import yaml
from pydantic.fields import FieldInfo

from lrbench.identity.provenance import write_text
from lrbench.places import PROJECT
from lrbench.settings.config import Config
from lrbench.settings.named import Named, name_of
from lrbench.settings.optimizers import OPTIMIZERS, Optimizer
from lrbench.settings.schedules import SCHEDULES, Schedule
from lrbench.settings.sections import Section
from lrbench.settings.study_schema import study_schema

SCHEMA = PROJECT / "workflow" / "schemas" / "config.schema.yaml"
STUDY_SCHEMA = SCHEMA.with_name("study.schema.yaml")
TABLE = PROJECT / "config" / "README.md"
BEGIN, END = "<!-- keys: written by make documents -->\n", "<!-- end of keys -->\n"
SCHEMA_HEAD = """\
# Every key of an experiment, for editors: written by `make documents` from lrbench/settings; edit it there.
"""
STUDY_HEAD = """\
# Every key of a study, for editors: written by `make documents` from lrbench/settings; edit it there.
"""
TABLE_HEAD = "| key | meaning | unit or values | default | why |\n| --- | --- | --- | --- | --- |\n"
KINDS: Mapping[type[Section], tuple[type[Named], ...]] = {Optimizer: OPTIMIZERS, Schedule: SCHEDULES}
RUNS_FROM = (("learning_rates", "seeds"), ("search",))  # the keys of which a config has one set or the other
TOLD = ("title", "unit", "values", "why", "absent", "training")  # of these the schema says nothing


def schema_text() -> str:
    """The JSON schema of a config, in YAML, every section written out where it stands."""
    return SCHEMA_HEAD + _yaml("lrbench experiment", _experiment())


def study_schema_text() -> str:
    """The JSON schema of a study's config, in YAML; what base and a variant may have is written out once."""
    return STUDY_HEAD + _yaml("lrbench study", study_schema(_experiment()))


def _experiment() -> dict[str, Any]:
    schema = Config.model_json_schema()
    written: dict[str, Any] = _written_out(
        {key: value for key, value in schema.items() if key != "$defs"}, schema["$defs"]
    )
    return {**written, "anyOf": [{"required": list(keys)} for keys in RUNS_FROM]}


def _yaml(title: str, schema: Mapping[str, Any]) -> str:
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema}
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=118)


def _written_out(schema: Any, definitions: Mapping[str, Any], of_keys: bool = False) -> Any:
    if isinstance(schema, list):
        return [_written_out(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        named = definitions[schema["$ref"].rpartition("/")[2]]
        schema = {**named, **{key: value for key, value in schema.items() if key != "$ref"}}
    return {
        key: _written_out(value, definitions, of_keys=key == "properties")
        for key, value in schema.items()
        if of_keys or not (key in TOLD or (key == "default" and value is None))
    }


def table_text() -> str:
    """The table of keys, in Markdown: a row for each key of a config."""
    return TABLE_HEAD + "".join(f"| {' | '.join(row)} |\n" for row in _rows(Config, ""))


def _rows(section: type[Section], prefix: str) -> Iterator[tuple[str, ...]]:
    for field_name, field in section.model_fields.items():
        name = field.alias or field_name
        below = _sections(field.annotation)
        if kinds := [KINDS[one] for one in below if one in KINDS]:
            yield from _kind_rows(field, kinds[0], f"{prefix}{name}.")
            continue
        if not below or len([part for part in get_args(field.annotation) if part is not NoneType]) > 1:
            yield _row(
                prefix + name, field.description, _values(section, field_name), _default(field), _told(field, "why")
            )
        for other in below:
            yield from _rows(other, f"{prefix}{name}.")


def _sections(annotation: Any) -> list[type[Section]]:
    """The sections in a type."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return [annotation]
    return [section for part in get_args(annotation) for section in _sections(part)]


def _row(key: str, *cells: str | None) -> tuple[str, ...]:
    return (f"`{key}`", *(" ".join((cell or "").split()) for cell in cells))


def _kind_rows(field: FieldInfo, kinds: tuple[type[Named], ...], prefix: str) -> Iterator[tuple[str, ...]]:
    """A row for the name, and one for each parameter, whichever kinds have it."""
    names = ", ".join(f"`{name_of(kind)}`" for kind in kinds)
    yield _row(f"{prefix}name", field.description, names, f"`{field.default.name}`", _told(field, "why"))
    keys = dict.fromkeys(key for kind in kinds for key in kind.model_fields if key != "name")
    for key in keys:
        having = [kind for kind in kinds if key in kind.model_fields]
        fields = {name_of(kind): kind.model_fields[key] for kind in having}
        values = {name_of(kind): _values(kind, key) for kind in having}
        yield _row(
            prefix + key,
            f"{_by_name(fields, lambda field: str(field.description))} ({', '.join(fields)})",
            _by_name(values, str),
            _by_name(fields, _default),
            _by_name(fields, lambda field: _told(field, "why")),
        )


def _by_name(each: Mapping[str, Any], text: Callable[[Any], str]) -> str:
    """What is told of each name: once where it is the same for all, else the first, then others with their names."""
    names: dict[str, list[str]] = {}
    for name, value in each.items():
        names.setdefault(text(value), []).append(name)
    first, *others = names
    return "; ".join([first, *(f"{', '.join(names[other])}: {other}" for other in others)])


def _told(field: FieldInfo, what: str) -> str:
    extra = field.json_schema_extra
    return str(extra.get(what, "")) if isinstance(extra, dict) else ""


def _values(section: type[Section], name: str) -> str:
    field = section.model_fields[name]
    schema = section.model_json_schema()["properties"][field.alias or name]
    unit = _told(field, "unit")
    return "; ".join(filter(None, [", ".join(filter(None, [unit, _allowed(schema)])), _told(field, "values")]))


def _allowed(schema: Mapping[str, Any]) -> str:
    """What a schema allows, in words; empty for text."""
    if "enum" in schema:
        return " or ".join(f"`{name}`" for name in schema["enum"])
    if schema.get("type") == "boolean":
        return "true or false"
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array" and "maxItems" not in schema:
        return f"any of {_allowed(schema['items'])}" + ", no two alike" * bool(schema.get("uniqueItems"))
    if schema.get("type") == "array":
        least, most = schema.get("minItems", 0), schema["maxItems"]
        each = [f"{least:,} to {most:,} of them", f"each {_allowed(schema['items'])}"]
        return ", ".join(each + ["no two alike"] * bool(schema.get("uniqueItems")))
    if "oneOf" in schema:
        return next(_allowed(one) for one in schema["oneOf"] if one.get("type") == "array")
    limits = {
        "minimum": "{}",
        "exclusiveMinimum": "above {}",
        "maximum": "to {}",
        "exclusiveMaximum": "to below {}",
    }
    return " ".join(
        text.format(f"{schema[key]:,g}" if schema[key] < 1e6 else f"{schema[key]:,.0f}")
        for key, text in limits.items()
        if key in schema
    )


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "–"
    if field.default is None:
        return _told(field, "absent") or "–"
    value = field.default
    if isinstance(value, Section):
        value = value.model_dump(mode="json")
    if isinstance(value, tuple | list):
        return f"`{list(value)}`"
    if isinstance(value, dict):
        return f"`{yaml.safe_dump(value, default_flow_style=True).strip()}`"
    if isinstance(value, str):
        return f"`{value}`"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}".replace("e-0", "e-")


def readme_text(text: str) -> str:
    """The text of config/README.md with the table of keys put between its two markers."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table_text() + END + after


def main() -> None:
    """Write the schemas and the table of keys."""
    SCHEMA.parent.mkdir(exist_ok=True)
    write_text(SCHEMA, schema_text())
    write_text(STUDY_SCHEMA, study_schema_text())
    write_text(TABLE, readme_text(TABLE.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
