"""Config files: YAML in, a checked mapping with defaults out, or one sentence for each problem.

YAML is read strictly: a key written twice is an error (plain YAML keeps the last one silently), and a value is what
it looks like. `1e-3` is a number and `010` is ten; `yes`, `1:30` and `2024-01-01` are text (plain YAML 1.1 reads
text, eight, true, ninety and a date).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from lrbench.errors import InputError
from lrbench.identity.regular_files import special_file
from lrbench.settings.suggestions import MAX_UNKNOWN, key_hint, value_hint

# how PyYAML fails where a tag such as !!int or !!timestamp stands before text that is none
TAG_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
MAX_BYTES = 1_000_000
MAX_DIGITS = 1000  # no number of a config has more; Python refuses to convert text of several thousand
WHOLE = r"(?:[0-9]+|[0-9]{1,3}(?:_[0-9]{3})+)"
WHOLE_NUMBER = re.compile(rf"[-+]?{WHOLE}")
NUMBER = re.compile(rf"[-+]?(?:{WHOLE}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
IMPLICIT = (  # what plain text in YAML is, and what such text begins with; all other is text
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", rf"{WHOLE_NUMBER.pattern}|[-+]?0x[0-9a-fA-F]+|[-+]?0b[01]+", "-+0123456789"),
    ("float", rf"{NUMBER.pattern}|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
)
KINDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "a mapping",
    "string": "text",
}

Validator = jsonschema.Draft202012Validator
# JSON Schema takes 3.0 for a whole number; where settings come from lrbench itself, only 3 is one
StrictValidator = jsonschema.validators.extend(
    Validator,
    type_checker=Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)


class StrictLoader(yaml.SafeLoader):
    """YAML's safe subset, without duplicate keys and aliases."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """A node; an alias is an error."""
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", self.peek_event().start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """A mapping; a key written twice is an error."""
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(getattr(key_node, "value", key_node))
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is written twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)

    def construct_yaml_int(self, node: Any) -> int:
        """A whole number: decimal, or with 0x or 0b before it. ValueError where the text is none."""
        text = str(self.construct_scalar(node))
        return int(text, 10 if WHOLE_NUMBER.fullmatch(text) else 0)

    def construct_yaml_float(self, node: Any) -> float:
        """A number. ValueError where the text is none."""
        return float(re.sub(r"\.(inf|nan)", r"\1", str(self.construct_scalar(node)).lower()))


class TextLoader(StrictLoader):
    """The same, with every plain value as text."""


StrictLoader.yaml_implicit_resolvers = {}
TextLoader.yaml_implicit_resolvers = {}
for _kind, _pattern, _first in IMPLICIT:
    StrictLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(rf"^(?:{_pattern})\Z"), list(_first))
StrictLoader.add_constructor("tag:yaml.org,2002:int", StrictLoader.construct_yaml_int)
StrictLoader.add_constructor("tag:yaml.org,2002:float", StrictLoader.construct_yaml_float)


def read_yaml(path: Path | str) -> dict[str, Any]:
    """The mapping that a YAML file holds; InputError with one sentence where it holds none."""
    kind = special_file(path)
    if kind in ("a named pipe", "a socket"):
        raise InputError(f"{path}: is {kind}, which could be read only once; give a config file.")
    try:
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({_reason(error)}); give an existing config file.") from error
    if len(raw) > MAX_BYTES:
        raise InputError(f"{path}: is larger than {MAX_BYTES} bytes, which no config is; give a config file.")
    try:
        value = yaml.load(raw, StrictLoader)  # noqa: S506 - a subclass of SafeLoader
        repr(value)  # fails for a number of thousands of digits, which no later message could show
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        reason = " ".join(filter(None, (error.context, error.problem)))
        raise InputError(f"{path}{where}: {reason}; correct the YAML there.") from error
    except (yaml.YAMLError, *TAG_ERRORS) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        if isinstance(error, RecursionError):
            reason = "nested too deeply"
        raise InputError(f"{path}: is not YAML ({reason}); correct it.") from error
    if not isinstance(value, dict):
        raise InputError(f"{path}: holds no keys; write a config as in config/config.yaml.")
    return value


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def command_line_values(entries: Iterable[str]) -> dict[str, Any]:
    """The values of `--config key=value` entries: text, and lists and mappings of text.

    What the text means is for `spelled_values`, which knows what the schema asks for. Quotes around a value are left
    out, an empty value is None. Raises InputError where a key is given twice.
    """
    values: dict[str, Any] = {}
    for entry in entries:
        key, _, text = entry.partition("=")
        if key in values:
            raise InputError(f"--config gives {shown(key)} twice; give it once.")
        values[key] = _command_line_value(key, text)
    return values


def _command_line_value(key: str, text: str) -> Any:
    bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
    if not bare:
        return None
    if text[0] not in "[{":
        return bare
    try:
        return yaml.load(text[:MAX_BYTES], TextLoader)  # noqa: S506 - a subclass of SafeLoader
    except yaml.constructor.ConstructorError as error:
        raise InputError(f"--config {key}: {error.problem}; correct the YAML there.") from error
    except (yaml.YAMLError, *TAG_ERRORS):
        return text


def spelled_values(value: Any, schema: Mapping[str, Any]) -> Any:
    """The value with text turned into the number or truth value that it spells, wherever the schema asks for such.

    The command line's `--config 'learning_rates=[0.1,1e-3]'` brings the second as text. Where the schema asks for
    text, a value stays what it is: `title=2024` is a title.
    """
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if isinstance(value, str):
        if {"integer", "number"} & set(kinds) and len(value) <= MAX_DIGITS and NUMBER.fullmatch(value):
            return int(value) if WHOLE_NUMBER.fullmatch(value) else float(value)
        if "boolean" in kinds and value.lower() in ("true", "false"):
            return value.lower() == "true"
        return value
    if isinstance(value, list):
        return [spelled_values(item, schema.get("items", {})) for item in value]
    if isinstance(value, Mapping):
        parts = (schema, *(branch["then"] for branch in schema.get("allOf", [])))
        known = {key: rule for part in parts for key, rule in part.get("properties", {}).items() if rule}
        return {key: spelled_values(item, known.get(key, {})) for key, item in value.items()}
    return value


def checked(value: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The config with the schema's defaults filled in, and every problem it has, a sentence each."""
    filled = _with_defaults(dict(value), schema)
    return filled, violations(filled, schema)


