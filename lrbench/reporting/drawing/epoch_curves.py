"""A measure of training against epochs, on training and on validation data: what loss and accuracy share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from lrbench.reporting.drawing.curves import (
    TRAINING,
    VALIDATION,
    Line,
    draw_curves,
    lines_caption,
    lost_caption,
    panel_choice,
    panels_caption,
    wide_rows,
)
from lrbench.reporting.drawing.phrases import means_alt, not_apart
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.drawing.ticks import error_scale, flattened, percent_ticks
from lrbench.reporting.inputs import Measured
from lrbench.wording import counted, fixed, listed, rate_label, rate_span

STRETCHED = " The axis is logarithmic in the error, which keeps high accuracies apart though some are low."
NAMED = 3  # so many rates have their values named one by one in a title


def epochs_figure(
    measured: Measured,
    rates: Rates,
    measure: str,
    label: str,
    text: Callable[[float], str],
) -> Drawing:
    """The figure of a measure after each epoch.

    Parameters
    ----------
    measure : loss or accuracy
    label : of its axis
    text : of a value
    """
    epochs = measured.tables.epochs
    single_runs = measured.single_runs
    shown = panel_choice(measured, rates)
    columns = {measure: "training", f"val_{measure}": "validation"}
    lines = [Line(measure, "training", TRAINING), Line(f"val_{measure}", "validation", VALIDATION)]
    values = epochs[list(columns)].to_numpy(dtype=float)
    stretched = measure == "accuracy" and flattened(values)

    def prepare(axes: Any) -> None:
        axes.xaxis.set_major_locator(MaxNLocator(6 if rates.panelled else 10, integer=True, min_n_ticks=1))
        if stretched:
            error_scale(axes, values)
        elif measure == "accuracy":
            percent_ticks(axes.yaxis)

    drawn = draw_curves(rates, epochs, "epoch", [(label, lines)], "Epoch", prepare, single_runs, shown)
    means = final_means(epochs, f"val_{measure}")
    unit = "mean cross-entropy, in nats" if measure == "loss" else "percentage of examples classified correctly"
    heads, rows, note = wide_rows(
        epochs,
        "epoch",
        columns,
        lambda _, value: fixed(value) if measure == "loss" else text(value),
        not single_runs,
        heading=measured.rate_heading,
        shown=shown,
    )
    return Drawing(
        canvas=drawn,
        data=epochs[["learning_rate", "seed", "epoch", *columns]],
        title=_ends_title(measured, means, measure, text),
        caption=(
            f"{measure.capitalize()} ({unit}) against epoch. Solid with filled markers: on training data, the running "
            "mean over the epoch, while the weights changed. Dashed with open markers: on validation data, after "
            f"the epoch. {lines_caption(measured, single_runs)}{panels_caption(rates, shown, f'validation {measure}')}"
            f"{lost_caption(epochs, list(columns))}{STRETCHED if stretched else ''}"
        ),
        alt=(
            f"Line chart of training and validation {measure} against epoch for "
            f"{counted(len(rates), measured.rate_heading.lower())}. "
            f"Mean validation {measure} after the last epoch: {means_alt(means, text)}"
        ),
        columns=heads,
        rows=rows,
        note=note,
    )


def final_means(frame: pd.DataFrame, column: str) -> dict[float, float]:
    """Mean over seeds at the last epoch, by rate; not finite where a seed's value is not."""
    last = frame[frame["epoch"] == frame["epoch"].max()]
    return {float(rate): float(np.mean(values.to_numpy())) for rate, values in last.groupby("learning_rate")[column]}


def _ends_title(measured: Measured, means: Mapping[float, float], measure: str, text: Callable[[float], str]) -> str:
    """Which rates end lowest and highest by their mean, and what the tests say of the first of them."""
    finite = {rate: value for rate, value in means.items() if np.isfinite(value)}
    if not finite:
        return f"No learning rate ends with a finite mean validation {measure}"
    best, worst = ("lowest", "highest") if measure == "loss" else ("highest", "lowest")
    ranked = sorted(finite, key=lambda rate: (finite[rate] if measure == "loss" else -finite[rate], rate))
    first, last = ranked[0], ranked[-1]
    mean = "Mean validation" if measured.seeds > 1 else "Validation"
    lost = len(means) - len(finite)
    tail = f"; {counted(lost, 'rate')} without a finite end" if lost else ""
    if text(finite[first]) == text(finite[last]):
        where = "" if len(means) == 1 else f" at {rate_span(finite)}"
        return f"{mean} {measure} ends at {text(finite[first])}{where}{tail}"
    beside = [rate for rate in measured.candidates if rate in finite]
    if measure == "accuracy" and first in beside and len(beside) > 1:
        close = f"{mean} accuracy ends at {_values_at(finite, beside, text)}, whose scores are "
        lowest = f", and lowest at {rate_label(last)} ({text(finite[last])}{_learned(measured, last)})"
        return f"{close}practically tied or not resolved{'' if last in beside else lowest}{tail}"
    return (
        f"{mean} {measure} ends {best} at {rate_label(first)} ({text(finite[first])}{_learned(measured, first)}"
        f"{not_apart(measured, first, measure)}), {worst} at {rate_label(last)} ({text(finite[last])}"
        f"{_learned(measured, last)}){tail}"
    )


def _values_at(values: Mapping[float, float], rates: Sequence[float], text: Callable[[float], str]) -> str:
    """The values of some rates: each with its rate where they are few, else their range and the rates."""
    each = {rate: text(values[rate]) for rate in rates}
    if len(set(each.values())) == 1:
        return f"{each[rates[0]]} at {rate_span(rates)}"
    if len(rates) <= NAMED:
        return listed(f"{shown} at {rate_label(rate)}" for rate, shown in each.items())
    return f"{' to '.join(text(end(values[rate] for rate in rates)) for end in (min, max))} at {rate_span(rates)}"


def _learned(measured: Measured, rate: float) -> str:
    """How many runs of a rate learned, where not all did: what its mean stands for."""
    row = measured.rates[measured.rates["learning_rate"] == rate].iloc[0]
    learned, planned = int(row["learned"]), int(row["planned"])
    return "" if learned == planned else f", {learned} of {counted(planned, 'run')} learned"
