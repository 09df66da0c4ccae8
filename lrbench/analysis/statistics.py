"""Statistics for few seeds: t intervals, paired comparisons, Holm's correction, shares of variance.

With three to ten seeds a bootstrap is far too sure of itself; Student's t is not, as long as differences between
seeds are roughly normal. Everything here is deterministic: where numbers are drawn, the generator is seeded.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lrbench.tables.analysis import COMPARISONS, STATISTICS

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


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's adjusted p values, shape (tests,): each NaN stays NaN and counts as no test (Holm 1979)."""
    adjusted = np.full(len(p), math.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    return adjusted


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


def compare_rates(
    runs: pd.DataFrame, measures: Mapping[str, str], n_validation: int, significance: float
) -> pd.DataFrame:
    """Every pair of rates that have runs that learned, compared seed by seed: the table `comparisons`.

    Runs of one seed share their first weights and their batches, so their difference is freer of noise than
    either. Seeds count where both runs learned. The standard deviation of differences is at least
    1 / n_validation: for accuracies that is one example, for losses one example whose predicted probability
    changes by the factor e. Holm's correction is over all pairs of a measure.

    runs : the table `runs`; measures : name of a measure, and the column of runs that holds it
    """
    learned = runs[runs["outcome"] == "learned"]
    parts = []
    for measure, column in measures.items():
        by_seed = learned.pivot(index="seed", columns="learning_rate", values=column)
        present = learned.assign(present=True).pivot(index="seed", columns="learning_rate", values="present").notna()
        rows = []
        for lower, higher in itertools.combinations(sorted(by_seed.columns), 2):
            both = (present[lower] & present[higher]).to_numpy()
            difference = (by_seed[higher] - by_seed[lower]).to_numpy()[both]
            found = t_interval(difference, significance, least_sd=1 / n_validation)
            rows.append((higher, lower, measure, found.n, found.mean, found.sd, found.low, found.high, found.p))
        names = ["higher", "lower", "measure", "n", "difference", "sd", "low", "high", "p"]
        part = pd.DataFrame(rows, columns=names)
        part["p_holm"] = holm(part["p"].to_numpy(dtype=float))
        parts.append(part)
    pairs = pd.concat(parts, ignore_index=True)
    pairs["separated"] = (pairs["n"] >= FEWEST_FOR_SEPARATION) & (pairs["p_holm"] < significance)
    return COMPARISONS.frame(dict(pairs.items()))


def comparison(comparisons: pd.DataFrame, measure: str, one: float, other: float) -> pd.Series | None:
    """The row of `comparisons` for two rates in either order, or None."""
    found = comparisons[
        (comparisons["measure"] == measure)
        & (comparisons["higher"] == max(one, other))
        & (comparisons["lower"] == min(one, other))
    ]
    return None if found.empty else found.iloc[0]


def probability_best(scores: Mapping[float, np.ndarray], least_sd: float) -> dict[float, float]:
    """For each rate the probability that its true mean score is the highest, by Monte Carlo.

    Each mean is drawn from mean + t(n - 1) sd / sqrt(n), with a generator that the rate itself seeds, so no
    rate's draws depend on which others there are. Draws that tie are shared. Empty under five seeds.

    scores : scores of each rate's runs, shape (n,), finite; least_sd : as for `t_interval`
    """
    rates = sorted(rate for rate, values in scores.items() if len(values) >= FEWEST_FOR_PROBABILITY)
    if len(rates) < len(scores) or not rates:
        return {}
    draws = np.empty((len(rates), DRAWS))
    for row, rate in enumerate(rates):
        n = len(scores[rate])
        generator = np.random.default_rng(int(np.float64(rate).view(np.uint64)))
        error = max(float(np.std(scores[rate], ddof=1)), least_sd) / math.sqrt(n)
        draws[row] = float(np.mean(scores[rate])) + error * generator.standard_t(n - 1, DRAWS)
    best = draws == draws.max(axis=0)
    return dict(zip(rates, (best / best.sum(axis=0)).mean(axis=1).tolist(), strict=True))


def variance_shares(scores: np.ndarray) -> tuple[float, float] | None:
    """Eta squared of rates and of seeds: their shares of the sum of squares of scores, shape (rates, seeds).

    None under two rates or two seeds, or where all scores are the same or one is not finite.
    """
    if min(scores.shape) < FEWEST_FOR_SPREAD or not np.isfinite(scores).all():
        return None
    centred = scores - scores.mean()
    total = float((centred**2).sum())
    if total == 0 or np.ptp(scores) == 0:
        return None
    rates = float((centred.mean(axis=1) ** 2).sum()) * scores.shape[1] / total
    seeds = float((centred.mean(axis=0) ** 2).sum()) * scores.shape[0] / total
    return rates, seeds


def performance_profile(steps: np.ndarray, factors: Sequence[float]) -> np.ndarray:
    """Share of problems that each rate solves within each factor of the fastest rate (Dolan and Moré 2002).

    steps : shape (rates, problems), infinite where a rate never gets there; returns shape (rates, factors).
    A problem that no rate solves counts as unsolved by all.
    """
    fastest = steps.min(axis=0)
    shares = [((steps <= factor * fastest) & np.isfinite(steps)).mean(axis=1) for factor in factors]
    return np.stack(shares, axis=1)
