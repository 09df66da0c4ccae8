"""Numbers as sentences write them, and the evidence behind them: where each number stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lrbench.experiment import rate_label

PERCENT = 100
MOST_DECIMALS = 4  # of percentage points, whatever the interval


def evidence(value: Any, table: str, column: str, **row: Any) -> dict[str, Any]:
    """A number with the place where it can be looked up: a table's column, in the row that has these values.

    A value that is not finite is None, with `status` never (infinite) or not finite. The table may be
    `across`, a mapping: its entry `column` is the value, or a list of mappings of which `row` names one.
    """
    entry: dict[str, Any] = {"value": None, "table": table, "column": column, "row": row}
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, float) and not math.isfinite(number):
        return entry | {"status": "never" if number == math.inf else "not finite"}
    return entry | {"value": number}


def accuracy_decimals(resolution: float) -> int:
    """Decimals of a percentage whose last digit is no finer than what the validation set resolves."""
    return max(0, -math.floor(math.log10(resolution * PERCENT)))


def percent(share: float, decimals: int) -> str:
    """A share as a percentage: 97.9 %."""
    return f"{_rounded(share * PERCENT, decimals)} %"


def points(difference: float, decimals: int) -> str:
    """The size of a difference of shares in percentage points: 0.8."""
    return _rounded(abs(difference) * PERCENT, decimals)


def points_between(low: float, high: float, decimals: int) -> str:
    """An interval of differences of shares, in words: 0.6 to 1.0 points lower.

    A decimal is added until the two ends differ and neither shows as 0.
    """
    while decimals < MOST_DECIMALS and ({points(low, decimals), points(high, decimals)} & {points(0, decimals)}):
        decimals += 1
    while (
        decimals < MOST_DECIMALS and low != high and points(low, decimals) == points(high, decimals) and low * high > 0
    ):
        decimals += 1
    if low > 0:
        return f"{points(low, decimals)} to {points(high, decimals)} points higher"
    if high < 0:
        return f"{points(high, decimals)} to {points(low, decimals)} points lower"
    return f"between {points(low, decimals)} points lower and {points(high, decimals)} points higher"


def target_percent(target: float) -> str:
    """A target accuracy with the digits that it was given: 97 %, 97.5 %."""
    return f"{float(f'{target * PERCENT:.10g}'):g} %"


def _rounded(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "−")


def nats(loss: float, digits: int = 2) -> str:
    """A loss to two significant digits, never as a power of ten: 0.082."""
    if loss == 0 or not math.isfinite(loss):
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(loss))))
    return _rounded(loss, decimals)


def steps(count: float) -> str:
    """A number of steps: 1,875; a median between two may end in a half."""
    return f"{count:,.0f}" if count == round(count) else f"{count:,.1f}"


def listed(rates: Sequence[float]) -> str:
    """Learning rates in a row: 0.1, 0.01 and 0.001."""
    labels = [rate_label(rate) for rate in rates]
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"


def plural(count: int, noun: str) -> str:
    """A count with its noun: 1 run, 2 runs."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
