"""Lines along training: every seed or a band, their mean, side by side or one panel a rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lrbench.reporting.drawing import style
from lrbench.reporting.drawing.marks import top_crosses
from lrbench.reporting.drawing.panels import canvas, draw_context, legend, rate_panels
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.ticks import log_ticks, plain_ticks, scale_for, symlog_ticks, tick
from lrbench.reporting.inputs import Measured
from lrbench.wording import counted, rate_label, steps

MAX_PANELS = 36  # so many rates at most get a panel each
CHOSEN_PANELS = 20  # of more rates, at most so many
MAX_COLUMNS = 10  # of points along training in a table on the page; the CSV has them all
TRAINING = {"linestyle": "-"}
VALIDATION = {"linestyle": (0, (3.2, 1.6))}


@dataclass(frozen=True)
class Line:
    """One kind of line in a figure along training.

    column : of the table that is drawn; name : in the legend
    look : keywords of `plot`, linestyle and marker among them
    """

    column: str
    name: str
    look: Mapping[str, Any]


@dataclass(frozen=True)
class Wide:
    """A measure of one rate along training.

    x : shape (points,), steps or epochs; values : shape (seeds, points)
    """

    x: np.ndarray
    values: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Mean over seeds, shape (points,); not finite if any seed's value is not, and NaN without runs."""
        if not len(self.values):
            return np.full(len(self.x), np.nan)
        with np.errstate(invalid="ignore", over="ignore"):
            return self.values.mean(axis=0)

    @property
    def lost(self) -> np.ndarray:
        """The x at which the value of some seed is not finite."""
        return self.x[~np.isfinite(self.values).all(axis=0)]


def wide(frame: pd.DataFrame, rate: float, along: str, column: str) -> Wide:
    """One column of a table, for one rate.

    along : the column with the x values, `step` or `epoch`; each seed of the rate has a row for each of them
    """
    table = frame[frame["learning_rate"] == rate].pivot(index="seed", columns=along, values=column)
    return Wide(table.columns.to_numpy(dtype=float), table.to_numpy(dtype=float))


