"""Observation of the first epoch: which rates lead in it and are behind at its end."""

from __future__ import annotations

import math

from lrbench.analysis.results import Analysis
from lrbench.analysis.series import MINIMUM_SEEDS
from lrbench.analysis.wording import nats_apart
from lrbench.findings.evidence import FINDING, INCONCLUSIVE, NOT_APPLICABLE, PASSED, Ledger, Outcome, observation
from lrbench.findings.quantities_end import measured_rates
from lrbench.findings.quantities_lead import deficits_at_end, early_leads
from lrbench.findings.quantities_training import first_epoch_end, train_loss
from lrbench.findings.rate_lists import by_rate
from lrbench.wording import counted, rate_label, steps


@observation(
    rule="compared with the rate whose mean training loss is least at the end of epoch 1, paired by seed: the loss is "
    "lower at some step of epoch 1, its interval corrected over all rates and steps, and higher at its end, its "
    "interval corrected by the range of as many means; both by at least the threshold's share of the other's loss",
    table="evaluations",
    figure="first-epoch",
    thresholds=("overfit", "significance"),
)
def lead_lost(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the rates that are ahead in the first steps and behind at the end of the first epoch."""
    end, tried = first_epoch_end(analysis), measured_rates(analysis)
    if end is None or len(tried) < 2:
        return Outcome(
            NOT_APPLICABLE, "Fewer than two rates have evaluations through the first epoch, so no lead can be lost."
        )
    final = {rate: train_loss(analysis, rate, end) for rate in tried}
    finite = {rate: loss for rate, loss in final.items() if math.isfinite(loss)}
    if len(finite) < 2:
        return Outcome(NOT_APPLICABLE, "Fewer than two rates have a finite training loss at the end of epoch 1.")
    if (analysis.rates["n"] >= MINIMUM_SEEDS).sum() < 2:
        seeds = counted(ledger.computed("most_seeds"), "seed")
        return Outcome(INCONCLUSIVE, f"{seeds} a rate is too few to say who leads at a step.")
    best = min(finite, key=lambda rate: (finite[rate], rate))
    leads, behind = early_leads(analysis, best), deficits_at_end(analysis, best)
    led = {rate for (rate, _), lead in leads.items() if lead.found}
    lost = [rate for rate in finite if rate in led and behind[rate].found]
    at_end = f"the end of epoch 1 (step {steps(ledger.computed('first_epoch_steps'))})"
    if not lost:
        return Outcome(
            PASSED,
            f"No rate is seen ahead of {rate_label(best)} in training loss at an evaluated step of epoch 1 "
            f"and behind it at {at_end}.",
        )

    def losses(rate: float, step: int) -> str:
        pair = (ledger.computed("train_loss", learning_rate=one, step=step) for one in (rate, best))
        return f"{' against '.join(nats_apart(*pair))} nats"

    def described(rate: float) -> str:
        first, last = (
            int(ledger.computed(name, learning_rate=rate, other=best)) for name in ("first_led_step", "last_led_step")
        )
        span = (
            f"at step {steps(last)}" if first == last else f"first at step {steps(first)}, last at step {steps(last)}"
        )
        ledger.computed("early_lead", learning_rate=rate, other=best, step=last, statistic="low")
        ledger.computed("deficit_at_end", learning_rate=rate, other=best, statistic="low")
        return (
            f"{rate_label(rate)} is ahead of {rate_label(best)} in training loss {span} ({losses(rate, last)}), and "
            f"behind at {at_end}, {losses(rate, end)}"
        )

    said = by_rate(ledger, lost, described)
    return Outcome(FINDING, f"An early lead is lost (corrected for all rates and steps looked at): {said}.")
