"""How a cost grows: a fixed part and a power of the size, and whether that is a straight line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.results import Results

EXPONENTS = np.arange(10, 301) / 100
LINE = 0.05  # a power above 1 would follow the points' noise where a straight line comes this near to all of them
FLAT = 1.1  # a cost that grows by less than a tenth over the whole range is called flat
WHAT_FOLLOWS = ("aggregate", "analyse", "figures", "report")

# What is known of a cost that grows faster than its axis.
EXPLAINED = {
    ("after training", "rates"): "every pair of rates is compared, and there are n(n − 1)/2 pairs",
}


@dataclass(frozen=True)
class Fit:
    """A cost as base + factor · size^exponent, fitted to least relative error."""

    base: float
    factor: float
    exponent: float

    @classmethod
    def of(cls, sizes: Sequence[float], costs: Sequence[float]) -> Fit:
        """The fit; neither part is negative. No power above 1 is taken where a straight line fits."""
        size, cost = np.asarray(sizes, float), np.asarray(costs, float)
        fits = []
        for exponent in EXPONENTS:
            for columns in ([np.ones_like(size), size**exponent], [size**exponent]):
                matrix = np.stack(columns, axis=1) / cost[:, None]
                found, *_ = np.linalg.lstsq(matrix, np.ones_like(cost), rcond=None)
                error = float(np.square(matrix @ found - 1).sum())
                base, factor = (float(found[0]), float(found[1])) if len(found) == 2 else (0.0, float(found[0]))
                if base >= 0 and factor >= 0:
                    fits.append((error, abs(exponent - 1), base, factor, float(exponent)))
        _, _, base, factor, exponent = min(fits)
        straight = _straight_line(size, cost) if exponent > 1 else None
        return cls(base, factor, exponent) if straight is None else cls(*straight, 1.0)

    def __call__(self, size: float) -> float:
        return self.base + self.factor * size**self.exponent


def _straight_line(size: np.ndarray, cost: np.ndarray) -> tuple[float, float] | None:
    """Base and factor of the line by least relative error, where it is within LINE of every cost and does not fall."""
    matrix = np.stack([np.ones_like(size), size], axis=1) / cost[:, None]
    (base, factor), *_ = np.linalg.lstsq(matrix, np.ones_like(cost), rcond=None)
    fits = min(base, factor) >= 0 and np.abs(matrix @ [base, factor] - 1).max() <= LINE
    return (float(base), float(factor)) if fits else None


@dataclass(frozen=True)
class Curve:
    """One cost along one axis.

    what : training, after training, worked step or workflow; axis : rates, seeds, epochs or examples
    measure : seconds of CPU, or MB at the peak
    """

    what: str
    axis: str
    measure: str
    sizes: Sequence[int]
    costs: Sequence[float]

    @property
    def fit(self) -> Fit:
        """The fitted growth."""
        return Fit.of(self.sizes, self.costs)

    @property
    def growth(self) -> float:
        """The largest cost over the smallest."""
        return max(self.costs) / min(self.costs)

    @property
    def verdict(self) -> str:
        """flat, linear, explained or unexplained."""
        if self.growth < FLAT:
            return "flat"
        if self.fit.exponent <= 1:
            return "linear"
        return "explained" if EXPLAINED.get((self.what, self.axis)) else "unexplained"


def curves(results: Results) -> Iterator[Curve]:
    """Every cost that was followed along an axis."""
    for what, axis, points in results.curves():
        sizes = [size for size, _ in points]
        for name, records in _parts(what, axis, [record for _, record in points]).items():
            for measure, costs in records.items():
                yield Curve(name, axis, measure, sizes, costs)


def _parts(what: str, axis: str, records: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, list[float]]]:
    if what != "after training":
        return {what: _costs([[record] for record in records])}
    followed = [[record[stage] for stage in WHAT_FOLLOWS] for record in records]
    worked = {"worked step": _costs([[record["backpropagate"]] for record in records])} if axis == "rates" else {}
    return {what: _costs(followed)} | worked


def _costs(stages: Sequence[Sequence[Mapping[str, float]]]) -> dict[str, list[float]]:
    return {
        "seconds": [sum(stage["cpu"] for stage in one) for one in stages],
        "MB": [max(stage["megabytes"] for stage in one) for one in stages],
    }
