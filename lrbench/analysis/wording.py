"""How numbers stand in the sentences of the analysis, beside what lrbench.wording has for all."""

from __future__ import annotations

import math
from collections.abc import Iterable

from lrbench.names import rate_label
from lrbench.wording import listed, number, steps

LISTED = 3  # things named one by one in a sentence; of more it says "and others"
MOST_DECIMALS = 4  # of an interval in percentage points, however narrow


def decimals_for(noise: float) -> int:
    """Decimals of a percentage whose noise, as a share, is this: the noise's first digit is the last one shown."""
    if not math.isfinite(noise) or noise <= 0:
        return 1
    return min(max(math.ceil(-math.log10(100 * noise)), 0), 3)


def points_between(low: float, high: float, decimals: int) -> str:
    """An interval of differences of accuracy, in words: 0.6 to 1.0 points lower.

    A decimal is added until the two ends differ and neither shows as 0.
    """

    def size(difference: float) -> str:
        return number(100 * abs(difference), decimals)

    while decimals < MOST_DECIMALS and size(0) in (size(low), size(high)):
        decimals += 1
    while decimals < MOST_DECIMALS and low != high and size(low) == size(high) and low * high > 0:
        decimals += 1
    if low > 0:
        return f"{size(low)} to {size(high)} points higher"
    if high < 0:
        return f"{size(high)} to {size(low)} points lower"
    return f"between {size(low)} points lower and {size(high)} points higher"


def significant(value: float, digits: int = 2) -> str:
    """A number with two significant digits, never as a power of ten."""
    if not math.isfinite(value) or value == 0:
        return number(value, 0)
    return number(value, min(_decimals_of(value, digits), 6))


def nats(loss: float, digits: int = 2) -> str:
    """A loss to two significant digits, however small it is."""
    return "0" if loss == 0 or not math.isfinite(loss) else f"{loss:.{_decimals_of(loss, digits)}f}"


def _decimals_of(value: float, digits: int) -> int:
    return max(digits - 1 - math.floor(math.log10(abs(value))), 0)


def times(least: float, most: float) -> str:
    """How many times as much, between a least and a most that may be unbounded."""
    return f"at least {significant(least)}" if math.isinf(most) else f"{significant(least)} to {significant(most)}"


def exact_steps(value: float) -> str:
    """A number of steps; a median between two may end in a half."""
    return number(value, 0 if value == round(value) else 1)


def step_interval(after: float, at: float) -> str:
    """When something happened that is only known to lie between two evaluations."""
    return "never" if math.isinf(at) else f"between steps {steps(after)} and {steps(at)}"


def rate_labels(values: Iterable[float], last: str = "and") -> str:
    """Learning rates as labels in a list."""
    return listed((rate_label(value) for value in values), last)


def limited(parts: Iterable[str]) -> str:
    """The first few parts, joined by semicolons, and a word if there are more."""
    items = list(parts)
    return "; ".join(items[:LISTED] + ["and others"] * (len(items) > LISTED))


def sentence(text: str) -> str:
    """The text with its first letter large and a full stop."""
    return f"{text[0].upper()}{text[1:]}."
