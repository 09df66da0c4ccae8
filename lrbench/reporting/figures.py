"""The report's figures: drawn from tables, each with a title that says what it shows."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Canvas

from lrbench.experiment import rate_label
from lrbench.provenance import atomic_path, write_json, write_text
from lrbench.reporting import style
from lrbench.tables.experiment import ExperimentTables

INDEX = "figures.json"


@dataclass(frozen=True)
class Figure:
    """A figure in words. Its pictures are `<id>.svg` and `<id>.png`."""

    id: str
    title: str
    caption: str
    alt: str


@dataclass(frozen=True)
class Measure:
    """What a curve figure shows: a column of `epochs`, measured on training and on validation data."""

    column: str
    name: str
    unit: str
    best: str
    fewest_decimals: int


MEASURES = (
    Measure("loss", "loss", "cross-entropy, nats", "lowest", 4),
    Measure("accuracy", "accuracy", "share of examples", "highest", 4),
)


def draw_figures(tables: ExperimentTables, folder: Path) -> None:
    """Write every figure as SVG and PNG, and the index that says what each shows."""
    drawn = []
    with mpl.rc_context(style.RC):
        for measure in MEASURES:
            figure, canvas = curves(tables.epochs, measure)
            write_text(folder / f"{figure.id}.svg", as_svg(canvas))
            with atomic_path(folder / f"{figure.id}.png") as temporary:
                canvas.savefig(temporary, format="png", dpi=150, metadata={"Software": None})
            drawn.append(asdict(figure))
    write_json(folder / INDEX, {"figures": drawn})


def as_svg(canvas: Canvas) -> str:
    """A figure as SVG whose bytes depend on nothing but what is drawn."""
    buffer = io.StringIO()
    canvas.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def curves(epochs: pd.DataFrame, measure: Measure) -> tuple[Figure, Canvas]:
    """Training (solid) and validation (dashed) against epoch: a thin line for each seed, a thick one for the mean.

    A mean stands only where every seed's value is finite.
    """
    rates = sorted(epochs["learning_rate"].unique())
    colours = style.rate_colours(len(rates))
    canvas = Canvas(figsize=(7.2, 4.2), layout="constrained")
    axes = canvas.add_subplot()
    seeds = epochs["seed"].nunique()
    for index, (rate, colour) in enumerate(zip(rates, colours, strict=True)):
        own = epochs[epochs["learning_rate"] == rate]
        for column, line in ((measure.column, "-"), (f"val_{measure.column}", "--")):
            wide = own.pivot(index="epoch", columns="seed", values=column)
            values = wide.to_numpy()
            if seeds > 1:
                axes.plot(wide.index, values, line, color=colour, linewidth=0.6, alpha=0.45)
            axes.plot(
                wide.index,
                values.mean(axis=1),
                line,
                color=colour,
                marker=style.MARKERS[index % len(style.MARKERS)],
                markersize=4.5,
                markerfacecolor=colour if line == "-" else style.PAPER,
                label=rate_label(rate) if line == "-" else None,
            )
    axes.set(xlabel="Epoch", ylabel=f"{measure.name.capitalize()} ({measure.unit})")
    axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
    _legends(canvas, axes, rates)
    means = _final_means(epochs, f"val_{measure.column}")
    return (
        Figure(
            id=measure.column,
            title=_curve_title(means, measure),
            caption=(
                f"{measure.name.capitalize()} ({measure.unit}) after each epoch, on training data (solid, filled "
                "markers: the running mean over the epoch, while the weights changed) and on validation data "
                f"(dashed, open markers: after the epoch). {_lines(seeds)}"
            ),
            alt=(
                f"Line chart of {measure.name} against epoch. Final validation {measure.name}: "
                + "; ".join(f"{value:.4f} at learning rate {rate_label(rate)}" for rate, value in means.items())
                + "."
            ),
        ),
        canvas,
    )


def _legends(canvas: Canvas, axes: Any, rates: list[float]) -> None:
    handles, labels = axes.get_legend_handles_labels()
    kinds = [
        mpl.lines.Line2D([], [], color=style.INK, linestyle=line, marker="o", markersize=4.5, markerfacecolor=face)
        for line, face in (("-", style.INK), ("--", style.PAPER))
    ]
    canvas.legend(
        handles[::-1] + kinds,
        [f"rate {label}" for label in labels[::-1]] + ["training", "validation"],
        loc="outside upper left",
        ncols=min(len(rates) + 2, 6),
        columnspacing=1.4,
        handlelength=2.4,
    )


def _lines(seeds: int) -> str:
    if seeds == 1:
        return "One seed a rate."
    return f"Thin lines are single runs, n = {seeds} seeds a rate; thick lines are their means."


def _final_means(epochs: pd.DataFrame, column: str) -> Mapping[float, float]:
    last = epochs[epochs["epoch"] == epochs["epoch"].max()]
    grouped = last.groupby("learning_rate")[column]
    # a mean that skipped a seed's NaN would hide a run
    return {rate: float(np.mean(values.to_numpy())) for rate, values in sorted(grouped, reverse=True)}


def _curve_title(means: Mapping[float, float], measure: Measure) -> str:
    finite = {rate: value for rate, value in means.items() if np.isfinite(value)}
    if not finite:
        return f"No learning rate ends with a finite validation {measure.name}"
    choose = min if measure.best == "lowest" else max
    rate = choose(finite, key=lambda rate: finite[rate])
    if len(means) == 1:
        return f"Validation {measure.name} ends at {finite[rate]:.4f}"
    return f"Validation {measure.name} ends {measure.best} at learning rate {rate_label(rate)}: {finite[rate]:.4f}"
