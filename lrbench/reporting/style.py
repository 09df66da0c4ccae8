"""How figures look: one colour and marker for each learning rate, and a theme that the page can change.

Figures are drawn in the light theme's colours. In the page, each of these colours becomes a CSS
variable, so that figures follow the theme; the files beside the page keep the light colours.
"""

from __future__ import annotations

from typing import Any

# Ordered from cool to warm, darkening and lightening alike in both themes; markers tell them apart without colour.
LIGHT_RATES = ("#2f6db5", "#7d5ba6", "#b8476b", "#c4571a", "#7a5c00")
DARK_RATES = ("#6cb0f5", "#b69be0", "#f08fae", "#f5945a", "#d9b44a")
MARKERS = ("o", "s", "^", "D", "v")
INK, MUTED, GRID, PAPER = "#1c2430", "#5a6675", "#d7dce2", "#fefefe"
VARIABLES = {INK: "--ink", MUTED: "--muted", GRID: "--grid", PAPER: "--paper"} | {
    colour: f"--rate-{index}" for index, colour in enumerate(LIGHT_RATES, 1)
}

RC: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.facecolor": PAPER,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "figure.facecolor": PAPER,
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "grid.color": GRID,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "path",
    "svg.hashsalt": "lrbench",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
}


def rate_colours(number: int) -> list[str]:
    """Colours for `number` ordered rates, lowest first: spread over the palette, repeating beyond its length."""
    available = len(LIGHT_RATES)
    if number == 1:
        return [LIGHT_RATES[0]]
    if number > available:
        return [LIGHT_RATES[index % available] for index in range(number)]
    return [LIGHT_RATES[round(index * (available - 1 - (number < 4)) / (number - 1))] for index in range(number)]
