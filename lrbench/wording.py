"""Numbers, lists and units as they stand in text: each written in one way, for findings and report alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

LOWER_TARGETS = "Set `targets` in the config to lower ones."
SPREAD_DECIMALS = 2  # of a standard deviation in percentage points
MARGIN_ROUNDING = 1e-12  # of shares that are equal but for their last bits
MOST_DECIMALS = 4  # of a percentage
SINGLE_PRECISION = 1e-6  # of shares that are measured in float32
MOST_ROUNDED_AWAY = 0.1  # of a difference
LISTED = 3  # things described one by one in a sentence; of the others it says how many, or which, there are
MISSING = "–"
EXACT_DIGITS = 5  # significant ones of a number to calculate with
MOST_RATES = 5  # that a list in words names one by one


def class_label(number: int, names: Sequence[str] | None) -> str:
    """What a class is called: by its label in the data's files, or by its number where labels are the numbers."""
    return str(number) if names is None else names[number]


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


def accuracy(share: float, decimals: int, targets: Iterable[float]) -> str:
    """An accuracy as a percentage, with a decimal more where it would read as a target that it does not reach."""
    for target in targets:
        if share < target - SINGLE_PRECISION:
            while decimals < MOST_DECIMALS and round(100 * share, decimals) >= round(100 * target, 9):
                decimals += 1
    return percent(share, decimals)


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


