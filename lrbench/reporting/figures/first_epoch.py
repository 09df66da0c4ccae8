"""The figure of the first epoch: loss and accuracy within it, on logarithmic steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lrbench.reporting.drawing.curves import (
    TRAINING,
    Line,
    draw_curves,
    lines_caption,
    lost_caption,
    panel_choice,
    panels_caption,
    wide_rows,
)
from lrbench.reporting.drawing.phrases import mean_range, means_alt, without_mean
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.drawing.ticks import percent_ticks
from lrbench.reporting.inputs import Measured
from lrbench.wording import counted, fixed, rounded, steps

NAME = "First epoch"
PLACE = 30


def draw(measured: Measured, rates: Rates) -> Drawing:
    """Loss and accuracy within the first epoch, on logarithmic steps."""
    evaluations = measured.tables.evaluations
    first = evaluations[(evaluations["epoch"] <= 1.0) & (evaluations["step"] >= 1)]
    single_runs = measured.single_runs
    shown = panel_choice(measured, rates)
    panels = [
        ("Training loss (nats)", [Line("train_loss", "training loss", TRAINING)]),
        ("Validation accuracy", [Line("val_accuracy", "validation accuracy", TRAINING)]),
    ]

    def prepare(axes: Any) -> None:
        axes.set_xscale("log")
        if axes.get_ylabel().endswith("accuracy"):
            percent_ticks(axes.yaxis)

    drawn = draw_curves(rates, first, "step", panels, "Step (updates of the weights)", prepare, single_runs, shown)
    heads, rows, note = wide_rows(
        first,
        "step",
        {"train_loss": "training loss (nats)", "val_accuracy": "validation accuracy"},
        lambda column, value: fixed(value) if column == "train_loss" else measured.accuracy(value),
        not single_runs,
        heading=measured.rate_heading,
        shown=shown,
    )
    title, leaders = _first_epoch_title(first, rates)
    return Drawing(
        canvas=drawn,
        data=first[["learning_rate", "seed", "step", "epoch", "train_loss", "val_loss", "val_accuracy"]],
        title=title,
        caption=(
            "The first epoch, measured with the weights held still at roughly logarithmic steps: cross-entropy in "
            "nats on a "
            "fixed part of the training data"
            + ("" if rates.panelled else ", and percentage of validation examples classified correctly")
            + f". {lines_caption(measured, single_runs)}{panels_caption(rates, shown)}"
            + lost_caption(first, ["train_loss", "val_accuracy"])
        ),
        alt=f"Line charts of the first epoch against logarithmic steps for "
        f"{counted(len(rates), measured.rate_heading.lower())}. {leaders}",
        columns=heads,
        rows=rows,
        note=note,
    )


def _first_epoch_title(first: pd.DataFrame, rates: Rates) -> tuple[str, str]:
    """How far mean training losses lie apart at the end of epoch 1, and at the last step at which another rate led."""
    evaluated = sorted(first["step"].unique())
    means: dict[int, dict[float, float]] = {}
    for step in evaluated:
        own = first[first["step"] == step].groupby("learning_rate")["train_loss"]
        found = {float(rate): float(np.mean(values.to_numpy())) for rate, values in own}
        means[step] = found
    finite = {step: {rate: value for rate, value in own.items() if np.isfinite(value)} for step, own in means.items()}
    ends = [step for step, own in finite.items() if own]
    if not ends or ends[-1] != evaluated[-1]:
        text = "No learning rate has a finite mean training loss at the end of epoch 1"
        return text, f"{text}."
    end = ends[-1]
    alt = f"Mean training loss at step {steps(end)}: " + means_alt(means[end], rounded)
    if len(rates) == 1:
        return (
            f"After {counted(int(end), 'step')} the training loss is {rounded(next(iter(finite[end].values())))}",
            alt,
        )

    def leader(step: int) -> float | None:
        least = min(finite[step].values())
        leaders = [rate for rate, value in finite[step].items() if value == least]
        return leaders[0] if len(leaders) == 1 else None

    earlier = [step for step in ends[:-1] if leader(step) not in (None, leader(end))]
    text = f"{mean_range(finite[end])} at the end of epoch 1"
    if earlier and leader(end) is not None:
        text = f"{mean_range(finite[earlier[-1]])} at step {steps(earlier[-1])}, {text}"
    return f"Mean training loss: {text}{without_mean(len(rates) - len(finite[end]))}", alt
