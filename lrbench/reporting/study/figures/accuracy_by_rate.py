"""The figure of how the runs of each variant end: score and final validation loss against learning rate."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.lines import Line2D

from lrbench.reporting.drawing import style
from lrbench.reporting.drawing.panels import canvas
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.drawing.ticks import percent_ticks, plain_ticks, rate_ticks
from lrbench.reporting.study.inputs import ComparedVariants
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.wording import MISSING, fixed, listed, rate_label

NAME = "Accuracy by rate"
PLACE = 10
ROOM = 0.06  # of the height of an axis, left beyond what it shows
LEAST_ROOM = 0.002
FAR = 3.0  # heights of an axis beyond which a line is drawn no farther


def draw(compared: ComparedVariants, rates: Rates) -> Drawing:
    """A line and a band a variant, over its own rates; `rates` are the places of the variants."""
    drawn = canvas(4.8)
    panels = list(drawn.subplots(1, 2).flat)
    for axes, column, most in zip(panels, ("score", "loss"), (1.0, math.inf), strict=True):
        limits = _limits(compared, column, most)
        for place in rates:
            _draw_variant(axes, compared, rates, place, column, most, limits)
        axes.set_ylim(limits)
        axes.set_xscale("log")
        axes.set_xlabel(compared.rate_heading)
        rate_ticks(axes.xaxis, sorted(set(compared.curves["learning_rate"])))
    panels[0].set_ylabel("Score (validation accuracy)")
    percent_ticks(panels[0].yaxis)
    panels[1].set_ylabel("Final validation loss (nats)")
    plain_ticks(panels[1].yaxis)
    _legend(drawn, compared, rates)
    return Drawing(
        canvas=drawn,
        data=compared.curves,
        title=_title(compared),
        caption="Mean score over the runs of a rate, and their mean validation loss after the last epoch, against "
        f"learning rate (logarithmic), a line a variant. Its band is the {compared.level} interval over seeds, from "
        "three seeds on. A cross marks a rate at which not every planned run is there and learned. Each axis shows "
        "the rates at which all did; what lies beyond stands at its edge, and the table has its numbers.",
        alt=f"Lines of mean score and final validation loss against learning rate. {_title(compared)}.",
        columns=[
            "Variant",
            compared.rate_heading,
            "Planned runs",
            "Runs",
            "Learned",
            "Mean score",
            "Interval",
            "Mean loss (nats)",
            "Interval (nats)",
        ],
        rows=[
            [
                compared.labels[int(row["place"])],
                rate_label(row["learning_rate"]),
                *(str(row[name]) for name in ("planned", "n", "learned")),
                compared.accuracy(row["score"]),
                compared.interval(row),
                fixed(row["loss"]) if row["n"] else MISSING,
                compared.loss_interval(row),
            ]
            for row in compared.curves.to_dict("records")
        ],
    )


def _limits(compared: ComparedVariants, column: str, most: float) -> tuple[float, float]:
    """The ends of an axis: what the rates at which every planned run learned reach, with their bands, and some room.

    most : what the measure cannot exceed
    """
    own = compared.curves[compared.curves["eligible"]]
    ends = own[[column, f"{column}_low", f"{column}_high"]].to_numpy(dtype=float)
    finite = np.clip(ends[np.isfinite(ends)], 0.0, most)
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    room = max(ROOM * (high - low), LEAST_ROOM)
    return max(low - room, 0.0), min(high + room, most + room / 2)


def _draw_variant(
    axes: Any,
    compared: ComparedVariants,
    rates: Rates,
    place: float,
    column: str,
    most: float,
    limits: tuple[float, float],
) -> None:
    own = compared.curves[compared.curves["place"] == int(place)]
    x, whole = own["learning_rate"].to_numpy(), own["eligible"].to_numpy(dtype=bool)
    y, low, high = (own[f"{column}{end}"].to_numpy(dtype=float) for end in ("", "_low", "_high"))
    low, high = np.clip(low, 0.0, most), np.clip(high, 0.0, most)
    sure = whole & (own["n"].to_numpy() >= FEWEST_SEEDS) & np.isfinite(low)
    for part in _stretches(sure):
        if len(part) > 1:
            outline = np.concatenate([x[part], x[part][::-1]]), np.concatenate([low[part], high[part][::-1]])
            band = axes.fill(*outline, facecolor=rates.colour(place), alpha=0.18, linewidth=0)[0]
        else:
            band = axes.vlines(x[part], low[part], high[part], color=rates.colour(place), linewidth=1.0)
        rates.tag(band, place)
    span = limits[1] - limits[0]
    line = axes.plot(
        x, np.clip(y, limits[0] - FAR * span, limits[1] + FAR * span), **rates.look(place, markersize=4.0)
    )[0]
    line.set_markevery(np.flatnonzero(whole).tolist())
    rates.tag(line, place)
    lost = ~whole & (own["n"].to_numpy() > 0)
    if lost.any():
        worst = limits[0] if column == "score" else limits[1]
        at = np.clip(np.where(np.isfinite(y), y, worst), *limits)[lost]
        look = rates.look(place, marker="x", linestyle="none", markersize=5.0, clip_on=False)
        rates.tag(axes.plot(x[lost], at, **look)[0], place)


def _stretches(chosen: np.ndarray) -> list[np.ndarray]:
    """The places that are chosen, shape (places,), each run of neighbours by itself."""
    found = np.flatnonzero(chosen)
    return [part for part in np.split(found, np.flatnonzero(np.diff(found) > 1) + 1) if len(part)]


def _legend(drawn: Any, compared: ComparedVariants, rates: Rates) -> None:
    handles = [Line2D([], [], linewidth=1.7, **rates.look(place)) for place in rates]
    handles.append(Line2D([], [], color=style.INK, marker="x", linestyle="none", markersize=5.0))
    box = drawn.legend(
        handles,
        [*compared.labels, "not every planned run learned"],
        loc="outside upper left",
        ncols=min(len(handles), 5),
        columnspacing=1.3,
        handlelength=2.2,
    )
    for place, line, text in zip(rates, box.get_lines(), box.get_texts(), strict=False):
        rates.tag(line, place)
        rates.tag(text, place)


def _title(compared: ComparedVariants) -> str:
    known = compared.variants[compared.variants["eligible"] > 0]
    if known.empty:
        return "In no variant did every planned run of a rate learn"
    each = [f"{rate_label(row['best'])} with {compared.labels[row['place']]}" for row in known.to_dict("records")]
    return f"The mean score is highest at {listed(each)}"
