"""The studentized range: how far apart the largest and the smallest of several equal means lie by chance (Tukey 1953).

A rate that is picked because its mean is the best, and then compared with the others, is further ahead by chance
than one that was named beforehand: the difference between the best and another of m equal rates is bounded by the
range of m means. Student's t is the case m = 2. scipy's own function takes a second for one critical value of a
hundred means; the integrals here share their tables.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy import optimize, special

WIDEST = 16.0  # standard deviations: a range of standard normal means is below it, but for 1e-15
RANGE_NODES = 600
NORMAL_NODES = 200
NORMAL_REACH = 9.0
UNLIKELIEST = 1e-12  # the tables' rounding: no p below it is told from another


def _nodes(count: int, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    points, weights = np.polynomial.legendre.leggauss(count)
    return (high - low) / 2 * points + (high + low) / 2, (high - low) / 2 * weights


@lru_cache(maxsize=1)
def _normal_spans() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Ranges with their weights, shape (ranges,), a normal's weights, and its mass in the span, (ranges, normal)."""
    ranges, range_weights = _nodes(RANGE_NODES, 0.0, WIDEST)
    normal, weights = _nodes(NORMAL_NODES, -NORMAL_REACH, NORMAL_REACH)
    density = weights * np.exp(-(normal**2) / 2) / math.sqrt(2 * math.pi)
    span = special.ndtr(normal) - special.ndtr(normal - ranges[:, None])
    return ranges, range_weights, density, span


@lru_cache(maxsize=1024)
def _exceeded(means: int) -> np.ndarray:
    """For each tabulated range, the probability that so many standard normal values lie further apart."""
    _, _, density, span = _normal_spans()
    return np.clip(1 - means * (span ** (means - 1) @ density), 0.0, 1.0)


def range_p(t: float, means: int, freedom: int) -> float:
    """The probability that, of so many equal means, some two differ by |t| standard errors of a difference or more.

    t : a difference of two means over its standard error, itself estimated with `freedom` degrees of freedom
    means : 2 or more; 2 gives Student's two-sided p
    """
    if not math.isfinite(t):
        return math.nan if math.isnan(t) else 0.0
    q = math.sqrt(2) * abs(t)
    if q == 0:
        return 1.0
    ranges, weights, _, _ = _normal_spans()
    half = freedom / 2
    deviation = ranges / q  # the estimated standard deviation at which the range is this wide
    constant = math.log(2) + half * math.log(half) - math.lgamma(half)
    log_density = constant + (freedom - 1) * np.log(deviation) - half * deviation**2
    inside = float(weights @ (np.exp(log_density) / q * _exceeded(means)))
    return min(max(inside, UNLIKELIEST), 1.0)


@lru_cache(maxsize=4096)
def range_critical(significance: float, means: int, freedom: int) -> float:
    """The t from which on `range_p` is at most `significance`."""
    if not UNLIKELIEST < significance < 1:
        raise ValueError(f"significance is {significance}; it must be between {UNLIKELIEST} and 1")
    high = 1.0
    while range_p(high, means, freedom) > significance:
        high *= 2
    return float(
        optimize.brentq(lambda t: range_p(t, means, freedom) - significance, high / 2 if high > 1 else 1e-9, high)
    )
