"""The panels of a figure: their sizes, their rows, their legend, and what stands behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.path import Path as Outline

from lrbench.reporting.drawing import style
from lrbench.reporting.drawing.rates import Rates
from lrbench.wording import rate_label

MAX_LABELS = 50  # of rows in a figure as high as a page


def canvas(height: float) -> Canvas:
    """An empty figure of the usual width; `height` in inches."""
    return Canvas(figsize=(style.WIDTH, height), layout="constrained")


def notice(text: str) -> Canvas:
    """A figure that has nothing to draw, and says so."""
    drawn = canvas(1.0)
    drawn.text(0.5, 0.5, text, ha="center", va="center", color=style.MUTED, fontsize=10)
    return drawn


def panel_grid(count: int) -> tuple[int, int]:
    """Columns and rows that hold so many small panels."""
    columns = next(columns for columns, most in ((3, 9), (4, 16), (5, 20), (6, 10**6)) if count <= most)
    return columns, -(-count // columns)


def rate_panels(shown: Sequence[float]) -> tuple[Canvas, list[Any]]:
    """A small panel for each of these rates, named by it, all with the same axes."""
    columns, rows = panel_grid(len(shown))
    drawn = canvas(0.7 + rows * (1.75 if rows < 4 else 1.4))
    grid = drawn.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    panels = list(grid.flat)
    for unused in panels[len(shown) :]:
        unused.remove()
    for place, (axes, rate) in enumerate(zip(panels, shown, strict=False)):
        axes.set_title(rate_label(rate), color=style.INK, pad=4)
        axes.tick_params(labelbottom=place + columns >= len(shown))
    return drawn, panels[: len(shown)]


def draw_context(drawn: Canvas, panels: Sequence[Any], lines: Sequence[tuple[np.ndarray, np.ndarray]]) -> None:
    """The same grey lines behind every panel, written into the SVG once.

    Call it last: it fixes the layout. Lines break where a value is not finite.
    """
    engine = drawn.get_layout_engine()
    if engine is not None:
        engine.execute(drawn)
    drawn.set_layout_engine(None)  # with "none" each picture would be drawn twice
    to_inches = panels[0].transData + drawn.dpi_scale_trans.inverted()
    corner = drawn.dpi_scale_trans.inverted().transform(panels[0].bbox.min)
    points: list[np.ndarray] = []
    codes: list[Any] = []
    for x, y in lines:
        pen_down = False
        for point in to_inches.transform(np.column_stack([x, y])) - corner:
            if not np.isfinite(point).all():
                pen_down = False
                continue
            points.append(point)
            codes.append(Outline.LINETO if pen_down else Outline.MOVETO)
            pen_down = True
    if not points:
        return
    places = [drawn.dpi_scale_trans.inverted().transform(axes.bbox.min) for axes in panels]
    context = PathCollection(
        [Outline(np.array(points), codes)],
        offsets=places,
        offset_transform=drawn.dpi_scale_trans,
        facecolors="none",
        edgecolors=style.CONTEXT,
        linewidths=0.7,
        zorder=-1,
    )
    context.set_transform(drawn.dpi_scale_trans)
    context.set_gid("context")
    drawn.add_artist(context)


def legend(
    drawn: Canvas, rates: Rates, kinds: Sequence[tuple[str, dict[str, Any]]], of: Sequence[float] | None = None
) -> None:
    """Legend above the panels: each kind of line or mark, and each rate in figures whose panels show several rates.

    kinds : name of each kind, with keywords of `Line2D` that say how it looks
    of : the rates in the legend, all of `rates` if None
    """
    shown = list(rates) if of is None else list(of)
    if len(shown) >= style.PANELS_FROM:
        shown = []
    handles: list[Any] = [Line2D([], [], linewidth=1.7, **rates.look(rate)) for rate in shown]
    labels = [rate_label(rate) for rate in shown]
    if labels:
        labels[0] = f"{rates.heading.lower()} {labels[0]}"
    handles += [Line2D([], [], **({"color": style.INK} | look)) for _, look in kinds]
    labels += [name for name, _ in kinds]
    if not handles:
        return
    box = drawn.legend(
        handles, labels, loc="outside upper left", ncols=min(len(labels), 8), columnspacing=1.3, handlelength=2.2
    )
    for rate, line, text in zip(shown, box.get_lines(), box.get_texts(), strict=False):
        rates.tag(line, rate)
        rates.tag(text, rate)


def rate_rows(axes: Any, rates: Rates, names: dict[float, str] | None = None) -> None:
    """A row for each rate on the y axis, the highest at the top; named as far as there is room."""
    named = labelled_rows(len(rates))
    labels = [(names or {}).get(rates.values[row], rate_label(rates.values[row])) for row in named]
    axes.set_yticks(named, labels, fontsize=8 if len(rates) <= 15 else 7)
    axes.set_ylim(-0.6, len(rates) - 0.4)


def labelled_rows(count: int) -> range:
    """Which of so many rows have a label: all, or every second, third or so, from the last down."""
    every = -(-count // MAX_LABELS)
    return range((count - 1) % every, count, every)


def row_height(count: int, least: float = 0.3) -> float:
    """Inches for so many rows: roomy while they are few, and never more than a page."""
    return 1.1 + count * max(min(0.62, 3.2 / count), min(least, 6.2 / count))