def broken(x: np.ndarray, rows: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The x and y of one line that draws several over the same x, with NaN between them: one path in the SVG.

    x : shape (points,); each row : shape (points,)
    """
    gap = [np.nan]
    return (
        np.concatenate([part for _ in rows for part in (x, gap)]),
        np.concatenate([part for row in rows for part in (row, gap)]),
    )


def draw_line(axes: Any, rates: Rates, rate: float, data: Wide, line: Line, single_runs: bool) -> None:
    """Draw the mean of a rate, and behind it each seed as a thin line, or a band from the lowest seed to the highest.

    single_runs : whether seeds are few enough to be drawn one by one
    """
    solid = line.look["linestyle"] == "-"
    if len(data.values) > 1 and single_runs:
        thin = axes.plot(
            *broken(data.x, list(data.values)), color=rates.colour(rate), linewidth=0.55, alpha=0.5, **line.look
        )
        rates.tag(thin[0], rate)
    elif len(data.values) > 1:
        finite = np.where(np.isfinite(data.values), data.values, np.nan)
        some = np.isfinite(finite).any(axis=0)
        if some.any():
            low, high = np.nanmin(finite[:, some], axis=0), np.nanmax(finite[:, some], axis=0)
            x = data.x[some]
            outline = np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]])
            rates.tag(axes.fill(*outline, facecolor=rates.colour(rate), alpha=0.22, linewidth=0)[0], rate)
    every = max(len(data.x) // (5 if rates.panelled else 12), 1)
    look = rates.look(rate, markerfacecolor=rates.colour(rate) if solid else style.PAPER, linewidth=1.6, **line.look)
    look |= {"markersize": 3.2 if rates.panelled else 4.5, "markevery": every}
    rates.tag(axes.plot(data.x, data.mean, **look)[0], rate)


def draw_curves(
    rates: Rates,
    frame: pd.DataFrame,
    along: str,
    panels: Sequence[tuple[str, Sequence[Line]]],
    x_label: str,
    prepare: Callable[[Any], None],
    single_runs: bool,
    shown: Sequence[float],
) -> Any:
    """A figure with panels side by side, all rates in each; of many rates, one panel for each, with `panels[0]` only.

    frame : a row for each rate, seed and x; along : the column with the x values
    panels : label of the y axis and lines of each
    prepare : called with the axes of each panel, to set scales and ticks
    single_runs : as for `draw_line`
    shown : the rates that have a panel, where each has one to itself
    """
    kinds = [(line.name, dict(line.look)) for line in panels[0][1]]
    series = {
        (rate, line.column): wide(frame, rate, along, line.column)
        for rate in rates
        for _, lines in panels
        for line in lines
    }
    groups: list[tuple[Any, str, Sequence[Line], list[float]]]
    if rates.panelled:
        drawn, axes_of = rate_panels(shown)
        panels = panels[:1]
        groups = [(axes, panels[0][0], panels[0][1], [rate]) for axes, rate in zip(axes_of, shown, strict=True)]
        kinds.append(("the other rates, means", {"color": style.CONTEXT, "linewidth": 1.0}))
        drawn.supxlabel(x_label, fontsize=9, color=style.INK)
        drawn.supylabel(panels[0][0], fontsize=9, color=style.INK)
    else:
        drawn = canvas(4.1)
        axes_of = list(drawn.subplots(1, len(panels), squeeze=False).flat)
        groups = [(axes, label, lines, list(rates)) for axes, (label, lines) in zip(axes_of, panels, strict=True)]
    for axes, label, lines, members in groups:
        columns = {line.column for line in lines}
        every = np.concatenate([data.values.ravel() for (_, column), data in series.items() if column in columns])
        if axes is axes_of[0] or not rates.panelled:  # panels of rates share the scales of the first
            axes.set_yscale(**scale_for(every))
        for rate in members:
            for line in lines:
                draw_line(axes, rates, rate, series[rate, line.column], line, single_runs)
        lost = [(rate, series[rate, line.column].lost) for rate in members for line in lines]
        top_crosses(axes, rates, lost, 0.92 if rates.panelled else 1.03)
        if not rates.panelled:
            axes.set(xlabel=x_label, ylabel=label)
        if not np.isfinite(every).any():
            axes.set_yticks([])
        elif axes.get_yscale() == "symlog":
            axes.set_ylim(bottom=0)  # no value is negative where a scale has to be of this kind
    for axes in axes_of[:1] if rates.panelled else axes_of:
        _prepare(axes, prepare, few=rates.panelled)
    legend(drawn, rates, kinds if len(panels[0][1]) > 1 or rates.panelled else [])
    if rates.panelled:
        last = panels[0][1][-1].column
        draw_context(drawn, axes_of, [(series[rate, last].x, series[rate, last].mean) for rate in rates])
    return drawn


def _prepare(axes: Any, prepare: Callable[[Any], None], few: bool) -> None:
    scale = axes.get_yscale()
    if scale == "symlog":
        symlog_ticks(axes.yaxis, axes.yaxis.get_transform().linthresh)
    elif scale == "linear":
        plain_ticks(axes.yaxis)
    prepare(axes)
    if axes.get_yscale() == "log":
        log_ticks(axes.yaxis, axes.get_ylim(), tick, few=few)
    if axes.get_xscale() == "log":
        log_ticks(axes.xaxis, axes.get_xlim(), steps, few=few)


def lines_caption(measured: Measured, single_runs: bool) -> str:
    """What the lines of a figure are, with n."""
    if measured.seeds == 1:
        return "One run a rate (n = 1 seed)."
    what = "Thin lines are single runs" if single_runs else "Bands reach from the lowest to the highest run"
    return f"{what} (n = {measured.seeds_a_rate}), thick lines their means."


def panel_choice(measured: Measured, rates: Rates) -> list[float]:
    """The rates that get a panel of their own: all of them, or where they are too many, those that matter and some.

    Those that matter are the lowest and the highest, the one that is recommended and its neighbours, and those with the
    highest and the lowest mean score; the others are evenly spread over the rates.
    """
    if len(rates) <= MAX_PANELS:
        return list(rates)
    scores = measured.rates.dropna(subset="score_mean").sort_values(["score_mean", "learning_rate"])
    wanted = [rates.index(float(rate)) for rate in scores["learning_rate"].iloc[[0, -1]]] if len(scores) else []
    if measured.chosen is not None:
        middle = rates.index(measured.chosen)
        wanted += [middle - 1, middle, middle + 1]
    places = {0, len(rates) - 1, *(place for place in wanted if 0 <= place < len(rates))}
    even = 2
    while len(more := places | set(np.linspace(0, len(rates) - 1, even).round().astype(int).tolist())) <= CHOSEN_PANELS:
        chosen, even = more, even + 1
    return [rates.values[place] for place in sorted(chosen)]


def panels_caption(rates: Rates, shown: Sequence[float], behind: str = "") -> str:
    """What a panel shows, where each rate has its own.

    behind : which of several measures of the other rates stands behind it
    """
    if not rates.panelled:
        return ""
    text = " Each panel has one rate in colour; the means of the others stand behind it in grey"
    text += f", of {behind} alone." if behind else "."
    if len(shown) < len(rates):
        text += (
            f" Of {len(rates)} rates, {len(shown)} have a panel: the lowest and the highest, the recommended one and "
            "its neighbours, those with the highest and the lowest mean score, and an even selection of the others; "
            "the data file has all."
        )
    return text


def lost_caption(frame: pd.DataFrame, columns: Sequence[str]) -> str:
    """What the crosses above a panel are, if there are any."""
    lost = frame[~np.isfinite(frame[list(columns)].to_numpy()).all(axis=1)]
    if lost.empty:
        return ""
    runs = len(lost[["learning_rate", "seed"]].drop_duplicates())
    return f" Crosses above a panel mark where a value is not finite ({counted(runs, 'run')})."


def wide_rows(
    frame: pd.DataFrame,
    along: str,
    measures: dict[str, str],
    text: Callable[[str, Any], str],
    per_rate: bool,
    heading: str,
    shown: Sequence[float],
) -> tuple[list[str], list[list[str]], str]:
    """The table under a figure of curves: a row for each run and measure, a column for each point along training.

    Parameters
    ----------
    frame : learning_rate, seed, `along` and the measures
    measures : column names and what the table calls them
    text : of a column's value
    per_rate : whether to show means over the seeds of a rate instead of runs
    heading : what the rates are called
    shown : the rates that have rows
    """
    points = sorted(frame[along].unique())
    kept = points
    if len(points) > MAX_COLUMNS:
        kept = [points[place] for place in np.unique(np.linspace(0, len(points) - 1, MAX_COLUMNS).round().astype(int))]
    rows = []
    keys = ["learning_rate"] if per_rate else ["learning_rate", "seed"]
    for key, own in frame[frame["learning_rate"].isin(shown)].groupby(keys):
        for column, name in measures.items():
            # numpy's mean, which keeps what is not finite; pandas' would skip it
            values = own.groupby(along)[column].agg(lambda part: float(np.mean(part.to_numpy())))
            rows.append(
                [rate_label(key[0]), *map(str, key[1:]), name, *(text(column, values.get(point)) for point in kept)]
            )
    heads = [heading, "Mean of"] if per_rate else [heading, "Seed", "Measure"]
    rates = frame["learning_rate"].nunique()
    left_out = [f"{len(shown)} of {rates} rates, those that have a panel"] if len(shown) < rates else []
    left_out += [f"{len(kept)} of {len(points)} points along training"] if len(kept) < len(points) else []
    note = f"{' and '.join(left_out)}; the CSV has them all." if left_out else ""
    return [*heads, *(f"{along} {point:g}" for point in kept)], rows, note
