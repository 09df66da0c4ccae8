"""Drawings as text: a figure as a small SVG that is the same each time, a marker as path data."""

from __future__ import annotations

import io
from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path as Outline

from lrbench.reporting.svg.packing import packed


def as_svg(drawn: Canvas) -> str:
    """A figure as a small SVG whose bytes depend on nothing but what is drawn."""
    buffer = io.StringIO()
    drawn.savefig(buffer, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return packed(buffer.getvalue())


def titled(svg: str, title: str) -> str:
    """An SVG whose first element is its title, which viewers show; the page, which shows it itself, leaves it out."""
    place = svg.index(">", svg.index("<svg")) + 1
    return f"{svg[:place]}<title>{escape(title, quote=False)}</title>{svg[place:]}"


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
