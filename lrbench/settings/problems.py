"""What is wrong with settings: pydantic's errors as sentences: the key, its value, what is allowed, what to do."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lrbench.settings.named import TAG
from lrbench.settings.schemas import Place, words_for_kinds
from lrbench.settings.sections import PROBLEM
from lrbench.settings.suggestions import MAX_UNKNOWN, key_hint, value_hint
from lrbench.settings.values import shown

NAME_RULE = "must be 1 to 64 lower-case letters, digits, '-' or '_', the first a letter or digit"
LIMITS = {
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be greater than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": NAME_RULE,
    "string_unicode": NAME_RULE,
}


@functools.cache
def adapter(shape: Any) -> TypeAdapter[Any]:
    """Pydantic's validator of a shape: a section, or another type."""
    return TypeAdapter(shape)


@functools.cache
def schema_of(shape: Any) -> Mapping[str, Any]:
    """The JSON schema of a shape."""
    return adapter(shape).json_schema()


def checked(value: Any, shape: Any, context: Any = None) -> tuple[Any, list[str]]:
    """The validated settings, None where there are problems; and every problem, a sentence each without its full stop.

    shape : a section, or another type that pydantic knows
    context : FROM_A_CONFIG where a person wrote the values
    """
    value = _with_printable_keys(value)
    problems = list(_not_finite(value, ""))
    found = None
    try:
        found = adapter(shape).validate_python(value, strict=True, context=context)
    except ValidationError as error:
        root = Place.of(schema_of(shape), value)
        problems.extend(_sentences(error, root))
    return (None if problems else found), list(dict.fromkeys(problems))


def _with_printable_keys(value: Any) -> Any:
    """The value with every key as text that UTF-8 holds and no tag begins; no section has a key that is another."""
    if isinstance(value, Mapping):
        return {_printable_key(key): _with_printable_keys(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_printable_keys(item) for item in value]
    return value


def _printable_key(key: Any) -> str:
    if isinstance(key, str) and not key.startswith(TAG):
        with suppress(UnicodeEncodeError):
            key.encode()
            return key
    return shown(key).strip("'")


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


def _sentences(error: ValidationError, root: Place) -> Iterator[str]:
    """A sentence for each error: by the place of the settings that it is in, as text sorts."""
    found = []
    for each in error.errors(include_url=False):
        loc = [part for part in each["loc"] if not (isinstance(part, str) and part.startswith(TAG))]
        in_mapping = each["type"] in ("missing", "extra_forbidden")
        found.append(([str(part) for part in (loc[:-1] if in_mapping else loc)], loc, each))
    for _, loc, each in sorted(found, key=lambda item: item[0]):
        value: Any = root.value_at(loc)
        if not _finite(value) or not _finite(each["input"]):
            if _finite(value):  # text of the command line that spells such a number
                yield from _not_finite(each["input"], _path(loc))
            continue
        yield _sentence(each, loc, value, root)


def _sentence(error: Mapping[str, Any], loc: Sequence[str | int], value: Any, root: Place) -> str:
    kind, limits = error["type"], error.get("ctx", {})
    path = _path(loc)
    if kind == PROBLEM:
        return f"{path or 'the whole'} {error['msg']}"
    if kind == "missing":
        return f"{path} is missing; add it{root.below(loc).allowed()}"
    if kind == "extra_forbidden":
        return _unknown(str(loc[-1]), loc[:-1], root)
    place = root.below(loc)
    if kind == "literal_error":
        names = place.names()
        rule = f"must be one of {', '.join(names)}{value_hint(value, names)}"
    elif kind in LIMITS:
        rule = LIMITS[kind].format(**{name: _plain(limit) for name, limit in limits.items()})
    else:
        kinds = place.kinds()
        quoting = "; write it in quotes" if kinds == ["string"] and isinstance(value, bool | int | float) else ""
        rule = f"must be {words_for_kinds(kinds)}{quoting}"
    return f"{path or 'the whole'} is {shown(value)} but {rule}"


def _unknown(key: str, where: Sequence[str | int], root: Place) -> str:
    place = root.below(where)
    known = place.keys()
    unknown = [one for one in place.value if one not in known]
    hint = key_hint(key, place, root) if len(unknown) <= MAX_UNKNOWN else ""
    prefix = f"{_path(where)}." if where else ""
    name = shown(key).strip("'").replace("\\\\", "\\")  # what is escaped in it already is not escaped twice
    return f"{prefix}{name} is no known key{hint}; remove it or use one of {', '.join(sorted(known))}"


def _plain(limit: Any) -> Any:
    return int(limit) if isinstance(limit, float) and limit.is_integer() else limit


def _path(loc: Sequence[str | int]) -> str:
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
