"""The claims of the classic tutorial on learning rates, held against the measurements.

Each claim is split into parts that can be measured. A part needs an interval over at least 3 seeds. Of a claim whose
parts disagree, some supported and some contradicted, the verdict is mixed; it is supported only by all its parts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrbench.analysis.convergence import HALF_SHORTEST
from lrbench.analysis.results import Analysis
from lrbench.analysis.series import MINIMUM_SEEDS
from lrbench.findings.claim_parts import CONTRADICTED, INCONCLUSIVE, MIXED, NOT_TESTED, SUPPORTED, Part
from lrbench.findings.claim_roles import DEFAULT, HIGH, LOW, Roles, missing_roles, roles_of
from lrbench.findings.claims_default import default_balances
from lrbench.findings.claims_high import high_fluctuates, high_learns_faster
from lrbench.findings.claims_low import low_gets_stuck, low_is_slow, low_is_stable
from lrbench.findings.quantities_claims import late_epochs
from lrbench.findings.quantities_experiment import epochs, last_half
from lrbench.findings.quantities_training import common_seeds
from lrbench.wording import listed, rate_label


@dataclass(frozen=True)
class Claim:
    """A claim in our own words, what it predicts, the roles it speaks of, and the function that measures its parts.

    roles : the roles that it speaks of
    needs : those of them without which nothing of it can be tested, where they are fewer
    of_tutorial : what it predicts beyond that where the roles are those of the tutorial
    """

    id: str
    claim: str
    prediction: str
    roles: tuple[str, ...]
    figure: str
    measure: Callable[[Analysis, Roles], list[Part]]
    of_tutorial: str = ""
    needs: tuple[str, ...] | None = None


def seeds_in_common(analysis: Analysis, *rates: float) -> int:
    """Number of seeds that all these rates have; of at most two rates."""
    return int(common_seeds(analysis, learning_rate=rates[0], other=rates[-1]))


def combined(verdicts: list[str]) -> str:
    """A claim's verdict from those of its parts."""
    if CONTRADICTED in verdicts:
        return MIXED if SUPPORTED in verdicts else CONTRADICTED
    if verdicts and all(verdict == SUPPORTED for verdict in verdicts):
        return SUPPORTED
    return NOT_TESTED if all(verdict == NOT_TESTED for verdict in verdicts) else INCONCLUSIVE


CLAIMS = (
    Claim(
        "high-learns-faster",
        "A high learning rate learns faster at first.",
        "Training loss at {high} is below that at {default} (a) in the first tenth of epoch 1 and (b) at the end of "
        "epoch 1.",
        (HIGH, DEFAULT),
        "first-epoch",
        high_learns_faster,
    ),
    Claim(
        "high-fluctuates",
        "With a high learning rate the loss fluctuates or diverges, and training misses the minimum.",
        "(a) Some run at {high} explodes or diverges, or training loss there oscillates more than at {default}; "
        "(b) {late}, training loss at {high} is above that at {default}.",
        (HIGH, DEFAULT),
        "stability",
        high_fluctuates,
        needs=(HIGH,),
    ),
    Claim(
        "default-balances",
        "The default rate balances speed and stability: both losses fall gradually and accuracy improves steadily.",
        "At {default}, (a) no run explodes or diverges, and the running training loss fails to fall in at most "
        "{rising} % of the steps from epoch to epoch; {half}, (b) the logarithm of validation loss falls by more than "
        "{improvement} and (c) validation accuracy rises by more than the margin within which scores are too close to "
        "choose by.",
        (DEFAULT,),
        "loss",
        default_balances,
        " (d) The rate is recommended here or practically tied with the one that is.",
    ),
    Claim(
        "low-is-stable",
        "A low learning rate trains more stably.",
        "No run at {low} explodes or diverges, and some run at {default} does; or none does at either, and training "
        "loss oscillates less at {low} than at {default}.",
        (LOW, DEFAULT),
        "stability",
        low_is_stable,
    ),
    Claim(
        "low-is-slow",
        "A low learning rate is much slower and may not have converged when training ends.",
        "(a) At the highest target that every run of both rates reaches and keeps, {low} is later in every seed and "
        "needs at least {slower} times the steps of {default}, both to reach it first and to keep it; (b) {half}, "
        "validation loss at {low} still falls, by at least {fall} %, and ends below its value before training.",
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


def predicted(claim: Claim, analysis: Analysis, roles: Roles) -> str:
    """A claim's prediction with its rates, spans and thresholds filled in."""
    thresholds = analysis.thresholds
    late, half = int(late_epochs(analysis)), int(last_half(analysis))
    rates = {role: roles.rate(role) for role in (HIGH, DEFAULT, LOW)}
    text = claim.prediction + (claim.of_tutorial if roles.source == "tutorial" else "")
    return text.format(
        **{role: f"the {role} rate" if rate is None else rate_label(rate) for role, rate in rates.items()},
        late=f"over the last {late} epochs" if late > 1 else "after the only epoch",
        half=f"over the last {half} epochs" if epochs(analysis) >= half else f"over at least {HALF_SHORTEST} epochs",
        rising=f"{100 * thresholds.rising_epochs:g}",
        fall=f"{100 * thresholds.improvement:g}",
        improvement=f"{thresholds.improvement:g}",
        slower=f"{thresholds.slower:g}",
    )


def check_claim(claim: Claim, analysis: Analysis, roles: Roles) -> dict[str, Any]:
    """One claim with its parts, its measurement and its verdict, as plain data."""
    lacking = missing_roles(roles, claim.roles if claim.needs is None else claim.needs)
    parts: list[Part] = []
    if lacking:
        n, verdict = 0, NOT_TESTED
        measurement = f"Not tested. {' '.join(lacking)}"
    else:
        rates = [rate for rate in map(roles.rate, claim.roles) if rate is not None]
        n = seeds_in_common(analysis, *rates)
        if n < MINIMUM_SEEDS:
            verdict = INCONCLUSIVE
            there = f"these rates have {n} in common" if len(rates) > 1 else f"this rate has {n}"
            measurement = f"A claim is judged with at least {MINIMUM_SEEDS} seeds; {there}."
        else:
            with np.errstate(all="ignore"):
                parts = claim.measure(analysis, roles)
            verdict = combined([part.verdict for part in parts])
            measurement = _measurement(parts)
    return {
        "id": claim.id,
        "claim": claim.claim,
        "prediction": predicted(claim, analysis, roles),
        "parts": [part.as_dict() for part in parts],
        "measurement": measurement,
        "verdict": verdict,
        "n": n,
        "figure": claim.figure,
    }


def _measurement(parts: list[Part]) -> str:
    """The statements of a claim's parts, and which of several parts support or contradict it where they decide."""
    if len(parts) == 1:
        return parts[0].statement
    text = " ".join(f"({part.id}) {part.statement}" for part in parts)
    against, for_it = (
        [f"({part.id})" for part in parts if part.verdict == verdict] for verdict in (CONTRADICTED, SUPPORTED)
    )
    if against and for_it:
        return f"{text} Supported by {listed(for_it)}, contradicted by {listed(against)}."
    return f"{text} Contradicted by {listed(against)}." if against else text


def check_claims(analysis: Analysis) -> dict[str, Any]:
    """The roles that rates play, and all claims of the tutorial held against one experiment, as plain data.

    roles : as `Roles.as_dict` gives them
    claims : in the order of CLAIMS
    """
    roles = roles_of(analysis)
    return {"roles": roles.as_dict(), "claims": [check_claim(claim, analysis, roles) for claim in CLAIMS]}
