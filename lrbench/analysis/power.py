"""How many seeds it takes to tell two rates apart."""

from __future__ import annotations

import math

import numpy as np
from scipy import special, stats

from lrbench.analysis.statistics import FEWEST_FOR_SEPARATION

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
        return FEWEST_FOR_SEPARATION
    low, high = FEWEST_FOR_SEPARATION - 1, most
    if power(high, difference, sd, significance) < POWER:
        return math.inf
    while high - low > 1:
        middle = (low + high) // 2
        if power(middle, difference, sd, significance) >= POWER:
            high = middle
        else:
            low = middle
    return high
