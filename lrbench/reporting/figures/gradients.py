"""The figure of gradients and updates: gradient norm and relative size of the updates along training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

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
from lrbench.reporting.drawing.phrases import mean_range, means_alt, without_mean
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.inputs import Measured
from lrbench.wording import counted, rounded

NAME = "Gradients and updates"
PLACE = 70


def draw(measured: Measured, rates: Rates) -> Drawing:
    """Gradient norm and relative size of the updates along training."""
    evaluations = measured.tables.evaluations
    taken = evaluations[evaluations["step"] >= 1]
    single_runs = measured.single_runs
    shown = panel_choice(measured, rates)
    norm = Line("gradient_norm", "gradient norm", TRAINING)
    ratio = Line("update_ratio", "update ratio", VALIDATION if rates.panelled else TRAINING)
    if rates.panelled:
        panels = [("Gradient norm; update ratio", [norm, ratio])]
    else:
        panels = [("Gradient norm (nats per unit of weight)", [norm]), ("Update ratio ‖Δθ‖ / ‖θ‖", [ratio])]

    def prepare(axes: Any) -> None:
        axes.set_xscale("log")
        values = taken[["gradient_norm", "update_ratio"]].to_numpy()
        finite = values[np.isfinite(values)]
        # a panel of one measure may hold no finite value where that of the other does
        some = bool(finite.size) if rates.panelled else bool(np.isfinite(axes.dataLim.intervaly).all())
        if some and (finite > 0).all():
            axes.set_yscale("log")

    drawn = draw_curves(rates, taken, "step", panels, "Step (updates of the weights)", prepare, single_runs, shown)
    last = taken[taken["step"] == taken["step"].max()]
    medians = {
        float(rate): float(np.median(np.where(np.isfinite(values), values, np.inf)))
        for rate, values in last.groupby("learning_rate")["update_ratio"]
    }
    heads, rows, note = wide_rows(
        taken,
        "step",
        {"gradient_norm": "gradient norm", "update_ratio": "update ratio"},
        lambda _, value: rounded(value, 3),
        not single_runs,
        heading=measured.rate_heading,
        shown=shown,
    )
    return Drawing(
        canvas=drawn,
        data=taken[["learning_rate", "seed", "step", "epoch", "gradient_norm", "update_ratio"]],
        title=_title(medians, rates),
        caption=(
            "Along training, at the evaluated steps, on logarithmic axes: norm of the gradient of the loss over a "
            "fixed part "
            "of the training data, in nats per unit of weight, and update ratio, the size of the step just taken "
            "relative to "
            f"that of all weights, no unit. {lines_caption(measured, single_runs)}"
            + panels_caption(rates, shown, "the update ratio")
            + lost_caption(taken, ["gradient_norm", "update_ratio"])
        ),
        alt=(
            f"Line charts of gradient norm and update ratio against steps for "
            f"{counted(len(rates), measured.rate_heading.lower())}. "
            f"Median update ratio at the last step: {means_alt(medians, rounded)}"
        ),
        columns=heads,
        rows=rows,
        note=note,
    )


def _title(medians: Mapping[float, float], rates: Rates) -> str:
    finite = {rate: value for rate, value in medians.items() if np.isfinite(value)}
    if not finite:
        return "No learning rate ends with a finite median update"
    if len(rates) == 1:
        return f"The last step is {rounded(next(iter(finite.values())))} times as large as the weights"
    lost = without_mean(len(medians) - len(finite))
    return f"Median over runs of the size of the last step, relative to the weights: {mean_range(finite)}{lost}"
