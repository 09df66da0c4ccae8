"""Observations of time saved: where one rate is after a few epochs, another is at the end."""

from __future__ import annotations

import math

from lrbench.analysis.results import Analysis
from lrbench.analysis.series import MINIMUM_SEEDS
from lrbench.analysis.wording import limited
from lrbench.findings.evidence import FINDING, INCONCLUSIVE, NOT_APPLICABLE, PASSED, Ledger, Outcome, observation
from lrbench.findings.importance import by_importance
from lrbench.findings.quantities_experiment import eligible_rates
from lrbench.findings.quantities_time import epoch_at_score, is_earlier, seed_epoch_at_score
from lrbench.wording import counted, number, rate_label


@observation(
    rule="the first epoch at whose end the recommended rate's validation accuracy, mean over seeds, is at or above "
    "another's mean score, among the rates whose runs all learned: at most half of the epochs, as is the upper end of "
    "its interval over at least 3 seeds, each against the other's score of the same seed; and seed by seed earlier "
    "than the other itself is there, corrected over the rates compared",
    table="epochs",
    figure="accuracy",
    thresholds=("significance",),
)
def equal_accuracy_sooner(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the rates whose final accuracy the recommended rate has in half of the epochs or less."""
    chosen = analysis.recommendation["chosen"]
    eligible = set(eligible_rates(analysis)["learning_rate"])
    others = by_importance(analysis, eligible - {chosen})
    if chosen is None or not others:
        return Outcome(NOT_APPLICABLE, "Fewer than two rates learned in all their runs, so there are none to compare.")
    epochs = ledger.computed("epochs")
    if epochs < 2:
        return Outcome(NOT_APPLICABLE, "With 1 epoch no rate can be earlier than another.")
    seeds = ledger.cell("rates", "n", learning_rate=chosen)
    half = epochs / 2
    soon = [rate for rate in others if epoch_at_score(analysis, chosen, rate) <= half]
    sure = [
        rate
        for rate in soon
        if seeds >= MINIMUM_SEEDS
        and seed_epoch_at_score(analysis, chosen, rate, "high") <= half
        and is_earlier(analysis, chosen, rate, len(others))
    ]
    if sure:
        parts = limited(_part(ledger, chosen, rate) for rate in sure)
        return Outcome(FINDING, f"{rate_label(chosen)} gets sooner to the score that others end with: {parts}.")
    soon = [rate for rate in soon if epoch_at_score(analysis, rate, rate) > epoch_at_score(analysis, chosen, rate)]
    if soon and seeds < MINIMUM_SEEDS:
        parts = limited(_part(ledger, chosen, rate) for rate in soon)
        few = f"{counted(seeds, 'seed')} {'is' if seeds == 1 else 'are'} too few to generalise"
        return Outcome(
            INCONCLUSIVE, f"{rate_label(chosen)} gets sooner to the score that others end with: {parts}; {few}."
        )
    return Outcome(
        PASSED,
        f"Within half of the {epochs} epochs, {rate_label(chosen)} is not seen to have a score that another rate needs "
        f"longer for (n = {counted(seeds, 'seed')}).",
    )


def _part(ledger: Ledger, chosen: float, other: float) -> str:
    """After how many epochs the chosen rate is where the other ends, and after how many the other itself is there."""
    score = ledger.percent(ledger.cell("rates", "score_mean", learning_rate=other))
    soon, late = (ledger.computed("epoch_at_score", learning_rate=rate, other=other) for rate in (chosen, other))
    text = (
        f"it is at the score of {rate_label(other)}, {score}, after {counted(int(soon), 'epoch')} of "
        f"{ledger.computed('epochs')}, {rate_label(other)} itself after {int(late)}"
    )
    mean, low, high = ledger.statistics("seed_epoch_at_score", learning_rate=chosen, other=other)
    if not math.isfinite(low) or ledger.cell("rates", "n", learning_rate=other) < MINIMUM_SEEDS:
        return text
    seeds = counted(ledger.cell("rates", "n", learning_rate=other), "seed")
    if low == high:
        return f"{text} (in each of {seeds} after {number(mean, 0)})"
    bounds = ledger.interval(low, high, lambda end: number(end, 1))
    return f"{text} (seed by seed after {number(mean, 1)} on average, {bounds}; n = {seeds})"
