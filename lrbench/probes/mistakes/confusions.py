"""Confusions in words: which class is taken for which, how often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrbench.wording import class_label, number

Found = Mapping[str, Any]
LEAST_SHOWN = 0.05  # reads as 0.1
MOST_BELOW_ALL = 0.9995  # in percent, from there on a tenth reads as 100


def mistaken(found: Found) -> list[Found]:
    """Pairs of a true and another predicted class, the most frequent first."""
    pairs = [pair for pair in found["confusions"] if pair["true"] != pair["predicted"]]
    return sorted(pairs, key=lambda pair: (-pair["count"], pair["true"], pair["predicted"]))


def pair_name(pair: Found, names: list[str] | None) -> str:
    """As in `4 taken for 9`."""
    return f"{class_label(pair['true'], names)} taken for {class_label(pair['predicted'], names)}"


def mean_count(count: float) -> str:
    """A mean number of examples, with a decimal where it is no whole number."""
    return number(count, 0) if count == round(count) else at_least_shown(count)


def share_percent(share: float) -> str:
    """A share in percent without the sign, to a tenth; none reads as 0 or 100 that is not."""
    if share in (0, 1):
        return number(100 * share, 0)
    return ">99.9" if share > MOST_BELOW_ALL else at_least_shown(100 * share)


def at_least_shown(value: float) -> str:
    """A positive number to a tenth, or `<0.1`."""
    return number(value, 1) if value >= LEAST_SHOWN else "<0.1"
