"""Figures along training: loss, accuracy, the first epoch, gradients and updates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, MaxNLocator

from lrbench.names import rate_label
from lrbench.reporting import words
from lrbench.reporting.drawing import MANY_RUNS, Drawing, Figure, Rates, wide_rows
from lrbench.reporting.inputs import Measured
from lrbench.reporting.lines import (
    TRAINING,
    VALIDATION,
    Line,
    draw_curves,
    lines_caption,
    lost_caption,
    panel_choice,
    panels_caption,
)
from lrbench.wording import counted


def final_means(frame: pd.DataFrame, column: str) -> dict[float, float]:
    """Mean over seeds at the last epoch, by rate; not finite where a seed's value is not."""
    last = frame[frame["epoch"] == frame["epoch"].max()]
    return {float(rate): float(np.mean(values.to_numpy())) for rate, values in last.groupby("learning_rate")[column]}


def _means_alt(means: Mapping[float, float], text: Callable[[float], str]) -> str:
    shown = list(means.items())
    if len(shown) > 12:
        shown = [shown[place] for place in np.unique(np.linspace(0, len(shown) - 1, 12).round().astype(int))]
    left_out = f" ({len(means) - len(shown)} more in the table)" if len(shown) < len(means) else ""
    return "; ".join(f"{text(value)} at rate {rate_label(rate)}" for rate, value in shown) + left_out + "."


def _ends_title(means: Mapping[float, float], measure: str, best: str, worst: str, text: Callable[[float], str]) -> str:
    finite = {rate: value for rate, value in means.items() if np.isfinite(value)}
    if not finite:
        return f"No learning rate ends with a finite validation {measure}"
    ranked = sorted(finite, key=lambda rate: finite[rate], reverse=best == "highest")
    first, last = ranked[0], ranked[-1]
    if len(means) == 1:
        return f"Validation {measure} ends at {text(finite[first])}"
    lost = len(means) - len(finite)
    tail = f"; {counted(lost, 'rate')} without a finite end" if lost else ""
    if text(finite[first]) == text(finite[last]) and first != last:
        return f"Validation {measure} ends at {text(finite[first])} at every rate with a finite end{tail}"
    if first == last:
        return f"Validation {measure} ends at {text(finite[first])} at {rate_label(first)}{tail}"
    return (
        f"Validation {measure} ends {best} at {rate_label(first)} ({text(finite[first])}), "
        f"{worst} at {rate_label(last)} ({text(finite[last])}){tail}"
    )


def loss(measured: Measured, rates: Rates) -> Drawing:
    """Training and validation loss after each epoch."""
    return _epochs_figure(measured, rates, "loss", "Loss (nats)", ("lowest", "highest"), words.number)


def accuracy(measured: Measured, rates: Rates) -> Drawing:
    """Training and validation accuracy after each epoch."""
    decimals = words.accuracy_decimals(measured.dataset["parts"]["validation"]["examples"])
    return _epochs_figure(
        measured, rates, "accuracy", "Accuracy", ("highest", "lowest"), lambda value: words.percent(value, decimals)
    )


def _epochs_figure(
    measured: Measured,
    rates: Rates,
    measure: str,
    label: str,
    ends: tuple[str, str],
    text: Callable[[float], str],
) -> Drawing:
    epochs = measured.tables.epochs
    single_runs = len(rates) * measured.seeds <= MANY_RUNS
    shown = panel_choice(measured, rates)
    columns = {measure: "training", f"val_{measure}": "validation"}
    lines = [Line(measure, "training", TRAINING), Line(f"val_{measure}", "validation", VALIDATION)]

    def prepare(axes: Any) -> None:
        axes.xaxis.set_major_locator(MaxNLocator(6 if rates.panelled else 10, integer=True, min_n_ticks=1))
        if measure == "accuracy":
            axes.yaxis.set_major_formatter(FuncFormatter(words.share))

    drawn = draw_curves(rates, epochs, "epoch", [(label, lines)], "Epoch", prepare, single_runs, shown)
    means = final_means(epochs, f"val_{measure}")
    unit = "mean cross-entropy, in nats" if measure == "loss" else "share of examples classified correctly"
    heads, rows, note = wide_rows(epochs, "epoch", columns, lambda value: words.fixed(value), not single_runs)
    figure = Figure(
        id=measure,
        title=_ends_title(means, measure, *ends, text),
        caption=(
            f"{measure.capitalize()} ({unit}) against epoch. Solid with filled markers: on training data, the running "
            "mean over the epoch, while the weights changed. Dashed with open markers: on validation data, after "
            f"the epoch. {lines_caption(measured, single_runs)}{panels_caption(rates, shown)}"
            f"{lost_caption(epochs, list(columns))}"
        ),
        alt=(
            f"Line chart of training and validation {measure} against epoch for "
            f"{counted(len(rates), 'learning rate')}. "
            f"Mean validation {measure} after the last epoch: {_means_alt(means, text)}"
        ),
        columns=heads,
        rows=rows,
        note=note,
    )
    return Drawing(figure, drawn, epochs[["learning_rate", "seed", "epoch", *columns]])


