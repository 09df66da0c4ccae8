"""Figures along training: loss, accuracy, the first epoch, gradients and updates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator, PercentFormatter

from lrbench.experiment import rate_label
from lrbench.reporting import style, words
from lrbench.reporting.drawing import (
    MANY_RUNS,
    Drawing,
    Figure,
    Rates,
    broken,
    canvas,
    draw_context,
    legend,
    log_ticks,
    rate_panels,
    scale_for,
    top_rail,
    wide_rows,
)
from lrbench.reporting.inputs import Measured

TRAINING = {"linestyle": "-"}
VALIDATION = {"linestyle": (0, (3.2, 1.6))}


@dataclass(frozen=True)
class Line:
    """One kind of line in a figure along training: a column of the table, and how it is drawn."""

    column: str
    name: str
    look: Mapping[str, Any]


@dataclass(frozen=True)
class Wide:
    """A measure of one rate: a row for each seed, a column for each point along training."""

    x: np.ndarray
    values: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Mean over seeds; not finite wherever a seed's value is not, so that no run is left out."""
        with np.errstate(invalid="ignore", over="ignore"):
            return self.values.mean(axis=0)

    @property
    def lost(self) -> np.ndarray:
        """Points at which the value of some seed is not finite."""
        return self.x[~np.isfinite(self.values).all(axis=0)]


def wide(frame: pd.DataFrame, rate: float, along: str, column: str) -> Wide:
    """A measure of one rate as a matrix."""
    table = frame[frame["learning_rate"] == rate].pivot(index="seed", columns=along, values=column)
    return Wide(table.columns.to_numpy(dtype=float), table.to_numpy(dtype=float))


