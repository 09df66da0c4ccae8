"""Whether sentences say only what their evidence holds, and whether the evidence stands where it says."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from lrbench.analysis.course import OSCILLATION_FEWEST
from lrbench.analysis.pipeline import Analysis
from lrbench.findings.ledger import look_up, plain
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.wording import at_least, at_most, rate_label, target_label

NUMBER = re.compile(r"(?<![\d.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?P<percent> %)?")
BOUNDS = (re.compile(r"([\d.,]+) to ([\d.,]+) times"), re.compile(r"(?:at least|up to) ([\d.,]+)"))
FIXED = (
    r"epoch 1\b",
    rf"\b{FEWEST_SEEDS} seeds\b",
    rf"at least {FEWEST_SEEDS} are",
    rf"\b{OSCILLATION_FEWEST} epochs",
    r"corrected for \d+ rates",
)


def unfounded_numbers(
    statement: str,
    evidence: Iterable[Mapping[str, Any]],
    analysis: Analysis,
    further: Iterable[float] = (),
    named: Iterable[float] = (),
) -> list[str]:
    """The numbers in a sentence that no value of its evidence reads as, after the rounding shown.

    Learning rates, also others that are named, targets, seeds, and the constants that rules name need no evidence, nor
    do further numbers.
    """
    text = statement
    for label in sorted(map(rate_label, {*analysis.rates["learning_rate"], *named}), key=len, reverse=True):
        text = re.sub(rf"(?<![\d.]){re.escape(label)}(?![\d]|[.,]\d)", "", text)
    for target in analysis.targets_asked:
        text = text.replace(target_label(target), "")
    seeds = "|".join(map(str, sorted(set(analysis.runs["seed"].astype(int)))))
    text = re.sub(rf"\bseed (?:(?:{seeds}), )*(?:(?:{seeds}) or )?(?:{seeds})\b", "", text)
    for phrase in FIXED:
        text = re.sub(phrase, "", text)
    values = [item["value"] for item in evidence if isinstance(item["value"], int | float)]
    values += [float(value) for value in further]
    bounds = {number for pattern in BOUNDS for found in pattern.finditer(text) for number in found.groups()}
    return [
        found.group()
        for found in NUMBER.finditer(text)
        if not _founded(found, values) and not (found.group() in bounds and _bounded(found.group(), values))
    ]


def _bounded(text: str, values: Iterable[float]) -> bool:
    """Whether a bound is that of a value, rounded outwards."""
    return any(text in (at_least(value), at_most(value)) for value in values)


def _founded(found: re.Match[str], values: Iterable[float]) -> bool:
    digits = found.group().removesuffix(" %").replace(",", "")
    decimals = len(digits.partition(".")[2])
    shown = float(digits)
    scales = (100,) if found["percent"] else (1, 100)
    room = 0.5 * 10**-decimals * (1 + 1e-6)
    return any(abs(abs(value) * scale - shown) <= room for value in values for scale in scales)


def misplaced_evidence(evidence: Iterable[Mapping[str, Any]], analysis: Analysis) -> list[Mapping[str, Any]]:
    """The items whose value is not what stands at the place they name, or comes out where it is computed anew."""
    return [item for item in evidence if not _same(look_up(analysis, item), item)]


def _same(found: Any, item: Mapping[str, Any]) -> bool:
    found = found.item() if hasattr(found, "item") else found
    if item["value"] is None:
        return plain(found, never=item["status"] == "never") == {"value": None, "status": item["status"]}
    if isinstance(found, float):
        return math.isclose(found, item["value"], rel_tol=1e-12, abs_tol=1e-15)
    return bool(found == item["value"])
