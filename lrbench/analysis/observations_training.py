"""Observations of training itself: failures, stability, lost leads, and what was still going on at the end."""

from __future__ import annotations

import math

import numpy as np

from lrbench.analysis.evidence import FINDING, INCONCLUSIVE, NOT_APPLICABLE, PASSED, Ledger, Outcome, observation
from lrbench.analysis.quantities_experiment import epochs
from lrbench.analysis.quantities_training import first_epoch_end, leading_steps, train_loss
from lrbench.analysis.results import Analysis
from lrbench.analysis.series import MINIMUM_SEEDS
from lrbench.analysis.stability import uses_oscillation
from lrbench.analysis.wording import limited, significant
from lrbench.names import rate_label
from lrbench.wording import counted, listed, percent, steps

OUTCOMES = {"diverged": "diverged", "failed": "failed to learn", "collapsed": "collapsed", "exploded": "exploded"}


@observation(
    rule="diverged: a loss or weight is not finite; failed: final skill below the bar; collapsed: failed after passing "
    "the bar; exploded: a training loss of at least the exploded ratio times that of step 0, whatever came later",
    table="runs",
    figure="loss",
    thresholds=("relative_skill", "exploded_ratio"),
)
def failures(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Count the runs that failed, collapsed, diverged or exploded, rate by rate."""
    parts = []
    for row in analysis.rates.sort_values("learning_rate", ascending=False).itertuples():
        key = {"learning_rate": float(row.learning_rate)}
        seen = [name for name in OUTCOMES if getattr(row, name)]
        if seen:
            counts = listed(f"{ledger.cell('rates', name, **key)} {OUTCOMES[name]}" for name in seen)
            n = ledger.cell("rates", "n", **key)
            parts.append(f"at {rate_label(row.learning_rate)}, of {counted(n, 'run')}, {counts}")
    runs = ledger.computed("rows", table="runs")
    if parts:
        learned = ledger.computed("rows", table="runs", outcome="learned")
        return Outcome(FINDING, f"Not every run went well ({learned} of {runs} learned): {limited(parts)}.")
    count = ledger.computed("rows", table="rates")
    where = f"at {count} rates" if count > 1 else f"at {rate_label(analysis.rates['learning_rate'].iloc[0])}"
    return Outcome(PASSED, f"All {runs} runs {where} learned; none diverged, collapsed or exploded.")


@observation(
    rule="median backtrack and fluctuation both at or above their thresholds; fluctuation is the oscillation of the "
    "training loss at epoch ends, or its largest rise under 8 epochs",
    table="rates",
    figure="stability",
    thresholds=("backtrack", "oscillation"),
)
def unstable_rates(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the rates whose training loss itself moves back up."""
    measured = analysis.rates.loc[np.isfinite(analysis.rates["backtrack_median"])]
    measured = measured.sort_values("backtrack_median", ascending=False, kind="stable")
    if measured.empty:
        return Outcome(
            NOT_APPLICABLE,
            "No rate has a training loss that moves and stays finite over several epochs, so "
            "its stability cannot be measured.",
        )
    oscillates = uses_oscillation(int(epochs(analysis)))

    def moves(rate: float) -> str:
        back = percent(ledger.cell("rates", "backtrack_median", learning_rate=rate), 0)
        text = f"{back} of all movement of the training loss from epoch to epoch is upward, and it "
        if oscillates:
            return f"{text}oscillates by {significant(ledger.unsteadiness(rate))} nats"
        largest = ledger.cell("rates", "largest_rise_median", learning_rate=rate)
        return f"{text}rises by {significant(largest)} nats at most in one epoch"

    unstable = measured.loc[measured["unstable"].astype(bool), "learning_rate"].tolist()
    if unstable:
        return Outcome(
            FINDING, f"Training is unstable {limited(f'at {rate_label(rate)}: {moves(rate)}' for rate in unstable)}."
        )
    most = float(measured["learning_rate"].iloc[0])
    return Outcome(
        PASSED,
        f"No rate is unstable by both measures; the largest backtrack is seen at {rate_label(most)}, "
        f"where {moves(most)}.",
    )


@observation(
    rule="compared with the rate whose mean training loss is least at the end of epoch 1: paired by seed, the interval "
    "of the difference is below 0 at some step of epoch 1 and above 0 at its end",
    table="evaluations",
    figure="first-epoch",
    thresholds=("significance",),
)
def lead_lost(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the rates that are ahead in the first steps and behind at the end of the first epoch."""
    end, tried = first_epoch_end(analysis), sorted(analysis.rates["learning_rate"])
    if end is None or len(tried) < 2:
        return Outcome(
            NOT_APPLICABLE, "Fewer than two rates have evaluations through the first epoch, so no lead can be lost."
        )
    final = {rate: train_loss(analysis, rate, end) for rate in tried}
    finite = {rate: loss for rate, loss in final.items() if math.isfinite(loss)}
    if len(finite) < 2:
        return Outcome(NOT_APPLICABLE, "Fewer than two rates have a finite training loss at the end of epoch 1.")
    seeds = ledger.computed("most_seeds")
    if seeds < MINIMUM_SEEDS:
        return Outcome(INCONCLUSIVE, f"{counted(seeds, 'seed')} a rate is too few to say who leads at a step.")
    best = min(finite, key=lambda rate: (finite[rate], rate))
    lost = {}
    for rate in sorted(finite):
        ahead = leading_steps(analysis, rate, best) if rate != best else []
        if (
            ahead
            and ledger.computed("train_loss_difference", learning_rate=rate, other=best, step=end, statistic="low") > 0
        ):
            lost[rate] = ahead[-1]
    at_end = f"the end of epoch 1 (step {steps(ledger.computed('first_epoch_steps'))})"
    if not lost:
        return Outcome(
            PASSED,
            f"No rate is ahead of {rate_label(best)} in training loss at any evaluated step of epoch 1 "
            f"and behind it at {at_end}.",
        )

    def losses(rate: float, step: int) -> str:
        pair = (significant(ledger.computed("train_loss", learning_rate=one, step=step)) for one in (rate, best))
        return f"{' against '.join(pair)} nats"

    parts = []
    for rate, step in sorted(lost.items(), key=lambda item: -item[1]):
        last = ledger.computed("last_leading_step", learning_rate=rate, other=best)
        first = ledger.computed("first_leading_step", learning_rate=rate, other=best)
        span = (
            f"at step {steps(last)}" if first == last else f"first at step {steps(first)}, last at step {steps(last)}"
        )
        ledger.computed("train_loss_difference", learning_rate=rate, other=best, step=step, statistic="high")
        parts.append(
            f"{rate_label(rate)} is ahead of {rate_label(best)} in training loss {span} ({losses(rate, step)}), and "
            f"behind at {at_end}, {losses(rate, end)}"
        )
    return Outcome(FINDING, f"An early lead is lost: {limited(parts)}.")


@observation(
    rule="slope of log validation loss over the last half of the epochs: interval below 0 and a fall of at least the "
    "improvement threshold",
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
    span = f"over the last {ledger.computed('last_half')} epochs"

    def fall(rate: float) -> str:
        size = (
            ledger.cell("rates", name, learning_rate=rate)
            for name in ("improvement", "improvement_low", "improvement_high")
        )
        return f"at {rate_label(rate)}, by {ledger.share(*size)}"

    seeds = ledger.computed("most_seeds")
    if seeds < MINIMUM_SEEDS:
        rate = float(measured["learning_rate"].iloc[0])
        size = percent(ledger.cell("rates", "improvement", learning_rate=rate), 0)
        return Outcome(
            INCONCLUSIVE,
            f"Validation loss fell most at {rate_label(rate)} {span}, by {size}; "
            f"{counted(seeds, 'seed')} cannot show a trend.",
        )
    measured = measured.loc[measured["n"] >= MINIMUM_SEEDS]
    improving = measured.loc[measured["still_improving"].astype(bool), "learning_rate"].tolist()
    if improving:
        return Outcome(
            FINDING,
            f"Validation loss was still falling when training ended, {span}: "
            f"{limited(fall(rate) for rate in improving)}. What more epochs would bring was not measured.",
        )
    return Outcome(
        PASSED,
        f"No rate was clearly still improving when training ended; {span}, the fitted fall of "
        f"validation loss is largest {fall(float(measured['learning_rate'].iloc[0]))}.",
    )
