"""Numbers and lists as people read them. What is no number is said in words, never left blank."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from lrbench import wording
from lrbench.wording import listed, rate_label, signed

MISSING = "–"
EXACT_DIGITS = 5  # significant ones of a number to calculate with
BEST = {"score": "the best rate's score", "final accuracy": "the highest median final accuracy of a rate"}


AVERAGES = (
    ("The mean score", "The score"),
    ("mean score", "score"),
    ("Mean training", "Training"),
    ("Mean validation", "Validation"),
    ("Mean update", "Update"),
    ("Mean size", "Size"),
    ("the median run", "the run"),
    ("The median run", "The run"),
    ("Median ", ""),
)


def of_one_run(text: str) -> str:
    """A title that speaks of means and medians over runs, said of one run a rate, of which there are none."""
    for average, plain in AVERAGES:
        text = text.replace(average, plain)
    return text[:1].upper() + text[1:]


def number(value: float | None, digits: int = 2) -> str:
    """A number to so many significant digits, without exponent between 0.0001 and a million."""
    if value is None:
        return MISSING
    value = float(value)
    if not math.isfinite(value):
        return "not finite"
    if value == 0:
        return "0"
    if not 1e-4 <= abs(value) < 1e6:
        mantissa, _, exponent = f"{abs(value):.{digits - 1}e}".partition("e")
        return signed(value, f"{mantissa}e{int(exponent)}".replace("e-", "e−"))
    decimals = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    return signed(value, f"{abs(value):,.{decimals}f}")


def exact(value: float | None, digits: int = EXACT_DIGITS) -> str:
    """A number to calculate with, to five significant digits unless said otherwise."""
    return number(value, digits)


def tick(value: float, digits: int = 3) -> str:
    """A number beside an axis: as short as it can be said with so many significant digits."""
    size, sign, exponent = number(value, digits).partition("e")
    return (size.rstrip("0").rstrip(".") if "." in size else size) + sign + exponent


def fixed(value: float | None, decimals: int = 4) -> str:
    """A number with so many decimals."""
    if value is None:
        return MISSING
    value = float(value)
    if not math.isfinite(value):
        return "not finite"
    return signed(value, f"{abs(value):.{decimals}f}") if abs(value) < 1e6 else number(value, 3)


def percent(share: float | None, decimals: int = 1) -> str:
    """A share as a percentage."""
    return MISSING if share is None else wording.percent(share, decimals)


def share(value: float, _: int | None = None) -> str:
    """A share as a percentage at an axis: 98 %, 97.5 %."""
    return wording.target_label(value)


def steps(value: float | None) -> str:
    """A number of steps; infinitely many are never taken."""
    return MISSING if value is None or math.isnan(value) else wording.steps(value)


def rates(values: Iterable[float]) -> str:
    """Learning rates as a list in words; beyond five, the number of them and their range."""
    ordered = sorted(values)
    if len(ordered) > 5:
        return f"{len(ordered)} rates from {rate_label(ordered[0])} to {rate_label(ordered[-1])}"
    return listed(map(rate_label, ordered))


def level(significance: float) -> str:
    """The level of an interval whose tests have this significance: 95 %, 99.9 %."""
    return wording.target_label(1 - significance)


def target_source(rule: Mapping[str, Any], target: float) -> str:
    """Where a relative target comes from, as "95 % of the way from chance to …"; of an absolute one, nothing.

    rule : the entry `targets` of across.json
    """
    if target not in rule["accuracies"] or rule["rule"] != "relative":
        return ""
    of = wording.target_label(rule["shares"][rule["accuracies"].index(target)])
    return f"{of} of the way from chance to {BEST[rule['best_is']]}, rounded down"


def target_rule(rule: Mapping[str, Any], chance: float, decimals: int) -> str:
    """Where all targets come from, in one sentence.

    chance : share of the largest class in the validation data; decimals : of a percentage
    """
    targets = listed(map(wording.target_label, rule["accuracies"]))
    several = len(rule["accuracies"]) > 1
    ground = f"chance ({percent(chance, decimals)}, always naming the largest class)"
    if rule["rule"] != "relative":
        return f"The target{'s' * several}, {targets}, stand{'s' * (not several)} in the config."
    if not several and not rule["accuracies"]:
        return f"There are no targets, because no rate gets above {ground}."
    shares = listed(map(wording.target_label, rule["shares"]))
    verbs = "The targets, {}, are {}" if several else "The target, {}, is {}"
    return (
        f"{verbs.format(targets, shares)} of the way from {ground} to {BEST[rule['best_is']]} "
        f"({percent(rule['best'], decimals)}), rounded down."
    )


def row_name(row: Mapping[str, Any]) -> str:
    """A row of a table, named by its key."""
    parts = []
    for key, value in row.items():
        text = rate_label(value) if isinstance(value, float) else str(value)
        parts.append(f"{key.replace('_', ' ')} {text}")
    return ", ".join(parts)


def evidence_value(item: Mapping[str, Any]) -> str:
    """The value of an item of evidence as it was found, to six digits; what JSON cannot hold, in words."""
    value = item["value"]
    if value is None:
        return str(item.get("status", "not available"))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}".replace("-", "−")
    return str(value)
