"""The figure of how runs end: final loss and accuracy against learning rate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from lrbench.reporting.drawing import style
from lrbench.reporting.drawing.marks import box_caption, boxed, draw_box, draw_dots, grey_strip, spread
from lrbench.reporting.drawing.panels import canvas, legend
from lrbench.reporting.drawing.phrases import not_apart
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.drawing.ticks import percent_ticks, plain_ticks, rate_ticks
from lrbench.reporting.inputs import Measured
from lrbench.wording import counted, fixed, listed, rate_label, rate_span, rounded

NAME = "Sweep"
PLACE = 40
LOST = ("diverged", "failed", "collapsed")  # outcomes drawn on the strip, from the top down


def draw(measured: Measured, rates: Rates) -> Drawing:
    """Final validation loss and accuracy against learning rate; runs that did not learn stand on a grey strip."""
    runs = measured.runs
    shown = runs[runs["outcome"] == "learned"]
    lost = bool(runs["outcome"].isin(LOST).any())
    mean = "the bar is the mean of the runs that learned" if lost else "the bar is their mean"
    drawn = canvas(4.6)
    panels = list(drawn.subplots(1, 2).flat)
    places = np.log10(np.array(rates.values))
    gap = float(np.diff(places).min()) if len(places) > 1 else 1.0
    for axes, column in zip(panels, ("final_val_loss", "score"), strict=True):
        _draw_measure(axes, rates, shown, column, min(0.5 * gap, 0.18), boxed(measured))
        _draw_outcome_strip(axes, rates, runs, min(0.5 * gap, 0.18), boxed(measured))
        axes.set_xscale("log")
        edge = 10 ** (max(0.06 * float(np.ptp(places)), 0.3) if len(rates) > 1 else 0.8)
        axes.set_xlim(rates.values[0] / edge, rates.values[-1] * edge)
        axes.set_xlabel(measured.rate_heading)
        rate_ticks(axes.xaxis, rates.values)
    panels[0].set_ylabel("Final validation loss (nats)")
    plain_ticks(panels[0].yaxis)
    panels[1].set_ylabel("Score (validation accuracy)")
    percent_ticks(panels[1].yaxis)
    low, high = panels[1].get_ylim()
    room = max(0.005 - (high - low) / 2, 0.0)  # no closer than one point, where single examples would look like much
    panels[1].set_ylim(low - room, min(high + room, 1.002))
    if len(shown):
        _draw_chance(panels[0], float(np.log(measured.dataset["classes"])), rounded)
        _draw_chance(panels[1], measured.across["chance"], measured.accuracy)
    legend(
        drawn,
        rates,
        [("mean of the runs that learned" if lost else "mean", {"marker": "_", "linestyle": "none", "markersize": 12})]
        if measured.seeds > 1
        else [],
    )
    heads, rows = _table(measured)
    return Drawing(
        canvas=drawn,
        data=runs[["learning_rate", "seed", "outcome", "final_val_loss", "score", "final_val_accuracy"]],
        title=_title(measured),
        caption=(
            "Validation loss after the last epoch (nats) and score, the validation accuracy "
            f"{measured.score_span}, against {measured.rate_heading.lower()} (logarithmic). "
            + (
                f"{box_caption(measured)}; {mean}."
                if boxed(measured)
                else f"Each dot is a run (n = {measured.seeds_a_rate})"
                + (f", set beside each other where they would overlap; {mean}." if measured.seeds > 1 else ".")
            )
            + (
                f" {'Rates with runs' if boxed(measured) else 'Runs'} that diverged, failed or collapsed are "
                "crosses on the grey strip above, by their outcome."
                if lost
                else ""
            )
            + " Chance, a dotted line where it is near, is naming always the largest class, and for the loss, "
            "giving all classes the same probability."
        ),
        alt=f"{'Box' if boxed(measured) else 'Dot'} plots of final validation loss and score against learning "
        "rate. " + _alt(measured),
        columns=heads,
        rows=rows,
    )


def _draw_measure(axes: Any, rates: Rates, shown: pd.DataFrame, column: str, width: float, boxes: bool) -> None:
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


def _draw_outcome_strip(axes: Any, rates: Rates, runs: pd.DataFrame, width: float, boxes: bool) -> None:
    present = [outcome for outcome in LOST if (runs["outcome"] == outcome).any()]
    if not present:
        return
    across = axes.get_xaxis_transform()
    for row, outcome in enumerate(reversed(present)):
        height = 1.05 + 0.075 * row
        grey_strip(axes, (0, height - 0.034), (1, height + 0.034))
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


def _lost_runs(measured: Measured) -> list[str]:
    runs = measured.runs
    return [f"{count} {outcome}" for outcome in LOST if (count := int((runs["outcome"] == outcome).sum()))]


def _title(measured: Measured) -> str:
    """What the one decision says of the scores: which rate is highest, or which are too close to choose by."""
    lost = _lost_runs(measured)
    tail = f"; of {counted(len(measured.runs), 'run')}, {listed(lost)}" if lost else ""
    chosen, candidates = measured.chosen, measured.candidates
    if chosen is None:
        return f"At no learning rate did every planned run learn{tail}"
    eligible = measured.rates[measured.rates["eligible"]]
    means = dict(zip(eligible["learning_rate"], eligible["score_mean"], strict=True))
    if len(means) == 1:
        score = measured.accuracy(means[chosen])
        if len(measured.rates) == 1:
            return f"The mean score is {score} at {rate_label(chosen)}{tail}"
        return f"Only {rate_label(chosen)} learned in every planned run; its mean score is {score}{tail}"
    lowest = min(means, key=lambda rate: means[rate])
    among = "" if len(means) == len(measured.rates) else ", among the rates that learned in every planned run,"
    low = f"lowest{among} at {rate_label(lowest)} ({measured.accuracy(means[lowest])})"
    if len(candidates) == 1:
        high = f"The mean score is highest at {rate_label(chosen)} ({measured.accuracy(means[chosen])}"
        return f"{high}{not_apart(measured, chosen, 'score')}) and {low}{tail}"
    ends = sorted(means[rate] for rate in candidates)
    span = dict.fromkeys(measured.accuracy(end) for end in (ends[0], ends[-1]))
    close = f"The mean scores of {rate_span(candidates)} ({' to '.join(span)}) are practically tied or not resolved"
    return f"{close}{tail}" if lowest in candidates else f"{close}; the score is {low}{tail}"


def _alt(measured: Measured) -> str:
    runs = measured.runs
    learned = runs[runs["outcome"] == "learned"].groupby("learning_rate")["score"].mean()
    parts = [
        f"rate {rate_label(row.learning_rate)}: {row.learned} of {counted(row.planned, 'run')} learned"
        + (
            f", mean score{'' if row.learned == row.n else ' of those'} {measured.accuracy(learned[row.learning_rate])}"
            if row.learned
            else ""
        )
        for row in measured.rates.itertuples()
    ]
    if len(parts) > 12:
        parts = [*parts[:6], f"{len(parts) - 12} more rates in the table", *parts[-6:]]
    return "; ".join(parts) + "."


def _table(measured: Measured) -> tuple[list[str], list[list[str]]]:
    measures = ["final_val_loss", "score", "final_val_accuracy"]
    names = ["Final validation loss (nats)", "Score", "Final validation accuracy"]

    def cells(row: pd.Series, tail: str) -> list[str]:
        loss, *shares = (row[f"{measure}{tail}"] for measure in measures)
        return [fixed(loss), *map(measured.accuracy, shares)]

    if not measured.single_runs:
        heads = [
            measured.rate_heading,
            "Runs",
            "Learned",
            *(f"Mean {name[0].lower()}{name[1:]}, all runs" for name in names),
        ]
        return heads, [
            [rate_label(row["learning_rate"]), str(row["n"]), str(row["learned"]), *cells(row, "_mean")]
            for _, row in measured.rates.iterrows()
        ]
    return [measured.rate_heading, "Seed", "Outcome", *names], [
        [rate_label(row["learning_rate"]), str(row["seed"]), row["outcome"], *cells(row, "")]
        for _, row in measured.runs.iterrows()
    ]
