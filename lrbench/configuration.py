"""Config files: YAML in, a checked mapping with defaults out, or one sentence for each problem.

YAML is read strictly: a key written twice is an error (plain YAML keeps the last one silently), and
`1e-3` is the number that its writer meant (plain YAML 1.1 reads a string).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from lrbench.errors import InputError

# how PyYAML fails where a tag such as !!int or !!timestamp stands before text that is none
TAG_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
MAX_BYTES = 1_000_000
MAX_DIGITS = 1000  # no number of a config has more; Python refuses to convert text of several thousand
NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
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


StrictLoader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(rf"^{NUMBER.pattern}$"), list("-+.0123456789"))


def read_yaml(path: Path | str) -> dict[str, Any]:
    """The mapping that a YAML file holds; InputError with one sentence where it holds none."""
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


def spelled_numbers(value: Any) -> Any:
    """The value with text that spells a number turned into it, however deep.

    The command line's `--config 'learning_rates=[0.1,1e-3]'` brings the second as text.
    """
    if isinstance(value, str) and len(value) <= MAX_DIGITS and NUMBER.fullmatch(value):
        return float(value) if re.search(r"[.eE]", value) else int(value)
    if isinstance(value, list):
        return [spelled_numbers(item) for item in value]
    if isinstance(value, Mapping):
        return {key: spelled_numbers(item) for key, item in value.items()}
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
            problems.extend(_sentences(error))
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


def _sentences(error: jsonschema.ValidationError) -> Iterator[str]:
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
        for key in value:
            if key not in known:
                yield f"{prefix}{shown(key).strip(chr(39))} is no known key; remove it or use one of {', '.join(known)}"
    else:
        rules = {
            "type": f"must be {_kinds(limit)}",
            "enum": f"must be one of {', '.join(map(str, limit)) if isinstance(limit, list) else limit}",
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
