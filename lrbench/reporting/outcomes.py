"""Figures of how runs end: the sweep over learning rates, and the steps to each target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter, PercentFormatter

from lrbench.experiment import rate_label
from lrbench.reporting import style, words
from lrbench.reporting.drawing import MANY_RUNS, Drawing, Figure, Rates, canvas, draw_dots, grey_rail, legend, log_ticks, notice
from lrbench.reporting.inputs import Measured

LOST = ("diverged", "failed", "collapsed")  # outcomes drawn on the rail, from the top down
MAX_TARGETS = 4


def spread(count: int, width: float) -> np.ndarray:
    """Offsets that set the dots of so many seeds beside each other, over a width around zero."""
    return np.linspace(-width / 2, width / 2, count) if count > 1 else np.zeros(1)


def rate_rows(axes: Any, rates: Rates, names: dict[float, str] | None = None) -> None:
    """A row for each rate on the y axis, the highest at the top."""
    labels = [(names or {}).get(rate, rate_label(rate)) for rate in rates]
    axes.set_yticks(range(len(rates)), labels, fontsize=8 if len(rates) <= 15 else 7)
    axes.set_ylim(-0.6, len(rates) - 0.4)


def row_height(count: int, least: float = 0.3) -> float:
    """Inches for so many rows: roomy while they are few, and never more than a page."""
    return 1.1 + count * max(min(0.62, 3.2 / count), min(least, 6.2 / count))


def sweep(measured: Measured, rates: Rates) -> Drawing:
    """Final validation loss and accuracy against learning rate; runs that did not learn stand on a rail."""
    runs = measured.runs
    shown = runs[runs["outcome"] == "learned"]
    drawn = canvas(4.6)
    panels = list(drawn.subplots(1, 2).flat)
    places = np.log10(np.array(rates.values))
    gap = float(np.diff(places).min()) if len(places) > 1 else 1.0
    for axes, column in zip(panels, ("final_val_loss", "final_val_accuracy"), strict=True):
        _draw_sweep(axes, rates, shown, column, min(0.5 * gap, 0.18))
        _draw_outcome_rail(axes, rates, runs, min(0.5 * gap, 0.18))
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
    panels[1].yaxis.set_major_formatter(PercentFormatter(1.0))
    low, high = panels[1].get_ylim()
    room = max(0.005 - (high - low) / 2, 0.0)  # no closer than one point, where single examples would look like much
    panels[1].set_ylim(low - room, min(high + room, 1.002))
    if len(shown):
        _draw_chance(panels[0], float(np.log(measured.dataset["classes"])), words.number)
        _draw_chance(panels[1], measured.chance, lambda value: words.percent(value, 1))
    legend(drawn, rates, [("mean", {"marker": "_", "linestyle": "none", "markersize": 12})] if measured.seeds > 1 else [])
    decimals = words.accuracy_decimals(measured.dataset["parts"]["validation"]["examples"])
    heads, rows = _sweep_table(measured, len(runs) > MANY_RUNS)
    return Drawing(
        Figure(
            id="sweep",
            title=_sweep_title(measured, decimals),
            caption=(
                f"Validation loss (nats) and accuracy after the last epoch against learning rate (logarithmic). Each dot is a "
                f"run (n = {words.plural(measured.seeds, 'seed')} a rate)"
                + (", set beside each other where they would overlap; the bar is their mean" if measured.seeds > 1 else "")
                + ". Runs that diverged, failed or collapsed are crosses on the rail above, by their outcome. Dotted: chance, "
                "that is, naming always the largest class, and a loss that gives all classes the same probability."
            ),
            alt="Dot plots of final validation loss and accuracy against learning rate. " + _sweep_alt(measured, decimals),
            columns=heads,
            rows=rows,
        ),
        drawn,
        runs[["learning_rate", "seed", "outcome", "final_val_loss", "final_val_accuracy"]],
    )


def _draw_sweep(axes: Any, rates: Rates, shown: pd.DataFrame, column: str, width: float) -> None:
    values = shown[column].to_numpy()
    if not np.isfinite(values).any():
        axes.set_yticks([])
        axes.text(0.5, 0.4, "no run learned", transform=axes.transAxes, ha="center", color=style.MUTED)
    for rate in rates:
        own = shown[shown["learning_rate"] == rate]
        if own.empty:
            continue
        x = rate * 10 ** spread(len(own), width)
        draw_dots(axes, rates, rate, x, own[column].to_numpy(), 4.6 if len(rates) < 12 else 2.2, len(rates) >= 12)
        if len(own) > 1:
            ends = rate * 10 ** (np.array([-0.85, 0.85]) * width)
            mean = np.full(2, float(np.mean(own[column].to_numpy())))
            rates.tag(axes.plot(ends, mean, color=style.INK, linewidth=1.3, solid_capstyle="butt")[0], rate)


def _draw_outcome_rail(axes: Any, rates: Rates, runs: pd.DataFrame, width: float) -> None:
    present = [outcome for outcome in LOST if (runs["outcome"] == outcome).any()]
    if not present:
        return
    across = axes.get_xaxis_transform()
    for row, outcome in enumerate(reversed(present)):
        height = 1.05 + 0.075 * row
        grey_rail(axes, (0, height - 0.034), (1, height + 0.034))
        axes.text(
            1.0, height, outcome, transform=axes.transAxes, fontsize=7.5, va="center", ha="left", color=style.INK
        )
        for rate in rates:
            own = runs[(runs["learning_rate"] == rate) & (runs["outcome"] == outcome)]
            if own.empty:
                continue
            x = rate * 10 ** spread(len(own), width)
            cross = Line2D(x, np.full(len(own), height), linestyle="none", transform=across, clip_on=False)
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
    tail = f"; of {len(measured.runs)} runs {words.listed(lost)}" if lost else ""
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
        parts.append(f"rate {rate_label(row.learning_rate)}: mean accuracy {accuracy}, {row.learned} of {row.planned} runs learned")
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


def steps_to_target(measured: Measured, rates: Rates) -> Drawing:
    """Steps after which each run reached and kept each target; runs that never did stand beyond the last step."""
    targets = measured.targets
    asked = sorted(targets["target"].unique())
    budget = measured.steps_in_training
    if not asked:
        drawn = notice("No target accuracies were asked for.")
        kept: list[float] = []
    else:
        kept = [asked[place] for place in np.unique(np.linspace(0, len(asked) - 1, MAX_TARGETS).round().astype(int))]
        columns = min(len(kept), 2)
        rows = -(-len(kept) // columns)
        drawn = canvas(min(rows * row_height(len(rates), 0.24 if rows == 1 else 0.12), 8.6))
        grid = drawn.subplots(rows, columns, sharey=True, sharex=True, squeeze=False)
        panels = list(grid.flat)
        for unused in panels[len(kept) :]:
            unused.remove()
        for axes, target in zip(panels, kept, strict=False):
            _draw_target(axes, rates, targets[targets["target"] == target], budget)
            axes.set_title(f"{words.percent(target, 0 if round(100 * target, 6) % 1 == 0 else 2)} validation accuracy")
            axes.tick_params(labelbottom=True)
        for axes in panels[: len(kept)][-columns:]:
            axes.set_xlabel("Steps (logarithmic)")
        drawn.supylabel("Learning rate", fontsize=9, color=style.INK)
        legend(
            drawn,
            rates,
            [
                ("reached and kept", {"marker": "o", "linestyle": "none", "markersize": 5}),
                ("first reached", {"marker": "|", "linestyle": "none", "markersize": 7}),
                ("not reached, or not kept", {"marker": "x", "linestyle": "none", "markersize": 5}),
            ],
            of=[],
        )
    heads, rows = _target_table(measured, len(targets) > MANY_RUNS)
    left_out = f" Of {len(asked)} targets, {len(kept)} are drawn; the table has all." if len(kept) < len(asked) else ""
    title, alt = _target_title(measured)
    return Drawing(
        Figure(
            id="steps-to-target",
            title=title,
            caption=(
                "Steps (updates of the weights) until validation accuracy reached a target and stayed there to the end, one "
                f"mark a run (n = {words.plural(measured.seeds, 'seed')} a rate). The target was reached somewhere along the "
                "thin line that ends in the mark, between two evaluations. Crosses beyond the dashed line, the end of training "
                f"after {words.steps(budget)} steps, are runs that did not reach it or did not keep it.{left_out}"
            ),
            alt=f"Dot plots of steps to reach and keep each target accuracy, a row for each learning rate. {alt}",
            columns=heads,
            rows=rows,
        ),
        drawn,
        targets,
    )


def _draw_target(axes: Any, rates: Rates, own: pd.DataFrame, budget: int) -> None:
    beyond = budget * 1.35
    axes.set_xscale("log")
    for row, rate in enumerate(rates):
        runs = own[own["learning_rate"] == rate]
        y = row + spread(len(runs), 0.62)
        at, after = runs["sustained_at"].to_numpy(), runs["sustained_after"].to_numpy()
        first = runs["first_at"].to_numpy()
        kept, early = np.isfinite(at), np.isfinite(first)
        colour, size = rates.colour(rate), 5 if len(rates) * len(runs) <= MANY_RUNS else 3
        gaps = np.full(kept.sum(), np.nan)
        from_to = np.column_stack([np.maximum(after[kept], 1), at[kept], gaps]).ravel()
        rates.tag(axes.plot(from_to, np.repeat(y[kept], 3), color=colour, linewidth=0.8)[0], rate)
        draw_dots(axes, rates, rate, at[kept], y[kept], size, size < 5)
        ticks = {"linestyle": "none", "marker": "|", "markersize": size + 1.5, "markeredgewidth": 1.2, "color": colour}
        rates.tag(axes.plot(first[early], y[early], **ticks)[0], rate)
        crosses = {"linestyle": "none", "marker": "x", "markersize": size, "markeredgewidth": 1.2, "color": colour}
        rates.tag(axes.plot(np.full((~kept).sum(), beyond), y[~kept], **crosses)[0], rate)
    axes.axvline(budget * 1.12, color=style.MUTED, linestyle="--", linewidth=0.9)
    finite = own[["sustained_after", "first_after", "first_at"]].to_numpy()
    finite = finite[np.isfinite(finite) & (finite >= 1)]
    low = float(finite.min()) if finite.size else budget / 10
    axes.set_xlim(min(low / 1.25, budget / 8), budget * 1.65)
    log_ticks(axes.xaxis, *axes.get_xlim(), words.steps)
    rate_rows(axes, rates)


def _target_title(measured: Measured) -> tuple[str, str]:
    reach = measured.reach
    if reach.empty:
        return "No target was asked for", "There is nothing to show."
    parts = []
    for target in sorted(reach["target"].unique(), reverse=True):
        own = reach[reach["target"] == target].sort_values("learning_rate")
        name = words.percent(target, 0 if round(100 * target, 6) % 1 == 0 else 2)
        reached = own[np.isfinite(own["sustained_at"])].sort_values(["sustained_at", "learning_rate"])
        partial = own[(own["sustained_reached"] < own["n"])]
        missed = "only " + words.listed(
            f"{row.sustained_reached} of {row.n} runs do at {rate_label(row.learning_rate)}" for row in partial.itertuples()
        )
        parts.append((name, reached, missed, len(partial)))
    alt = " ".join(
        f"{name}: "
        + (
            "median steps "
            + "; ".join(f"{words.steps(row.sustained_at)} at {rate_label(row.learning_rate)}" for row in reached.head(8).itertuples())
            if len(reached)
            else "no rate's median run reaches it"
        )
        + "."
        for name, reached, _, _ in parts[:MAX_TARGETS]
    )
    name, reached, missed, partial = next((part for part in parts if len(part[1])), parts[-1])
    if reached.empty:
        return f"At no rate does the median run reach and keep {name}", alt
    first, last = reached.iloc[0], reached.iloc[-1]
    title = (
        f"The median run reaches and keeps {name} by step {words.steps(first['sustained_at'])} at "
        f"{rate_label(first['learning_rate'])}"
    )
    if len(reached) > 1:
        title += f", by step {words.steps(last['sustained_at'])} at {rate_label(last['learning_rate'])}"
    if partial:
        title += f"; {missed}" if partial <= 2 else f"; at {words.plural(partial, 'rate')} not every run does"
    return title, alt


def _target_table(measured: Measured, per_rate: bool) -> tuple[list[str], list[list[str]]]:
    if per_rate:
        heads = ["Learning rate", "Target", "Reached", "Kept", "Median steps, first", "Median steps, kept"]
        return heads, [
            [
                rate_label(row.learning_rate),
                words.percent(row.target, 1),
                f"{row.first_reached} of {row.n}",
                f"{row.sustained_reached} of {row.n}",
                words.steps(row.first_at),
                words.steps(row.sustained_at),
            ]
            for row in measured.reach.itertuples()
        ]
    heads = ["Learning rate", "Seed", "Target", "First reached by step", "Reached and kept by step"]
    return heads, [
        [
            rate_label(row.learning_rate),
            str(row.seed),
            words.percent(row.target, 1),
            words.steps(row.first_at),
            words.steps(row.sustained_at),
        ]
        for row in measured.targets.itertuples()
    ]
