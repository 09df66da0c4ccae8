"""Phrases that titles and descriptions of several figures share."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from lrbench.reporting.inputs import Measured
from lrbench.wording import counted, rate_label, rate_span, rounded

MOST_IN_ALT = 12  # values that a description names one by one


def means_alt(means: Mapping[float, float], text: Callable[[float], str]) -> str:
    """The mean of each rate, in words; of many rates an even selection, and how many more there are."""
    shown = list(means.items())
    if len(shown) > MOST_IN_ALT:
        shown = [shown[place] for place in np.unique(np.linspace(0, len(shown) - 1, MOST_IN_ALT).round().astype(int))]
    left_out = f" ({len(means) - len(shown)} more in the table)" if len(shown) < len(means) else ""
    return "; ".join(f"{text(value)} at rate {rate_label(rate)}" for rate, value in shown) + left_out + "."


def mean_range(means: Mapping[float, float]) -> str:
    """The lowest and the highest of some rates' means, each with its rate."""
    low, high = min(means, key=lambda rate: means[rate]), max(means, key=lambda rate: means[rate])
    if rounded(means[low]) == rounded(means[high]):
        return f"{rounded(means[low])} at {rate_span(means)}"
    return f"{rounded(means[low])} ({rate_label(low)}) to {rounded(means[high])} ({rate_label(high)})"


def without_mean(lost: int) -> str:
    """How many rates have no finite mean, if any."""
    return f"; {counted(lost, 'rate')} without a finite mean" if lost else ""


def not_apart(measured: Measured, rate: float, measure: str) -> str:
    """The rates that are not told apart from one, by final validation loss or, for accuracy, by score; "" if none."""
    pairs = measured.comparisons
    pairs = pairs[pairs["measure"] == ("val_loss" if measure == "loss" else "score")]
    own = pairs[((pairs["higher"] == rate) | (pairs["lower"] == rate)) & ~pairs["separated"]]
    if own.empty:
        return ""
    by = " by score" if measure == "accuracy" else ""
    return f", not told apart{by} from {rate_span({*own['higher'], *own['lower']} - {rate})}"
