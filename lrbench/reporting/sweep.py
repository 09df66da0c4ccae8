"""The figure of how runs end: final loss and accuracy against learning rate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from lrbench.names import rate_label
from lrbench.reporting import style, words
from lrbench.reporting.boxes import box_caption, boxed, draw_box
from lrbench.reporting.drawing import MANY_RUNS, Drawing, Figure, Rates, canvas, draw_dots, grey_rail, legend, spread
from lrbench.reporting.inputs import Measured
from lrbench.wording import counted, listed

LOST = ("diverged", "failed", "collapsed")  # outcomes drawn on the rail, from the top down


def sweep(measured: Measured, rates: Rates) -> Drawing:
    """Final validation loss and accuracy against learning rate; runs that did not learn stand on a rail."""
    runs = measured.runs
    shown = runs[runs["outcome"] == "learned"]
    drawn = canvas(4.6)
    panels = list(drawn.subplots(1, 2).flat)
    places = np.log10(np.array(rates.values))
    gap = float(np.diff(places).min()) if len(places) > 1 else 1.0
    for axes, column in zip(panels, ("final_val_loss", "final_val_accuracy"), strict=True):
        _draw_sweep(axes, rates, shown, column, min(0.5 * gap, 0.18), boxed(measured))
        _draw_outcome_rail(axes, rates, runs, min(0.5 * gap, 0.18), boxed(measured))
        axes.set_xscale("log")
        edge = 10 ** (max(0.06 * float(np.ptp(places)), 0.3) if len(rates) > 1 else 0.8)
        axes.set_xlim(rates.values[0] / edge, rates.values[-1] * edge)
        axes.set_xlabel("Learning rate")
        if len(rates) <= 5:
            axes.set_xticks(rates.values, [rate_label(rate) for rate in rates])
            axes.xaxis.set_minor_formatter(NullFormatter())
            axes.minorticks_off()
        else:
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: rate_label(float(f"{value:.6g}"))))
    panels[0].set_ylabel("Final validation loss (nats)")
    panels[1].set_ylabel("Final validation accuracy")
    panels[1].yaxis.set_major_formatter(FuncFormatter(words.share))
    low, high = panels[1].get_ylim()
    room = max(0.005 - (high - low) / 2, 0.0)  # no closer than one point, where single examples would look like much
    panels[1].set_ylim(low - room, min(high + room, 1.002))
    if len(shown):
        _draw_chance(panels[0], float(np.log(measured.dataset["classes"])), words.number)
        _draw_chance(panels[1], measured.chance, lambda value: words.percent(value, 1))
    legend(
        drawn, rates, [("mean", {"marker": "_", "linestyle": "none", "markersize": 12})] if measured.seeds > 1 else []
    )
    decimals = words.accuracy_decimals(measured.dataset["parts"]["validation"]["examples"])
    heads, rows = _sweep_table(measured, len(runs) > MANY_RUNS)
    return Drawing(
        Figure(
            id="sweep",
            title=_sweep_title(measured, decimals),
            caption=(
                "Validation loss (nats) and accuracy after the last epoch against learning rate (logarithmic). "
                + (
                    f"{box_caption(measured)}; the bar is their mean."
                    if boxed(measured)
                    else f"Each dot is a run (n = {counted(measured.seeds, 'seed')} a rate)"
                    + (
                        ", set beside each other where they would overlap; the bar is their mean."
                        if measured.seeds > 1
                        else "."
                    )
                )
                + (
                    f" {'Rates with runs' if boxed(measured) else 'Runs'} that diverged, failed or collapsed are "
                    "crosses on the rail above, by their outcome."
                    if runs["outcome"].isin(LOST).any()
                    else ""
                )
                + " Chance, a dotted line where it is near, is naming always the largest class, and for the loss, "
                "giving all classes the same probability."
            ),
            alt=f"{'Box' if boxed(measured) else 'Dot'} plots of final validation loss and accuracy against learning "
            "rate. " + _sweep_alt(measured, decimals),
            columns=heads,
            rows=rows,
        ),
        drawn,
        runs[["learning_rate", "seed", "outcome", "final_val_loss", "final_val_accuracy"]],
    )


def _draw_sweep(axes: Any, rates: Rates, shown: pd.DataFrame, column: str, width: float, boxes: bool) -> None:
    values = shown[column].to_numpy()
    if not np.isfinite(values).any():
        axes.set_yticks([])
        axes.text(0.5, 0.4, "no run learned", transform=axes.transAxes, ha="center", color=style.MUTED)
    for rate in rates:
        own = shown[shown["learning_rate"] == rate]
        if own.empty:
            continue
        x = rate * 10 ** spread(len(own), width)
        if boxes:
            draw_box(axes, rates, rate, own[column].to_numpy(), rate, upright=True)
        else:
            draw_dots(axes, rates, rate, x, own[column].to_numpy(), 4.6 if len(rates) < 12 else 2.2, len(rates) >= 12)
        if len(own) > 1:
            ends = rate * 10 ** (np.array([-0.85, 0.85]) * width)
            mean = np.full(2, float(np.mean(own[column].to_numpy())))
            rates.tag(axes.plot(ends, mean, color=style.INK, linewidth=1.3, solid_capstyle="butt")[0], rate)


def _draw_outcome_rail(axes: Any, rates: Rates, runs: pd.DataFrame, width: float, boxes: bool) -> None:
    present = [outcome for outcome in LOST if (runs["outcome"] == outcome).any()]
    if not present:
        return
    across = axes.get_xaxis_transform()
    for row, outcome in enumerate(reversed(present)):
        height = 1.05 + 0.075 * row
        grey_rail(axes, (0, height - 0.034), (1, height + 0.034))
        axes.text(1.0, height, outcome, transform=axes.transAxes, fontsize=7.5, va="center", ha="left", color=style.INK)
        for rate in rates:
            own = runs[(runs["learning_rate"] == rate) & (runs["outcome"] == outcome)]
            if own.empty:
                continue
            x = np.array([rate]) if boxes else rate * 10 ** spread(len(own), width)
            cross = Line2D(x, np.full(len(x), height), linestyle="none", transform=across, clip_on=False)
            cross.set(color=rates.colour(rate), marker="x", markersize=4.5, markeredgewidth=1.2)
            axes.add_line(rates.tag(cross, rate))


def _draw_chance(axes: Any, chance: float, text: Any) -> None:
    low, high = axes.get_ylim()
    margin = 0.02 * (high - low)
    if low - (high - low) <= chance <= high + (high - low):
        axes.axhline(chance, color=style.MUTED, linestyle=":", linewidth=1.2)
        axes.annotate(
            f"chance {text(chance)}", (0.99, chance), xycoords=("axes fraction", "data"), xytext=(0, 2),
            textcoords="offset points", ha="right", fontsize=7.5, color=style.MUTED,
        )  # fmt: skip
        axes.set_ylim(min(low, chance - margin), max(high, chance + 3 * margin))
        return
    below = chance < low
    room = 0.07 * (high - low)
    axes.set_ylim(low - (room if below else 0), high + (0 if below else room))
    axes.annotate(
        f"chance, {text(chance)}, is far {'below' if below else 'above'} {'↓' if below else '↑'}",
        (0.99, 0.0 if below else 1.0), xycoords="axes fraction", xytext=(0, 4 if below else -10),
        textcoords="offset points", ha="right", fontsize=7.5, color=style.MUTED,
    )  # fmt: skip


def _mean_accuracies(measured: Measured) -> dict[float, float]:
    learned = measured.rates[measured.rates["learned"] == measured.rates["planned"]]
    return dict(zip(learned["learning_rate"], learned["final_val_accuracy_mean"], strict=True))


def _lost_runs(measured: Measured) -> list[str]:
    runs = measured.runs
    return [f"{count} {outcome}" for outcome in LOST if (count := int((runs["outcome"] == outcome).sum()))]


def _sweep_title(measured: Measured, decimals: int) -> str:
    means, lost = _mean_accuracies(measured), _lost_runs(measured)
    tail = f"; of {len(measured.runs)} runs, {listed(lost)}" if lost else ""
    if not means:
        return f"At no learning rate did every run learn{tail}"
    best = max(means, key=lambda rate: means[rate])
    if len(means) == 1:
        return f"Accuracy ends at {words.percent(means[best], decimals)} at {rate_label(best)}{tail}"
    worst = min(means, key=lambda rate: means[rate])
    return (
        f"Accuracy is {words.percent(means[best], decimals)} at the best learning rate, {rate_label(best)}, and "
        f"{words.percent(means[worst], decimals)} at {rate_label(worst)}{tail}"
    )


def _sweep_alt(measured: Measured, decimals: int) -> str:
    parts = []
    for row in measured.rates.itertuples():
        accuracy = words.percent(row.final_val_accuracy_mean, decimals)
        parts.append(
            f"rate {rate_label(row.learning_rate)}: mean accuracy {accuracy}, {row.learned} of {row.planned} runs "
            "learned"
        )
    if len(parts) > 12:
        parts = [*parts[:6], f"{len(parts) - 12} more rates in the table", *parts[-6:]]
    return "; ".join(parts) + "."


def _sweep_table(measured: Measured, per_rate: bool) -> tuple[list[str], list[list[str]]]:
    if per_rate:
        heads = ["Learning rate", "Runs", "Learned", "Mean final validation loss", "Mean final validation accuracy"]
        return heads, [
            [
                rate_label(row.learning_rate),
                str(row.n),
                str(row.learned),
                words.fixed(row.final_val_loss_mean),
                words.fixed(row.final_val_accuracy_mean),
            ]
            for row in measured.rates.itertuples()
        ]
    heads = ["Learning rate", "Seed", "Outcome", "Final validation loss", "Final validation accuracy"]
    return heads, [
        [
            rate_label(row.learning_rate),
            str(row.seed),
            row.outcome,
            words.fixed(row.final_val_loss),
            words.fixed(row.final_val_accuracy),
        ]
        for row in measured.runs.itertuples()
    ]
