"""The figure of differences between pairs of rates, with their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from lrbench.reporting.drawing import style
from lrbench.reporting.drawing.panels import canvas, labelled_rows, legend, notice
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.drawing.ticks import plain_ticks
from lrbench.reporting.inputs import Measured
from lrbench.tables.analysis import FEWEST_FOR_SPREAD, FEWEST_SEEDS
from lrbench.wording import MISSING, counted, difference_decimals, interval_level, points, rate_label, rounded

NAME = "Differences"
PLACE = 80
MAX_PAIRS = 15


@dataclass(frozen=True)
class Measure:
    """How differences of a measure are shown: their unit, the label of their axis, and in how many units one counts."""

    unit: str
    label: str
    scale: float


OF = {
    "score": Measure("score, percentage points", "Score (percentage points)", 100.0),
    "val_loss": Measure("final validation loss, nats", "Final validation loss (nats)", 1.0),
}
SPOKEN = 12  # pairs that the text for those who do not see the figure names


def _shown(measured: Measured, row: Any) -> str:
    """A difference of scores in percentage points, with the digits that the sentences about it have."""
    tie, delta = measured.thresholds["tie"], measured.across["delta"]
    decimals = difference_decimals(row.difference, row.low, row.high, tie, delta, measured.accuracy_decimals)
    return points(row.difference, decimals)


def draw(measured: Measured, rates: Rates) -> Drawing:
    """Differences between rates, paired by seed, with their intervals."""
    comparisons = measured.comparisons
    pairs = comparisons[["higher", "lower"]].drop_duplicates().sort_values(["higher", "lower"])
    reference = _reference(measured) if len(pairs) > MAX_PAIRS else None
    shown = comparisons
    if reference is not None:
        shown = _against(comparisons, reference)
    if shown.empty:
        drawn = notice("Fewer than two rates learned in all their planned runs: there is no pair to compare.")
    else:
        drawn = _draw_differences(rates, shown, reference)
    level = interval_level(measured.thresholds["significance"])
    heads = [
        "Higher − lower", "Of", "n", "Difference", f"{level} interval, corrected", "p", "p, corrected",
        "Higher does better in", "Told apart",
    ]  # fmt: skip
    rows = [
        [
            f"{rate_label(row.higher)} − {rate_label(row.lower)}",
            OF[row.measure].unit,
            str(row.n),
            rounded(OF[row.measure].scale * row.difference, 3),
            _interval(row),
            rounded(row.p, 2) if np.isfinite(row.p) else MISSING,
            rounded(row.p_corrected, 2) if np.isfinite(row.p_corrected) else MISSING,
            f"{row.higher_ahead} of {row.n} seeds",
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
        else f"{apart} of {counted(len(score), 'pair')} of rates {'is' if apart == 1 else 'are'} told apart by score"
        if n >= FEWEST_SEEDS
        else f"With {counted(n, 'seed')} no pair of rates can be told apart"
    )
    some = (
        ""
        if reference is None
        else f" Of {len(pairs)} pairs, those with rate {rate_label(reference)} are drawn and listed; the data file "
        "has all."
    )
    drawn_pairs = shown[shown["measure"] == "score"]
    spoken = min(len(drawn_pairs), SPOKEN)
    return Drawing(
        canvas=drawn,
        data=comparisons,
        title=title,
        caption=(
            f"Difference of score (validation accuracy {measured.score_span}, in percentage points) and of "
            "final validation loss (nats) between two rates, the higher less the lower, paired by seed: "
            f"{measured.same_at_each_seed}. Dots are means over {_seeds(shown)}"
            + (
                f", lines their {level} intervals, corrected as said under Comparisons"
                if n >= FEWEST_FOR_SPREAD
                else ""
            )
            + (". Under three seeds nothing is told apart" if n < FEWEST_SEEDS and len(score) else "")
            + ". Filled: told apart. Open: not told apart, which is not the same as equal."
            + some
        ),
        alt=(
            "Dot plot of differences between pairs of rates with intervals. "
            + "; ".join(
                f"{rate_label(row.higher)} minus {rate_label(row.lower)}: {_shown(measured, row)} "
                f"percentage points, {'' if row.separated else 'not '}told apart"
                for row in drawn_pairs.head(SPOKEN).itertuples()
            )
            + (f"; and {len(score) - spoken} more pairs" if len(score) > spoken else "")
            + ("." if len(score) else "No pair.")
        ),
        columns=heads,
        rows=rows,
    )


def _interval(row: Any) -> str:
    """The corrected interval of a pair in the unit of its measure."""
    if not np.isfinite(row.low):
        return MISSING
    scale = OF[row.measure].scale
    return f"{rounded(scale * row.low, 3)} to {rounded(scale * row.high, 3)}"


def _seeds(pairs: pd.DataFrame) -> str:
    """How many seeds the pairs are compared over: n = 3 seeds, or from which to which number."""
    if pairs.empty:
        return "no seed"
    least, most = int(pairs["n"].min()), int(pairs["n"].max())
    return f"n = {counted(most, 'seed')}" if least == most else f"n = {least} to {most} seeds, as the table says"


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
    for axes, (measure, shown_as) in zip(grid.flat, OF.items(), strict=True):
        scale = shown_as.scale
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
        axes.set_xlabel(shown_as.label)
        axes.xaxis.set_major_locator(MaxNLocator(6))
        plain_ticks(axes.xaxis)
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
