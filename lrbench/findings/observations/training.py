"""Observations of training itself: failures, stability, and what was still going on at the end."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from lrbench.analysis.course import uses_oscillation
from lrbench.findings import numbers
from lrbench.findings.numbers import epochs
from lrbench.findings.observations import (
    FINDING,
    INCONCLUSIVE,
    NOT_APPLICABLE,
    PASSED,
    Analysis,
    Ledger,
    Outcome,
    observation,
)
from lrbench.findings.phrases import by_rate, too_few_runs, where
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.training_words import scheduled
from lrbench.wording import counted, outcomes, percent, rate_label, significant

OUTCOMES = {"exploded": "exploded", "diverged": "diverged", "failed": "failed to learn", "collapsed": "collapsed"}


@observation(
    place=20,
    rule="exploded: a training loss of at least the exploded ratio times that of step 0, whatever came later; "
    "diverged: a loss or weight is not finite; failed: final skill below the bar; collapsed: failed after passing it",
    table="runs",
    figure="loss",
    thresholds=("relative_skill", "exploded_ratio"),
)
def failures(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Count the runs that exploded, diverged, failed or collapsed, rate by rate."""
    rows = analysis.rates.set_index("learning_rate")
    wrong = [float(rate) for rate in rows.index if any(rows.loc[rate, name] for name in OUTCOMES)]

    def described(rate: float) -> str:
        counts = [
            (ledger.cell("rates", name, learning_rate=rate), OUTCOMES[name])
            for name in OUTCOMES
            if rows.loc[rate, name]
        ]
        return f"at {rate_label(rate)}, {outcomes(counts, ledger.cell('rates', 'n', learning_rate=rate))}"

    runs = ledger.take(numbers.rows, table="runs")
    if wrong:
        learned = ledger.take(numbers.rows, table="runs", outcome="learned")
        blown = [rate for rate in wrong if rows.loc[rate, "exploded"]]
        groups = (blown, [rate for rate in wrong if rate not in blown])
        said = "; ".join(by_rate(ledger, group, described) for group in groups if group)
        return Outcome(FINDING, f"{learned} of {runs} runs learned; not every run went well: {said}.")
    count = ledger.take(numbers.rows, table="rates")
    place = f"at {count} rates" if count > 1 else f"at {rate_label(analysis.rates['learning_rate'].iloc[0])}"
    if ledger.take(numbers.missing_runs):
        place = "that are there" if runs > 1 else "that is there"
    every = f"All {runs} runs {place} learned" if runs > 1 else f"The run {place} learned"
    return Outcome(PASSED, f"{every}; none diverged, collapsed or exploded.")


