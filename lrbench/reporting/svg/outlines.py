"""Path data of an SVG in few bytes: places on a grid, each relative to the one before."""

from __future__ import annotations

import re
from collections.abc import Sequence

SMALL = 12.0  # points; what is smaller, such as a mark, is drawn on a grid ten times as fine
PARTS = re.compile(r"([MLQCz])([^MLQCz]*)")
Segment = tuple[str, list[float]]


def _segments(path: str) -> list[Segment]:
    return [(found[1], [float(word) for word in found[2].split()]) for found in PARTS.finditer(path)]


def moved(path: str, by: tuple[float, float]) -> str:
    """A path of absolute places, all moved by as much."""
    return " ".join(
        " ".join([letter, *(repr(value + by[place % 2]) for place, value in enumerate(values))])
        for letter, values in _segments(path)
    )


def packed_path(path: str) -> str:
    """A path of absolute coordinates as one of relative ones, rounded to 0.1 points, or to 0.01 if the path is small.

    Rounding errors do not add up, because each coordinate is rounded by itself. Points that fall on the one before are
    left out, unless they make a dot.
    """
    segments = _segments(path)
    values = [values for _, values in segments if values]
    if not values:
        return ""
    sides = [[value for part in values for value in part[axis::2]] for axis in (0, 1)]
    scale = 100 if max(max(side) - min(side) for side in sides) < SMALL else 10
    words: list[str] = []
    said, at, start, first = "", (0, 0), (0, 0), True
    for letter, places in segments:
        if letter == "z":
            words.append("z")
            said, at = "z", start
            continue
        grid = [(round(scale * x), round(scale * y)) for x, y in zip(places[::2], places[1::2], strict=True)]
        steps = [(x - at[0], y - at[1]) for x, y in grid]
        if letter == "L":
            if steps == [(0, 0)] and not first:
                continue
            kind, numbers = _line(steps[0])
        else:
            kind, numbers = letter.lower(), [value for step in steps for value in step]
        if letter == "M" and not words:
            kind = "M"
        words.append(_written(kind if kind != said or kind in "mM" else "", numbers, scale))
        said = kind
        at = grid[-1]
        first = letter == "M"
        start = at if letter == "M" else start
    return "".join(words)


def _line(step: tuple[int, int]) -> tuple[str, list[int]]:
    if step[1] == 0:
        return "h", [step[0]]
    return ("v", [step[1]]) if step[0] == 0 else ("l", list(step))


def _written(letter: str, numbers: Sequence[int], scale: int) -> str:
    """A segment; where its letter is left out, a blank or a sign parts it from the one before."""
    text = letter
    for place, number in enumerate(numbers):
        word = (
            f"{number / scale:g}".replace("0.", ".", 1) if abs(number) < scale and number else f"{number / scale:.10g}"
        )
        text += word if word[0] == "-" or (letter and not place) else f" {word}"
    return text
