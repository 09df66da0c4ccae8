"""Statistics for few seeds: t intervals, Holm's correction, the probability of being best.

With three to ten seeds a bootstrap is far too sure of itself; Student's t is not, as long as differences between
seeds are roughly normal. Everything here is deterministic: where numbers are drawn, the generator is seeded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from lrbench.tables.analysis import STATISTICS

FEWEST_FOR_SPREAD = 2  # values that a standard deviation needs
FEWEST_FOR_SEPARATION = 3  # seeds under which no difference is called separated
FEWEST_FOR_PROBABILITY = 5  # seeds under which no probability of being best is given
DRAWS = 20_000  # of the Monte Carlo: a standard error below 0.004


@dataclass(frozen=True)
class Interval:
    """A mean over n values with its t interval and the two-sided p of its being zero."""

    n: int
    mean: float
    sd: float
    low: float
    high: float
    p: float


def t_interval(values: np.ndarray, significance: float, least_sd: float = 0.0) -> Interval:
    """Student's interval for the mean of values, shape (n,), at the level 1 - significance.

    The standard deviation is taken to be at least `least_sd`, so that values that agree by their coarseness
    never give certainty. With one value there is no interval; a value that is not finite makes everything NaN.
    """
    n = len(values)
    if n == 0 or not np.isfinite(values).all():
        return Interval(n, math.nan, math.nan, math.nan, math.nan, math.nan)
    mean = float(np.mean(values))
    if n < FEWEST_FOR_SPREAD:
        return Interval(n, mean, math.nan, math.nan, math.nan, math.nan)
    sd = max(float(np.std(values, ddof=1)), least_sd)
    error = sd / math.sqrt(n)
    reach = float(stats.t.ppf(1 - significance / 2, n - 1)) * error
    t = abs(mean) / error if error else (math.inf if mean else 0.0)
    return Interval(n, mean, sd, mean - reach, mean + reach, float(2 * stats.t.sf(t, n - 1)))


def stepped(p: np.ndarray, significance: float) -> tuple[np.ndarray, np.ndarray]:
    """Holm's adjusted p values, and the level at which each one's own interval agrees with the verdict (Holm 1979).

    p : shape (tests,); each NaN stays NaN and counts as no test. Of m tests the smallest p is held against
    significance / m, the next against significance / (m - 1), and so on, until one is not below.
    """
    adjusted, levels = np.full(len(p), math.nan), np.full(len(p), math.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    levels[order] = significance / factors
    return adjusted, levels


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's adjusted p values, shape (tests,)."""
    return stepped(p, 1.0)[0]


@dataclass(frozen=True)
class Trend:
    """A mean over seeds that was looked for at several rates: its interval is corrected for their number.

    found : whether the interval lies above 0
    """

    interval: Interval
    found: bool


def corrected(values: Sequence[np.ndarray], significance: float) -> list[Trend]:
    """The means of several samples with intervals that hold together, by Holm's method; a sample is that of a rate.

    An interval leaves out 0 only where the corrected p is below the level. A sample that has no p, because it has one
    value or one that is not finite, counts as no test and has no interval. Under three values nothing is found.
    """
    plain = [t_interval(sample, significance) for sample in values]
    adjusted, levels = stepped(np.array([one.p for one in plain], dtype=float), significance)
    trends = []
    for sample, one, p, level in zip(values, plain, adjusted, levels, strict=True):
        if math.isnan(p):
            trends.append(Trend(one, False))
            continue
        own = t_interval(sample, level)
        low, high = (own.low, own.high) if p < significance else (min(own.low, 0.0), max(own.high, 0.0))
        found = one.n >= FEWEST_FOR_SEPARATION and p < significance and low > 0
        trends.append(Trend(Interval(one.n, one.mean, one.sd, low, high, float(p)), bool(found)))
    return trends


def summary(values: np.ndarray, larger_is_worse: bool) -> dict[str, float]:
    """Mean, sd, median, min and max of values over runs, shape (n,).

    A value that is not finite is never dropped: for median, min and max it counts as worse than every finite
    one, and where it is itself the answer the answer is NaN; mean and sd are NaN as soon as there is one.
    """
    if len(values) == 0:
        return dict.fromkeys(STATISTICS, math.nan)
    finite = np.isfinite(values)
    ranked = np.where(finite, values, math.inf if larger_is_worse else -math.inf)
    found = {
        "mean": float(np.mean(values)) if finite.all() else math.nan,
        "sd": float(np.std(values, ddof=1)) if finite.all() and len(values) >= FEWEST_FOR_SPREAD else math.nan,
        "median": median(ranked),
        "min": float(ranked.min()),
        "max": float(ranked.max()),
    }
    return {name: value if math.isfinite(value) else math.nan for name, value in found.items()}


def median(values: np.ndarray) -> float:
    """The median of values that may be infinite, shape (n,); infinite where a middle one is; NaN of none."""
    if len(values) == 0:
        return math.nan
    ordered = np.sort(values)
    low, high = float(ordered[(len(ordered) - 1) // 2]), float(ordered[len(ordered) // 2])
    return low if low == high else low / 2 + high / 2


def probability_best(scores: np.ndarray, rates: Sequence[float], least_sd: float) -> dict[float, float]:
    """For each rate the probability that its true mean score is the highest, by Monte Carlo.

    What a seed adds at every rate alike is taken away first, so that only differences between rates count. Each mean is
    drawn from mean + t(n - 1) sd / sqrt(n), with a generator that the rate itself seeds, so no rate's draws depend on
    which others there are. Draws that tie are shared. Empty under five seeds or two rates.

    scores : shape (seeds, rates), finite; rates : of the columns; least_sd : as for `t_interval`
    """
    n, count = scores.shape
    if n < FEWEST_FOR_PROBABILITY or count < FEWEST_FOR_SPREAD:
        return {}
    rest = scores - scores.mean(axis=1, keepdims=True)
    deviations = np.maximum(np.std(rest, axis=0, ddof=1) * math.sqrt(count / (count - 1)), least_sd)
    draws = np.empty((count, DRAWS))
    for column, rate in enumerate(rates):
        generator = np.random.default_rng(int(np.float64(rate).view(np.uint64)))
        error = deviations[column] / math.sqrt(n)
        draws[column] = float(np.mean(scores[:, column])) + error * generator.standard_t(n - 1, DRAWS)
    best = draws == draws.max(axis=0)
    return dict(zip(map(float, rates), (best / best.sum(axis=0)).mean(axis=1).tolist(), strict=True))


def performance_profile(steps: np.ndarray, factors: Sequence[float]) -> np.ndarray:
    """Share of problems that each rate solves within each factor of the fastest rate (Dolan and Moré 2002).

    steps : shape (rates, problems), infinite where a rate never gets there; returns shape (rates, factors).
    A problem that no rate solves counts as unsolved by all.
    """
    fastest = steps.min(axis=0)
    shares = [((steps <= factor * fastest) & np.isfinite(steps)).mean(axis=1) for factor in factors]
    return np.stack(shares, axis=1)
