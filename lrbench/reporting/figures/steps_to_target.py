"""The figure of steps to each target accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Canvas

from lrbench.reporting.drawing import style
from lrbench.reporting.drawing.marks import box_caption, boxed, draw_box, draw_count, draw_dots, spread
from lrbench.reporting.drawing.panels import canvas, legend, notice, rate_rows, row_height
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.drawing.ticks import log_ticks
from lrbench.reporting.inputs import MANY_RUNS, Measured
from lrbench.reporting.target_rule import target_source
from lrbench.wording import LOWER_TARGETS, counted, listed, no_run_reached, rate_label, rate_labels, steps, target_label

NAME = "Steps to target"
PLACE = 50
MAX_TARGETS = 4
MAX_ROWS = 1000  # of the table under the figure, which would else fill the page
NO_TARGETS = "There are no target accuracies, because no rate gets above chance."
RING = {"markerfacecolor": "none", "markersize": 7.5, "markeredgewidth": 1.0}


def draw(measured: Measured, rates: Rates) -> Drawing:
    """Steps after which each run first reached and kept each target; runs that never kept it beyond the last step."""
    targets = measured.targets
    asked = sorted(targets["target"].unique())
    reached = sorted(targets.loc[np.isfinite(targets["first_at"]), "target"].unique())
    shown = reached
    if len(reached) > MAX_TARGETS:
        shown = [reached[place] for place in np.linspace(0, len(reached) - 1, MAX_TARGETS).round().astype(int)]
    missed = _unreached(measured, sorted(set(asked) - set(reached)))
    heads, table, cut = _table(measured, shown)
    where = "drawn and in the table; the CSV has" if cut else "drawn; the table has"
    left_out = f" Of {len(reached)} targets, {len(shown)} are {where} all." * (len(shown) < len(reached))
    title, alt = _title(measured)
    return Drawing(
        canvas=_picture(measured, rates, shown) if shown else notice(missed or NO_TARGETS),
        data=targets,
        title=title,
        caption=" ".join(filter(None, (_caption(measured) + left_out, missed, _sources(measured, shown)))),
        alt=f"{'Box' if boxed(measured) else 'Dot'} plots of steps to reach and keep each target accuracy, a row "
        f"for each {measured.rate_heading.lower()}. By the median over runs: {alt}"
        if shown
        else f"A notice in place of plots: {missed or NO_TARGETS}",
        columns=heads,
        rows=table,
    )


def _picture(measured: Measured, rates: Rates, shown: list[float]) -> Canvas:
    """A panel for each target that is shown, at least one."""
    targets, budget = measured.targets, measured.steps_in_training
    columns = min(len(shown), 2)
    rows = -(-len(shown) // columns)
    drawn = canvas(min(rows * row_height(len(rates), 0.24 if rows == 1 else 0.12), 8.6))
    panels = list(drawn.subplots(rows, columns, sharey=True, sharex=True, squeeze=False).flat)
    for unused in panels[len(shown) :]:
        unused.remove()
    for axes, target in zip(panels, shown, strict=False):
        axes.set_xscale("log")
        axes.set_xlim(_first_step(targets[targets["target"].isin(shown)], budget), budget * 1.65)
        _draw_target(axes, rates, targets[targets["target"] == target], budget, boxed(measured))
        axes.set_title(f"{target_label(target)} validation accuracy")
        axes.tick_params(labelbottom=True)
    for axes in panels[: len(shown)][-columns:]:
        axes.set_xlabel("Steps (logarithmic)")
    drawn.supylabel(measured.rate_heading, fontsize=9, color=style.INK)
    dot = {"marker": "o", "linestyle": "none", "markersize": 5}
    kinds: list[tuple[str, dict[str, Any]]] = [
        (
            f"first reached{', median' if boxed(measured) else ''}",
            {"marker": "|", "linestyle": "none", "markersize": 7} if boxed(measured) else dot | RING,
        ),
        ("reached and kept", {"linewidth": 4.0} if boxed(measured) else dot),
        ("not kept, or not reached", {"marker": "x", "linestyle": "none", "markersize": 5}),
    ]
    legend(drawn, rates, kinds, of=[])
    return drawn


def _caption(measured: Measured) -> str:
    budget = steps(measured.steps_in_training)
    if boxed(measured):
        how = (
            f"{box_caption(measured)}, of the runs that reached and kept it, each at the evaluation that saw it; a "
            "vertical tick is the median of the first evaluations at the target"
        )
    else:
        how = (
            f"Marks of one run share a row of their own (n = {measured.seeds_a_rate}): an open circle "
            "at the first evaluation that saw the target, a filled mark at the one from which on it was kept, the "
            "one inside the other where they are the same. It happened somewhere along the thin line that ends in the "
            "filled mark, between two evaluations"
        )
    return (
        "Steps (updates of the weights) until validation accuracy first reached a target, and until it stayed there to "
        f"the end. {how}. Crosses beyond the dashed line, the end of training after {budget} steps, are runs that did "
        f"not keep the target, or never reached it{', counted' if boxed(measured) else ''}."
    )


def _unreached(measured: Measured, targets: list[float]) -> str:
    """What is said of targets that no run reached: nothing where there are none."""
    if not targets:
        return ""
    decimals = measured.accuracy_decimals
    said = f"{no_run_reached(targets, measured.highest_accuracy, decimals)}."
    return said if len(targets) < measured.targets["target"].nunique() else f"{said} {LOWER_TARGETS}"


def _sources(measured: Measured, shown: list[float]) -> str:
    """Where the targets shown come from, if they are relative."""
    sources = [(target, target_source(measured.target_rule, target)) for target in shown]
    return " ".join(f"{target_label(target)} is {source}." for target, source in sources if source)


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
        at, after, first = (  # of a logarithmic axis, where step 0 has no place
            np.maximum(runs[column].to_numpy(), 1) for column in ("sustained_at", "sustained_after", "first_at")
        )
        kept, early = np.isfinite(at), np.isfinite(first)
        colour, size = rates.colour(rate), 5 if len(rates) * len(runs) <= MANY_RUNS else 3
        if boxes:
            _draw_reached(axes, rates, rate, (row, beyond), (at[kept], first[early], int((~kept).sum())))
            continue
        gaps = np.full(kept.sum(), np.nan)
        from_to = np.column_stack([after[kept], at[kept], gaps]).ravel()
        rates.tag(axes.plot(from_to, np.repeat(y[kept], 3), color=colour, linewidth=0.8)[0], rate)
        draw_dots(axes, rates, rate, at[kept], y[kept], size, size < 5)
        rings = RING | {"linestyle": "none", "marker": "o", "markersize": size + 2.5, "color": colour}
        rates.tag(axes.plot(first[early], y[early], **rings)[0], rate)
        crosses = {"linestyle": "none", "marker": "x", "markersize": size, "markeredgewidth": 1.2, "color": colour}
        rates.tag(axes.plot(np.full((~kept).sum(), beyond), y[~kept], **crosses)[0], rate)
    axes.axvline(budget, color=style.MUTED, linestyle="--", linewidth=0.9)
    log_ticks(axes.xaxis, axes.get_xlim(), steps)
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


def _title(measured: Measured) -> tuple[str, str]:
    reach = measured.reach
    if reach.empty:
        return NO_TARGETS.removesuffix("."), ""
    if not reach["first_reached"].any():
        return _unreached(measured, sorted(reach["target"].unique())).partition(". ")[0], ""
    parts = []
    for target in sorted(reach["target"].unique(), reverse=True):
        own = reach[reach["target"] == target]
        order = own.sort_values(["first_at", "sustained_at", "learning_rate"])
        reached, kept = (order[np.isfinite(order[f"{when}_at"])] for when in ("first", "sustained"))
        parts.append((target_label(target), own.sort_values("learning_rate"), kept, reached))
    alt = " ".join(
        f"{name}: "
        + (f"{'; '.join(map(_median_of, reached.head(8).itertuples()))}" if len(reached) else "no rate reaches it")
        + "."
        for name, _, _, reached in parts[:MAX_TARGETS]
    )
    name, own, kept, _ = next((part for part in parts if len(part[2])), parts[-1])
    if kept.empty:
        return f"By the median over runs, no rate reaches and keeps {name}", alt
    title = f"By the median over runs, {_soonest(name, own, kept)}"
    partial = own[own["sustained_reached"] < own["n"]]
    if 0 < len(partial) <= 2:
        missed = listed(
            f"{row.n - row.sustained_reached} of {row.n} runs at {rate_label(row.learning_rate)}"
            for row in partial.itertuples()
        )
        title += f"; {missed} do not reach and keep it"
    elif len(partial):
        whole = len(own) - len(partial)
        title += f"; every run reaches and keeps it at {whole or 'none'} of {counted(len(own), 'rate')}"
    return title, alt


def _soonest(name: str, own: pd.DataFrame, kept: pd.DataFrame) -> str:
    """At which rate a target is reached soonest, first and for good, where that is one rate; else at which two.

    own, kept : the rows of the table reach of this target, and those of rates that keep it by the median
    """
    first, for_good = own["first_at"].min(), kept["sustained_at"].min()
    both = kept[(kept["first_at"] == first) & (kept["sustained_at"] == for_good)]
    if len(both):
        rows = list(both.itertuples())
        where = _median_of(rows[0], rate_labels(row.learning_rate for row in rows) if len(rows) > 1 else None)
        return f"{name} is reached {where}" + (
            "; at no other rate sooner" if np.isfinite(own["first_at"]).sum() > 1 else ""
        )
    soon = own[own["first_at"] == first].sort_values(["sustained_at", "learning_rate"])
    lasting = kept[kept["sustained_at"] == for_good]
    one, other = (rate_label(next(rows.itertuples()).learning_rate) for rows in (soon, lasting))
    return (
        f"{name} is reached first at {one}, by step {steps(first)}, and for good first at {other}, by {steps(for_good)}"
    )


def _median_of(row: Any, named: str | None = None) -> str:
    """By which steps, in the median over runs, a rate was at a target, first and for good; `row` of the table reach.

    named : the rates of which that is true, if there are more than this one; how many runs kept it is then left out
    """
    first, kept = steps(row.first_at), steps(row.sustained_at)
    when = f"by step {first} for good" if first == kept else f"by step {first}, for good by {kept}"
    if not np.isfinite(row.sustained_at):
        when = f"by step {first}, not kept"
    kept_by = (
        ""
        if named or row.sustained_reached == row.n
        else f" (kept by {row.sustained_reached} of {counted(row.n, 'run')})"
    )
    return f"at {named or rate_label(row.learning_rate)} {when}{kept_by}"


def _table(measured: Measured, kept: Sequence[float]) -> tuple[list[str], list[list[str]], bool]:
    """Head and rows of the table under the figure, and whether it has only the targets that are drawn.

    It has a row for each run and target, or for each rate and target where those would be more than MANY_RUNS; where
    these are more than MAX_ROWS, the other targets are left out.
    """
    if len(measured.targets) > MANY_RUNS:
        reach = measured.reach
        cut = len(reach) > MAX_ROWS
        if cut:
            reach = reach[reach["target"].isin(kept)]
        heads = [measured.rate_heading, "Target", "Reached", "Kept", "Median steps, first", "Median steps, kept"]
        return (
            heads,
            [
                [
                    rate_label(row.learning_rate),
                    target_label(row.target),
                    f"{row.first_reached} of {row.n}",
                    f"{row.sustained_reached} of {row.n}",
                    steps(row.first_at),
                    steps(row.sustained_at),
                ]
                for row in reach.itertuples()
            ],
            cut,
        )
    heads = [measured.rate_heading, "Seed", "Target", "First reached by step", "Reached and kept by step"]
    return (
        heads,
        [
            [
                rate_label(row.learning_rate),
                str(row.seed),
                target_label(row.target),
                steps(row.first_at),
                steps(row.sustained_at),
            ]
            for row in measured.targets.itertuples()
        ],
        False,
    )
