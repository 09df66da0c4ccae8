"""Drawings as text: a figure as a small SVG that is the same each time, a marker as path data."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path as Outline


def as_svg(drawn: Canvas) -> str:
    """A figure as SVG whose bytes depend on nothing but what is drawn.

    Written small: places to a hundredth of a point, the look of many like marks said once.
    """
    buffer = io.StringIO()
    drawn.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    svg = re.sub(r"<!-- .*? -->", "", buffer.getvalue())
    svg = re.sub(r">\s+<", "><", svg)
    svg = re.sub(
        r' (d|x|y|x1|y1|x2|y2)="([^"]*)"',
        lambda found: f' {found[1]}="' + re.sub(r"(\.\d\d)\d+", r"\1", " ".join(found[2].split())) + '"',
        svg,
    )
    svg = re.sub(
        r"translate\(([^)]*)\)", lambda found: "translate(" + re.sub(r"(\.\d\d)\d+", r"\1", found[1]) + ")", svg
    )
    return re.sub(r'<g( clip-path="[^"]*")?>((?:<use [^>]*/>){2,})</g>', _say_look_once, svg)


def _say_look_once(found: re.Match[str]) -> str:
    looks = set(re.findall(r' style="([^"]*)"', found[2]))
    if len(looks) != 1:
        return found[0]
    look = looks.pop()
    return f'<g{found[1] or ""} style="{look}">' + found[2].replace(f' style="{look}"', "") + "</g>"


def marker_outline(marker: str) -> str:
    """A marker as path data of an SVG whose view box reaches from -0.7 to 0.7."""
    style_of = MarkerStyle(marker)
    outline = style_of.get_path().transformed(style_of.get_transform())
    letters: Mapping[Any, str] = {
        Outline.MOVETO: "M",
        Outline.LINETO: "L",
        Outline.CURVE3: "Q",
        Outline.CURVE4: "C",
        Outline.CLOSEPOLY: "Z",
    }
    parts = []
    for points, code in outline.iter_segments(simplify=False):
        places = np.asarray(points).reshape(-1, 2)[: 0 if code == Outline.CLOSEPOLY else None]
        parts.append(letters[code] + " ".join(f"{x:.3g},{-y:.3g}" for x, y in places))
    return "".join(parts)
