"""How numbers and lists stand in text, the same in what the analysis says and in what the report shows."""

from __future__ import annotations

import math
from collections.abc import Iterable

LOWER_TARGETS = "Set `targets` in the config to lower ones."
SPREAD_DECIMALS = 2  # of a standard deviation in percentage points
MARGIN_ROUNDING = 1e-12  # of shares that are equal but for their last bits
MOST_DECIMALS = 4  # of a percentage


def rate_label(learning_rate: float) -> str:
    """The one way to write a learning rate: the shortest text that reads back as the same number."""
    return repr(float(learning_rate)).removesuffix(".0")


def number(value: float, decimals: int) -> str:
    """A number with thousands separators, or `not finite`."""
    return signed(value, f"{abs(value):,.{decimals}f}") if math.isfinite(value) else "not finite"


def signed(value: float, text: str) -> str:
    """The text of a number's size with a real minus sign where the number is negative and does not read as zero."""
    return f"−{text}" if value < 0 and any(digit in text for digit in "123456789") else text


def percent(share: float, decimals: int = 1) -> str:
    """A share as a percentage, or `not finite`."""
    return f"{number(100 * share, decimals)} %" if math.isfinite(share) else "not finite"


def target_label(target: float) -> str:
    """A target accuracy as a percentage with its own digits: 98 %, 97.5 %."""
    return f"{100 * target:.6g} %"


def percent_below(share: float, limit: float, decimals: int) -> str:
    """A share below a limit as a percentage, with as many decimals more as it needs to read as less than the limit."""
    while decimals < MOST_DECIMALS and round(100 * share, decimals) >= round(100 * limit, 9):
        decimals += 1
    return percent(share, decimals)


def no_run_reached(targets: Iterable[float], highest: float, decimals: int) -> str:
    """That no run reached these targets, and the highest validation accuracy of any run; without a full stop."""
    ascending = sorted(targets)
    best = percent_below(highest, ascending[0], decimals)
    return f"No run reached {listed(map(target_label, ascending), 'or')}; the highest validation accuracy was {best}"


def points(difference: float, decimals: int = 1) -> str:
    """A difference of accuracies in percentage points; one more digit where it would read as zero."""
    value = 100 * difference
    while decimals < 3 and value and round(abs(value), decimals) == 0:
        decimals += 1
    return number(value, decimals)


def plural_points(difference: float, decimals: int = 1) -> str:
    """A difference of accuracies with its unit: 1 point, 1.1 points."""
    text = points(difference, decimals)
    return f"{text} point" if text in ("1", "−1") else f"{text} points"


def decimals_for(noise: float) -> int:
    """Decimals of a percentage whose noise, as a share, is this: the noise's first digit is the last one shown."""
    if not math.isfinite(noise) or noise <= 0:
        return 1
    return min(max(math.ceil(-math.log10(100 * noise)), 0), 3)


def decimals_beside(sizes: Iterable[float], margins: Iterable[float], decimals: int) -> int:
    """Decimals of percentage points with which each size reads as on its side of each margin, never as equal to it.

    sizes, margins : shares; a size that is a margin but for its last bits is let be
    decimals : to begin with
    """
    both = [(100 * size, 100 * margin) for margin in margins for size in sizes if abs(size - margin) > MARGIN_ROUNDING]

    def reads_right(size: float, margin: float) -> bool:
        shown = round(size, decimals)
        return shown != round(margin, MOST_DECIMALS) and (shown > margin) == (size > margin)

    while decimals < MOST_DECIMALS and not all(reads_right(*one) for one in both):
        decimals += 1
    return decimals


def difference_decimals(difference: float, low: float, high: float, margins: Iterable[float], least: int) -> int:
    """Decimals of a difference of scores in percentage points and of the ends of its interval, wherever it is shown.

    So many that none of the three reads as being on the other side of a margin, or as equal to it.

    margins : shares; low, high : NaN where there is no interval; least : decimals of an accuracy
    """
    sizes = [abs(value) for value in (difference, low, high) if math.isfinite(value)]
    noise = decimals_for((high - low) / 2) if math.isfinite(low) and high > low else 0
    return decimals_beside(sizes, [margin for margin in margins if math.isfinite(margin)], max(noise, least))


def spread_points(sd: float) -> str:
    """A standard deviation of accuracies in percentage points, in sentences and in tables alike."""
    return number(100 * sd, SPREAD_DECIMALS)


def at_most_points(difference: float, decimals: int = 2) -> str:
    """A limit of a difference of accuracies, rounded up, so that what is said to lie within it does."""
    scale = 10**decimals
    text = number(math.ceil(round(100 * difference * scale, 6)) / scale, decimals)
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text} point" if text == "1" else f"{text} points"


def steps(value: float) -> str:
    """A number of steps as an integer, or `never`."""
    return "never" if math.isinf(value) else number(value, 0)


def counted(count: float, noun: str) -> str:
    """A count with its noun: 1 seed, 2 seeds."""
    return f"{count:,} {noun}" + "s" * (count != 1)


def listed(parts: Iterable[str], last: str = "and") -> str:
    """`a, b and c`, or `none`."""
    *others, final = list(parts) or ["none"]
    return f"{', '.join(others)} {last} {final}" if others else final
