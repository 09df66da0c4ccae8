"""Figures along training: loss, accuracy, the first epoch, gradients and updates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, MaxNLocator

from lrbench.reporting import words
from lrbench.reporting.differences import not_apart
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
from lrbench.wording import counted, rate_label


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
        where = "" if len(means) == 1 else f" at {words.rates(finite)}"
        return f"{mean} {measure} ends at {text(finite[first])}{where}{tail}"
    beside = [rate for rate in measured.candidates if rate in finite]
    if measure == "accuracy" and first in beside and len(beside) > 1:
        ends = dict.fromkeys(text(end(finite[rate] for rate in beside)) for end in (min, max))
        close = f"{mean} accuracy ends at {' to '.join(ends)} at {words.rates(beside)}, whose scores are too close to "
        lowest = f", and lowest at {rate_label(last)} ({text(finite[last])}{_learned(measured, last)})"
        return f"{close}choose by{'' if last in beside else lowest}{tail}"
    return (
        f"{mean} {measure} ends {best} at {rate_label(first)} ({text(finite[first])}{_learned(measured, first)}"
        f"{not_apart(measured, first, measure)}), {worst} at {rate_label(last)} ({text(finite[last])}"
        f"{_learned(measured, last)}){tail}"
    )


def _learned(measured: Measured, rate: float) -> str:
    """How many runs of a rate learned, where not all did: what its mean stands for."""
    row = measured.rates[measured.rates["learning_rate"] == rate].iloc[0]
    learned, planned = int(row["learned"]), int(row["planned"])
    return "" if learned == planned else f", {learned} of {counted(planned, 'run')} learned"


def loss(measured: Measured, rates: Rates) -> Drawing:
    """Training and validation loss after each epoch."""
    return _epochs_figure(measured, rates, "loss", "Loss (nats)", words.number)


def accuracy(measured: Measured, rates: Rates) -> Drawing:
    """Training and validation accuracy after each epoch."""
    return _epochs_figure(measured, rates, "accuracy", "Accuracy", measured.accuracy)


def _epochs_figure(
    measured: Measured,
    rates: Rates,
    measure: str,
    label: str,
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
    unit = "mean cross-entropy, in nats" if measure == "loss" else "percentage of examples classified correctly"
    heads, rows, note = wide_rows(
        epochs,
        "epoch",
        columns,
        lambda _, value: words.fixed(value) if measure == "loss" else text(value),
        not single_runs,
    )
    figure = Figure(
        id=measure,
        title=_ends_title(measured, means, measure, text),
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
        {"train_loss": "training loss (nats)", "val_accuracy": "validation accuracy"},
        lambda column, value: words.fixed(value) if column == "train_loss" else measured.accuracy(value),
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
            + ("" if rates.panelled else ", and percentage of validation examples classified correctly")
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
    """How far mean training losses lie apart at the end of epoch 1, and at the last step at which another rate led."""
    steps = sorted(first["step"].unique())
    means: dict[int, dict[float, float]] = {}
    for step in steps:
        own = first[first["step"] == step].groupby("learning_rate")["train_loss"]
        found = {float(rate): float(np.mean(values.to_numpy())) for rate, values in own}
        means[step] = found
    finite = {step: {rate: value for rate, value in own.items() if np.isfinite(value)} for step, own in means.items()}
    ends = [step for step, own in finite.items() if own]
    if not ends or ends[-1] != steps[-1]:
        text = "No learning rate has a finite mean training loss at the end of epoch 1"
        return text, f"{text}."
    end = ends[-1]
    alt = f"Mean training loss at step {words.steps(end)}: " + _means_alt(means[end], words.number)
    if len(rates) == 1:
        return (
            f"After {counted(int(end), 'step')} the training loss is {words.number(next(iter(finite[end].values())))}",
            alt,
        )

    def leader(step: int) -> float | None:
        least = min(finite[step].values())
        leaders = [rate for rate, value in finite[step].items() if value == least]
        return leaders[0] if len(leaders) == 1 else None

    earlier = [step for step in ends[:-1] if leader(step) not in (None, leader(end))]
    text = f"{_range(finite[end])} at the end of epoch 1"
    if earlier and leader(end) is not None:
        text = f"{_range(finite[earlier[-1]])} at step {words.steps(earlier[-1])}, {text}"
    return f"Mean training loss: {text}{_without(len(rates) - len(finite[end]))}", alt


def _without(lost: int) -> str:
    """How many rates have no finite mean, if any."""
    return f"; {counted(lost, 'rate')} without a finite mean" if lost else ""


def _range(means: Mapping[float, float]) -> str:
    """The lowest and the highest of some rates' means, each with its rate."""
    low, high = min(means, key=lambda rate: means[rate]), max(means, key=lambda rate: means[rate])
    if words.number(means[low]) == words.number(means[high]):
        return f"{words.number(means[low])} at {words.rates(means)}"
    return f"{words.number(means[low])} ({rate_label(low)}) to {words.number(means[high])} ({rate_label(high)})"


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
        lambda _, value: words.number(value, 3),
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
        return "No learning rate ends with a finite mean update"
    if len(rates) == 1:
        return f"The last step is {words.number(next(iter(finite.values())))} times as large as the weights"
    return f"Mean size of the last step, relative to the weights: {_range(finite)}{_without(len(means) - len(finite))}"
