"""What the claims of the tutorial are made of: the rates they speak of, and parts that can be measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from lrbench.analysis.evidence import Ledger
from lrbench.analysis.results import Analysis
from lrbench.analysis.wording import significant
from lrbench.names import rate_label

HIGH, DEFAULT, LOW = 0.01, 0.001, 0.0001
SUPPORTED, CONTRADICTED, INCONCLUSIVE, NOT_TESTED = "supported", "contradicted", "inconclusive", "not tested"
Statistic = tuple[float, float, float]


@dataclass(frozen=True)
class Part:
    """One measurable part of a claim: what was found, and what that says about it."""

    id: str
    verdict: str
    statement: str
    ledger: Ledger

    def as_dict(self) -> dict[str, Any]:
        """The part as plain data, ready for JSON."""
        return {
            "id": self.id,
            "statement": self.statement,
            "verdict": self.verdict,
            "evidence": [dict(item) for item in self.ledger.items],
        }


def verdict_by(low: float, high: float, below: str, above: str, limit: float = 0.0) -> str:
    """The verdict of an interval: all below the limit, all above it, or neither."""
    return below if high < limit else above if low > limit else INCONCLUSIVE


def oscillation(analysis: Analysis, rate: float) -> tuple[Ledger, Statistic, str]:
    """The ratio of a rate's oscillation to the default's, and its sentence."""
    ledger = Ledger(analysis)
    pair = {"learning_rate": rate, "other": DEFAULT, "measure": "oscillation"}
    bounds = ledger.statistics("ratio", **pair)
    if not all(map(math.isfinite, bounds)):
        text = (
            f"the oscillation of training loss at {rate_label(rate)} and {rate_label(DEFAULT)} has no ratio with an "
            "interval (fewer than 8 epochs, no movement, or a loss that is not finite)"
        )
        return ledger, bounds, text
    one, other = (
        significant(ledger.computed("rms", learning_rate=of, measure="oscillation")) for of in (rate, DEFAULT)
    )
    mean, low, high = bounds
    text = (
        f"training loss oscillates by {one} nats at {rate_label(rate)} and by {other} at {rate_label(DEFAULT)}; "
        f"in the same seeds, {significant(mean)} times as much ({ledger.interval(low, high, significant)})"
    )
    return ledger, bounds, text
