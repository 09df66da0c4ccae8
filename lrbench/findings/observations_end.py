"""Observations of the end of training: when to stop, and what is lost by going on."""

from __future__ import annotations

import math

from lrbench.analysis.convergence import score_epochs
from lrbench.analysis.results import Analysis
from lrbench.analysis.series import MINIMUM_SEEDS
from lrbench.findings.evidence import FINDING, INCONCLUSIVE, NOT_APPLICABLE, PASSED, Ledger, Outcome, observation
from lrbench.findings.quantities_accuracy import delta
from lrbench.findings.quantities_end import going_on, last_drops, measured_rates, peak_drops, peak_epoch
from lrbench.findings.quantities_experiment import epochs
from lrbench.findings.rate_lists import by_rate, where
from lrbench.wording import counted, percent, plural_points, points, rate_label

FEWEST_TO_PEAK = 4  # epochs of which a first half can hold a peak


@observation(
    rule="epoch of the least validation loss, averaged over seeds; going on cost something if the interval of the log "
    "ratio of the last loss to that at the epoch where the other seeds' mean is least, at half of the level, lies "
    "above 0 and its mean is at least the threshold",
    table="epochs",
    figure="loss",
    thresholds=("overfit", "significance"),
)
def when_to_stop(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say at which epoch the recommended rate's validation loss is least, and what going on from there cost."""
    if analysis.choice is None:
        return Outcome(NOT_APPLICABLE, "No rate is recommended, so there is no training to stop.")
    length = int(ledger.computed("epochs"))
    if length < 2:
        return Outcome(NOT_APPLICABLE, "With one epoch there is no earlier one to stop at.")
    rate = analysis.choice.chosen
    epoch = ledger.computed("least_val_loss_epoch", learning_rate=rate)
    if not math.isfinite(epoch):
        return Outcome(NOT_APPLICABLE, f"Some validation loss at {rate_label(rate)} is not finite.")
    text = f"At {rate_label(rate)} the mean validation loss is least after epoch {epoch} of {length}"
    if epoch == length:
        return Outcome(PASSED, f"{text}, the last: nothing was lost by going on.")
    found = going_on(analysis, rate)
    if found.n < MINIMUM_SEEDS:
        return Outcome(
            INCONCLUSIVE,
            f"{text}; {counted(found.n, 'seed')} cannot show whether going on to the end cost more than chance.",
        )
    if not math.isfinite(found.mean):
        return Outcome(NOT_APPLICABLE, f"Some validation loss at {rate_label(rate)} is 0, so no ratio can be formed.")
    cost, low, high = ledger.statistics("going_on_cost", learning_rate=rate)
    if found.low > 0 and found.mean >= analysis.thresholds.overfit:
        return Outcome(
            FINDING,
            f"{text}; going on to the end raised it by {ledger.share(cost, low, high)}, more than chance explains.",
        )
    if found.low > 0:
        return Outcome(PASSED, f"{text}; going on to the end raised it by {_small(ledger, cost, low, high)}.")
    return Outcome(PASSED, f"{text}; going on to the end raised it by no more than chance explains.")


def _small(ledger: Ledger, mean: float, low: float, high: float) -> str:
    """A share below the threshold, with a decimal more than a share has elsewhere."""
    return f"{percent(mean, 1)} ({ledger.interval(low, high, lambda end: percent(end, 1))}), which is little"


@observation(
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
            f"At no rate do the score, {_mean_of(ledger)}, and the final accuracy differ by more than the margin of "
            f"{plural_points(ledger.computed('delta'), 2)}.",
        )
    lost = [rate for rate in apart if drops[rate].found]

    def both(rate: float) -> str:
        final, score = (
            ledger.percent(ledger.cell("rates", name, learning_rate=rate))
            for name in ("final_val_accuracy_mean", "score_mean")
        )
        mean, low, high = ledger.statistics("last_drop", learning_rate=rate)
        size = plural_points(-mean, 2)
        possible = -high >= -ledger.cell("rates", "score_mean", learning_rate=rate)
        if drops[rate].found and possible:
            size += f", {ledger.interval(-high, -low, lambda end: points(end, 2))}"
        return f"{where(ledger, rate)}, {final} after a score of {score} ({size})"

    if lost:
        return Outcome(
            FINDING,
            f"Accuracy after the last epoch is below the score, {_mean_of(ledger)}: {by_rate(ledger, lost, both)}."
            + _others(ledger, [rate for rate in apart if rate not in lost], both),
        )
    few = max(drop.interval.n for drop in drops.values()) < MINIMUM_SEEDS
    return Outcome(
        INCONCLUSIVE if few else PASSED,
        f"Final accuracy and score, {_mean_of(ledger)}, differ, but no fall in the last epochs is told from chance: "
        f"{by_rate(ledger, apart, both)}.",
    )


def _others(ledger: Ledger, rates: list[float], both: object) -> str:
    """The rates at which the two differ without being told apart, or nothing."""
    if not rates:
        return ""
    return f" They also differ, without a fall that is told from chance, {by_rate(ledger, rates, both)}."  # type: ignore[arg-type]


def _mean_of(ledger: Ledger) -> str:
    return f"a mean over the last {ledger.computed('score_epochs')} epochs"


@observation(
    rule="validation accuracy, averaged over seeds, is highest in the first half of the epochs; a finding if accuracy "
    "at the epoch where the other seeds' mean is highest is more than delta above the score and the interval of the "
    "difference, corrected over the rates and at half of the level, lies above 0",
    table="epochs",
    figure="accuracy",
    thresholds=("significance", "tie"),
)
def peak_before_the_end(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the rates whose validation accuracy peaks long before the end and is lower there."""
    length = int(ledger.computed("epochs"))
    if length < FEWEST_TO_PEAK:
        return Outcome(NOT_APPLICABLE, f"{counted(length, 'epoch')} {'has' if length == 1 else 'have'} no first half.")
    drops, limit = peak_drops(analysis), delta(analysis)
    early = [rate for rate in measured_rates(analysis) if peak_epoch(analysis, rate) <= length / 2]
    lower = [rate for rate in early if drops[rate].interval.mean > limit]
    lost = [rate for rate in lower if drops[rate].found]

    def described(rate: float) -> str:
        mean, low, high = ledger.statistics("peak_drop", learning_rate=rate)
        told = drops[rate].found
        few = drops[rate].interval.n < MINIMUM_SEEDS
        bounds = "" if told or few else ", no more than chance explains"
        if told and high <= 1 - ledger.cell("rates", "score_mean", learning_rate=rate):
            bounds = f" ({ledger.interval(low, high, lambda end: points(end, 2))})"
        epoch = ledger.computed("peak_epoch", learning_rate=rate)
        return (
            f"{where(ledger, rate)}, after epoch {epoch} of {length}, and the score of {ledger.score(rate)} is "
            f"{plural_points(mean, 2)} lower{bounds}"
        )

    if lost:
        return Outcome(
            FINDING, f"Validation accuracy is highest long before the end: {by_rate(ledger, lost, described)}."
        )
    if lower:
        few = max(drops[rate].interval.n for rate in lower) < MINIMUM_SEEDS
        return Outcome(
            INCONCLUSIVE if few else PASSED,
            f"Validation accuracy is highest in the first half, but no fall from there is told from chance: "
            f"{by_rate(ledger, lower, described)}.",
        )
    return Outcome(
        PASSED,
        "At no rate does validation accuracy peak in the first half of the epochs and end lower by more than the "
        f"margin of {plural_points(ledger.computed('delta'), 2)}.",
    )
