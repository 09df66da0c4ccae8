"""What a config may ask for of learning rates, seeds and epochs, and what it may still ask for beside those it has."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence

MOST_RATES = 100
MOST_SEEDS = 1000
MOST_EPOCHS = 10_000
MOST_ROUNDS = 50  # of a search
SMALLEST_FLOAT32 = 2.0**-126  # smaller numbers have fewer digits in float32, or none, and may count as 0
LARGEST_RATE = 1_000_000
ROUNDING = math.log(1.1)  # a new rate is rounded by no more than this ...
BEYOND = 2  # new rates beyond an edge: with one, the best could be at the edge again
LONE_FACTOR = 10.0  # between the only tried rate and new ones, since one rate has no step
STEP_SHARE = 0.25  # ... nor by more than this share of the step to the rate beside it


def float32(value: float) -> float:
    """The number of float32 that is nearest to a value."""
    (nearest,) = struct.unpack("f", struct.pack("f", value))
    return float(nearest)


def rounded_rate(exact: float, factor: float) -> float:
    """A rate with as few digits as keep it near to the exact one; that itself where it is out of range.

    factor : by which the rate beside it differs, above or below 1
    """
    if not SMALLEST_FLOAT32 <= exact <= LARGEST_RATE:
        return exact
    room = min(ROUNDING, STEP_SHARE * abs(math.log(factor)))
    for digits in range(16):
        rate = float(f"{exact:.{digits}e}")
        if abs(math.log(rate / exact)) <= room:
            return rate
    return exact


def rates_beyond(grid: Sequence[float], edges: Iterable[float]) -> list[float]:
    """The next rates beyond edges of the grid by its own step there, the nearest first; both ways from a lone rate.

    grid : ascending; edges : of its first and its last rate
    """
    factors = [(grid[0], 1 / LONE_FACTOR), (grid[0], LONE_FACTOR)]
    if len(grid) > 1:
        factors = [(edge, grid[0] / grid[1] if edge == grid[0] else grid[-1] / grid[-2]) for edge in edges]
    return [rounded_rate(edge * factor**count, factor) for count in range(1, BEYOND + 1) for edge, factor in factors]


def middle_rate(low: float, high: float) -> float:
    """About the geometric mean of two rates."""
    return rounded_rate(math.sqrt(low) * math.sqrt(high), math.sqrt(high / low))


def new_rates(tried: Sequence[float], wanted: Iterable[float]) -> list[float]:
    """The wanted rates that a config may have beside the tried ones, ascending; the first ones where not all fit.

    No rate is the same number in float32 as another.
    """
    known = {float32(rate) for rate in tried}
    new: list[float] = []
    for rate in wanted:
        fits = SMALLEST_FLOAT32 <= rate <= LARGEST_RATE and len(tried) + len(new) < MOST_RATES
        if fits and float32(rate) not in known:
            known.add(float32(rate))
            new.append(rate)
    return sorted(new)


def new_seeds(seeds: Sequence[int], total: int) -> list[int]:
    """The smallest seeds with which there are so many in total, at most as many as a config may have; ascending."""
    known, candidate = set(seeds), 0
    new: list[int] = []
    while len(known) + len(new) < min(total, MOST_SEEDS):
        if candidate not in known:
            new.append(candidate)
        candidate += 1
    return new
