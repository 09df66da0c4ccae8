"""Statistics for few seeds: t intervals, Holm's correction, the studentized range, power, which rate is best.

With three to ten seeds a bootstrap is far too sure of itself; Student's t is not, as long as differences between
seeds are roughly normal. Everything here is deterministic: where numbers are drawn, the generator is seeded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import optimize, special, stats

from lrbench.tables.analysis import FEWEST_FOR_SPREAD, FEWEST_SEEDS, STATISTICS

FEWEST_FOR_PROBABILITY = 5  # seeds under which no probability of being best is given
DRAWS = 20_000  # of the Monte Carlo: a standard error below 0.004


@dataclass(frozen=True)
class Interval:
    """A mean over n values, its t interval, and the two-sided p value of the hypothesis that it is zero.

    sd : standard deviation of the values; low, high : ends of the interval; these and p are NaN of a single value
    """

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
    reach = float(special.stdtrit(n - 1, 1 - significance / 2)) * error  # what stats.t calls, without its checks
    t = abs(mean) / error if error else (math.inf if mean else 0.0)
    return Interval(n, mean, sd, mean - reach, mean + reach, float(2 * special.stdtr(n - 1, -t)))


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
        found = one.n >= FEWEST_SEEDS and p < significance and low > 0
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


WIDEST = 16.0  # standard deviations: a range of standard normal means is below it, but for 1e-15
DEVIATION_REACH = 10.0  # standard errors of an estimated deviation around the true one, beyond which it never lies
DEVIATION_NODES = 100
NORMAL_NODES = 120
NORMAL_REACH = 9.0
UNLIKELIEST = 1e-12  # the tables' rounding: no p below it is told from another


@lru_cache(maxsize=2)
def _legendre(count: int) -> tuple[np.ndarray, np.ndarray]:
    points, weights = np.polynomial.legendre.leggauss(count)
    return points, weights


def _nodes(count: int, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    points, weights = _legendre(count)
    return (high - low) / 2 * points + (high + low) / 2, (high - low) / 2 * weights


@lru_cache(maxsize=1)
def _normal() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values of a standard normal, shape (nodes,), their density times the weight of their node, and their ranks."""
    values, weights = _nodes(NORMAL_NODES, -NORMAL_REACH, NORMAL_REACH)
    return values, weights * np.exp(-(values**2) / 2) / math.sqrt(2 * math.pi), special.ndtr(values)


def _exceeded(ranges: np.ndarray, means: int) -> np.ndarray:
    """For each range, the probability that so many standard normal values lie further apart."""
    values, density, ranks = _normal()
    span = ranks - special.ndtr(values - ranges[:, None])
    return np.clip(1 - means * (span ** (means - 1) @ density), 0.0, 1.0)


def range_p(t: float, means: int, freedom: int) -> float:
    """The probability that, of so many equal means, some two differ by |t| standard errors of a difference or more.

    An integral over the estimated standard deviation, at each of which the range must be so much wider.

    t : a difference of two means over its standard error, itself estimated with `freedom` degrees of freedom
    means : 2 or more; 2 gives Student's two-sided p
    """
    if not math.isfinite(t):
        return math.nan if math.isnan(t) else 0.0
    q = math.sqrt(2) * abs(t)
    if q == 0:
        return 1.0
    error = DEVIATION_REACH / math.sqrt(2 * freedom)
    low, high = max(1 - error, 0.0), min(1 + error, WIDEST / q)
    if low >= high:
        return UNLIKELIEST
    deviation, weights = _nodes(DEVIATION_NODES, low, high)
    half = freedom / 2
    constant = math.log(2) + half * math.log(half) - math.lgamma(half)
    log_density = constant + (freedom - 1) * np.log(deviation) - half * deviation**2
    inside = float(weights @ (np.exp(log_density) * _exceeded(q * deviation, means)))
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


POWER = 0.8  # probability with which the difference is to be found
QUANTILES = 2_000  # of the estimated standard deviation, over which the power is averaged
MOST_SEEDS = 200  # beyond it the answer is only "more than"


def power(seeds: int, difference: float, sd: float, significance: float) -> float:
    """The probability that a paired two-sided t test finds a true mean difference: the tails of a noncentral t.

    An average over the quantiles of the estimated standard deviation, since the series of scipy's `nct` gives no number
    where the difference is many standard errors.

    seeds : 2 or more; difference, sd : mean and standard deviation of the paired differences, sd above 0
    """
    freedom, shift = seeds - 1, abs(difference) / sd * math.sqrt(seeds)
    critical = stats.t.ppf(1 - significance / 2, freedom)
    quantiles = (np.arange(QUANTILES) + 0.5) / QUANTILES
    estimated = np.sqrt(stats.chi2.ppf(quantiles, freedom) / freedom)
    found = special.ndtr(shift - critical * estimated) + special.ndtr(-shift - critical * estimated)
    return float(found.mean())


def seeds_to_tell_apart(difference: float, sd: float, significance: float, most: int = MOST_SEEDS) -> float:
    """The fewest seeds with which the paired t test finds such a difference with a probability of `POWER`.

    Infinite where that takes more than `most`; at least the seeds under which nothing is told apart.
    """
    if not (math.isfinite(difference) and math.isfinite(sd)):
        return math.nan
    if difference == 0:
        return math.inf
    if sd <= 0:
        return FEWEST_SEEDS
    low, high = FEWEST_SEEDS - 1, most
    if power(high, difference, sd, significance) < POWER:
        return math.inf
    while high - low > 1:
        middle = (low + high) // 2
        if power(middle, difference, sd, significance) >= POWER:
            high = middle
        else:
            low = middle
    return high
