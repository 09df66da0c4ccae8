"""Observation of classes of unequal size, under which accuracy alone misleads."""

from __future__ import annotations

import math

from lrbench.analysis.results import Analysis
from lrbench.findings.evidence import FINDING, NOT_APPLICABLE, Ledger, Outcome, observation
from lrbench.findings.quantities_grid import class_shares
from lrbench.findings.rate_lists import by_rate
from lrbench.wording import percent, rate_label

UNEQUAL = 2.0  # the largest class over the smallest, or over an equal share, from which accuracy alone misleads


@observation(
    rule="the largest class has more than twice the examples of the smallest, or more than twice an equal share; near "
    "chance is a mean final skill below the bar of having learned",
    table="rates",
)
def unequal_classes(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say what always naming the largest class would get, and how well the classes are recognised one by one."""
    shares = class_shares(analysis)
    if shares.max() <= UNEQUAL * shares.min() and shares.max() <= UNEQUAL / len(shares):
        return Outcome(NOT_APPLICABLE, "The classes of the validation data are of similar size.")
    bar = analysis.across["learning_bar"]
    rates = analysis.rates.loc[analysis.rates["n"] > 0].set_index("learning_rate")
    chance = float(shares.max())
    chosen = None if analysis.choice is None else analysis.choice.chosen
    level = chance + bar * (1 - chance)
    near = [
        float(rate) for rate in rates.index if rate != chosen and rates.loc[rate, "final_val_accuracy_mean"] < level
    ]

    def balanced(rate: float) -> str:
        accuracy, mean = (
            ledger.cell("rates", f"{name}_mean", learning_rate=rate)
            for name in ("final_val_accuracy", "balanced_accuracy")
        )
        even = percent(mean, 1) if math.isfinite(mean) else "not measured"
        return f"{ledger.percent(accuracy)} at {rate_label(rate)} is a balanced accuracy of {even}"

    text = (
        f"Always naming the largest class would be right on {percent(ledger.computed('largest_class'), 1)} of the "
        f"validation examples (the smallest has {percent(ledger.computed('smallest_class'), 1)})"
    )
    if chosen is not None:
        text += f"; {balanced(chosen)}, the mean over classes"
    if near:
        text += f"; near chance: {by_rate(ledger, near, balanced)}"
    return Outcome(FINDING, f"{text}.")
