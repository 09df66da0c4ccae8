"""How figures look: one colour and marker for each learning rate, and a theme that the page can change.

Figures are drawn in the light theme's colours. In the page, each of these colours becomes a CSS
variable, so that figures follow the theme; the files beside the page keep the light colours.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from lrbench.reporting.drawing.colour import from_oklch

# Low rates are cool and dark, high ones warm and light, in both themes: the order shows without seeing red from
# green. Lightnesses end where contrast against the paper would fall below 3:1.
HUES = (258.0, 300.0, 352.0, 396.0, 432.0)  # blue, violet, magenta, red-orange, amber
CHROMA = (0.15, 0.16, 0.18, 0.16, 0.13)
LIGHT_LIGHTNESS = (0.38, 0.645)
DARK_LIGHTNESS = (0.58, 0.84)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "*")

INK, MUTED, GRID, PAPER, CONTEXT = "#1c2430", "#5a6675", "#d7dce2", "#fefefe", "#c3c9d1"
DARK = {INK: "#e6eaf0", MUTED: "#a4aebb", GRID: "#333b46", PAPER: "#161b22", CONTEXT: "#4a535f"}
VARIABLES = {INK: "--ink", MUTED: "--muted", GRID: "--grid", PAPER: "--paper", CONTEXT: "--context"}

WIDTH = 8.0  # inches of every figure; at the page's full width a point is about 1.6 CSS pixels
PANELS_FROM = 6  # so many rates and more get a panel each

RC: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9,
    "figure.facecolor": PAPER,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "lines.linewidth": 1.7,
    "path.simplify": False,
    "pdf.fonttype": 42,  # whole outlines, which journals take
    "savefig.facecolor": PAPER,
    "svg.fonttype": "path",
    "svg.hashsalt": "lrbench",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.bottom": False,  # the grid marks the ticks
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 8,
    "ytick.left": False,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 8,
}


@cache
def rate_colours(number: int) -> tuple[tuple[str, str], ...]:
    """Light and dark colour for each of `number` ordered rates, lowest rate first."""
    places = np.linspace(0.0, 1.0, number) if number > 1 else np.array([0.0])
    stops = np.linspace(0.0, 1.0, len(HUES))
    hues, chroma = np.interp(places, stops, HUES), np.interp(places, stops, CHROMA)
    light, dark = (np.interp(places, (0.0, 1.0), ends) for ends in (LIGHT_LIGHTNESS, DARK_LIGHTNESS))
    return tuple(
        (from_oklch(light[index], chroma[index], hues[index]), from_oklch(dark[index], chroma[index], hues[index]))
        for index in range(number)
    )


def marker(index: int) -> str:
    """The marker of the rate with this place among the rates, lowest first."""
    return MARKERS[index % len(MARKERS)]


def rate_variable(index: int) -> str:
    """Name of the CSS variable with a rate's colour."""
    return f"--rate-{index}"


def variables(number: int) -> dict[str, tuple[str, str, str]]:
    """For every colour that figures of `number` rates are drawn in: CSS variable, light and dark value."""
    named = {colour: (name, colour, DARK[colour]) for colour, name in VARIABLES.items()}
    for index, (light, dark) in enumerate(rate_colours(number)):
        named[light] = (rate_variable(index), light, dark)
    return named
