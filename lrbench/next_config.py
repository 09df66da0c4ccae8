"""The config of a proposal in words: the name of its experiment, and the keys that change as YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from lrbench.wording import rate_label

LONGEST_NAME = 64
FRESH = {"initial_weights": "fresh"}  # changes too where the experiment is the one beside carried-over weights


def next_name(name: str) -> str:
    """The name of the experiment that follows one: `mine-2` after `mine`, `mine-3` after `mine-2`."""
    found = re.fullmatch(r"(.+)-([1-9]\d{0,8})", name)
    base, number = (found[1], int(found[2]) + 1) if found else (name, 2)
    ending = f"-{number}"
    return base[: LONGEST_NAME - len(ending)] + ending


def changes_text(name: str, asks: Mapping[str, Any]) -> str:
    """YAML of the keys that a proposal changes, a line each, with the new experiment's name."""
    return "\n".join([f"experiment: {name}", *(f"{key}: {_text(value)}" for key, value in asks.items())])


def study_changes_text(asks: Mapping[str, Any]) -> str:
    """YAML of the keys of a study's config that a proposal changes, in their sections."""
    return "\n".join(_lines(asks))


def _lines(section: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    for key, value in section.items():
        name = key if isinstance(yaml.safe_load(key), str) else f'"{key}"'
        if isinstance(value, Mapping):
            yield f"{indent}{name}:"
            yield from _lines(value, f"{indent}  ")
        else:
            yield f"{indent}{name}: {_text(value)}"


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_text(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_text, value))}]"
    return rate_label(value) if isinstance(value, float) else str(value)
