"""The figure of steps to each target accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from lrbench.names import rate_label
from lrbench.reporting import style, words
from lrbench.reporting.boxes import box_caption, boxed, draw_box, draw_count
from lrbench.reporting.drawing import (
    MANY_RUNS,
    Drawing,
    Figure,
    Rates,
    canvas,
    draw_dots,
    legend,
    log_ticks,
    notice,
    rate_rows,
    row_height,
    spread,
)
from lrbench.reporting.inputs import Measured
from lrbench.wording import counted, listed, target_label

MAX_TARGETS = 4
MAX_ROWS = 1000  # of the table under the figure, which would else fill the page


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
            axes.set_xscale("log")
            axes.set_xlim(_first_step(targets[targets["target"].isin(kept)], budget), budget * 1.65)
            _draw_target(axes, rates, targets[targets["target"] == target], budget, boxed(measured))
            axes.set_title(f"{target_label(target)} validation accuracy")
            axes.tick_params(labelbottom=True)
        for axes in panels[: len(kept)][-columns:]:
            axes.set_xlabel("Steps (logarithmic)")
        drawn.supylabel("Learning rate", fontsize=9, color=style.INK)
        dot = {"marker": "o", "linestyle": "none", "markersize": 5}
        legend(
            drawn,
            rates,
            [
                ("reached and kept", {"linewidth": 4.0} if boxed(measured) else dot),
                (
                    f"first reached{', median' if boxed(measured) else ''}",
                    {"marker": "|", "linestyle": "none", "markersize": 7},
                ),
                ("not reached, or not kept", {"marker": "x", "linestyle": "none", "markersize": 5}),
            ],
            of=[],
        )
    heads, table, cut = _target_table(measured, kept)
    left_out = ""
    if len(kept) < len(asked):
        where = "drawn and in the table; the CSV has" if cut else "drawn; the table has"
        left_out = f" Of {len(asked)} targets, {len(kept)} are {where} all."
    title, alt = _target_title(measured)
    return Drawing(
        Figure(
            id="steps-to-target",
            title=title,
            caption=(
                "Steps (updates of the weights) until validation accuracy reached a target and stayed there to the end"
                + (
                    f". {box_caption(measured)}, of the runs that reached and "
                    "kept it, each at the evaluation that saw it"
                    if boxed(measured)
                    else f", one mark a run (n = {counted(measured.seeds, 'seed')} a rate). The target was "
                    "reached somewhere along the thin line that ends in the mark, between two evaluations"
                )
                + ". Crosses beyond the dashed line, the end of training "
                f"after {words.steps(budget)} steps, are runs that did not reach it or did not keep it"
                f"{', counted' if boxed(measured) else ''}.{left_out}"
            ),
            alt=f"{'Box' if boxed(measured) else 'Dot'} plots of steps to reach and keep each target accuracy, a row "
            f"for each learning rate. {alt}",
            columns=heads,
            rows=table,
        ),
        drawn,
        targets,
    )


def _first_step(drawn: pd.DataFrame, budget: int) -> float:
    """Where the axis begins: before the first step at which any run may have reached any target."""
    steps = drawn[["first_after", "sustained_after"]].to_numpy()
    steps = np.maximum(steps[np.isfinite(steps)], 1)
    return float(min(steps.min() / 1.25 if steps.size else np.inf, budget / 8))


def _draw_target(axes: Any, rates: Rates, own: pd.DataFrame, budget: int, boxes: bool) -> None:
    beyond = budget * 1.35
    for row, rate in enumerate(rates):
        runs = own[own["learning_rate"] == rate]
        y = row + spread(len(runs), 0.62)
        at, after = runs["sustained_at"].to_numpy(), runs["sustained_after"].to_numpy()
        first = runs["first_at"].to_numpy()
        kept, early = np.isfinite(at), np.isfinite(first)
        colour, size = rates.colour(rate), 5 if len(rates) * len(runs) <= MANY_RUNS else 3
        if boxes:
            _draw_reached(axes, rates, rate, (row, beyond), (at[kept], first[early], int((~kept).sum())))
            continue
        gaps = np.full(kept.sum(), np.nan)
        from_to = np.column_stack([np.maximum(after[kept], 1), at[kept], gaps]).ravel()
        rates.tag(axes.plot(from_to, np.repeat(y[kept], 3), color=colour, linewidth=0.8)[0], rate)
        draw_dots(axes, rates, rate, at[kept], y[kept], size, size < 5)
        ticks = {"linestyle": "none", "marker": "|", "markersize": size + 1.5, "markeredgewidth": 1.2, "color": colour}
        rates.tag(axes.plot(first[early], y[early], **ticks)[0], rate)
        crosses = {"linestyle": "none", "marker": "x", "markersize": size, "markeredgewidth": 1.2, "color": colour}
        rates.tag(axes.plot(np.full((~kept).sum(), beyond), y[~kept], **crosses)[0], rate)
    axes.axvline(budget, color=style.MUTED, linestyle="--", linewidth=0.9)
    log_ticks(axes.xaxis, axes.get_xlim(), words.steps)
    rate_rows(axes, rates)


def _draw_reached(
    axes: Any, rates: Rates, rate: float, place: tuple[float, float], runs: tuple[np.ndarray, np.ndarray, int]
) -> None:
    """A rate's many runs: where they reached and kept a target, their median first reaching, and how many did not."""
    (row, beyond), (kept, first, missed) = place, runs
    draw_box(axes, rates, rate, kept, row)
    if len(first):
        ticks = {"linestyle": "none", "marker": "|", "markersize": 6, "markeredgewidth": 1.2, "color": style.INK}
        rates.tag(axes.plot([np.median(first)], [row], **ticks)[0], rate)
    draw_count(axes, rates, rate, missed, (beyond, row), axes.transData)


