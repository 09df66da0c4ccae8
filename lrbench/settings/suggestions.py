"""What the writer of an unknown key or value may have meant: "did you mean epochs?"."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

LIKENESS = 0.7  # of difflib: share of characters in common; one letter more, less or swapped leaves far more
MAX_LENGTH = 64  # no key is nearly as long
MAX_UNKNOWN = 20  # beyond so many unknown keys in one mapping, the mapping as a whole is something else
SHORT_FORMS = {"lr": "learning_rates", "lrs": "learning_rates"}


def nearest(name: str, known: Iterable[str], by_word: bool = True) -> str:
    """The known name that a misspelled one comes nearest to, or "" if none is near.

    by_word : also take one of which the misspelled name is one word, as `rate` is of `learning_rates`
    """
    names = list(known)
    if not 1 < len(name) <= MAX_LENGTH:
        return ""
    plain = name.lower().replace("-", "_").replace(" ", "_")
    plain = SHORT_FORMS.get(plain, plain)
    if plain in names:
        return plain
    of_word = [one for one in names if plain.removesuffix("s") in {word.removesuffix("s") for word in one.split("_")}]
    if by_word and of_word:
        return min(of_word, key=len)
    return next(iter(difflib.get_close_matches(plain, names, n=1, cutoff=LIKENESS)), "")


def value_hint(value: Any, allowed: Sequence[Any]) -> str:
    """` (did you mean adam?)` where a value that is not allowed comes near one that is; otherwise ""."""
    near = nearest(value, [one for one in allowed if isinstance(one, str)]) if isinstance(value, str) else ""
    return f" (did you mean {near}?)" if near else ""


def key_hint(key: str, name: Any, schema: Mapping[str, Any], root: Any, place: Sequence[Any]) -> str:
    """` (did you mean epochs?)` or another hint at what an unknown key was to be; "" where nothing is near.

    Parameters
    ----------
    key : the unknown key
    name : what its mapping has under `name`, on which the optimizer's parameters depend
    schema : the part of the schema that allows no other keys
    root : the whole schema
    place : the path of that part in the whole schema, as jsonschema gives it
    """
    hint = _of_another_name(key, name, _branches(root, place))
    if hint:
        return f" ({hint})"
    own = ".".join(str(part) for part in place if part in root.get("properties", {}))
    elsewhere = [path for path in _paths(root) if path.rpartition(".")[0] != own]
    paths = [path for path in elsewhere if path.rpartition(".")[2] == key]
    paths = paths or [".".join(filter(None, (own, near))) for near in [nearest(key, schema["properties"])] if near]
    if not paths:
        near = nearest(key, sorted({path.rpartition(".")[2] for path in elsewhere}), by_word=False)
        paths = [path for path in elsewhere if near and path.rpartition(".")[2] == near]
    meant = [path if "." in path or not own else f"{path}, at the top level" for path in paths]
    return f" (did you mean {' or '.join(meant)}?)" if meant else ""


def _of_another_name(key: str, name: Any, branches: Mapping[str, Mapping[str, Any]]) -> str:
    """A hint at the optimizers that have a parameter, where the one that is named has not."""
    if not isinstance(name, str) or name not in branches:
        return ""
    others = {parameter for known in branches.values() for parameter in known} | set(branches)
    meant = nearest(key, sorted(others))
    if not meant or meant in branches[name]:
        return ""
    if name == "sgd" and meant == "momentum":
        return "SGD with momentum is an optimizer of its own: write name: momentum"
    having = [one for one, known in branches.items() if meant in known]
    if having:
        return f"{meant} is a parameter of {', '.join(having)}"
    return f"{meant} is an optimizer: write name: {meant}" if meant != name else ""


def _branches(root: Any, place: Sequence[Any]) -> dict[str, Mapping[str, Any]]:
    """By name, the keys that a mapping may have, where they depend on its `name`; empty where they do not."""
    if "allOf" not in place:
        return {}
    part = root
    for step in list(place)[: list(place).index("allOf") + 1]:
        part = part[step]
    found = {}
    for branch in part:
        condition = branch["if"].get("properties", {}).get("name", {})
        for name in condition.get("enum", [condition["const"]] if "const" in condition else []):
            found[name] = branch["then"]["properties"]
    return found


def _paths(schema: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """The dotted path of every key that a schema knows, each once."""
    seen = set()
    for part in (schema, *(branch["then"] for branch in schema.get("allOf", []))):
        for name, described in part.get("properties", {}).items():
            if name not in seen:
                seen.add(name)
                yield prefix + name
                yield from _paths(described, f"{prefix}{name}.")
