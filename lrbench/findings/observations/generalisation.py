"""Observations of generalisation: where validation and training part, and what the test set says."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from lrbench.findings import numbers
from lrbench.findings.numbers import delta, loss_gaps, test_difference_interval, windowed_accuracy_changes
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
from lrbench.findings.phrases import by_importance, by_rate, too_few_runs, where
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.wording import (
    counted,
    exact_points,
    plural_points,
    points,
    rate_label,
    rate_labels,
    significant,
    target_label,
)

FROM_LEAST = "from where the other seeds' mean is least, validation loss"
NO_TURN = "No rate has enough epochs of finite validation loss to see it turn up."


def _averaged(ledger: Ledger) -> str:
    """Over how many epochs the losses are averaged that a rise is measured with."""
    return f"Averaged over windows of {counted(ledger.take(numbers.window), 'epoch')}"


def _most(ledger: Ledger, row: pd.Series) -> str:
    """How far validation loss rises at the rate at which it rises most, or nothing where it rises at none."""
    if not row["overfit_mean"] > 0:
        return ""
    return f"; most {_rise(ledger, float(row['learning_rate']))}"


def _rise(ledger: Ledger, rate: float) -> str:
    """By how much validation loss rises at a rate, and from which epoch on."""
    onset = ledger.cell("rates", "overfit_onset", learning_rate=rate)
    floor = ledger.analysis.thresholds.overfit
    rates = int(np.isfinite(ledger.analysis.rates["overfit_mean"]).sum())
    size = ledger.share(*ledger.statistics(numbers.loss_rise, learning_rate=rate), margin=floor, corrected=rates)
    return f"{where(ledger, rate)}, by {size}" + (f" after epoch {onset:g}" if math.isfinite(onset) else "")


@observation(
    place=120,
    rule="windowed validation loss rises from its least to the end: interval of the log ratio, corrected over the "
    "rates, above 0, mean at or above the threshold, while the running training loss falls",
    table="rates",
    figure="loss",
    thresholds=("overfit", "significance"),
)
def overfitting(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the rates whose validation loss ends above its least while the running training loss falls."""
    measured = analysis.rates.loc[np.isfinite(analysis.rates["overfit_mean"])]
    if measured.empty:
        return Outcome(NOT_APPLICABLE, NO_TURN)
    if measured["n"].max() < FEWEST_SEEDS:
        rising = measured.loc[measured["overfit_rising"] > 0, "learning_rate"].tolist()
        counts = by_rate(
            ledger,
            rising,
            lambda rate: (
                f"{ledger.cell('rates', 'overfit_rising', learning_rate=rate)} of "
                f"{counted(ledger.cell('rates', 'n', learning_rate=rate), 'run')} at {rate_label(rate)}"
            ),
        )
        text = f"rises in {counts}" if rising else "rises in no run"
        return Outcome(
            INCONCLUSIVE,
            f"{_averaged(ledger)}, {FROM_LEAST} {text}; at least {FEWEST_SEEDS} seeds are needed to call it "
            "overfitting.",
        )
    over = measured.loc[measured["overfits"].astype(bool), "learning_rate"].tolist()
    if over:
        said = by_rate(ledger, over, lambda rate: _rise(ledger, rate))
        return Outcome(
            FINDING,
            f"{_averaged(ledger)}, validation loss ends above its least while the running training loss falls: {said}.",
        )
    most = measured.sort_values("overfit_mean", ascending=False, kind="stable").iloc[0]
    floor = analysis.thresholds.overfit
    few = too_few_runs(ledger, measured["learning_rate"])
    if most["overfit_mean"] <= 0:
        return Outcome(PASSED, f"No rate overfits: {_averaged(ledger).lower()}, {FROM_LEAST} rises at none.{few}")
    why = (
        f"less than the {target_label(floor)} from which on it counts"
        if most["overfit_mean"] < floor
        else "while its running training loss does not fall"
        if most["overfit_low"] > 0
        else "which is not told from chance"
    )
    said = _rise(ledger, float(most["learning_rate"]))
    return Outcome(
        PASSED,
        f"No rate overfits by the rule; {_averaged(ledger).lower()}, {FROM_LEAST} rises most {said}, {why}.{few}",
    )


