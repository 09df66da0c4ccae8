"""How numbers stand in sentences: rates, accuracies, losses and steps, each written in one way."""

from __future__ import annotations

import math
from collections.abc import Iterable

from lrbench.experiment import rate_label

LISTED = 3  # things named one by one in a sentence; of more it says "and others"


def number(value: float, decimals: int) -> str:
    """A number with thousands separators and a real minus sign, or `not finite`."""
    if not math.isfinite(value):
        return "not finite"
    text = f"{abs(value):,.{decimals}f}"
    return f"−{text}" if value < 0 and any(digit in text for digit in "123456789") else text


def decimals_for(noise: float) -> int:
    """Decimals of a percentage whose noise, as a share, is this: the noise's first digit is the last one shown."""
    if not math.isfinite(noise) or noise <= 0:
        return 1
    return min(max(math.ceil(-math.log10(100 * noise)), 0), 3)


def percent(share: float, decimals: int = 1) -> str:
    """A share as a percentage."""
    return f"{number(100 * share, decimals)} %"


def target_label(target: float) -> str:
    """A target accuracy with its own digits."""
    return f"{100 * target:.6g} %"


def points(difference: float, decimals: int = 1) -> str:
    """A difference of accuracies in percentage points; one more digit where it would read as zero."""
    value = 100 * difference
    while decimals < 3 and value and round(abs(value), decimals) == 0:
        decimals += 1
    return number(value, decimals)


def significant(value: float, digits: int = 2) -> str:
    """A number with two significant digits, never as a power of ten."""
    if not math.isfinite(value) or value == 0:
        return number(value, 0)
    return number(value, min(max(digits - 1 - math.floor(math.log10(abs(value))), 0), 6))


def steps(value: float) -> str:
    """A number of steps as an integer, or `never`."""
    return "never" if math.isinf(value) else number(value, 0)


def step_interval(after: float, at: float) -> str:
    """When something happened that is only known to lie between two evaluations."""
    return "never" if math.isinf(at) else f"between steps {steps(after)} and {steps(at)}"


def counted(count: float, noun: str) -> str:
    """A count with its noun: 1 seed, 2 seeds."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(parts: Iterable[str], last: str = "and") -> str:
    """`a, b and c`."""
    items = list(parts)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else "none"


def rates(values: Iterable[float], last: str = "and") -> str:
    """Learning rates as labels in a list."""
    return listed((rate_label(value) for value in values), last)


def limited(parts: Iterable[str]) -> str:
    """The first few parts, joined by semicolons, and a word if there are more."""
    items = list(parts)
    return "; ".join(items[:LISTED] + ["and others"] * (len(items) > LISTED))


def sentence(text: str) -> str:
    """The text with its first letter large and a full stop."""
    return f"{text[0].upper()}{text[1:]}."
