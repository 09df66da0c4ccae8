"""Where a data set is: one path, or the path of its training part and that of its test part, joined as in PATH."""

from __future__ import annotations

import os


def joined(path: str, test_path: str) -> str:
    """One text for two paths; the second has no separator of paths in it."""
    return f"{path}{os.pathsep}{test_path}"


def separated(place: str) -> tuple[str, str | None]:
    """The path of a data set and that of its test part, None where one path holds all."""
    if os.pathsep not in place or os.path.lexists(place):
        return place, None
    path, _, test_path = place.rpartition(os.pathsep)
    return path, test_path
