"""How numbers stand in the sentences of the analysis, beside what lrbench.wording has for all."""

from __future__ import annotations

import math
from collections.abc import Iterable

from lrbench.wording import counted, listed, number, plural_points, rate_label, steps

LISTED = 3  # things described one by one in a sentence; of the others it says how many, or which, there are
MOST_LOSS_DECIMALS = 12
MOST_RATIO_DIGITS = 6
MOST_DECIMALS = 4  # of an interval in percentage points, however narrow


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


def beside_one(ratio: float) -> str:
    """A ratio with two significant digits, or as many as it takes to read as above 1 or below it."""
    digits = 2
    while digits < MOST_RATIO_DIGITS and ratio != 1 and float(significant(ratio, digits).replace(",", "")) == 1:
        digits += 1
    return significant(ratio, digits)


def nats(loss: float, digits: int = 2) -> str:
    """A loss to two significant digits, however small it is."""
    return "0" if loss == 0 or not math.isfinite(loss) else f"{loss:.{_decimals_of(loss, digits)}f}"


def nats_apart(one: float, other: float) -> tuple[str, str]:
    """Two losses with as many decimals as it takes to see which is the larger, or two significant digits."""
    decimals = max(0 if loss == 0 or not math.isfinite(loss) else _decimals_of(loss, 2) for loss in (one, other))
    while decimals < MOST_LOSS_DECIMALS and one != other and number(one, decimals) == number(other, decimals):
        decimals += 1
    return number(one, decimals), number(other, decimals)


def points_above(difference: float, limit: float) -> tuple[str, str]:
    """A difference of accuracies that is above a limit, and the limit, with so many decimals that the texts say so."""
    decimals = 2
    while decimals < MOST_LOSS_DECIMALS and round(100 * difference, decimals) <= round(100 * limit, decimals):
        decimals += 1
    return plural_points(difference, decimals), plural_points(limit, decimals)


def score_span(epochs: int) -> str:
    """Which validation accuracy a score is: that of the last epoch, or a mean of so many."""
    return f"averaged over the last {epochs} epochs" if epochs > 1 else "of the last epoch"


def exact_points(share: float) -> str:
    """A threshold of accuracy in percentage points, with its own digits: 1 point, 0.5 points."""
    text = f"{100 * share:.6g}"
    return f"{text} point" if text == "1" else f"{text} points"


def _decimals_of(value: float, digits: int) -> int:
    rounded = float(f"{value:.{digits - 1}e}")  # 0.9996 has the decimals of 1.0
    return max(digits - 1 - math.floor(math.log10(abs(rounded))), 0)


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
    """The first few parts, joined by semicolons, and how many more there are; never a single one more."""
    items = list(parts)
    more = len(items) - LISTED
    return "; ".join([*items[:LISTED], f"and {more} more"] if more > 1 else items)


def sentence(text: str) -> str:
    """The text with its first letter large and a full stop."""
    return f"{text[0].upper()}{text[1:]}."