def draw_line(axes: Any, rates: Rates, rate: float, data: Wide, line: Line, single_runs: bool) -> None:
    """The seeds of a rate as thin lines, or as a band from lowest to highest where there are too many, and their mean."""
    solid = line.look["linestyle"] == "-"
    if len(data.values) > 1 and single_runs:
        thin = axes.plot(*broken(data.x, list(data.values)), color=rates.colour(rate), linewidth=0.55, alpha=0.5, **line.look)
        rates.tag(thin[0], rate)
    elif len(data.values) > 1:
        finite = np.where(np.isfinite(data.values), data.values, np.nan)
        some = np.isfinite(finite).any(axis=0)
        if some.any():
            low, high = np.nanmin(finite[:, some], axis=0), np.nanmax(finite[:, some], axis=0)
            band = axes.fill_between(data.x[some], low, high, color=rates.colour(rate), alpha=0.22, linewidth=0)
            rates.tag(band, rate)
    every = max(len(data.x) // (5 if rates.panelled else 12), 1)
    look = rates.look(rate, markerfacecolor=rates.colour(rate) if solid else style.PAPER, linewidth=1.6, **line.look)
    look |= {"markersize": 3.2 if rates.panelled else 4.5, "markevery": every}
    rates.tag(axes.plot(data.x, data.mean, **look)[0], rate)


def draw_curves(
    rates: Rates,
    frame: pd.DataFrame,
    along: str,
    panels: Sequence[tuple[str, Sequence[Line]]],
    x_label: str,
    prepare: Callable[[Any], None],
    single_runs: bool,
) -> Any:
    """Panels side by side, all rates in each; beyond a few rates, one panel a rate with the first of `panels` only."""
    kinds = [(line.name, dict(line.look)) for line in panels[0][1]]
    series = {
        (rate, line.column): wide(frame, rate, along, line.column) for rate in rates for _, lines in panels for line in lines
    }
    groups: list[tuple[Any, str, Sequence[Line], list[float]]]
    if rates.panelled:
        drawn, axes_of = rate_panels(rates)
        panels = panels[:1]
        groups = [(axes, panels[0][0], panels[0][1], [rate]) for axes, rate in zip(axes_of, rates, strict=True)]
        kinds.append(("the other rates, means", {"color": style.CONTEXT, "linewidth": 1.0}))
        drawn.supxlabel(x_label, fontsize=9, color=style.INK)
        drawn.supylabel(panels[0][0], fontsize=9, color=style.INK)
    else:
        drawn = canvas(4.1)
        axes_of = list(drawn.subplots(1, len(panels), squeeze=False).flat)
        groups = [(axes, label, lines, list(rates)) for axes, (label, lines) in zip(axes_of, panels, strict=True)]
    for axes, label, lines, members in groups:
        columns = {line.column for line in lines}
        every = np.concatenate([data.values.ravel() for (_, column), data in series.items() if column in columns])
        axes.set_yscale(**scale_for(every))
        for rate in members:
            for line in lines:
                draw_line(axes, rates, rate, series[rate, line.column], line, single_runs)
        lost = [(rate, series[rate, line.column].lost) for rate in members for line in lines]
        top_rail(axes, rates, lost, 0.92 if rates.panelled else 1.03)
        if not rates.panelled:
            axes.set(xlabel=x_label, ylabel=label)
        prepare(axes)
        if axes.get_yscale() == "log":
            log_ticks(axes.yaxis, *axes.get_ylim(), words.tick, few=rates.panelled)
        if axes.get_xscale() == "log":
            log_ticks(axes.xaxis, *axes.get_xlim(), words.steps, few=rates.panelled)
        if not np.isfinite(every).any():
            axes.set_yticks([])
    legend(drawn, rates, kinds if len(panels[0][1]) > 1 or rates.panelled else [])
    if rates.panelled:
        last = panels[0][1][-1].column
        draw_context(drawn, axes_of, [(series[rate, last].x, series[rate, last].mean) for rate in rates])
    return drawn


def _lines_caption(measured: Measured, single_runs: bool) -> str:
    if measured.seeds == 1:
        return "One run a rate (n = 1 seed)."
    what = "Thin lines are single runs" if single_runs else "Bands reach from the lowest to the highest run"
    return f"{what} (n = {measured.seeds} seeds a rate), thick lines their means."


def _panels_caption(rates: Rates) -> str:
    return " Each panel has one rate in colour; the means of the others stand behind it in grey." if rates.panelled else ""


def _lost_caption(frame: pd.DataFrame, columns: Sequence[str]) -> str:
    lost = frame[~np.isfinite(frame[list(columns)].to_numpy()).all(axis=1)]
    if lost.empty:
        return ""
    runs = len(lost[["learning_rate", "seed"]].drop_duplicates())
    return f" Crosses above a panel mark where a value is not finite ({words.plural(runs, 'run')})."


def final_means(frame: pd.DataFrame, column: str) -> dict[float, float]:
    """Mean over seeds at the last epoch, by rate; not finite where a seed's value is not."""
    last = frame[frame["epoch"] == frame["epoch"].max()]
    return {
        float(rate): float(np.mean(values.to_numpy())) for rate, values in last.groupby("learning_rate")[column]
    }


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
    tail = f"; {words.plural(lost, 'rate')} without a finite end" if lost else ""
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
    columns = {measure: "training", f"val_{measure}": "validation"}
    lines = [Line(measure, "training", TRAINING), Line(f"val_{measure}", "validation", VALIDATION)]

    def prepare(axes: Any) -> None:
        axes.xaxis.set_major_locator(MaxNLocator(6 if rates.panelled else 10, integer=True, min_n_ticks=1))
        if measure == "accuracy":
            axes.yaxis.set_major_formatter(PercentFormatter(1.0))

    drawn = draw_curves(rates, epochs, "epoch", [(label, lines)], "Epoch", prepare, single_runs)
    means = final_means(epochs, f"val_{measure}")
    unit = "mean cross-entropy, in nats" if measure == "loss" else "share of examples classified correctly"
    heads, rows, note = wide_rows(epochs, "epoch", columns, lambda value: words.fixed(value), not single_runs)
    figure = Figure(
        id=measure,
        title=_ends_title(means, measure, *ends, text),
        caption=(
            f"{measure.capitalize()} ({unit}) against epoch. Solid with filled markers: on training data, the running "
            "mean over the epoch, while the weights changed. Dashed with open markers: on validation data, after "
            f"the epoch. {_lines_caption(measured, single_runs)}{_panels_caption(rates)}"
            f"{_lost_caption(epochs, list(columns))}"
        ),
        alt=(
            f"Line chart of training and validation {measure} against epoch for {words.plural(len(rates), 'learning rate')}. "
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
    panels = [
        ("Training loss (nats)", [Line("train_loss", "training loss", TRAINING)]),
        ("Validation accuracy", [Line("val_accuracy", "validation accuracy", TRAINING)]),
    ]

    def prepare(axes: Any) -> None:
        axes.set_xscale("log")
        if axes.get_ylabel().endswith("accuracy"):
            axes.yaxis.set_major_formatter(PercentFormatter(1.0))

    drawn = draw_curves(rates, first, "step", panels, "Step (updates of the weights)", prepare, single_runs)
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
            "The first epoch, measured with the weights held still at roughly logarithmic steps: cross-entropy in nats on a "
            "fixed part of the training data"
            + ("" if rates.panelled else ", and share of validation examples classified correctly")
            + f". {_lines_caption(measured, single_runs)}{_panels_caption(rates)}"
            + _lost_caption(first, ["train_loss", "val_accuracy"])
        ),
        alt=f"Line charts of the first epoch against logarithmic steps for {words.plural(len(rates), 'learning rate')}. {leaders}",
        columns=heads,
        rows=rows,
        note=note,
    )
    return Drawing(figure, drawn, first[["learning_rate", "seed", "step", "epoch", "train_loss", "val_loss", "val_accuracy"]])


def _first_epoch_title(first: pd.DataFrame, rates: Rates) -> tuple[str, str]:
    steps = sorted(first["step"].unique())
    means = {
        step: {
            float(rate): float(np.mean(values.to_numpy()))
            for rate, values in first[first["step"] == step].groupby("learning_rate")["train_loss"]
        }
        for step in steps
    }
    leaders = {}
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
        return f"After {words.plural(int(end), 'step')} the training loss is {words.number(means[end][final])}", alt
    since = end
    for step in reversed(list(leaders)):
        if leaders[step] != final:
            break
        since = step
    earlier = [step for step in leaders if step < since and leaders[step] is not None]
    if not earlier and since == min(leaders):
        return f"From the first steps to the end of epoch 1, {rate_label(final)} has the lowest training loss", alt
    if not earlier:
        return f"From step {words.steps(since)} to the end of epoch 1, {rate_label(final)} has the lowest training loss", alt
    before = leaders[earlier[-1]]
    title = (
        f"At step {words.steps(earlier[-1])} training loss is lowest at {rate_label(before)}; "
        f"at the end of epoch 1, at {rate_label(final)}"
    )
    return title, alt


def gradients(measured: Measured, rates: Rates) -> Drawing:
    """Gradient norm and relative size of the updates along training."""
    evaluations = measured.tables.evaluations
    taken = evaluations[evaluations["step"] >= 1]
    single_runs = len(rates) * measured.seeds <= MANY_RUNS
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

    drawn = draw_curves(rates, taken, "step", panels, "Step (updates of the weights)", prepare, single_runs)
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
            "Along training, at the evaluated steps, on logarithmic axes: norm of the gradient of the loss over a fixed part "
            "of the training data, in nats per unit of weight, and update ratio, the size of the step just taken relative to "
            f"that of all weights, no unit. {_lines_caption(measured, single_runs)}{_panels_caption(rates)}"
            + _lost_caption(taken, ["gradient_norm", "update_ratio"])
        ),
        alt=(
            f"Line charts of gradient norm and update ratio against steps for {words.plural(len(rates), 'learning rate')}. "
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
        return f"At the end a step moves the weights by {words.number(finite[low])} of their size"
    if finite[low] > 0:
        times = finite[high] / finite[low]
        return (
            f"The last step at {rate_label(high)} is {words.number(times, 2)} times as large, relative to the weights, "
            f"as at {rate_label(low)}"
        )
    return f"At the end the weights no longer move at {rate_label(low)}"
