"""Observations of generalisation: where validation and training part, in loss and in accuracy."""

from __future__ import annotations

import math

import numpy as np

from lrbench.analysis.evidence import FINDING, INCONCLUSIVE, NOT_APPLICABLE, PASSED, Ledger, Outcome, observation
from lrbench.analysis.quantities_accuracy import delta
from lrbench.analysis.quantities_training import loss_gap
from lrbench.analysis.results import Analysis
from lrbench.analysis.series import MINIMUM_SEEDS
from lrbench.analysis.wording import limited, rate_labels, significant
from lrbench.names import rate_label
from lrbench.wording import counted, listed, percent, points


@observation(
    rule="windowed validation loss rises from its least to the end: interval of the log ratio above 0, mean at or "
    "above the threshold, while the running training loss falls",
    table="rates",
    figure="loss",
    thresholds=("overfit", "significance"),
)
def overfitting(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the rates whose validation loss turns up while training loss falls."""
    measured = analysis.rates.loc[np.isfinite(analysis.rates["overfit_mean"])]
    measured = measured.sort_values("overfit_mean", ascending=False, kind="stable")
    if measured.empty:
        return Outcome(NOT_APPLICABLE, "No rate has enough epochs of finite validation loss to see it turn up.")

    def rise(rate: float) -> str:
        onset = ledger.cell("rates", "overfit_onset", learning_rate=rate)
        size = ledger.share(*ledger.statistics("loss_rise", learning_rate=rate))
        return f"at {rate_label(rate)}, by {size} after epoch {onset:g}"

    seeds = ledger.computed("most_seeds")
    if seeds < MINIMUM_SEEDS:
        rising = measured.loc[measured["overfit_rising"] > 0, "learning_rate"].tolist()
        counts = limited(
            f"{ledger.cell('rates', 'overfit_rising', learning_rate=rate)} of "
            f"{ledger.cell('rates', 'n', learning_rate=rate)} runs at {rate_label(rate)}"
            for rate in rising
        )
        text = f"rises after its least in {counts}" if rising else "rises after its least in no run"
        return Outcome(
            INCONCLUSIVE, f"Validation loss {text}; at least {MINIMUM_SEEDS} seeds are needed to call it overfitting."
        )
    over = measured.loc[measured["overfits"].astype(bool), "learning_rate"].tolist()
    if over:
        return Outcome(
            FINDING,
            f"Validation loss turns up while training loss goes on falling: {limited(rise(rate) for rate in over)}.",
        )
    most = float(measured["learning_rate"].iloc[0])
    if measured["overfit_mean"].iloc[0] <= 0:
        return Outcome(PASSED, "No rate overfits: at none does the mean validation loss end above its least.")
    return Outcome(PASSED, f"No rate overfits by the rule; validation loss rises most {rise(most)}.")


@observation(
    rule="interval of the rise of windowed validation loss above 0, while validation accuracy over the same windows "
    "changes by more than -delta and its interval is not below 0",
    table="rates",
    figure="accuracy",
    thresholds=("significance", "tie"),
)
def loss_worsens_accuracy_does_not(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the rates whose validation loss rises without a fall of validation accuracy."""
    if not np.isfinite(analysis.rates["overfit_mean"]).any():
        return Outcome(NOT_APPLICABLE, "No rate has enough epochs of finite validation loss to see it turn up.")
    seeds = ledger.computed("most_seeds")
    if seeds < MINIMUM_SEEDS:
        return Outcome(
            INCONCLUSIVE, f"{counted(seeds, 'seed')} a rate is too few to say whether validation loss rises."
        )
    limit = delta(analysis)
    rising = analysis.rates.loc[analysis.rates["overfit_low"] > 0]
    parts, falling = [], []
    for row in rising.sort_values("overfit_mean", ascending=False, kind="stable").itertuples():
        rate, onset = float(row.learning_rate), float(row.overfit_onset)
        mean, low, high = ledger.statistics("windowed_accuracy_change", learning_rate=rate, epoch=onset)
        if not (mean > -limit and high >= 0):
            falling.append(rate)
            continue
        loss = percent(ledger.computed("loss_rise", learning_rate=rate, statistic="mean"), 0)
        epoch = f"{ledger.cell('rates', 'overfit_onset', learning_rate=rate):g}"
        bounds = ledger.interval(low, high, lambda end: points(end, 2))
        change = "validation accuracy rises" if low > 0 else "no fall of validation accuracy can be seen"
        parts.append(
            f"at {rate_label(rate)}, loss rises by {loss} after epoch {epoch}, while {change} "
            f"({points(mean, 2)} points, {bounds})"
        )
    if parts:
        return Outcome(FINDING, f"Validation loss worsens while validation accuracy does not: {limited(parts)}.")
    if falling:
        return Outcome(
            PASSED, f"Where validation loss rises ({rate_labels(sorted(falling))}), validation accuracy falls with it."
        )
    return Outcome(
        PASSED, "At no rate is validation loss seen to rise after its least, so it does not part from accuracy."
    )


@observation(
    rule="final validation loss less final training loss: interval over seeds above 0",
    table="rates",
    figure="loss",
    thresholds=("significance",),
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

    def gap(rate: float) -> str:
        size = significant(ledger.cell("rates", "generalisation_gap_mean", learning_rate=rate))
        low, high = (ledger.computed("loss_gap", learning_rate=rate, statistic=name) for name in ("low", "high"))
        bounds = f" ({ledger.interval(low, high, significant)})" if math.isfinite(low) else ""
        return f"{size} nats at {rate_label(rate)}{bounds}"

    order = learned["learning_rate"].tolist()
    shown = order if len(order) <= MINIMUM_SEEDS else [order[0], order[-1]]
    gaps = listed(gap(rate) for rate in shown)
    seeds = ledger.computed("most_seeds")
    if seeds < MINIMUM_SEEDS:
        return Outcome(
            INCONCLUSIVE,
            f"Final validation loss less final training loss is {gaps}; "
            f"{counted(seeds, 'seed')} cannot show whether that is more than chance.",
        )
    above = [rate for rate in order if loss_gap(analysis, rate, "low") > 0]
    if above:
        return Outcome(
            FINDING,
            f"At the end, validation loss lies above training loss at {rate_labels(sorted(above))}; the gap is {gaps}.",
        )
    return Outcome(PASSED, f"At no rate is final validation loss seen to lie above training loss; the gap is {gaps}.")