@observation(
    place=30,
    rule="a run exploded or diverged, or median backtrack and fluctuation are both at or above their thresholds; "
    "fluctuation is the oscillation of the training loss at epoch ends, or under 8 epochs its largest rise",
    table="rates",
    figure="stability",
    thresholds=("backtrack", "oscillation", "exploded_ratio"),
)
def unstable_rates(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the rates whose training loss blows up or itself moves back up, blow-ups first."""
    rates = analysis.rates.loc[analysis.rates["n"] > 0].set_index("learning_rate")
    blown = [float(rate) for rate in rates.index if rates.loc[rate, "exploded"] or rates.loc[rate, "diverged"]]
    moving = [float(rate) for rate in rates.index if _moves_back(analysis, float(rate))]
    measured = rates.loc[np.isfinite(rates["backtrack_median"]), "backtrack_median"]
    if measured.empty and not blown:
        return Outcome(
            NOT_APPLICABLE, "No rate has a training loss over several epochs, so its stability cannot be measured."
        )
    oscillates = uses_oscillation(int(epochs(analysis)))

    def moves(rate: float) -> str:
        back = percent(ledger.cell("rates", "backtrack_median", learning_rate=rate), 0)
        text = f"{where(ledger, rate)}, {back} of all movement of the training loss from epoch to epoch is upward"
        if oscillates:
            return f"{text}; it oscillates by {significant(ledger.unsteadiness(rate))} nats"
        largest = ledger.cell("rates", "largest_rise_median", learning_rate=rate)
        return f"{text}, and its largest rise from one epoch to the next is {significant(largest)} nats"

    def blow_up(rate: float) -> str:
        n = ledger.cell("rates", "n", learning_rate=rate)
        counts = [
            (ledger.cell("rates", name, learning_rate=rate), word)
            for name, word in (("exploded", "exploded"), ("diverged", "diverged"))
            if rates.loc[rate, name]
        ]
        text = f"at {rate_label(rate)}, {outcomes(counts, n)}"
        spike = rates.loc[rate, "largest_spike_max"]
        if rates.loc[rate, "exploded"] and math.isfinite(spike):
            size = significant(ledger.cell("rates", "largest_spike_max", learning_rate=rate), 3)
            text += f", the training loss rising by up to {size} nats above its least so far"
        return text

    still = [float(rate) for rate in rates.index if _moves_back_a_little(analysis, rates.loc[rate])]

    def moves_little(rate: float) -> str:
        back = percent(ledger.cell("rates", "backtrack_median", learning_rate=rate), 0)
        size, runs = significant(ledger.unsteadiness(rate)), ledger.take(numbers.unsteady_runs, learning_rate=rate)
        though = ""
        if runs:
            most = ledger.cell("rates", f"{'oscillation' if oscillates else 'largest_rise'}_max", learning_rate=rate)
            though = f", though by {analysis.thresholds.oscillation:g} or more in {counted(runs, 'run')}"
            though += f", in one of them by {significant(most)}" if runs > 1 else f", by {significant(most)}"
        return f"{where(ledger, rate)}, with {back} upward, it {kind} by only {size} nats{though}"

    kind = "oscillates" if oscillates else "rises from one epoch to the next"
    little = (
        f" Too small to count between epoch ends, by medians over runs: {by_rate(ledger, still, moves_little)}."
        if still
        else ""
    )
    said = []
    if blown:
        said.append(f"The training loss blows up: {by_rate(ledger, blown, blow_up)}.")
    if moving:
        also = " also" if blown else ""
        said.append(f"Training is{also} unstable, by medians over runs: {by_rate(ledger, moving, moves)}.")
    if said:
        return Outcome(FINDING, " ".join(said) + little)
    if measured.max() == 0:
        return Outcome(
            PASSED, "No rate is unstable: at none does the training loss move up from one epoch's end to the next."
        )
    most = float(measured.idxmax())
    back = percent(ledger.cell("rates", "backtrack_median", learning_rate=most), 0)
    text = (
        f"No rate is unstable. By medians over runs, the training loss moves back most {where(ledger, most)}: {back} "
        "of all its movement from epoch to epoch is upward"
    )
    sizes = {rate: ledger.unsteadiness(rate) for rate in map(float, measured.index)}
    sizes = {rate: size for rate, size in sizes.items() if math.isfinite(size)}
    if not sizes:
        return Outcome(PASSED, f"{text}.{little}")
    widest = max(sizes, key=lambda rate: sizes[rate])
    size = f"{where(ledger, widest)} ({significant(sizes[widest])} nats"
    if oscillates:
        return Outcome(PASSED, f"{text}. It oscillates most {size}).{little}")
    return Outcome(PASSED, f"{text}. It rises most from one epoch's end to the next {size}).{little}")


def _moves_back(analysis: Analysis, rate: float) -> bool:
    """Whether the training loss of a rate itself moves back and fluctuates, whether or not a run exploded as well."""
    row = analysis.rates.set_index("learning_rate").loc[rate]
    size = {one["learning_rate"]: one["unsteadiness"] for one in analysis.across["unsteadiness"]}[rate]
    back = bool(row["backtrack_median"] >= analysis.thresholds.backtrack)
    return back and size is not None and size >= analysis.thresholds.oscillation


def _moves_back_a_little(analysis: Analysis, row: pd.Series) -> bool:
    """Whether the training loss of a rate moves back like that of an unstable one, but fluctuates too little."""
    blown = row["exploded"] or row["diverged"]
    return not (blown or row["unstable"]) and bool(row["backtrack_median"] >= analysis.thresholds.backtrack)


@observation(
    place=160,
    rule="slope of log validation loss over the last half of the epochs: interval, corrected over the rates, below 0, "
    "a fall of at least the improvement threshold, and an end below the loss before training",
    table="rates",
    figure="loss",
    thresholds=("improvement", "significance"),
)
def still_improving(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the rates whose validation loss was still falling when training ended."""
    measured = analysis.rates.loc[np.isfinite(analysis.rates["improvement"])]
    measured = measured.sort_values("improvement", ascending=False, kind="stable")
    if measured.empty:
        return Outcome(NOT_APPLICABLE, "No rate has enough epochs of finite validation loss to see a trend at the end.")
    span = f"over the last {ledger.take(numbers.last_half)} epochs"
    corrected = len(measured)

    def fall(rate: float) -> str:
        fitted, low, high = (
            ledger.cell("rates", name, learning_rate=rate)
            for name in ("improvement", "improvement_low", "improvement_high")
        )
        floor = analysis.thresholds.improvement
        return f"{where(ledger, rate)}, by {ledger.share(fitted, low, high, margin=floor, corrected=corrected)}"

    enough = measured.loc[measured["n"] >= FEWEST_SEEDS]
    if enough.empty:
        rate = float(measured["learning_rate"].iloc[0])
        size = percent(ledger.cell("rates", "improvement", learning_rate=rate), 0)
        seeds = counted(ledger.cell("rates", "n", learning_rate=rate), "seed")
        moved = "fell most" if measured["improvement"].iloc[0] > 0 else "fell at no rate; it changed least"
        return Outcome(
            INCONCLUSIVE,
            f"Validation loss {moved} at {rate_label(rate)} {span}, by {size}; {seeds} cannot show a trend.",
        )
    improving = enough.loc[enough["still_improving"].astype(bool), "learning_rate"].tolist()
    if improving:
        return Outcome(
            FINDING,
            f"Validation loss was still falling when training ended, {span}: "
            f"{by_rate(ledger, improving, fall)}. {_more_epochs(analysis)}",
        )
    few = too_few_runs(ledger, measured["learning_rate"])
    none = "No other rate" if few else "No rate"
    if enough["improvement"].iloc[0] <= 0:
        return Outcome(
            PASSED,
            f"{none} was still improving when training ended; {span}, the mean fitted validation loss falls "
            f"at none.{few}",
        )
    first = float(enough["learning_rate"].iloc[0])
    return Outcome(
        PASSED,
        f"{none} was clearly still improving when training ended; {span}, the fitted fall of "
        f"validation loss is largest {fall(first)}.{few}",
    )


def _more_epochs(analysis: Analysis) -> str:
    if scheduled(analysis.origin["settings"]):
        return "More epochs would stretch the schedule over them; what that would bring was not measured."
    return "What more epochs would bring was not measured."
