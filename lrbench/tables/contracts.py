"""JSON files that pass between stages: who writes one holds it against the shape that who reads it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrbench.identity.provenance import has_shape


def check_shape(content: Mapping[str, Any], shape: Mapping[str, Any], name: str) -> None:
    """Raise ValueError where content lacks a key of a shape, or has something else under it (see `has_shape`).

    name : of the file, as the message names it
    """
    wrong = [key for key, part in shape.items() if key not in content or not has_shape(content[key], part)]
    if wrong:
        raise ValueError(f"{name}: what is to be written breaks its contract in {', '.join(wrong)}.")
