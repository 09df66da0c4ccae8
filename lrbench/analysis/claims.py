"""The claims of the classic tutorial on learning rates, held against the measurements.

Each claim is split into parts that can be measured. A part needs an interval over at least 3 seeds; one
contradicted part contradicts its claim, and a claim is supported only by all its parts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrbench.analysis.claim_parts import CONTRADICTED, DEFAULT, HIGH, INCONCLUSIVE, LOW, NOT_TESTED, SUPPORTED, Part
from lrbench.analysis.claims_default import default_balances
from lrbench.analysis.claims_high import high_fluctuates, high_learns_faster
from lrbench.analysis.claims_low import low_gets_stuck, low_is_slow, low_is_stable
from lrbench.analysis.quantities_training import LATE_EPOCHS, common_seeds
from lrbench.analysis.results import Analysis
from lrbench.analysis.series import MINIMUM_SEEDS
from lrbench.analysis.thresholds import Thresholds
from lrbench.analysis.wording import rate_labels
from lrbench.names import rate_label
from lrbench.wording import counted, listed


@dataclass(frozen=True)
class Claim:
    """A claim in our own words, what it predicts, the rates it speaks of, and the function that measures its parts."""

    id: str
    claim: str
    prediction: str
    roles: tuple[float, ...]
    figure: str
    measure: Callable[[Analysis], list[Part]]


def seeds_in_common(analysis: Analysis, *roles: float) -> int:
    """Number of seeds that all these rates have."""
    return int(common_seeds(analysis, learning_rate=roles[0], other=roles[-1]))


def combined(verdicts: list[str]) -> str:
    """A claim's verdict from those of its parts."""
    if CONTRADICTED in verdicts:
        return CONTRADICTED
    if verdicts and all(verdict == SUPPORTED for verdict in verdicts):
        return SUPPORTED
    return NOT_TESTED if all(verdict == NOT_TESTED for verdict in verdicts) else INCONCLUSIVE


CLAIMS = (
    Claim(
        "high-learns-faster",
        "A high learning rate learns faster at first.",
        "At the end of epoch 1, training loss at {high} is below that at {default}.",
        (HIGH, DEFAULT),
        "first-epoch",
        high_learns_faster,
    ),
    Claim(
        "high-fluctuates",
        "With a high learning rate the loss fluctuates or diverges, and training misses the minimum.",
        "(a) Some run at {high} diverges, or its training loss oscillates more than at {default}; (b) over the last "
        "{late} epochs its training loss is above that at {default}.",
        (HIGH, DEFAULT),
        "stability",
        high_fluctuates,
    ),
    Claim(
        "default-balances",
        "The default rate balances speed and stability: both losses fall gradually and accuracy improves steadily.",
        "At {default} (a) the running training loss rises in at most {rising} % of the steps from epoch to epoch; over "
        "the last half of training (b) the logarithm of validation loss falls by more than {improvement} and (c) "
        "validation accuracy rises by more than a practical tie; (d) the rate is recommended here or tied with the one "
        "that is.",
        (DEFAULT,),
        "loss",
        default_balances,
    ),
    Claim(
        "low-is-stable",
        "A low learning rate trains more stably.",
        "Training loss oscillates less at {low} than at {default}.",
        (LOW, DEFAULT),
        "stability",
        low_is_stable,
    ),
    Claim(
        "low-is-slow",
        "A low learning rate is much slower and may not have converged when training ends.",
        "(a) At the highest target that every run of both rates reaches and keeps, {low} is later in every seed and "
        "needs at least {slower} times the steps of {default}; (b) over the last half of training its validation loss "
        "still falls, by at least {fall} %.",
        (LOW, DEFAULT),
        "steps-to-target",
        low_is_slow,
    ),
    Claim(
        "low-gets-stuck",
        "A low learning rate can get stuck in a local minimum.",
        "Training loss at {low} stops changing while another rate's is lower. That it can happen cannot be refuted by "
        "runs in which it does not, and a plateau alone does not show a local minimum.",
        (LOW,),
        "loss",
        low_gets_stuck,
    ),
)


def predicted(claim: Claim, thresholds: Thresholds) -> str:
    """A claim's prediction with its rates and thresholds filled in."""
    return claim.prediction.format(
        high=rate_label(HIGH),
        default=rate_label(DEFAULT),
        low=rate_label(LOW),
        late=LATE_EPOCHS,
        rising=f"{100 * thresholds.rising_epochs:g}",
        fall=f"{100 * thresholds.improvement:g}",
        improvement=f"{thresholds.improvement:g}",
        slower=f"{thresholds.slower:g}",
    )


def check_claim(claim: Claim, analysis: Analysis) -> dict[str, Any]:
    """One claim with its parts, its measurement and its verdict, as plain data."""
    tried = set(analysis.runs["learning_rate"])
    absent = [rate for rate in claim.roles if rate not in tried]
    parts: list[Part] = []
    if absent:
        n, verdict = 0, NOT_TESTED
        measurement = f"Not tested: this experiment has no run at {rate_labels(absent)}."
    else:
        n = seeds_in_common(analysis, *claim.roles)
        if n < MINIMUM_SEEDS:
            verdict = INCONCLUSIVE
            measurement = f"With {counted(n, 'seed')} in common, at least {MINIMUM_SEEDS} are needed for an interval."
        else:
            with np.errstate(all="ignore"):
                parts = claim.measure(analysis)
            verdict = combined([part.verdict for part in parts])
            measurement = " ".join(
                f"({part.id}) {part.statement}" if len(parts) > 1 else part.statement for part in parts
            )
            against = [f"({part.id})" for part in parts if part.verdict == CONTRADICTED]
            if against and len(parts) > 1:
                measurement += f" Contradicted by {listed(against)}."
    return {
        "id": claim.id,
        "claim": claim.claim,
        "prediction": predicted(claim, analysis.thresholds),
        "parts": [part.as_dict() for part in parts],
        "measurement": measurement,
        "verdict": verdict,
        "n": n,
        "figure": claim.figure,
    }


def check_claims(analysis: Analysis) -> list[dict[str, Any]]:
    """All claims of the tutorial, held against one experiment, as plain data."""
    return [check_claim(claim, analysis) for claim in CLAIMS]
