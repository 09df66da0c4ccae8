"""The figure of how the runs of each variant end: score and final validation loss against learning rate."""

from __future__ import annotations

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
from lrbench.wording import fixed, listed, rate_label

NAME = "Accuracy by rate"
PLACE = 10


def draw(compared: ComparedVariants, rates: Rates) -> Drawing:
    """A line a variant, over its own rates; `rates` are the places of the variants."""
    drawn = canvas(4.8)
    panels = list(drawn.subplots(1, 2).flat)
    for place in rates:
        _draw_variant(panels, compared, rates, place)
    for axes in panels:
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
        caption=f"Mean score over the runs of a rate with its {compared.level} interval where there are three or more, "
        "and their mean validation loss after the last epoch, against learning rate (logarithmic), a line a variant. A "
        "cross marks a rate at which not every planned run learned.",
        alt=f"Lines of mean score and final validation loss against learning rate. {_title(compared)}.",
        columns=["Variant", compared.rate_heading, "Runs", "Learned", "Mean score", "Interval", "Mean loss (nats)"],
        rows=[
            [
                compared.labels[int(row["place"])],
                rate_label(row["learning_rate"]),
                str(row["n"]),
                str(row["learned"]),
                compared.accuracy(row["score"]),
                compared.interval(row),
                fixed(row["loss"]),
            ]
            for row in compared.curves.to_dict("records")
        ],
    )


def _draw_variant(panels: list[Any], compared: ComparedVariants, rates: Rates, place: float) -> None:
    own = compared.curves[compared.curves["place"] == int(place)]
    x, lost = own["learning_rate"].to_numpy(), ~own["eligible"].to_numpy(dtype=bool)
    for axes, column in zip(panels, ("score", "loss"), strict=True):
        y = own[column].to_numpy()
        line = axes.plot(x, y, **rates.look(place, markersize=4.0))[0]
        line.set_markevery(np.flatnonzero(~lost).tolist())
        rates.tag(line, place)
        cross = axes.plot(x[lost], y[lost], **rates.look(place, marker="x", linestyle="none", markersize=5.0))[0]
        rates.tag(cross, place)
    sure = own[(own["n"] >= FEWEST_SEEDS) & own["score_low"].notna()]
    if len(sure):
        low, high = (np.clip(sure[f"score_{end}"].to_numpy(), 0.0, 1.0) for end in ("low", "high"))
        bars = panels[0].vlines(sure["learning_rate"], low, high, color=rates.colour(place), linewidth=1.0)
        rates.tag(bars, place)


def _legend(drawn: Any, compared: ComparedVariants, rates: Rates) -> None:
    handles = [Line2D([], [], linewidth=1.7, **rates.look(place)) for place in rates]
    handles.append(Line2D([], [], color=style.INK, marker="x", linestyle="none", markersize=5.0))
    box = drawn.legend(
        handles,
        [*compared.labels, "not every run learned"],
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