def share_decimals(*shares: float) -> int:
    """Decimals of percentages that stand together, 0 or more: none of them reads as zero that is more than 0.01 %."""
    least = min((abs(share) for share in shares if abs(share) >= 1e-4), default=1.0)
    return 0 if round(100 * least) else 1 if round(100 * least, 1) else 2


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

    sizes, margins : shares; a size that differs from a margin by rounding errors alone is not held against it
    decimals : the fewest to return
    """
    both = [(100 * size, 100 * margin) for margin in margins for size in sizes if abs(size - margin) > MARGIN_ROUNDING]

    def reads_right(size: float, margin: float) -> bool:
        shown = round(size, decimals)
        return shown != round(margin, MOST_DECIMALS) and (shown > margin) == (size > margin)

    while decimals < MOST_DECIMALS and not all(reads_right(*one) for one in both):
        decimals += 1
    return decimals


def difference_decimals(difference: float, low: float, high: float, tie: float, delta: float | None, least: int) -> int:
    """Decimals of a difference of scores in percentage points and of the ends of its interval, wherever it is shown.

    So many that none of the three reads as being on the other side of a margin, or as equal to it, and that rounding
    takes no more than a tenth off the difference, or adds it.

    low, high : NaN where there is no interval; tie, delta : the margins, shares; least : decimals of an accuracy
    """
    sizes = [abs(value) for value in (difference, low, high) if math.isfinite(value)]
    noise = decimals_for((high - low) / 2) if math.isfinite(low) and high > low else 0
    margins = [margin for margin in (tie, delta) if margin is not None and math.isfinite(margin)]
    decimals, size = max(noise, least), 100 * abs(difference)
    while decimals < MOST_DECIMALS and abs(round(size, decimals) - size) > MOST_ROUNDED_AWAY * size:
        decimals += 1
    return decimals_beside(sizes, margins, decimals)


def spread(sd: float, decimals: int = SPREAD_DECIMALS) -> str:
    """A standard deviation, by default in percentage points; one significant digit where it would read as zero."""
    text = number(sd, decimals)
    return rounded(sd, 1) if sd > 100 * MARGIN_ROUNDING and not text.strip("0.") else text


def at_most_points(difference: float, decimals: int = 2) -> str:
    """A limit of a difference of accuracies, rounded up, so that what is said to lie within it does."""
    scale = 10**decimals
    text = number(math.ceil(round(100 * difference * scale, 6)) / scale, decimals)
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text} point" if text == "1" else f"{text} points"


def steps(value: float) -> str:
    """A number of steps, `never`, or a dash where there is none; a median between two may end in a half."""
    whole = not math.isfinite(value) or value == round(value)
    return "never" if math.isinf(value) else MISSING if math.isnan(value) else number(value, 0 if whole else 1)


def counted(count: float, noun: str) -> str:
    """A count with its noun: 1 seed, 2 seeds."""
    return f"{count:,} {noun}" + "s" * (count != 1)


def listed(parts: Iterable[str], last: str = "and") -> str:
    """`a, b and c`, or `none`."""
    *others, final = list(parts) or ["none"]
    return f"{', '.join(others)} {last} {final}" if others else final


def outcomes(counts: Iterable[tuple[int, str]], n: int) -> str:
    """How the n runs of a rate ended, as in `all 3 runs diverged` or `of 3 runs, 1 diverged and 2 failed to learn`.

    counts : how many ended in a way, and that way in words
    """
    ends = list(counts)
    if len(ends) == 1:
        ((count, words),) = ends
        if count == n:
            return f"{'the only run' if n == 1 else 'both runs' if n == 2 else f'all {n} runs'} {words}"
        return f"{count} of {counted(n, 'run')} {words}"
    said = listed(f"{'all' if count == n > 1 else count} {words}" for count, words in ends)
    return f"of {counted(n, 'run')}, {said}"


def significant(value: float, digits: int = 2) -> str:
    """A number with two significant digits, never as a power of ten."""
    if not math.isfinite(value) or value == 0:
        return number(value, 0)
    return number(value, min(decimals_of(value, digits), 6))


def at_most(value: float) -> str:
    """A number with two significant digits, rounded up, so that what is said to be at most that is."""
    return _outwards(value, math.ceil)


def at_least(value: float) -> str:
    """A number with two significant digits, rounded down, so that what is said to be at least that is."""
    return _outwards(value, math.floor)


def _outwards(value: float, towards: Callable[[float], int]) -> str:
    if not math.isfinite(value) or value == 0:
        return number(value, 0)
    decimals = 1 - math.floor(math.log10(abs(value)))  # below 0 of numbers from a hundred on
    scale = 10.0**decimals
    return significant(towards(round(value * scale, 6)) / scale)


def nats(loss: float, digits: int = 2) -> str:
    """A loss to two significant digits, however small it is."""
    return "0" if loss == 0 or not math.isfinite(loss) else f"{loss:.{decimals_of(loss, digits)}f}"


def score_span(epochs: int) -> str:
    """Which validation accuracy a score is: that of the last epoch, or a mean of so many."""
    return f"averaged over the last {epochs} epochs" if epochs > 1 else "of the last epoch"


def exact_points(share: float) -> str:
    """A threshold of accuracy in percentage points, with its own digits: 1 point, 0.5 points."""
    text = f"{100 * share:.6g}"
    return f"{text} point" if text == "1" else f"{text} points"


def decimals_of(value: float, digits: int) -> int:
    """Decimals with which a number other than 0 has so many significant digits."""
    rounded = float(f"{value:.{digits - 1}e}")  # 0.9996 has the decimals of 1.0
    return max(digits - 1 - math.floor(math.log10(abs(rounded))), 0)


def times(least: float, most: float) -> str:
    """How many times as much, between a least and a most that may be unbounded."""
    return f"at least {at_least(least)}" if math.isinf(most) else f"{at_least(least)} to {at_most(most)}"


def step_interval(after: float, at: float) -> str:
    """When something happened that is only known to lie between two evaluations."""
    if at == 0:
        return "before the first step"
    return "never" if math.isinf(at) else f"between steps {steps(after)} and {steps(at)}"


def rate_labels(values: Iterable[float], last: str = "and") -> str:
    """Learning rates as labels in a list."""
    return listed((rate_label(value) for value in values), last)


def limited(parts: Iterable[str]) -> str:
    """The first few parts, joined by semicolons, and how many more there are; never a single one more."""
    items = list(parts)
    more = len(items) - LISTED
    return "; ".join([*items[:LISTED], f"and {more} more"] if more > 1 else items)


def sentence(text: str) -> str:
    """The text with its first letter large and a full stop."""
    return f"{text[0].upper()}{text[1:]}."


def rounded(value: float | None, digits: int = 2) -> str:
    """A number to `digits` significant digits, with an exponent only below 0.0001 and from a million on.

    None gives a dash; NaN and infinities give `not finite`.
    """
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
    """A number for readers who calculate with it, to `digits` significant digits; None and NaN as in `rounded`."""
    return rounded(value, digits)


def fixed(value: float | None, decimals: int = 4) -> str:
    """A number with so many decimals, from a million on as `rounded`; None gives a dash, NaN `not finite`."""
    if value is None:
        return MISSING
    value = float(value)
    if not math.isfinite(value):
        return "not finite"
    return signed(value, f"{abs(value):.{decimals}f}") if abs(value) < 1e6 else rounded(value, 3)


def rate_span(values: Iterable[float]) -> str:
    """Learning rates as a list in words; beyond five, the number of them and their range."""
    ordered = sorted(values)
    if len(ordered) > MOST_RATES:
        return f"{len(ordered)} rates from {rate_label(ordered[0])} to {rate_label(ordered[-1])}"
    return listed(map(rate_label, ordered))


def interval_level(significance: float) -> str:
    """The level of an interval whose tests have this significance: 95 %, 99.9 %."""
    return target_label(1 - significance)
