"""Observations of noise: what seeds and a finite validation set leave open about accuracy."""

from __future__ import annotations

from lrbench.analysis.evidence import FINDING, INCONCLUSIVE, NOT_APPLICABLE, PASSED, Ledger, Outcome, observation
from lrbench.analysis.observations_accuracy import too_few_rates
from lrbench.analysis.quantities_accuracy import FEWEST_FOR_SPREADS
from lrbench.analysis.quantities_experiment import best_rate, eligible_rates
from lrbench.analysis.results import Analysis
from lrbench.analysis.wording import limited, rate_labels
from lrbench.names import rate_label
from lrbench.wording import counted, points


@observation(
    rule="standard deviation of the score over seeds; a finding if Levene's test tells the rates' spreads apart",
    table="rates",
    figure="accuracy",
    thresholds=("significance",),
)
def seed_spread(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say how much the score varies between seeds, and whether that depends on the rate."""
    eligible = eligible_rates(analysis).sort_values("score_sd", kind="stable")
    if eligible.empty:
        return Outcome(NOT_APPLICABLE, "No rate has all its runs present and learned, so the spread means little.")
    seeds = ledger.computed("most_seeds")
    if seeds < 2:
        return Outcome(NOT_APPLICABLE, "With one seed the spread between seeds cannot be measured.")

    def spread(rate: float) -> str:
        return f"{points(ledger.cell('rates', 'score_sd', learning_rate=rate), 2)} points"

    least, most = (float(eligible["learning_rate"].iloc[place]) for place in (0, -1))
    text = f"Between seeds the score has a standard deviation of {spread(most)} at {rate_label(most)}"
    if least == most:
        return Outcome(NOT_APPLICABLE, f"{text}; there is no other rate to compare it with.")
    text += f" and of {spread(least)} at {rate_label(least)}, the widest and the narrowest of the rates that learned"
    if ledger.computed("fewest_seeds") < FEWEST_FOR_SPREADS:
        return Outcome(INCONCLUSIVE, f"{text}; {counted(seeds, 'seed')} are too few to compare spreads.")
    if ledger.computed("spread_p") < analysis.thresholds.significance:
        return Outcome(FINDING, f"{text}: the spread depends on the rate.")
    return Outcome(PASSED, f"{text}; by Levene's test the rates' spreads are not told apart.")


@observation(
    rule="sqrt(a (1 - a) / n), the standard error of the best accuracy a on n validation examples; a finding if two "
    "rates' mean scores differ by less",
    table="rates",
    figure="differences",
)
def validation_resolution(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say which differences of accuracy the validation set is too small to show."""
    if outcome := too_few_rates(analysis, "there is no difference of accuracy to resolve"):
        return outcome
    limit = ledger.computed("resolution")
    best = best_rate(analysis)
    text = (
        f"On {ledger.computed('validation_examples'):,} validation examples an accuracy of "
        f"{ledger.percent(ledger.cell('rates', 'score_mean', learning_rate=best))} has a standard error of "
        f"{points(limit, 2)} points"
    )
    ranked = eligible_rates(analysis).sort_values("score_mean", kind="stable")["learning_rate"].tolist()
    close = [
        (one, other)
        for one, other in zip(ranked[1:], ranked[:-1], strict=True)
        if ledger.computed("score_lead", learning_rate=one, other=other) < limit
    ]
    if close:
        pairs = limited(rate_labels(sorted(pair)) for pair in close)
        return Outcome(FINDING, f"{text}; the scores of {pairs} differ by less, which says little about new images.")
    return Outcome(PASSED, f"{text}; the scores of all rates that learned lie further apart.")