@observation(
    place=220,
    rule="interval of the rise of windowed validation loss above 0 and its mean at or above the threshold, while the "
    "fall of validation accuracy over the same windows is below delta and its interval not above 0; both intervals "
    "corrected over the rates",
    table="rates",
    figure="accuracy",
    thresholds=("overfit", "significance", "tie"),
)
def loss_worsens_accuracy_does_not(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the rates whose validation loss rises without a fall of validation accuracy."""
    if not np.isfinite(analysis.rates["overfit_mean"]).any():
        return Outcome(NOT_APPLICABLE, NO_TURN)
    seeds = ledger.take(numbers.most_seeds)
    if seeds < FEWEST_SEEDS:
        return Outcome(
            INCONCLUSIVE, f"{counted(seeds, 'seed')} a rate is too few to say whether validation loss rises."
        )
    rates = analysis.rates
    rises = (rates["overfit_low"] > 0) & (rates["overfit_mean"] >= analysis.thresholds.overfit)
    rising = by_importance(analysis, rates.loc[rises, "learning_rate"])
    if not rising:
        return Outcome(
            PASSED,
            f"{_averaged(ledger)}, at no rate does validation loss rise after its least by more than chance explains "
            f"and by {target_label(analysis.thresholds.overfit)} or more"
            f"{_most(ledger, rates.loc[rates['overfit_mean'].idxmax()])}."
            + too_few_runs(ledger, rates.loc[np.isfinite(rates["overfit_mean"]), "learning_rate"]),
        )
    falls, limit = windowed_accuracy_changes(analysis, rising), delta(analysis)

    def described(rate: float) -> str:
        fall, low, high = ledger.statistics(numbers.windowed_accuracy_fall, learning_rate=rate, rates=rising)
        told = (
            ""
            if low > 0 or high < 0
            else ", which is not told from chance"
            if fall < limit
            else ", and whether that is a fall cannot be told"
        )
        bounds = ledger.interval(-high, -low, lambda end: points(end, 2), corrected=len(rising))
        size = f"ends {plural_points(abs(fall), 2)} {'lower' if fall > 0 else 'higher'}" if fall else "ends as it was"
        return f"{_rise(ledger, rate)}, while validation accuracy {size} (change: {bounds}){told if fall else ''}"

    parted = [rate for rate in rising if falls[rate].interval.mean < limit and not falls[rate].interval.low > 0]
    if parted:
        said = by_rate(ledger, parted, described)
        return Outcome(
            FINDING, f"Validation loss worsens without a fall of validation accuracy that is told from chance: {said}."
        )
    return Outcome(
        PASSED,
        f"Validation loss is not seen to worsen without validation accuracy: {by_rate(ledger, rising, described)}.",
    )


@observation(
    place=250,
    rule="final validation loss less final training loss, at rates whose runs all learned: interval over seeds, "
    "corrected over the rates, above 0, and the mean at least the threshold's share of the validation loss",
    table="rates",
    figure="loss",
    thresholds=("overfit", "significance"),
)
def generalisation_gap(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say how far validation loss ends above training loss."""
    learned = analysis.rates.loc[analysis.rates["eligible"].astype(bool)]
    learned = learned.loc[np.isfinite(learned["generalisation_gap_mean"])]
    learned = learned.sort_values("generalisation_gap_mean", ascending=False, kind="stable")
    if learned.empty:
        return Outcome(
            NOT_APPLICABLE, "No rate has all its runs present and learned, so there is nothing to generalise."
        )

    order = learned["learning_rate"].tolist()

    def gap(rate: float) -> str:
        size = significant(ledger.cell("rates", "generalisation_gap_mean", learning_rate=rate))
        low, high = (ledger.take(numbers.loss_gap, learning_rate=rate, statistic=name) for name in ("low", "high"))
        shown = math.isfinite(low) and ledger.cell("rates", "n", learning_rate=rate) >= FEWEST_SEEDS
        bounds = f" ({ledger.interval(low, high, significant, corrected=len(order))})" if shown else ""
        return f"{size} nats{bounds} at {rate_label(rate)}"

    among = " of the rates that learned" if len(order) < len(analysis.rates) else ""
    ends = {order[0]: f"the largest{among}", order[-1]: f"the least{among}"}
    if analysis.choice is not None:
        ends = {analysis.choice.chosen: "the recommended rate"} | {
            rate: word for rate, word in ends.items() if rate != analysis.choice.chosen
        }
    named = len(order) > 1
    gaps = ", and ".join(f"{gap(rate)}, {word}" if named else gap(rate) for rate, word in ends.items() if rate in order)
    if learned["n"].max() < FEWEST_SEEDS:
        seeds = counted(ledger.take(numbers.most_seeds), "seed")
        return Outcome(
            INCONCLUSIVE,
            f"Final validation loss less final training loss is {gaps}; {seeds} cannot show whether that is more "
            "than chance.",
        )
    trends = loss_gaps(analysis)
    floor = analysis.thresholds.overfit * learned.set_index("learning_rate")["final_val_loss_mean"]
    above = [rate for rate in order if trends[rate].found and trends[rate].interval.mean >= floor[rate]]
    small = [rate for rate in order if trends[rate].found and rate not in above]
    less = f"; it does so at {rate_labels(sorted(small))} by less than that" if small else ""
    if above:
        return Outcome(
            FINDING,
            f"At the end, validation loss lies above training loss by more than chance explains and by "
            f"{target_label(analysis.thresholds.overfit)} or more of it at {rate_labels(sorted(above))}{less}; the gap "
            f"is {gaps}.",
        )
    return Outcome(
        PASSED,
        "At no rate does final validation loss lie above training loss by more than chance explains and by "
        f"{target_label(analysis.thresholds.overfit)} or more of it{less}; the gap is {gaps}.",
    )


@observation(
    place=10,
    rule="test accuracy less score of the recommended rate: a finding if it is at least the tie threshold and its "
    "interval, which allows for the seeds and for the sizes of both sets, excludes 0",
    table="rates",
    figure=None,
    thresholds=("significance", "tie"),
)
def test_accuracy(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say what the recommended rate reaches on the test set, which took no part in choosing it."""
    if analysis.origin["settings"]["validation"]["protocol"] == "test":
        return Outcome(
            NOT_APPLICABLE, "Validation ran on the test set, so no examples are left for an independent test."
        )
    if analysis.choice is None:
        return Outcome(NOT_APPLICABLE, "No rate is recommended, so none is tested.")
    rate = analysis.choice.chosen
    mean = ledger.cell("rates", "test_accuracy_mean", learning_rate=rate)
    if not math.isfinite(mean):
        return Outcome(NOT_APPLICABLE, f"No test accuracy of {rate_label(rate)} was measured.")
    runs = counted(ledger.cell("rates", "n", learning_rate=rate), "run")
    low, high = (
        ledger.take(numbers.seed_mean, learning_rate=rate, measure="test_accuracy", statistic=end)
        for end in ("low", "high")
    )
    bounds = f" ({ledger.interval(low, high, ledger.percent)} over seeds)" if math.isfinite(low) else ""
    text = (
        f"On {counted(ledger.take(numbers.test_examples), 'test example')}, which took no part in training or in the "
        f"choice, {rate_label(rate)} reaches {ledger.percent(mean)}{bounds}, mean of {runs}; its validation score is "
        f"{ledger.score(rate)}"
    )
    found = test_difference_interval(analysis, rate)
    if not math.isfinite(found.low) or found.n < FEWEST_SEEDS:
        return Outcome(INCONCLUSIVE, f"{text}; {runs} are too few to say whether the two differ by more than chance.")
    difference, low, high = ledger.statistics(numbers.test_difference, learning_rate=rate)
    ends = ledger.interval(low, high, lambda end: points(end, 2))
    size = f"{plural_points(abs(difference), 2)} {'higher' if difference > 0 else 'lower'} ({ends})"
    if (low > 0 or high < 0) and abs(difference) >= analysis.thresholds.tie:
        return Outcome(FINDING, f"{text}: the test accuracy is {size}, more than chance explains.")
    if low > 0 or high < 0:
        return Outcome(
            PASSED, f"{text}: the test accuracy is {size}, less than {exact_points(analysis.thresholds.tie)}."
        )
    return Outcome(PASSED, f"{text}: the two differ by no more than chance explains.")
