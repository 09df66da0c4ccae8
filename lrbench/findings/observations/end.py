"""Observations of the end of training: when to stop, collapse and peak, equal accuracy in less time."""

from __future__ import annotations

import math
from collections.abc import Callable

from lrbench.analysis.course import score_epochs
from lrbench.findings import numbers
from lrbench.findings.numbers import (
    delta,
    eligible_rates,
    epoch_at_score,
    epochs,
    going_on,
    last_drops,
    measured_rates,
    peak_drops,
    peak_height,
    seed_epoch_at_score,
)
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
from lrbench.findings.phrases import by_importance, by_rate, score_span, where
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.wording import counted, limited, number, percent, plural_points, points, rate_label

FEWEST_TO_PEAK = 4  # epochs of which a first half can hold a peak


@observation(
    place=80,
    rule="epoch of the least validation loss, averaged over seeds; going on cost something if the interval of the log "
    "ratio of the last loss to that at the epoch where the other seeds' mean is least, at half of the level, lies "
    "above 0 and its mean is at least the threshold",
    table="epochs",
    figure="loss",
    thresholds=("overfit", "significance"),
    fresh=True,
)
def when_to_stop(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say at which epoch the recommended rate's validation loss is least, and what going on from there cost."""
    if analysis.choice is None:
        return Outcome(NOT_APPLICABLE, "No rate is recommended, so there is no training to stop.")
    length = int(ledger.take(numbers.epochs))
    if length < 2:
        return Outcome(NOT_APPLICABLE, "With one epoch there is no earlier one to stop at.")
    rate = analysis.choice.chosen
    epoch = ledger.take(numbers.least_val_loss_epoch, learning_rate=rate)
    if not math.isfinite(epoch):
        return Outcome(NOT_APPLICABLE, f"Some validation loss at {rate_label(rate)} is not finite.")
    text = f"At {rate_label(rate)} the mean validation loss is least after epoch {epoch} of {length}"
    if epoch == length:
        return Outcome(PASSED, f"{text}, the last: nothing was lost by going on.")
    found = going_on(analysis, rate)
    if found.n < FEWEST_SEEDS:
        return Outcome(
            INCONCLUSIVE,
            f"{text}; {counted(found.n, 'seed')} cannot show whether going on to the end cost more than chance.",
        )
    if not math.isfinite(found.mean):
        return Outcome(NOT_APPLICABLE, f"Some validation loss at {rate_label(rate)} is 0, so no ratio can be formed.")
    cost, low, high = ledger.statistics(numbers.going_on_cost, learning_rate=rate)
    went_on = "going on to the end raised it, seed by seed from where the other seeds' mean is least, by"
    size = ledger.share(cost, low, high, level=numbers.picked_level)
    if found.low > 0 and found.mean >= analysis.thresholds.overfit:
        return Outcome(FINDING, f"{text}; {went_on} {size}, more than chance explains.")
    if found.low > 0:
        return Outcome(PASSED, f"{text}; {went_on} {_small(ledger, cost, low, high)}.")
    told = "over wider windows it is told" if analysis.rates.set_index("learning_rate").loc[rate, "overfits"] else ""
    return Outcome(
        PASSED,
        f"{text}; seed by seed, from the epoch at which the other seeds' mean is least, it changed by "
        f"{size}, which is not told from chance{told and f', although {told}'}.",
    )


def _small(ledger: Ledger, mean: float, low: float, high: float) -> str:
    """A share below the threshold, with a decimal more than a share has elsewhere."""
    bounds = ledger.interval(low, high, lambda end: percent(end, 1), numbers.picked_level)
    return f"{percent(mean, 1)} ({bounds}), which is little"


@observation(
    place=130,
    rule="score less final accuracy: a finding if it is above delta and its interval, corrected over the rates, lies "
    "above 0",
    table="rates",
    figure="accuracy",
    thresholds=("significance", "tie"),
)
def collapse_at_the_end(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the rates whose last epoch is worse than their score, a mean over the last epochs."""
    length = score_epochs(int(epochs(analysis)))
    if length < 2:
        return Outcome(NOT_APPLICABLE, "The score is the accuracy of the last epoch, so the two cannot differ.")
    drops, limit = last_drops(analysis), delta(analysis)
    apart = [rate for rate, drop in drops.items() if abs(drop.interval.mean) > limit]
    if not apart:
        return Outcome(
            PASSED,
            f"At no rate do the score, {score_span(ledger)}, and the final accuracy differ by more than the margin of "
            f"{plural_points(ledger.take(numbers.delta), 2)}.",
        )
    falls = [rate for rate in apart if drops[rate].interval.mean > 0]
    rises = [rate for rate in apart if rate not in falls]
    lost = [rate for rate in falls if drops[rate].found]

    def both(rate: float) -> str:
        final, score = (
            ledger.percent(ledger.cell("rates", name, learning_rate=rate))
            for name in ("final_val_accuracy_mean", "score_mean")
        )
        mean, low, high = ledger.statistics(numbers.last_drop, learning_rate=rate)
        size = f"{plural_points(abs(mean), 2)} {'lower' if mean > 0 else 'higher'}"
        possible = -high >= -ledger.cell("rates", "score_mean", learning_rate=rate)
        if drops[rate].found and possible:
            size += f", {ledger.interval(low, high, lambda end: points(end, 2), corrected=len(drops))}"
        return f"{where(ledger, rate)}, {final} after a score of {score} ({size})"

    if lost:
        return Outcome(
            FINDING,
            f"Accuracy after the last epoch is below the score, {score_span(ledger)}: {by_rate(ledger, lost, both)}."
            + _doubtful(ledger, [rate for rate in falls if rate not in lost], both)
            + _higher(ledger, rises, both),
        )
    few = max(drop.interval.n for drop in drops.values()) < FEWEST_SEEDS
    if falls:
        return Outcome(
            INCONCLUSIVE if few else PASSED,
            f"Final accuracy is below the score, {score_span(ledger)}, but no fall in the last epochs is told from "
            f"chance: {by_rate(ledger, falls, both)}." + _higher(ledger, rises, both),
        )
    return Outcome(
        INCONCLUSIVE if few else PASSED,
        f"At no rate is the final accuracy below the score, {score_span(ledger)}, by more than the margin of "
        f"{plural_points(ledger.take(numbers.delta), 2)}." + _higher(ledger, rises, both),
    )


def _doubtful(ledger: Ledger, rates: list[float], both: Callable[[float], str]) -> str:
    """The rates whose fall is not told from chance, or nothing."""
    return f" It is lower, too, but not told from chance, {by_rate(ledger, rates, both)}." if rates else ""


def _higher(ledger: Ledger, rates: list[float], both: Callable[[float], str]) -> str:
    """The rates whose final accuracy is above the score, or nothing."""
    if not rates:
        return ""
    least = f"by more than {plural_points(ledger.take(numbers.delta), 2)}"
    return f" It is higher, {least}, {by_rate(ledger, rates, both)}; no rise is tested here."


@observation(
    place=140,
    rule="at epoch ends, validation accuracy, averaged over seeds, is highest in the first half; a finding if accuracy "
    "at the epoch where the other seeds' mean is highest is more than delta above the score and the interval of the "
    "difference, corrected over the rates and at half of the level, lies above 0",
    table="epochs",
    figure="accuracy",
    thresholds=("significance", "tie"),
)
def peak_before_the_end(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the rates whose validation accuracy peaks long before the end and is lower there."""
    length = int(ledger.take(numbers.epochs))
    if length < FEWEST_TO_PEAK:
        return Outcome(NOT_APPLICABLE, f"{counted(length, 'epoch')} {'has' if length == 1 else 'have'} no first half.")
    drops, limit = peak_drops(analysis), delta(analysis)
    learned = set(analysis.rates.loc[analysis.rates["learned"] > 0, "learning_rate"])
    early = [
        rate
        for rate in measured_rates(analysis)
        if rate in learned and numbers.peak_epoch(analysis, rate) <= length / 2
    ]
    lower = [rate for rate in early if max(drops[rate].interval.mean, peak_height(analysis, rate)) > limit]
    lost = [rate for rate in lower if drops[rate].found and drops[rate].interval.mean > limit]

    def described(rate: float) -> str:
        mean, low, high = ledger.statistics(numbers.peak_drop, learning_rate=rate)
        bounds = ""
        if rate in lost and high <= 1 - ledger.cell("rates", "score_mean", learning_rate=rate):
            ends = ledger.interval(low, high, lambda end: points(end, 2), numbers.picked_level, len(drops))
            own = f"{points(mean, 2)}, {ends}"
            bounds = f" (seed by seed, from where the other seeds' mean is highest: {own})"
        epoch, height = (ledger.take(of, learning_rate=rate) for of in (numbers.peak_epoch, numbers.peak_height))
        return (
            f"{where(ledger, rate)}, after epoch {epoch} of {length}, and the score of {ledger.score(rate)} is "
            f"{plural_points(height, 2)} lower{bounds}"
        )

    if lost:
        return Outcome(
            FINDING, f"Of all epoch ends, validation accuracy is highest early: {by_rate(ledger, lost, described)}."
        )
    if lower:
        few = max(drops[rate].interval.n for rate in lower) < FEWEST_SEEDS
        return Outcome(
            INCONCLUSIVE if few else PASSED,
            f"Of all epoch ends, validation accuracy is highest in the first half, but no fall from there is told from "
            f"chance: "
            f"{by_rate(ledger, lower, described)}.",
        )
    return Outcome(
        PASSED,
        "At no rate of which a run learned does validation accuracy peak at an epoch's end in the first half and end "
        f"lower by more than the margin of {plural_points(ledger.take(numbers.delta), 2)}.",
    )


@observation(
    place=190,
    rule="the first epoch at whose end the recommended rate's validation accuracy, mean over seeds, is at or above "
    "another's mean score, among the rates whose runs all learned: at most half of the epochs, as is the upper end of "
    "its interval over at least 3 seeds, each against the other's score of the same seed; and seed by seed earlier "
    "than the other itself is there, corrected over the rates compared",
    table="epochs",
    figure="accuracy",
    thresholds=("significance",),
    fresh=True,
)
def equal_accuracy_sooner(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the rates whose final accuracy the recommended rate has in half of the epochs or less."""
    chosen = analysis.chosen
    eligible = set(eligible_rates(analysis)["learning_rate"])
    others = by_importance(analysis, eligible - {chosen})
    if chosen is None or not others:
        return Outcome(NOT_APPLICABLE, "Fewer than two rates learned in all their runs, so there are none to compare.")
    epochs = ledger.take(numbers.epochs)
    if epochs < 2:
        return Outcome(NOT_APPLICABLE, "With 1 epoch no rate can be earlier than another.")
    seeds = ledger.cell("rates", "n", learning_rate=chosen)
    half = epochs / 2
    soon = [rate for rate in others if epoch_at_score(analysis, chosen, rate) <= half]
    sure = [
        rate
        for rate in soon
        if seeds >= FEWEST_SEEDS
        and seed_epoch_at_score(analysis, chosen, rate, "high") <= half
        and numbers.is_earlier(analysis, chosen, rate, len(others))
    ]
    if sure:
        parts = limited(_part(ledger, chosen, rate) for rate in sure)
        return Outcome(FINDING, f"{rate_label(chosen)} gets sooner to the score that {_ends(sure)} with: {parts}.")
    soon = [rate for rate in soon if epoch_at_score(analysis, rate, rate) > epoch_at_score(analysis, chosen, rate)]
    if soon and seeds < FEWEST_SEEDS:
        parts = limited(_part(ledger, chosen, rate) for rate in soon)
        few = f"{counted(seeds, 'seed')} {'is' if seeds == 1 else 'are'} too few to generalise"
        return Outcome(
            INCONCLUSIVE, f"{rate_label(chosen)} gets sooner to the score that {_ends(soon)} with: {parts}; {few}."
        )
    if soon:
        parts = limited(_part(ledger, chosen, rate) for rate in soon)
        return Outcome(
            PASSED,
            f"By the mean over seeds, {rate_label(chosen)} gets sooner to the score that {_ends(soon)} with, which is "
            f"not told from chance seed by seed: {parts}.",
        )
    return Outcome(
        PASSED,
        f"Within half of the {epochs} epochs, the mean accuracy of {rate_label(chosen)} reaches the score of no rate "
        f"that itself takes longer to get there (n = {counted(seeds, 'seed')}).",
    )


def _ends(rates: list[float]) -> str:
    return "another rate ends" if len(rates) == 1 else "other rates end"


def _part(ledger: Ledger, chosen: float, other: float) -> str:
    """After how many epochs the chosen rate is where the other ends, and after how many the other itself is there."""
    score = ledger.percent(ledger.cell("rates", "score_mean", learning_rate=other))
    soon, late = (ledger.take(numbers.epoch_at_score, learning_rate=rate, other=other) for rate in (chosen, other))
    text = (
        f"it is at the score of {rate_label(other)}, {score}, after {counted(int(soon), 'epoch')} of "
        f"{ledger.take(numbers.epochs)}"
    )
    itself = f", {rate_label(other)} itself after {int(late)}"
    own = ledger.take(numbers.seed_epoch_at_score, learning_rate=other, other=other, statistic="mean")
    if math.isfinite(own) and ledger.cell("rates", "n", learning_rate=other) >= FEWEST_SEEDS:
        itself += f" (seed by seed {number(own, 1)})"
    mean, low, high = ledger.statistics(numbers.seed_epoch_at_score, learning_rate=chosen, other=other)
    if not math.isfinite(low) or ledger.cell("rates", "n", learning_rate=other) < FEWEST_SEEDS:
        return text + itself
    seeds = counted(ledger.cell("rates", "n", learning_rate=other), "seed")
    if low == high:
        return f"{text} (in each of {seeds} after {number(mean, 0)}){itself}"
    bounds = ledger.interval(low, high, lambda end: number(end, 1))
    shown = f", {bounds}" if high <= ledger.take(numbers.epochs) else ""
    return f"{text} (seed by seed after {number(mean, 1)} on average{shown}; n = {seeds}){itself}"
