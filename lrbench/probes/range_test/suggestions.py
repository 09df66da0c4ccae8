"""Which rate a range test suggests, by the rules of fastai (`steep`, `valley`, `minimum`) and of Lightning.

Each rule has the formula of the published code (fastai/callback/schedule.py; lightning/pytorch/tuner/lr_finder.py), and
leaves out the steps at both ends that it leaves out there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping

import numpy as np

from lrbench.probes.range_test.loss_curve import NOT_FINITE

Rule = Callable[[np.ndarray, np.ndarray], float]
FEWEST = 2  # points for a slope
FASTAI_LAST, LIGHTNING_FIRST, LIGHTNING_LAST = 5, 10, 1  # steps that are left out at an end
FASTAI_FIRST = 10  # fastai leaves out one in so many of the planned steps at the beginning
TENTH = 10.0


def suggestions(rates: np.ndarray, curve: np.ndarray, end: str) -> dict[str, float | None]:
    """By rule, the suggested rate; None where fewer than two steps are left to suggest from.

    Parameters
    ----------
    rates : of every planned step, shape (steps,)
    curve : smoothed losses of the steps that count, shape (n,), n ≤ steps
    end : how the test ended
    """
    recorded = len(rates) if end == NOT_FINITE else len(curve)  # those programs go on where a loss is not finite
    spans = {
        "fastai": slice(len(rates) // FASTAI_FIRST, max(min(recorded - FASTAI_LAST, len(curve)), 0)),
        "lightning": slice(LIGHTNING_FIRST, max(min(recorded - LIGHTNING_LAST, len(curve)), 0)),
    }
    found: dict[str, float | None] = {}
    for name, (program, rule) in RULES.items():
        kept = curve[spans[program]]
        found[name] = rule(rates[: len(curve)][spans[program]], kept) if len(kept) >= FEWEST else None
    return found


def steepest(rates: np.ndarray, losses: np.ndarray) -> float:
    """The rate after which the loss falls most for its logarithm, from a step to the next; fastai's `steep`."""
    return float(rates[np.argmin(np.diff(losses) / np.diff(np.log(rates)))])


def valley(rates: np.ndarray, losses: np.ndarray) -> float:
    """The rate about half-way along the longest decreasing subsequence of losses; fastai's `valley`."""
    falling: list[float] = []  # at k, minus the largest loss in which a decreasing subsequence of k + 1 losses ends
    last, length = 0, 1
    for step, loss in enumerate(losses):
        place = bisect_left(falling, -loss)
        falling[place : place + 1] = [-loss]
        if place + 1 > length:
            last, length = step, place + 1
    first = last - length if length > 1 else 0
    third = (last - first) / 3
    return float(rates[first + int(third) + int(third / 2)])


def tenth_of_minimum(rates: np.ndarray, losses: np.ndarray) -> float:
    """A tenth of the rate at which the loss is least; fastai's `minimum`."""
    return float(rates[np.argmin(losses)]) / TENTH


def steepest_by_rate(rates: np.ndarray, losses: np.ndarray) -> float:
    """The rate at which the loss falls most for the rate itself, by central differences; Lightning's `suggestion`."""
    return float(rates[np.argmin(np.gradient(losses, rates))])


RULES: Mapping[str, tuple[str, Rule]] = {
    "steepest": ("fastai", steepest),
    "valley": ("fastai", valley),
    "minimum": ("fastai", tenth_of_minimum),
    "lightning": ("lightning", steepest_by_rate),
}