def violations(value: Any, schema: Mapping[str, Any], validator_class: Any = Validator) -> list[str]:
    """Every way in which a value breaks a JSON schema, a sentence each, without its full stop."""
    problems = list(_not_finite(value, ""))
    validator = validator_class(schema)
    for error in sorted(validator.iter_errors(value), key=lambda error: [str(part) for part in error.absolute_path]):
        if _finite(error.instance):
            problems.extend(_sentences(error, schema))
    return list(dict.fromkeys(problems))


def _with_defaults(value: Any, schema: Mapping[str, Any]) -> Any:
    if not isinstance(value, dict):
        return value
    filled = dict(value)
    for key, subschema in schema.get("properties", {}).items():
        if key not in filled and "default" in subschema:
            filled[key] = subschema["default"]
        if key in filled:
            filled[key] = _with_defaults(filled[key], subschema)
    for branch in schema.get("allOf", []):
        if Validator(branch["if"]).is_valid(filled):
            filled = _with_defaults(filled, branch["then"])
    return filled


def _finite(value: Any) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def _not_finite(value: Any, where: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _not_finite(item, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _not_finite(item, f"{where}[{index}]")
    elif not _finite(value):
        yield f"{where} is {value}, which is not a finite number; give a finite one"


def shown(value: Any) -> str:
    """A value as a sentence shows it: short, on one line."""
    if value is None:
        return "empty"
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else text[:77] + "..."


def _place(error: jsonschema.ValidationError) -> str:
    text = ""
    for part in error.absolute_path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _allowed(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return f", one of {', '.join(map(str, schema['enum']))}"
    return f", {_kinds(schema['type'])}" if "type" in schema else ""


def _kinds(kinds: Any) -> str:
    return " or ".join(KINDS.get(str(kind), str(kind)) for kind in (kinds if isinstance(kinds, list) else [kinds]))


def _quoting(value: Any, kinds: Any) -> str:
    """How to write as text what YAML takes for something else."""
    return "; write it in quotes" if kinds == "string" and isinstance(value, bool | int | float) else ""


def _sentences(error: jsonschema.ValidationError, root: Mapping[str, Any]) -> Iterator[str]:
    place = _place(error)
    limit: Any = error.validator_value
    value: Any = error.instance
    schema: Any = error.schema
    prefix = f"{place}." if place else ""
    if error.validator == "required":
        missing = [key for key in limit if key not in value]
        # jsonschema reports each missing key by itself; the message starts with the key's name
        for key in missing:
            if error.message.startswith(repr(key)):
                yield f"{prefix}{key} is missing; add it{_allowed(schema.get('properties', {}).get(key, {}))}"
    elif error.validator == "additionalProperties":
        known = sorted(schema["properties"])
        unknown = [key for key in value if key not in schema["properties"]]
        for key in unknown:
            name, hint = shown(key).strip("'"), ""
            if len(unknown) <= MAX_UNKNOWN:
                hint = key_hint(str(key), value.get("name"), schema, root, list(error.absolute_schema_path))
            yield f"{prefix}{name} is no known key{hint}; remove it or use one of {', '.join(known)}"
    else:
        rules = {
            "type": f"must be {_kinds(limit)}{_quoting(value, limit)}",
            "enum": f"must be one of {', '.join(map(str, limit))}{value_hint(value, limit)}"
            if isinstance(limit, list)
            else f"must be one of {limit}",
            "minimum": f"must be {limit} or more",
            "maximum": f"must be {limit} or less",
            "exclusiveMinimum": f"must be greater than {limit}",
            "exclusiveMaximum": f"must be less than {limit}",
            "minItems": f"must have at least {limit} item{'s' * (limit != 1)}",
            "maxItems": f"must have at most {limit} items",
            "minLength": "must not be empty",
            "uniqueItems": "must have each item once",
            "maxLength": f"must have at most {limit} characters",
            "pattern": "must be 1 to 64 lower-case letters, digits, '-' or '_', the first a letter or digit",
        }
        yield f"{place or 'the whole'} is {shown(value)} but {rules.get(str(error.validator), error.message)}"
