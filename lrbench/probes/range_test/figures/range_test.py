"""The figure of the range test: loss against rising rate, what each seed suggests, and what the sweep scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from lrbench.probes.range_test import ID
from lrbench.probes.range_test.judgement import NAMES, edges_of, plateau_of
from lrbench.probes.range_test.loss_curve import WHOLE, rising_rates, smoothed
from lrbench.reporting.drawing import style
from lrbench.reporting.drawing.marks import MANY_SEEDS, draw_dots
from lrbench.reporting.drawing.panels import canvas, legend
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.drawing.ticks import log_ticks, percent_ticks, plain_ticks, tick
from lrbench.reporting.inputs import Measured
from lrbench.wording import MISSING, counted, rounded

NAME = "Range test"
PLACE = 10
LINE_POINTS, ALL_POINTS = 300, 6000  # of a line, and of all lines together, at most
HIGHEST_LOSS = 1.5  # times the median of the first losses, where the axis ends at the latest
BEYOND = 1.3  # of the rates, times the lowest and the highest


def draw(measured: Measured, rates: Rates) -> Drawing:
    """Smoothed loss against rate, a line for each seed; below, suggestions by rule, over the scores of the sweep."""
    found = measured.probes[ID]
    curves = [_curve(found, one) for one in found["seeds"]]
    every = -(-len(curves) // MANY_SEEDS)
    shown, tests = curves[::every], found["seeds"][::every]
    drawn = canvas(6.4)
    top, middle, bottom = drawn.subplots(3, 1, sharex=True, height_ratios=(3.0, 1.2, 2.0))
    _draw_losses(top, shown, tests)
    _draw_suggestions(middle, tests)
    _draw_scores(bottom, measured, rates)
    flat = plateau_of(measured)
    if len(rates) > 1 and flat:
        edges = edges_of(rates.values)
        ends = edges[rates.index(flat[0])], edges[rates.index(flat[-1]) + 1]
        for axes in (middle, bottom):
            _draw_band(axes, *ends)
    low, high = min(found["lowest"], rates.values[0]) / BEYOND, max(found["highest"], rates.values[-1]) * BEYOND
    bottom.set(xscale="log", xlim=(low, high), xlabel="Learning rate")
    log_ticks(bottom.xaxis, (low, high), tick)
    legend(
        drawn,
        rates,
        [
            ("smoothed loss of a seed", {"color": style.MUTED, "linewidth": 1.0}),
            ("suggestion of a seed", {"marker": "|", "linestyle": "none", "markersize": 9}),
        ],
    )
    some = f" Of {len(curves)} seeds, {len(shown)} are drawn." if every > 1 else ""
    band = " Suggestions on the grey band stand for rates of the plateau." if len(rates) > 1 and flat else ""
    return Drawing(
        canvas=drawn,
        data=pd.concat([curve.assign(seed=one["seed"]) for curve, one in zip(curves, found["seeds"], strict=True)]),
        title=_title(curves),
        caption=(
            "Top: loss of the batch of each step (nats), smoothed, against the learning rate of that step, on a "
            f"logarithmic axis (n = {counted(len(curves), 'seed')}, each a line; a cross where a test stopped early). "
            f"Middle: the rate that each rule suggests, a mark for each seed. Bottom: score of the runs of the sweep, "
            f"a mark for each run that learned.{band}{some}"
        ),
        alt=f"Lines of smoothed loss against rising learning rate, one for each seed. {_title(curves)}. Suggested: "
        + "; ".join(f"{NAMES[rule]}, {_span(found['seeds'], rule)}" for rule in NAMES)
        + ".",
        columns=["Seed", "Steps", "End", *(f"Suggested: {name}" for name in NAMES.values())],
        rows=[
            [
                str(one["seed"]),
                f"{len(one['losses']):,} of {found['steps']:,}",
                one["end"],
                *(rounded(one["suggestions"][rule], 3) for rule in NAMES),
            ]
            for one in found["seeds"]
        ],
        note="The CSV has the loss of every step.",
    )


def _curve(found: Mapping[str, Any], test: Mapping[str, Any]) -> pd.DataFrame:
    """A seed's steps: their rates, losses and smoothed losses."""
    losses = np.array(test["losses"], float)
    rates = rising_rates(found["lowest"], found["highest"], found["steps"])[: len(losses)]
    columns = {"seed": test["seed"], "step": np.arange(1, len(losses) + 1), "learning_rate": rates, "loss": losses}
    return pd.DataFrame({**columns, "smoothed_loss": smoothed(losses)})


