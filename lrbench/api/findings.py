"""Recommendation, observations and claims of an experiment, findings of a study: objects with their evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Evidence:
    """A number that a sentence rests on.

    table, row, column : where it stands; `row` has the values of the table's key. Of table `computed` the column is the
        name of a function of lrbench.findings and the row its arguments
    value : the number, or what the table has in its place; None where it is not finite
    status : why there is no value: never, of what did not happen, or not finite; None where there is one
    definition : of what is computed, the sentence that defines it; None of a table's cell
    """

    table: str
    row: Mapping[str, Any]
    column: str
    value: Any
    status: str | None = None
    definition: str | None = None


@dataclass(frozen=True)
class Reason:
    """Why a learning rate is not the recommended one."""

    learning_rate: float
    reason: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Recommendation:
    """The rate to train with, and why.

    learning_rate : None where no rate can be recommended
    confidence : how sure it is, in a word, and why; None without a rate
    candidates : the rates among which the rule chose, ascending
    tied, unresolved : those that are practically tied with the best score, or not resolved from it
    others : why each other rate is not recommended
    """

    learning_rate: float | None
    statement: str
    loss_statement: str | None
    confidence: str | None
    confidence_reason: str | None
    candidates: tuple[float, ...]
    tied: tuple[float, ...]
    unresolved: tuple[float, ...]
    others: tuple[Reason, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Observation:
    """A sentence about what was measured.

    status : finding, passed, inconclusive or not applicable
    rule : when it is a finding; threshold : the values that the rule compares with, by name
    n : runs of the rate that has most
    figure : id of the figure that shows it; None where none does
    """

    id: str
    status: str
    statement: str
    rule: str
    threshold: Mapping[str, Any]
    n: int
    figure: str | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class ClaimPart:
    """One of the statements into which a claim is taken apart, with its own verdict."""

    id: str
    verdict: str
    statement: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Claim:
    """A sentence from teaching material, held against the measurement.

    prediction : what it predicts here; measurement : how that is tested
    verdict : supported, contradicted, mixed, inconclusive or not tested
    n : seeds that the rates it speaks of have in common
    figure : id of the figure that shows it; None where none does
    """

    id: str
    verdict: str
    claim: str
    prediction: str
    measurement: str
    n: int
    figure: str | None
    parts: tuple[ClaimPart, ...]


@dataclass(frozen=True)
class Finding:
    """A sentence about the variants of a study; status and rule as those of an observation."""

    id: str
    status: str
    statement: str
    rule: str
    evidence: tuple[Evidence, ...]


def evidence_of(items: Iterable[Json]) -> tuple[Evidence, ...]:
    """Evidence from its JSON."""
    names = ("table", "row", "column", "value")
    return tuple(
        Evidence(**{name: item[name] for name in names}, status=item.get("status"), definition=item.get("from"))
        for item in items
    )


def recommendation_of(content: Json) -> Recommendation:
    """The recommendation from the content of recommendation.json."""
    candidates, tied, unresolved = (tuple(map(float, content[name])) for name in ("candidates", "tied", "unresolved"))
    return Recommendation(
        learning_rate=content["chosen"],
        statement=content["statement"],
        loss_statement=content["loss_statement"],
        confidence=content["confidence"],
        confidence_reason=content["confidence_reason"],
        candidates=candidates,
        tied=tied,
        unresolved=unresolved,
        others=tuple(
            Reason(one["learning_rate"], one["reason"], evidence_of(one["evidence"])) for one in content["others"]
        ),
        evidence=evidence_of(content["evidence"]),
    )


def observations_of(content: Iterable[Json]) -> tuple[Observation, ...]:
    """Observations from those of observations.json."""
    names = ("id", "status", "statement", "rule", "threshold", "n", "figure")
    return tuple(
        Observation(**{name: one[name] for name in names}, evidence=evidence_of(one["evidence"])) for one in content
    )


def claims_of(content: Iterable[Json]) -> tuple[Claim, ...]:
    """Claims from those of claims.json."""
    names = ("id", "verdict", "claim", "prediction", "measurement", "n", "figure")
    return tuple(Claim(**{name: one[name] for name in names}, parts=_parts(one["parts"])) for one in content)


def findings_of(content: Iterable[Json]) -> tuple[Finding, ...]:
    """Findings from those of findings.json."""
    names = ("id", "status", "statement", "rule")
    return tuple(
        Finding(**{name: one[name] for name in names}, evidence=evidence_of(one["evidence"])) for one in content
    )


def _parts(content: Iterable[Json]) -> tuple[ClaimPart, ...]:
    names = ("id", "verdict", "statement")
    return tuple(
        ClaimPart(**{name: one[name] for name in names}, evidence=evidence_of(one["evidence"])) for one in content
    )
