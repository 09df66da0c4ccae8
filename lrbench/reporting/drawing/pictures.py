"""A figure as a picture that stands alone: its pixels, with its title above them."""

from __future__ import annotations

import io
import textwrap
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.image import imsave

from lrbench.reporting.drawing import style

DPI = 150
CHARACTERS = 92  # of a line of the title


def as_png(drawn: Canvas, title: str) -> bytes:
    """A figure as PNG, whose bytes depend on nothing but what is drawn and its title."""
    lines = textwrap.wrap(title, CHARACTERS)
    strip = Canvas(figsize=(drawn.get_figwidth(), 0.12 + 0.18 * len(lines)))
    look: dict[str, Any] = {
        "fontsize": 9.5,
        "fontweight": "bold",
        "linespacing": 1.25,
        "va": "center",
        "color": style.INK,
    }
    strip.text(0.01, 0.45, "\n".join(lines), **look)
    written = io.BytesIO()
    pixels = np.concatenate([_pixels(strip), _pixels(drawn)])
    told: dict[str, Any] = {"Software": None, "Title": title}  # None leaves out the version of matplotlib
    imsave(written, pixels, format="png", dpi=DPI, metadata=told)
    return written.getvalue()


def _pixels(drawn: Canvas) -> np.ndarray:
    """The pixels of a figure, shape (height, width, 4)."""
    raw = io.BytesIO()
    drawn.savefig(raw, format="rgba", dpi=DPI)
    return np.frombuffer(raw.getvalue(), np.uint8).reshape(-1, int(drawn.get_figwidth() * DPI), 4)