def _target_title(measured: Measured) -> tuple[str, str]:
    reach = measured.reach
    if reach.empty:
        return "No target was asked for", "There is nothing to show."
    parts = []
    for target in sorted(reach["target"].unique(), reverse=True):
        own = reach[reach["target"] == target].sort_values("learning_rate")
        name = target_label(target)
        reached = own[np.isfinite(own["sustained_at"])].sort_values(["sustained_at", "learning_rate"])
        partial = own[(own["sustained_reached"] < own["n"])]
        missed = listed(
            f"{row.n - row.sustained_reached} of {row.n} runs at {rate_label(row.learning_rate)}"
            for row in partial.itertuples()
        )
        parts.append((name, reached, missed, len(partial)))
    alt = " ".join(
        f"{name}: "
        + (
            "median steps "
            + "; ".join(
                f"{words.steps(row.sustained_at)} at {rate_label(row.learning_rate)}"
                for row in reached.head(8).itertuples()
            )
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
        title += f"; {missed} never do" if partial <= 2 else f"; at {counted(partial, 'rate')} not every run does"
    return title, alt


def _target_table(measured: Measured, kept: Sequence[float]) -> tuple[list[str], list[list[str]], bool]:
    """Head and rows of the table under the figure, and whether it has only the targets that are drawn.

    It has a row for each run and target, or for each rate and target where those would be more than MANY_RUNS; where
    these are more than MAX_ROWS, the other targets are left out.
    """
    if len(measured.targets) > MANY_RUNS:
        reach = measured.reach
        cut = len(reach) > MAX_ROWS
        if cut:
            reach = reach[reach["target"].isin(kept)]
        heads = ["Learning rate", "Target", "Reached", "Kept", "Median steps, first", "Median steps, kept"]
        return (
            heads,
            [
                [
                    rate_label(row.learning_rate),
                    target_label(row.target),
                    f"{row.first_reached} of {row.n}",
                    f"{row.sustained_reached} of {row.n}",
                    words.steps(row.first_at),
                    words.steps(row.sustained_at),
                ]
                for row in reach.itertuples()
            ],
            cut,
        )
    heads = ["Learning rate", "Seed", "Target", "First reached by step", "Reached and kept by step"]
    return (
        heads,
        [
            [
                rate_label(row.learning_rate),
                str(row.seed),
                target_label(row.target),
                words.steps(row.first_at),
                words.steps(row.sustained_at),
            ]
            for row in measured.targets.itertuples()
        ],
        False,
    )