def _draw_losses(axes: Any, curves: Sequence[pd.DataFrame], tests: Sequence[Mapping[str, Any]]) -> None:
    axes.set_ylabel("Smoothed loss (nats)")
    plain_ticks(axes.yaxis)
    whole = [curve for curve in curves if len(curve)]
    if not whole:
        axes.set_yticks([])
        axes.text(0.5, 0.4, "no loss is finite", transform=axes.transAxes, ha="center", color=style.MUTED)
        return
    least = min(float(curve["smoothed_loss"].min()) for curve in whole)
    most = max(float(curve["smoothed_loss"].max()) for curve in whole)
    first = float(np.median([curve["smoothed_loss"].iloc[0] for curve in whole]))
    end = min(most, HIGHEST_LOSS * first) if first > least else most
    room = 0.05 * max(end - least, 0.01)
    axes.set_ylim(least - room, end + room)
    points = max(min(LINE_POINTS, ALL_POINTS // len(whole)), 2)
    for curve, test in zip(curves, tests, strict=True):
        if not len(curve):
            continue
        kept = np.unique(np.linspace(0, len(curve) - 1, points).astype(int))
        x, y = (curve[name].to_numpy()[kept] for name in ("learning_rate", "smoothed_loss"))
        axes.plot(x, y, color=style.MUTED, linewidth=1.0)
        if test["end"] != WHOLE:
            look = {"color": style.INK, "marker": "x", "markersize": 4.5, "linestyle": "none", "clip_on": False}
            axes.plot(x[-1:], np.minimum(y[-1:], end + room), **look)


def _draw_suggestions(axes: Any, tests: Sequence[Mapping[str, Any]]) -> None:
    rules = list(NAMES)
    axes.set_yticks(range(len(rules)), [NAMES[rule] for rule in rules], fontsize=7.5)
    axes.set_ylim(len(rules) - 0.4, -0.6)
    for row, rule in enumerate(rules):
        values = [one["suggestions"][rule] for one in tests if one["suggestions"][rule] is not None]
        mark = Line2D(values, [row] * len(values), linestyle="none", color=style.INK, marker="|", markersize=9)
        axes.add_line(mark)


def _draw_scores(axes: Any, measured: Measured, rates: Rates) -> None:
    axes.set_ylabel("Score of the sweep")
    learned = measured.runs[measured.runs["outcome"] == "learned"]
    if learned.empty:
        axes.set_yticks([])
        axes.text(0.5, 0.4, "no run learned", transform=axes.transAxes, ha="center", color=style.MUTED)
        return
    for rate in rates:
        scores = learned.loc[learned["learning_rate"] == rate, "score"].to_numpy()
        if len(scores):
            draw_dots(axes, rates, rate, np.full(len(scores), rate), scores, 4.6, len(rates) >= 12)
    low, high = axes.get_ylim()
    room = max(0.005 - (high - low) / 2, 0.0)  # no closer than one point
    axes.set_ylim(low - room, min(high + room, 1.002))
    percent_ticks(axes.yaxis)


def _draw_band(axes: Any, low: float, high: float) -> None:
    """A grey band between two rates."""
    band = Rectangle((low, 0), high - low, 1, transform=axes.get_xaxis_transform(), color=style.GRID, linewidth=0)
    band.set(alpha=0.5, zorder=0)
    axes.add_artist(band)


def _title(curves: Sequence[pd.DataFrame]) -> str:
    least = sorted(float(one["learning_rate"].iloc[int(one["smoothed_loss"].argmin())]) for one in curves if len(one))
    if not least:
        return "In no range test is the loss of a step finite"
    if len(least) == 1:
        return f"The smoothed loss is least at a rate of {rounded(least[0])}"
    return f"The smoothed loss is least at rates from {rounded(least[0])} to {rounded(least[-1])}"


def _span(tests: Sequence[Mapping[str, Any]], rule: str) -> str:
    values = sorted(one["suggestions"][rule] for one in tests if one["suggestions"][rule] is not None)
    return MISSING if not values else f"{rounded(values[0])} to {rounded(values[-1])}"
