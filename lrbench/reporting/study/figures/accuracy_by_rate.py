"""The figure of how the runs of each variant end: score and final validation loss against learning rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from lrbench.reporting.drawing import style
from lrbench.reporting.drawing.panels import canvas
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.drawing.ticks import log_ticks, rate_ticks, tick
from lrbench.reporting.study.inputs import ComparedVariants
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.wording import MISSING, fixed, listed, rate_label, target_label

NAME = "Accuracy by rate"
PLACE = 10
ROOM = 0.06  # of the height of a linear axis, left beyond what it shows
LEAST_ROOM = 0.002
ROOM_TIMES = 1.15  # the same of a logarithmic one
LEAST = 1e-4  # an error or a loss below it stands there on a logarithmic axis
LOGARITHMIC_FROM = 4.0  # times the least that the most is
CROSSES = "A cross marks a rate at which not every planned run is there and learned. "
FAR = 3.0  # heights of an axis beyond which a line is drawn no farther


@dataclass(frozen=True)
class Shown:
    """A measure as its panel shows it: values, of which lower ones are better, with the ends of their axis.

    column : of the table of curves; error : whether the panel shows what an accuracy lacks of 1
    low, high : the ends of the axis; logarithmic : its scale
    """

    column: str
    error: bool
    low: float
    high: float
    logarithmic: bool

    @classmethod
    def of(cls, compared: ComparedVariants, column: str, error: bool) -> Shown:
        """The axis over what the rates reach at which every planned run learned, with their bands and some room."""
        whole = cls(column, error, 0.0, 1.0, False)
        own = compared.curves[compared.curves["eligible"]]
        ends = np.concatenate([whole.values(own, end) for end in ("", "_low", "_high")])
        finite = ends[np.isfinite(ends)]
        if not finite.size:
            return whole
        least, most = max(float(finite.min()), LEAST), max(float(finite.max()), 2 * LEAST)
        if most / least > LOGARITHMIC_FROM:
            return cls(column, error, least / ROOM_TIMES, most * ROOM_TIMES, True)
        room = max(ROOM * (most - least), LEAST_ROOM)
        return cls(column, error, max(float(finite.min()) - room, 0.0), most + room, False)

    def values(self, rows: pd.DataFrame, end: str = "") -> np.ndarray:
        """The values of rows of the table of curves, shape (rows,), none below 0; `end` of their interval."""
        found = rows[f"{self.column}{end}"].to_numpy(dtype=float)
        return np.clip(1 - found if self.error else found, 0.0, None)

    def within(self, values: np.ndarray, beyond: float = 0.0) -> np.ndarray:
        """Values put to the ends of the axis, or as many of its heights beyond, where they lie farther out."""
        if self.logarithmic:
            far = (self.high / self.low) ** beyond
            return np.clip(values, self.low / far, self.high * far)
        span = self.high - self.low
        return np.clip(values, self.low - beyond * span, self.high + beyond * span)


def draw(compared: ComparedVariants, rates: Rates) -> Drawing:
    """A line and a band a variant, over its own rates; `rates` are the places of the variants."""
    drawn = canvas(4.8)
    panels = list(drawn.subplots(1, 2).flat)
    for axes, column in zip(panels, ("score", "loss"), strict=True):
        shown = Shown.of(compared, column, error=column == "score")
        for place in rates:
            _draw_variant(axes, compared, rates, place, shown)
        _set_axes(axes, shown)
        axes.set_xscale("log")
        axes.set_xlabel(compared.rate_heading)
        rate_ticks(axes.xaxis, sorted(set(compared.curves["learning_rate"])))
    panels[0].set_ylabel("Score (validation accuracy)")
    panels[1].set_ylabel("Final validation loss (nats)")
    lost = ~compared.curves["eligible"] & (compared.curves["n"] > 0)
    _legend(drawn, compared, rates, bool(lost.any()))
    return Drawing(
        canvas=drawn,
        data=compared.curves,
        title=_title(compared),
        caption="Mean score over the runs of a rate, and their mean validation loss after the last epoch, against "
        f"learning rate (logarithmic), a line a variant. Its band is the {compared.level} interval over seeds, from "
        f"three seeds on. {CROSSES if lost.any() else ''}Each axis shows the rates at which every planned run learned, "
        "on a logarithmic scale where they lie far apart (of accuracy, that of the error); what lies beyond stands at "
        "its edge, and the table has its numbers.",
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


def _set_axes(axes: Any, shown: Shown) -> None:
    """Scale, ends and ticks of a panel; accuracies stand where what they lack of 1 does, the best at the top."""

    def text(value: float) -> str:
        return target_label(1 - value) if shown.error else tick(value)

    ends = (shown.low, shown.high)
    if shown.logarithmic:
        axes.set_yscale("log")
        log_ticks(axes.yaxis, ends, text)
    else:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: text(value)))
    axes.set_ylim(ends[::-1] if shown.error else ends)


def _draw_variant(axes: Any, compared: ComparedVariants, rates: Rates, place: float, shown: Shown) -> None:
    own = compared.curves[compared.curves["place"] == int(place)]
    x, whole = own["learning_rate"].to_numpy(), own["eligible"].to_numpy(dtype=bool)
    y, *ends = (shown.values(own, end) for end in ("", "_low", "_high"))
    low, high = (shown.within(end, FAR) for end in ends)
    sure = whole & (own["n"].to_numpy() >= FEWEST_SEEDS) & np.isfinite(low)
    for part in _stretches(sure):
        if len(part) > 1:
            outline = np.concatenate([x[part], x[part][::-1]]), np.concatenate([low[part], high[part][::-1]])
            band = axes.fill(*outline, facecolor=rates.colour(place), alpha=0.18, linewidth=0)[0]
        else:
            band = axes.vlines(x[part], low[part], high[part], color=rates.colour(place), linewidth=1.0)
        rates.tag(band, place)
    line = axes.plot(x, shown.within(y, FAR), **rates.look(place, markersize=4.0))[0]
    line.set_markevery(np.flatnonzero(whole).tolist())
    rates.tag(line, place)
    lost = ~whole & (own["n"].to_numpy() > 0)
    if lost.any():
        at = shown.within(np.where(np.isfinite(y), y, shown.high))[lost]
        look = rates.look(place, marker="x", linestyle="none", markersize=5.0, clip_on=False)
        rates.tag(axes.plot(x[lost], at, **look)[0], place)


def _stretches(chosen: np.ndarray) -> list[np.ndarray]:
    """The places that are chosen, shape (places,), each run of neighbours by itself."""
    found = np.flatnonzero(chosen)
    return [part for part in np.split(found, np.flatnonzero(np.diff(found) > 1) + 1) if len(part)]


def _legend(drawn: Any, compared: ComparedVariants, rates: Rates, crosses: bool) -> None:
    handles = [Line2D([], [], linewidth=1.7, **rates.look(place)) for place in rates]
    labels = list(compared.labels)
    if crosses:
        handles.append(Line2D([], [], color=style.INK, marker="x", linestyle="none", markersize=5.0))
        labels.append("not every planned run learned")
    box = drawn.legend(
        handles,
        labels,
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
