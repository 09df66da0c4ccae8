"""Marks of runs: a dot for each, or one box for many; and strips for values that have no place on a scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from lrbench.reporting.drawing import style
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.inputs import Measured
from lrbench.tables.plan import planned_runs

MANY_SEEDS = 40  # a rate, above which runs are not drawn one by one
POINTS = "_points"  # label of a line that stands for single points
MANY_MARKS = 1000  # runs in a figure, above which they are not either


def draw_dots(axes: Any, rates: Rates, rate: float, x: np.ndarray, y: np.ndarray, size: float, many: bool) -> None:
    """Draw a mark for each run.

    x, y : shape (runs,); size : of a mark, in points
    many : whether to draw round marks, which the SVG holds as one path, instead of the rate's own marker
    """
    if many:
        points = [np.column_stack([part, part, np.full(len(part), np.nan)]).ravel() for part in (x, y)]
        drawn = axes.plot(*points, color=rates.colour(rate), linewidth=size, solid_capstyle="round", label=POINTS)[0]
    else:
        drawn = axes.plot(x, y, **rates.look(rate, linestyle="none", markersize=size, markeredgewidth=0))[0]
    rates.tag(drawn, rate)


def points_as_marks(canvas: Canvas) -> None:
    """Make marks of the runs that `draw_dots` drew as lines of no length, which an SVG shows and a PNG does not."""
    for line in canvas.findobj(Line2D):
        if line.get_label() == POINTS:
            line.set(linestyle="none", marker="o", markersize=line.get_linewidth(), markeredgewidth=0)


def spread(count: int, width: float) -> np.ndarray:
    """Offsets that set the dots of so many seeds beside each other, over a width around zero."""
    return np.linspace(-width / 2, width / 2, count) if count > 1 else np.zeros(1)


def top_crosses(axes: Any, rates: Rates, lost: Sequence[tuple[float, np.ndarray]], lowest: float) -> None:
    """Draw crosses at the top of the axes where values are not finite, a row for each rate that has some.

    lost : rates, each with the x of its values that are not finite
    lowest : height of the first row, as a share of the axes' height
    """
    lost = [(rate, places) for rate, places in lost if len(places)]
    if not lost:
        return
    rows = {rate: number for number, rate in enumerate(dict.fromkeys(rate for rate, _ in lost))}
    across = axes.get_xaxis_transform()
    for rate, places in lost:
        height = lowest + 0.045 * rows[rate]
        drawn = Line2D(places, np.full(len(places), height), linestyle="none", transform=across, clip_on=False)
        drawn.set(color=rates.colour(rate), marker="x", markersize=4, markeredgewidth=1.1)
        axes.add_line(rates.tag(drawn, rate))
    axes.annotate(
        "not finite",
        (1, max(lowest + 0.045 * (len(rows) - 1), 1.0)),
        xycoords="axes fraction",
        xytext=(0, 4),
        textcoords="offset points",
        ha="right",
        fontsize=7.5,
        color=style.MUTED,
    )


def grey_strip(axes: Any, low: tuple[float, float], high: tuple[float, float]) -> None:
    """A grey strip between two corners, as shares of the axes, for marks that have no place on a scale."""
    width, height = high[0] - low[0], high[1] - low[1]
    strip = Rectangle(low, width, height, transform=axes.transAxes, color=style.GRID, alpha=0.5, linewidth=0)
    strip.set(clip_on=False, zorder=0)
    axes.add_artist(strip)


def boxed(measured: Measured) -> bool:
    """Whether runs are so many that a figure shows where they lie instead of each."""
    return measured.seeds > MANY_SEEDS or planned_runs(measured.tables.origin["plan"]) > MANY_MARKS


def draw_box(axes: Any, rates: Rates, rate: float, values: np.ndarray, place: float, upright: bool = False) -> None:
    """A thin line from the lowest to the highest finite value, a thick one over the middle half; none where none is.

    place : where the box stands on the other axis
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return
    ends = np.quantile(finite, [0.0, 1.0, 0.25, 0.75])
    for span, width in ((ends[:2], 0.9), (ends[2:], 4.0)):
        across = np.full(2, place)
        line = (across, span) if upright else (span, across)
        rates.tag(
            axes.plot(*line, color=rates.colour(rate), linewidth=width, solid_capstyle="butt")[0],
            rate,
        )


def draw_count(axes: Any, rates: Rates, rate: float, count: int, place: tuple[float, float], transform: Any) -> None:
    """A cross with how many runs it stands for, if any."""
    if not count:
        return
    look = {"marker": "x", "markersize": 4, "markeredgewidth": 1.1, "linestyle": "none", "clip_on": False}
    (cross,) = axes.plot(*place, color=rates.colour(rate), transform=transform, scalex=False, scaley=False, **look)
    rates.tag(cross, rate)
    text = axes.annotate(
        str(count), place, xycoords=transform, xytext=(4, 0), textcoords="offset points", va="center", fontsize=6,
        color=style.INK, annotation_clip=False,
    )  # fmt: skip
    rates.tag(text, rate)


def box_caption(measured: Measured) -> str:
    """What is drawn of a rate's runs, with n."""
    return (
        f"Thin lines reach from the lowest to the highest run (n = {measured.seeds_a_rate}), "
        "thick ones over the middle half"
    )
