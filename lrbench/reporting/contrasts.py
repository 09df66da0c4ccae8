"""Figures that set rates beside each other: stability, and differences between pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

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
    grey_rail,
    labelled_rows,
    legend,
    notice,
    rate_rows,
    row_height,
    spread,
)
from lrbench.reporting.inputs import Measured
from lrbench.wording import counted

MAX_PAIRS = 15


def stability(measured: Measured, rates: Rates) -> Drawing:
    """What tutorials mix up, apart: rises, oscillation, spikes of the training loss, and overfitting."""
    runs = measured.runs
    short = not np.isfinite(runs["oscillation"].to_numpy()).any()
    moves = ("largest_rise", "Largest rise (nats)") if short else ("oscillation", "Oscillation (nats)")
    parts = [
        ("backtrack", "Backtrack (share of moves)"),
        moves,
        ("largest_spike", "Largest spike (nats)"),
        ("generalisation_gap", "Generalisation gap (nats)"),
    ]
    names = {
        row.learning_rate: rate_label(row.learning_rate) + (" ⚠" if row.unstable else "")
        for row in measured.rates.itertuples()
    }
    names = {
        rate: name.replace(" ⚠", "\nunstable") if len(rates) <= 8 else name.replace(" ⚠", " !")
        for rate, name in names.items()
    }
    drawn = canvas(min(row_height(len(rates), 0.22), 8.6))
    for axes, (column, label) in zip(drawn.subplots(1, 4, sharey=True).flat, parts, strict=True):
        _draw_dots(axes, rates, runs, column, boxed(measured))
        axes.set_xlabel(label, fontsize=8.5)
        rate_rows(axes, rates, names)
    drawn.supylabel("Learning rate", fontsize=9, color=style.INK)
    if measured.seeds > 1:
        legend(
            drawn,
            rates,
            [("median", {"marker": "|", "linestyle": "none", "markersize": 11, "markeredgewidth": 1.6})],
            of=[],
        )
    columns = [column for column, _ in parts]
    complete = bool(np.isfinite(runs[columns].to_numpy()).all())
    title, alt = _stability_title(measured)
    marked = (
        f" A ! marks the rates that count as unstable{_as_named(rates)}."
        if len(rates) > 8 and measured.rates["unstable"].any()
        else ""
    )
    return Drawing(
        Figure(
            id="stability",
            title=title,
            caption=(
                "Four things, apart. Backtrack: share of the training loss's movement from epoch to epoch that goes "
                "up, 0 to 1. "
                + (
                    "Largest rise: of the training loss from one epoch to the next. "
                    if short
                    else "Oscillation: how much the training loss of late epochs jumps around its course. "
                )
                + "Largest spike: of the training loss above the lowest it had been. Generalisation gap: final "
                "validation loss "
                "minus final training loss, which grows with overfitting. The last three in nats. "
                + (
                    box_caption(measured)
                    if boxed(measured)
                    else f"Each dot is a run (n = {counted(measured.seeds, 'seed')} a rate)"
                )
                + f"{'; bars are medians' if measured.seeds > 1 else ''}. "
                + (
                    ""
                    if complete
                    else "Values that are not finite or not available stand on the grey rail at the right"
                    + (", counted." if boxed(measured) else ".")
                )
                + marked
            ),
            alt=f"{'Box' if boxed(measured) else 'Dot'} plots of four measures, a row for each learning rate. {alt}",
            **_stability_table(measured, parts, len(runs) > MANY_RUNS),
        ),
        drawn,
        runs[["learning_rate", "seed", "outcome", *columns]],
    )


def _as_named(rates: Rates) -> str:
    every = labelled_rows(len(rates))
    return "" if len(every) == len(rates) else ", where a row is named; the table has all"


def _draw_dots(axes: Any, rates: Rates, runs: pd.DataFrame, column: str, boxes: bool) -> None:
    values = runs[column].to_numpy()
    finite = values[np.isfinite(values)]
    if finite.size and finite.max() > 10 and finite.max() > 60 * float(np.median(finite[finite > 0])):
        axes.set_xscale("symlog", linthresh=float(np.median(finite[finite > 0])))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.tick(value)))
    else:
        axes.xaxis.set_major_locator(MaxNLocator(3))
    small = len(runs) > MANY_RUNS
    for row, rate in enumerate(rates):
        own = runs.loc[runs["learning_rate"] == rate, column].to_numpy()
        y = row + spread(len(own), 0.55)
        there = np.isfinite(own)
        if boxes:
            draw_box(axes, rates, rate, own, row)
        else:
            draw_dots(axes, rates, rate, own[there], y[there], 2.2 if small else 4.5, small)
        if len(own) > 1 and there.all():
            middle = float(np.median(own))
            rates.tag(axes.plot([middle, middle], [row - 0.38, row + 0.38], color=style.INK, linewidth=1.5)[0], rate)
        if boxes:
            draw_count(axes, rates, rate, int((~there).sum()), (1.0, row), axes.get_yaxis_transform())
        elif not there.all():
            lost = Line2D(
                np.full((~there).sum(), 1.0), y[~there], linestyle="none", transform=axes.get_yaxis_transform()
            )
            lost.set(color=rates.colour(rate), marker="x", markersize=4, markeredgewidth=1.1, clip_on=False)
            axes.add_line(rates.tag(lost, rate))
    if not np.isfinite(values).all():
        grey_rail(axes, (0.965, 0), (1.035, 1))
    if not finite.size:
        axes.set_xticks([])
        axes.set_xlim(0, 1)
    else:
        low, high = float(finite.min()), float(finite.max())
        if axes.get_xscale() == "linear":
            room = 0.07 * (high - low) or 0.5 * abs(high) or 0.05
            axes.set_xlim(low - room, high + room * (2.2 if finite.size < values.size else 1))


def _stability_title(measured: Measured) -> tuple[str, str]:
    rates = measured.rates
    unstable = list(rates.loc[rates["unstable"], "learning_rate"])
    finite = rates[np.isfinite(rates["backtrack_median"])]
    alt = "Median backtrack: " + "; ".join(
        f"{words.number(row.backtrack_median)} at {rate_label(row.learning_rate)}"
        for row in rates.head(12).itertuples()
    )
    if finite.empty:
        return "No rate has a finite training loss to judge stability by", f"{alt}."
    most = finite.loc[finite["backtrack_median"].idxmax()]
    share = f"{words.percent(most['backtrack_median'], 0)} of the training loss's movement is upward"
    if unstable:
        named = f"Training is unstable at {words.rates(unstable)}"
        worst = rate_label(most["learning_rate"])
        if len(unstable) == 1 and unstable[0] == most["learning_rate"]:
            return f"{named}, where {share}", f"{alt}."
        return f"{named}; at {worst} {share}", f"{alt}."
    if len(finite) < len(rates) and not unstable:
        lost = counted(len(rates) - len(finite), "rate")
        return f"No rate with finite losses counts as unstable; {lost} without", f"{alt}."
    if most["backtrack_median"] == 0:
        return "Not unstable: the training loss of the median run never moves up", f"{alt}."
    if len(rates) == 1:
        return f"Not unstable: {share}", f"{alt}."
    return f"No rate counts as unstable; at {rate_label(most['learning_rate'])}, the most, {share}", f"{alt}."


def _stability_table(measured: Measured, parts: list[tuple[str, str]], per_rate: bool) -> dict[str, Any]:
    if per_rate:
        heads = ["Learning rate", "Unstable", *(f"Median {label[0].lower()}{label[1:]}" for _, label in parts)]
        rows = [
            [
                rate_label(row["learning_rate"]),
                "yes" if row["unstable"] else "no",
                *(words.number(row[f"{column}_median"], 3) for column, _ in parts),
            ]
            for _, row in measured.rates.iterrows()
        ]
    else:
        heads = ["Learning rate", "Seed", "Outcome", *(label for _, label in parts)]
        rows = [
            [
                rate_label(row["learning_rate"]),
                str(row["seed"]),
                row["outcome"],
                *(words.number(row[column], 3) for column, _ in parts),
            ]
            for _, row in measured.runs.iterrows()
        ]
    return {"columns": heads, "rows": rows}


def differences(measured: Measured, rates: Rates) -> Drawing:
    """Differences between rates, paired by seed, with their intervals."""
    comparisons = measured.comparisons
    pairs = comparisons[["higher", "lower"]].drop_duplicates().sort_values(["higher", "lower"])
    reference = _reference(measured) if len(pairs) > MAX_PAIRS else None
    shown = comparisons
    if reference is not None:
        shown = _against(comparisons, reference)
    if shown.empty:
        drawn = notice("Fewer than two rates learned: there is no pair to compare.")
    else:
        drawn = _draw_differences(rates, shown, reference)
    heads = ["Higher − lower", "Of", "n", "Difference", "Interval", "p (Holm)", "Separated"]
    rows = [
        [
            f"{rate_label(row.higher)} − {rate_label(row.lower)}",
            "accuracy (score)" if row.measure == "score" else "validation loss",
            str(row.n),
            words.number(row.difference, 3),
            f"{words.number(row.low, 3)} to {words.number(row.high, 3)}" if np.isfinite(row.low) else words.MISSING,
            words.number(row.p_holm, 2) if np.isfinite(row.p_holm) else words.MISSING,
            "yes" if row.separated else "no",
        ]
        for row in shown.itertuples()
    ]
    score = comparisons[comparisons["measure"] == "score"]
    apart = int(score["separated"].sum())
    n = int(score["n"].min()) if len(score) else 0
    title = (
        "No two rates to compare"
        if score.empty
        else f"{apart} of {counted(len(score), 'pair')} of rates {'differs' if apart == 1 else 'differ'} in "
        "accuracy by more than the seeds explain"
        if n >= 3
        else f"With {counted(n, 'seed')} no pair of rates can be told apart"
    )
    some = (
        ""
        if reference is None
        else f" Of {len(pairs)} pairs, those with rate {rate_label(reference)} are drawn and listed; the data file "
        "has all."
    )
    return Drawing(
        Figure(
            id="differences",
            title=title,
            caption=(
                "Difference of accuracy (score: the mean of validation accuracy over the last epochs, in percentage "
                "points) and of "
                "final validation loss (nats) between two rates, paired by seed: same first weights, same batches. "
                "Dots are "
                f"means over n = {counted(n, 'seed')}, lines their 95 % t intervals"
                + ("" if n >= 2 else " (none under two seeds)")
                + ". Filled: told apart, after Holm's correction over all pairs. Open: not told apart, which is not "
                "the same as equal." + some
            ),
            alt=(
                "Dot plot of differences between pairs of rates with intervals. "
                + "; ".join(
                    f"{rate_label(row.higher)} minus {rate_label(row.lower)}: {words.number(100 * row.difference)} "
                    "percentage points"
                    for row in shown[shown["measure"] == "score"].head(12).itertuples()
                )
                + ("." if len(score) else "No pair.")
            ),
            columns=heads,
            rows=rows,
        ),
        drawn,
        comparisons,
    )


def _reference(measured: Measured) -> float:
    """The rate that others are held against: the recommended one, or the one with the highest mean score."""
    if measured.chosen is not None:
        return measured.chosen
    ranked = measured.rates.sort_values(["score_mean", "learning_rate"], ascending=[False, True])
    compared = set(measured.comparisons["higher"]) | set(measured.comparisons["lower"])
    return next(float(rate) for rate in ranked["learning_rate"] if rate in compared)


def _against(comparisons: pd.DataFrame, reference: float) -> pd.DataFrame:
    return comparisons[(comparisons["higher"] == reference) | (comparisons["lower"] == reference)]


def _draw_differences(rates: Rates, shown: pd.DataFrame, reference: float | None) -> Any:
    pairs = list(shown[["higher", "lower"]].drop_duplicates().sort_values(["higher", "lower"]).itertuples(index=False))
    drawn = canvas(min(1.2 + len(pairs) * max(0.22, min(0.5, 2.6 / len(pairs))), 8.2))
    grid = drawn.subplots(1, 2, sharey=True)
    for axes, (measure, label, scale) in zip(
        grid.flat,
        (("score", "Accuracy (percentage points)", 100.0), ("val_loss", "Validation loss (nats)", 1.0)),
        strict=True,
    ):
        axes.axvline(0, color=style.MUTED, linewidth=1.0)
        own = shown[shown["measure"] == measure]
        for row, pair in enumerate(pairs):
            found = own[(own["higher"] == pair.higher) & (own["lower"] == pair.lower)]
            for entry in found.itertuples():
                other = None
                if reference is not None:
                    other = pair.lower if pair.higher == reference else pair.higher
                colour = style.INK if other is None else rates.colour(other)
                marks = [
                    *axes.plot([scale * entry.low, scale * entry.high], [row, row], color=colour, linewidth=1.4),
                    *axes.plot(
                        [scale * entry.difference],
                        [row],
                        linestyle="none",
                        marker="o" if other is None else rates.marker(other),
                        markersize=6,
                        color=colour,
                        markerfacecolor=colour if entry.separated else style.PAPER,
                    ),
                ]
                if other is not None:
                    for mark in marks:
                        rates.tag(mark, other)
        named = labelled_rows(len(pairs))
        labels = [f"{rate_label(pairs[row].higher)} − {rate_label(pairs[row].lower)}" for row in named]
        axes.set_yticks(named, labels, fontsize=8)
        axes.set_ylim(-0.6, len(pairs) - 0.4)
        axes.set_xlabel(label)
        axes.xaxis.set_major_locator(MaxNLocator(6))
    legend(
        drawn,
        rates,
        [
            ("told apart", {"marker": "o", "linestyle": "none", "markersize": 6}),
            ("not told apart", {"marker": "o", "linestyle": "none", "markersize": 6, "markerfacecolor": style.PAPER}),
        ],
        of=[],
    )
    return drawn