def first_epoch(measured: Measured, rates: Rates) -> Drawing:
    """Loss and accuracy within the first epoch, on logarithmic steps."""
    evaluations = measured.tables.evaluations
    first = evaluations[(evaluations["epoch"] <= 1.0) & (evaluations["step"] >= 1)]
    single_runs = len(rates) * measured.seeds <= MANY_RUNS
    shown = panel_choice(measured, rates)
    panels = [
        ("Training loss (nats)", [Line("train_loss", "training loss", TRAINING)]),
        ("Validation accuracy", [Line("val_accuracy", "validation accuracy", TRAINING)]),
    ]

    def prepare(axes: Any) -> None:
        axes.set_xscale("log")
        if axes.get_ylabel().endswith("accuracy"):
            axes.yaxis.set_major_formatter(FuncFormatter(words.share))

    drawn = draw_curves(rates, first, "step", panels, "Step (updates of the weights)", prepare, single_runs, shown)
    heads, rows, note = wide_rows(
        first,
        "step",
        {"train_loss": "training loss", "val_accuracy": "validation accuracy"},
        lambda value: words.fixed(value),
        not single_runs,
    )
    title, leaders = _first_epoch_title(first, rates)
    figure = Figure(
        id="first-epoch",
        title=title,
        caption=(
            "The first epoch, measured with the weights held still at roughly logarithmic steps: cross-entropy in "
            "nats on a "
            "fixed part of the training data"
            + ("" if rates.panelled else ", and share of validation examples classified correctly")
            + f". {lines_caption(measured, single_runs)}{panels_caption(rates, shown)}"
            + lost_caption(first, ["train_loss", "val_accuracy"])
        ),
        alt=f"Line charts of the first epoch against logarithmic steps for "
        f"{counted(len(rates), 'learning rate')}. {leaders}",
        columns=heads,
        rows=rows,
        note=note,
    )
    return Drawing(
        figure, drawn, first[["learning_rate", "seed", "step", "epoch", "train_loss", "val_loss", "val_accuracy"]]
    )


def _first_epoch_title(first: pd.DataFrame, rates: Rates) -> tuple[str, str]:
    steps = sorted(first["step"].unique())
    means = {
        step: {
            float(rate): float(np.mean(values.to_numpy()))
            for rate, values in first[first["step"] == step].groupby("learning_rate")["train_loss"]
        }
        for step in steps
    }
    leaders: dict[int, float | None] = {}
    for step, own in means.items():
        finite = sorted((value, rate) for rate, value in own.items() if np.isfinite(value))
        if finite:
            shared = len(finite) > 1 and finite[0][0] == finite[1][0]
            leaders[step] = None if shared else finite[0][1]
    if not leaders:
        text = "No learning rate keeps a finite training loss through the first epoch"
        return text, f"{text}."
    end = max(leaders)
    final = leaders[end]
    alt = f"Mean training loss at step {words.steps(end)}: " + _means_alt(means[end], words.number)
    if final is None:
        return "At the end of epoch 1 no single learning rate has the lowest training loss", alt
    if len(rates) == 1:
        return f"After {counted(int(end), 'step')} the training loss is {words.number(means[end][final])}", alt
    since = end
    for step in reversed(list(leaders)):
        if leaders[step] != final:
            break
        since = step
    earlier = [(step, leader) for step, leader in leaders.items() if step < since and leader is not None]
    if not earlier and since == min(leaders):
        return f"From the first steps to the end of epoch 1, {rate_label(final)} has the lowest training loss", alt
    if not earlier:
        return (
            f"From step {words.steps(since)} to the end of epoch 1, {rate_label(final)} has the lowest training loss",
            alt,
        )
    step, before = earlier[-1]
    title = (
        f"At step {words.steps(step)} training loss is lowest at {rate_label(before)}; "
        f"at the end of epoch 1, at {rate_label(final)}"
    )
    return title, alt


def gradients(measured: Measured, rates: Rates) -> Drawing:
    """Gradient norm and relative size of the updates along training."""
    evaluations = measured.tables.evaluations
    taken = evaluations[evaluations["step"] >= 1]
    single_runs = len(rates) * measured.seeds <= MANY_RUNS
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
        if (values[np.isfinite(values)] > 0).all() and np.isfinite(values).any():
            axes.set_yscale("log")

    drawn = draw_curves(rates, taken, "step", panels, "Step (updates of the weights)", prepare, single_runs, shown)
    last = taken[taken["step"] == taken["step"].max()]
    means = {
        float(rate): float(np.mean(values.to_numpy())) for rate, values in last.groupby("learning_rate")["update_ratio"]
    }
    heads, rows, note = wide_rows(
        taken,
        "step",
        {"gradient_norm": "gradient norm", "update_ratio": "update ratio"},
        lambda value: words.number(value, 3),
        not single_runs,
    )
    figure = Figure(
        id="gradients",
        title=_gradients_title(means, rates),
        caption=(
            "Along training, at the evaluated steps, on logarithmic axes: norm of the gradient of the loss over a "
            "fixed part "
            "of the training data, in nats per unit of weight, and update ratio, the size of the step just taken "
            "relative to "
            f"that of all weights, no unit. {lines_caption(measured, single_runs)}{panels_caption(rates, shown)}"
            + lost_caption(taken, ["gradient_norm", "update_ratio"])
        ),
        alt=(
            f"Line charts of gradient norm and update ratio against steps for "
            f"{counted(len(rates), 'learning rate')}. "
            f"Mean update ratio at the last step: {_means_alt(means, words.number)}"
        ),
        columns=heads,
        rows=rows,
        note=note,
    )
    return Drawing(figure, drawn, taken[["learning_rate", "seed", "step", "epoch", "gradient_norm", "update_ratio"]])


def _gradients_title(means: Mapping[float, float], rates: Rates) -> str:
    finite = {rate: value for rate, value in means.items() if np.isfinite(value)}
    if not finite:
        return "No learning rate ends with a finite update"
    low, high = min(finite, key=lambda rate: finite[rate]), max(finite, key=lambda rate: finite[rate])
    if len(rates) == 1 or low == high:
        return f"At the end a step changes the weights by {words.number(finite[low])} of their size"
    return (
        f"At the end a step changes the weights by {words.number(finite[low])} of their size at {rate_label(low)} "
        f"and by {words.number(finite[high])} at {rate_label(high)}"
    )
