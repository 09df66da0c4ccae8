"""The figure of stability: rises, oscillation, spikes and overfitting of every run, apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from lrbench.reporting.drawing import style
from lrbench.reporting.drawing.marks import box_caption, boxed, draw_box, draw_count, draw_dots, grey_strip, spread
from lrbench.reporting.drawing.panels import canvas, labelled_rows, legend, rate_rows, row_height
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.drawing.ticks import plain_ticks, symlog_ticks
from lrbench.reporting.inputs import Measured
from lrbench.wording import MISSING, counted, percent, rate_label, rate_span, rounded

NAME = "Stability"
PLACE = 60


def draw(measured: Measured, rates: Rates) -> Drawing:
    """What tutorials mix up, apart: rises, oscillation, spikes of the training loss, and overfitting."""
    runs = measured.runs
    short = measured.across["unsteadiness_measure"] == "largest_rise"
    moves = ("largest_rise", "Largest rise (nats)") if short else ("oscillation", "Oscillation (nats)")
    parts = [
        ("backtrack", "Backtrack (share of moves)"),
        moves,
        ("largest_spike", "Largest spike (nats)"),
        ("generalisation_gap", "Generalisation gap (nats)"),
    ]
    names = {
        row.learning_rate: rate_label(row.learning_rate) + (" ⚠" if row.unstable else "")
        for row in measured.rates.itertuples()
    }
    names = {
        rate: name.replace(" ⚠", "\nunstable") if len(rates) <= 8 else name.replace(" ⚠", " !")
        for rate, name in names.items()
    }
    drawn = canvas(min(row_height(len(rates), 0.22), 8.6))
    for axes, (column, label) in zip(drawn.subplots(1, 4, sharey=True).flat, parts, strict=True):
        _draw_measure(axes, rates, runs, column, _middles(measured, column), boxed(measured), measured.single_runs)
        axes.set_xlabel(label, fontsize=8.5)
        rate_rows(axes, rates, names)
    drawn.supylabel(measured.rate_heading, fontsize=9, color=style.INK)
    if measured.seeds > 1:
        legend(
            drawn,
            rates,
            [
                (
                    "median",
                    {"marker": "|", "linestyle": "none", "markersize": 11, "markeredgewidth": 1.6},
                )
            ],
            of=[],
        )
    columns = [column for column, _ in parts]
    complete = bool(np.isfinite(runs[columns].to_numpy()).all())
    title, alt = _title(measured)
    marked = (
        f" A ! marks the rates that count as unstable{_as_named(rates)}."
        if len(rates) > 8 and measured.rates["unstable"].any()
        else ""
    )
    return Drawing(
        canvas=drawn,
        data=runs[["learning_rate", "seed", "outcome", *columns]],
        title=title,
        caption=(
            "Four things, apart. Backtrack: share of the training loss's movement from epoch to epoch that goes "
            "up, 0 to 1. "
            + (
                "Largest rise: of the training loss from one epoch to the next. "
                if short
                else "Oscillation: how far the training loss of late epochs lies from its smooth course. "
            )
            + "Largest spike: of the training loss above the lowest it had been. Generalisation gap: final "
            "validation loss "
            "minus final training loss, which grows with overfitting. The last three in nats. "
            + (box_caption(measured) if boxed(measured) else f"Each dot is a run (n = {measured.seeds_a_rate})")
            + _bars(measured)
            + (
                ""
                if complete
                else "Values that are not finite or not available stand on the grey strip at the right"
                + (", counted." if boxed(measured) else ".")
            )
            + marked
        ),
        alt=(
            f"{'Box' if boxed(measured) else 'Dot'} plots of four measures, a row for each "
            f"{measured.rate_heading.lower()}. {alt}"
        ),
        **_table(measured, parts),
    )


def _bars(measured: Measured) -> str:
    if measured.seeds == 1:
        return ". "
    return "; bars are medians. "


def _middles(measured: Measured, column: str) -> dict[float, float]:
    """What stands for all runs of a rate: the median."""
    return dict(zip(measured.rates["learning_rate"], measured.rates[f"{column}_median"], strict=True))


def _as_named(rates: Rates) -> str:
    every = labelled_rows(len(rates))
    return "" if len(every) == len(rates) else ", where a row is named; the table has all"


def _draw_measure(
    axes: Any,
    rates: Rates,
    runs: pd.DataFrame,
    column: str,
    middles: Mapping[float, float],
    boxes: bool,
    single_runs: bool,
) -> None:
    values = runs[column].to_numpy()
    finite = values[np.isfinite(values)]
    if finite.size and finite.max() > 10 and finite.max() > 60 * float(np.median(finite[finite > 0])):
        threshold = float(np.median(finite[finite > 0]))
        axes.set_xscale("symlog", linthresh=threshold)
        symlog_ticks(axes.xaxis, threshold)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(3))
        plain_ticks(axes.xaxis)
    small = not single_runs
    for row, rate in enumerate(rates):
        own = runs.loc[runs["learning_rate"] == rate, column].to_numpy()
        y = row + spread(len(own), 0.55)
        there = np.isfinite(own)
        if boxes:
            draw_box(axes, rates, rate, own, row)
        else:
            draw_dots(axes, rates, rate, own[there], y[there], 2.2 if small else 4.5, small)
        if len(own) > 1 and there.all():
            middle = float(middles[rate])
            rates.tag(axes.plot([middle, middle], [row - 0.38, row + 0.38], color=style.INK, linewidth=1.5)[0], rate)
        if boxes:
            draw_count(axes, rates, rate, int((~there).sum()), (1.0, row), axes.get_yaxis_transform())
        elif not there.all():
            lost = Line2D(
                np.full((~there).sum(), 1.0), y[~there], linestyle="none", transform=axes.get_yaxis_transform()
            )
            lost.set(color=rates.colour(rate), marker="x", markersize=4, markeredgewidth=1.1, clip_on=False)
            axes.add_line(rates.tag(lost, rate))
    if not np.isfinite(values).all():
        grey_strip(axes, (0.965, 0), (1.035, 1))
    if not finite.size:
        axes.set_xticks([])
        axes.set_xlim(0, 1)
    else:
        low, high = float(finite.min()), float(finite.max())
        if axes.get_xscale() == "linear":
            room = 0.07 * (high - low) or 0.5 * abs(high) or 0.05
            left = max(low - room, -0.07 * (high + room)) if low >= 0 else low - room  # no ticks where no value can be
            axes.set_xlim(left, high + room * (2.2 if finite.size < values.size else 1))


def _title(measured: Measured) -> tuple[str, str]:
    rates = measured.rates
    unstable = list(rates.loc[rates["unstable"], "learning_rate"])
    finite = rates[np.isfinite(rates["backtrack_median"])]
    alt = "Median backtrack: " + "; ".join(
        f"{_or_dash(row.backtrack_median, measured, 2)} at {rate_label(row.learning_rate)}"
        for row in rates.head(12).itertuples()
    )
    if int(measured.tables.origin["settings"]["epochs"]) == 1:
        return "Stability needs more than one epoch to be judged", "Backtrack and largest rise need two epochs."
    exploded = int(rates["exploded"].sum())
    if unstable:
        named = f"Training is unstable at {rate_span(unstable)}"
        if exploded:
            return f"{named}; the training loss of {counted(exploded, 'run')} exploded", f"{alt}."
        own = rates[rates["unstable"]]
        most = own.loc[own["backtrack_median"].idxmax()]
        where = "where" if len(unstable) == 1 else f"at {rate_label(most['learning_rate'])}"
        joint = ", where" if len(unstable) == 1 else f"; {where}"
        return f"{named}{joint} {_upward(most)}", f"{alt}."
    if finite.empty:
        return "No rate has a median of finite training losses to judge stability by", f"{alt}."
    lost = len(rates) - len(finite)
    tail = f"; {counted(lost, 'rate')} without a median of finite losses" if lost else ""
    if finite["backtrack_median"].max() == 0:
        return (
            f"No rate counts as unstable: by the median over runs, no training loss moves up from epoch to epoch{tail}",
            f"{alt}.",
        )
    most = finite.loc[finite["backtrack_median"].idxmax()]
    if len(rates) == 1:
        return f"The rate does not count as unstable: {_upward(most)}", f"{alt}."
    return (
        f"No rate counts as unstable; most goes back at {rate_label(most['learning_rate'])}: {_upward(most)}{tail}",
        f"{alt}.",
    )


def _upward(row: pd.Series) -> str:
    share = percent(row["backtrack_median"], 0)
    return f"by the median over runs, {share} of the training loss's movement between epoch ends is upward"


def _or_dash(value: float, measured: Measured, digits: int = 3) -> str:
    """A measure as text; with one epoch, where nothing moves from epoch to epoch, a dash for what is not available."""
    if np.isnan(value) and int(measured.tables.origin["settings"]["epochs"]) == 1:
        return MISSING
    return rounded(value, digits)


def _table(measured: Measured, parts: list[tuple[str, str]]) -> dict[str, Any]:
    if not measured.single_runs:
        middles = {column: _middles(measured, column) for column, _ in parts}
        heads = [
            measured.rate_heading,
            "Unstable",
            *(f"Median {label[0].lower()}{label[1:]}" for column, label in parts),
        ]
        rows = [
            [
                rate_label(row["learning_rate"]),
                "yes" if row["unstable"] else "no",
                *(_or_dash(middles[column][row["learning_rate"]], measured) for column, _ in parts),
            ]
            for _, row in measured.rates.iterrows()
        ]
    else:
        heads = [measured.rate_heading, "Seed", "Outcome", *(label for _, label in parts)]
        rows = [
            [
                rate_label(row["learning_rate"]),
                str(row["seed"]),
                row["outcome"],
                *(_or_dash(row[column], measured) for column, _ in parts),
            ]
            for _, row in measured.runs.iterrows()
        ]
    return {"columns": heads, "rows": rows}
