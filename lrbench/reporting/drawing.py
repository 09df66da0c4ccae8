"""What every figure is made of: rates with their colours, panels, rails for what is not finite, and the SVG."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.path import Path as Outline
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from lrbench.reporting import style
from lrbench.wording import rate_label

MANY_RUNS = 60  # above so many, single runs are drawn as bands and tables show values per rate
MAX_LABELS = 50  # of rows in a figure as high as a page
MAX_COLUMNS = 10  # of points along training in a table on the page; the CSV has them all


@dataclass(frozen=True)
class Figure:
    """A figure in words. Its pictures are `<id>.svg` and `<id>.png`, its numbers `<id>.csv`.

    columns, rows : the table under the figure, as text
    note : what that table leaves out
    """

    id: str
    title: str
    caption: str
    alt: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True)
class Drawing:
    """A figure with what is drawn and the numbers that it is drawn from."""

    figure: Figure
    canvas: Canvas
    data: pd.DataFrame


@dataclass
class Rates:
    """The learning rates of an experiment, ascending, each with its colour and marker."""

    values: list[float]
    _count: Iterator[int] = field(default_factory=itertools.count)

    def __len__(self) -> int:
        """How many rates there are."""
        return len(self.values)

    def __iter__(self) -> Iterator[float]:
        """From the lowest to the highest."""
        return iter(self.values)

    @property
    def panelled(self) -> bool:
        """Whether there are too many to tell apart in one panel."""
        return len(self) >= style.PANELS_FROM

    def index(self, rate: float) -> int:
        """Place of a rate, the lowest being 0."""
        return self.values.index(rate)

    def colour(self, rate: float) -> str:
        """The colour of a rate in the light theme."""
        return style.rate_colours(len(self))[self.index(rate)][0]

    def marker(self, rate: float) -> str:
        """The marker of a rate."""
        return style.marker(self.index(rate))

    def tag(self, artist: Any, rate: float) -> Any:
        """Name what is drawn of a rate, so that the page can show and hide it; returns the artist."""
        artist.set_gid(f"rate-{self.index(rate)}.{next(self._count)}")
        return artist

    def look(self, rate: float, **changes: Any) -> dict[str, Any]:
        """Colour and marker of a rate as keywords of `plot`."""
        return {
            "color": self.colour(rate),
            "marker": self.marker(rate),
            "markersize": 4.5,
            "markeredgewidth": 0.9,
            **changes,
        }


def canvas(height: float) -> Canvas:
    """An empty figure of the usual width, in inches."""
    return Canvas(figsize=(style.WIDTH, height), layout="constrained")


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


def scale_for(values: np.ndarray) -> dict[str, Any]:
    """Keywords of `set_yscale` under which all finite values can be told apart: linear, or logarithmic if they must."""
    finite = values[np.isfinite(values)]
    if not finite.size or (finite < 0).any() or finite.max() <= 0:
        return {"value": "linear"}
    positive = finite[finite > 0]
    if positive.max() / positive.min() < 60:
        return {"value": "linear"}
    if positive.size == finite.size:
        return {"value": "log"}
    return {"value": "symlog", "linthresh": float(positive.min())}


def top_rail(axes: Any, rates: Rates, lost: Sequence[tuple[float, np.ndarray]], lowest: float) -> None:
    """Crosses at the top of the axes, a row for each rate from `lowest` up, where its values are not finite."""
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


def grey_rail(axes: Any, low: tuple[float, float], high: tuple[float, float]) -> None:
    """A grey strip between two corners, as shares of the axes, for marks that have no place on a scale."""
    width, height = high[0] - low[0], high[1] - low[1]
    strip = Rectangle(low, width, height, transform=axes.transAxes, color=style.GRID, alpha=0.5, linewidth=0)
    strip.set(clip_on=False, zorder=0)
    axes.add_artist(strip)


def log_ticks(axis: Any, ends: tuple[float, float], text: Callable[[float], str], few: bool = False) -> None:
    """Ticks for a logarithmic axis: only powers of ten where there are enough, else 2 and 5 as well."""
    low, high = ends
    decades = np.log10(high / low) if low > 0 and np.isfinite(high) else np.inf
    subs = (1.0,) if decades >= (1.2 if few else 2.2) else (1.0, 2.0, 5.0) if decades >= 0.5 else tuple(range(1, 10))
    axis.set_major_locator(LogLocator(10, subs=subs, numticks=4 if few else 8))
    axis.set_major_formatter(FuncFormatter(lambda value, _: text(value)))
    axis.set_minor_locator(NullLocator())


def broken(x: np.ndarray, rows: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Several lines over the same x as one, with gaps between them: one path in the SVG instead of many."""
    gap = [np.nan]
    return (
        np.concatenate([part for _ in rows for part in (x, gap)]),
        np.concatenate([part for row in rows for part in (row, gap)]),
    )


