"""The figure of the best rates: of each variant, or along the axis of numbers that the study varies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lrbench.reporting.drawing import style
from lrbench.reporting.drawing.panels import canvas, notice, row_height
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.drawing.ticks import rate_ticks
from lrbench.reporting.study.inputs import ComparedVariants
from lrbench.wording import number, rate_label

NAME = "Best rates"
PLACE = 20
COLUMNS = ("best", "tied_low", "tied_high", "recommended")
POWERS = ((0.0, "0"), (0.5, "½"), (1.0, "1"))


def draw(compared: ComparedVariants, rates: Rates) -> Drawing:
    """The best rate of each variant with the range of rates tied with it; `rates` are the places of the variants."""
    known = compared.variants[compared.variants["eligible"] > 0]
    along = compared.numeric and len(known) > 1
    if known.empty:
        drawn = notice("no variant has a best rate")
    else:
        drawn = canvas(4.2 if along else row_height(len(compared.labels)))
        axes = drawn.subplots()
        draw_points = _along_axis if along else _in_rows
        draw_points(axes, compared, rates, known)
    title = _title(compared, known)
    return Drawing(
        canvas=drawn,
        data=compared.variants,
        title=title,
        caption="The best rate of each variant (marker) and the range of rates that are practically tied with it or "
        "not resolved from it (line), both logarithmic."
        + (" Dotted: powers 0, ½ and 1 of the axis through the middle of the best rates." if along else ""),
        alt=f"Best rates of the variants with the range of tied rates. {title}.",
        columns=["Variant", f"Best {compared.rate_heading.lower()}", "Tied from", "to", "Recommended"],
        rows=[
            [
                compared.labels[row["place"]],
                *map(_label, (row[name] for name in ("best", "tied_low", "tied_high", "recommended"))),
            ]
            for row in compared.variants.to_dict("records")
        ],
    )


def _label(rate: float) -> str:
    return "none" if pd.isna(rate) else rate_label(rate)


def _in_rows(axes: Any, compared: ComparedVariants, rates: Rates, known: pd.DataFrame) -> None:
    count = len(compared.labels)
    for row in known.to_dict("records"):
        place, y = float(row["place"]), count - 1 - row["place"]
        rates.tag(
            axes.plot([row["tied_low"], row["tied_high"]], [y, y], color=rates.colour(place), linewidth=3)[0], place
        )
        rates.tag(axes.plot([row["best"]], [y], **rates.look(place, markersize=8))[0], place)
    axes.set_xscale("log")
    axes.set_yticks(range(count), compared.labels[::-1])
    axes.set_ylim(-0.6, count - 0.4)
    axes.set_xlabel(compared.rate_heading)
    rate_ticks(axes.xaxis, sorted(set(compared.curves["learning_rate"])))


def _along_axis(axes: Any, compared: ComparedVariants, rates: Rates, known: pd.DataFrame) -> None:
    value, best = known["value"].to_numpy(), known["best"].to_numpy()
    middle = np.exp(np.log(value).mean()), np.exp(np.log(best).mean())
    for power, name in POWERS:
        line = middle[1] * (value / middle[0]) ** power
        axes.plot(value, line, color=style.MUTED, linestyle=":", linewidth=1.0)
        axes.annotate(name, (value[-1], line[-1]), xytext=(8, -3), textcoords="offset points", color=style.MUTED)
    for row in known.to_dict("records"):
        place, x = float(row["place"]), row["value"]
        rates.tag(
            axes.plot([x, x], [row["tied_low"], row["tied_high"]], color=rates.colour(place), linewidth=3)[0], place
        )
        rates.tag(axes.plot([x], [row["best"]], **rates.look(place, markersize=8))[0], place)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(compared.axis_name.capitalize())
    axes.set_ylabel(compared.rate_heading)
    rate_ticks(axes.yaxis, sorted(set(compared.curves["learning_rate"])))
    axes.set_xticks(value, list(map(rate_label, value)))
    axes.minorticks_off()


def _title(compared: ComparedVariants, known: pd.DataFrame) -> str:
    if known.empty:
        return "No variant has a best rate"
    low, high = known["best"].min(), known["best"].max()
    if low == high:
        return f"The best rate is {rate_label(low)} in every variant that has one"
    slope = compared.across["exponent"]
    grows = f", and go with {compared.axis_name} to the power {number(slope, 2)}" if slope is not None else ""
    return f"The best rates reach from {rate_label(low)} to {rate_label(high)}{grows}"