def draw_dots(axes: Any, rates: Rates, rate: float, x: np.ndarray, y: np.ndarray, size: float, many: bool) -> None:
    """A mark for each run. Many small ones are round and written into the SVG as one path."""
    if many:
        points = [np.column_stack([part, part, np.full(len(part), np.nan)]).ravel() for part in (x, y)]
        drawn = axes.plot(*points, color=rates.colour(rate), linewidth=size, solid_capstyle="round")[0]
    else:
        drawn = axes.plot(x, y, **rates.look(rate, linestyle="none", markersize=size, markeredgewidth=0))[0]
    rates.tag(drawn, rate)


def legend(
    drawn: Canvas, rates: Rates, kinds: Sequence[tuple[str, dict[str, Any]]], of: Sequence[float] | None = None
) -> None:
    """A line above the panels: each rate, unless it has a panel of its own, and each kind of line or mark."""
    shown = list(rates) if of is None else list(of)
    if len(shown) >= style.PANELS_FROM:
        shown = []
    handles: list[Any] = [Line2D([], [], linewidth=1.7, **rates.look(rate)) for rate in shown]
    labels = [rate_label(rate) for rate in shown]
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


def wide_rows(
    frame: pd.DataFrame, along: str, measures: dict[str, str], text: Callable[[str, Any], str], per_rate: bool
) -> tuple[list[str], list[list[str]], str]:
    """The table under a figure of curves: a row for each run and measure, a column for each point along training.

    Parameters
    ----------
    frame : learning_rate, seed, `along` and the measures
    measures : column names and what the table calls them
    text : of a column's value
    per_rate : whether to show means over the seeds of a rate instead of runs
    """
    points = sorted(frame[along].unique())
    kept = points
    if len(points) > MAX_COLUMNS:
        kept = [points[place] for place in np.unique(np.linspace(0, len(points) - 1, MAX_COLUMNS).round().astype(int))]
    rows = []
    keys = ["learning_rate"] if per_rate else ["learning_rate", "seed"]
    for key, own in frame.groupby(keys):
        for column, name in measures.items():
            # numpy's mean, which keeps what is not finite; pandas' would skip it
            values = own.groupby(along)[column].agg(lambda part: float(np.mean(part.to_numpy())))
            rows.append(
                [rate_label(key[0]), *map(str, key[1:]), name, *(text(column, values.get(point)) for point in kept)]
            )
    heads = ["Learning rate", "Mean of"] if per_rate else ["Learning rate", "Seed", "Measure"]
    note = (
        "" if len(kept) == len(points) else f"{len(kept)} of {len(points)} points along training; the CSV has them all."
    )
    return [*heads, *(f"{along} {point:g}" for point in kept)], rows, note


def spread(count: int, width: float) -> np.ndarray:
    """Offsets that set the dots of so many seeds beside each other, over a width around zero."""
    return np.linspace(-width / 2, width / 2, count) if count > 1 else np.zeros(1)


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


def notice(text: str) -> Canvas:
    """A figure that has nothing to draw, and says so."""
    drawn = canvas(1.0)
    drawn.text(0.5, 0.5, text, ha="center", va="center", color=style.MUTED, fontsize=10)
    return drawn
