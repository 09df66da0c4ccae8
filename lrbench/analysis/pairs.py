"""Pairs of rates over the seeds that both have: how far they are apart, and which of them are told apart."""

from __future__ import annotations

import numpy as np

from lrbench.analysis.statistics import range_critical, range_p
from lrbench.tables.analysis import FEWEST_FOR_SPREAD

PRIOR_SEEDS = 2  # the deviation that is usual among the rates counts as much as that of so many seeds


def moments(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each column how many values there are, their mean, and their variance with n - 1; shape (columns,) each.

    values : shape (seeds, columns), NaN where a seed has no value. Mean and variance are NaN where there are too few.
    """
    there = ~np.isnan(values)
    n = there.sum(axis=0)
    if there.all() and len(values) >= FEWEST_FOR_SPREAD:
        return n, values.mean(axis=0), np.var(values, axis=0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, values, 0.0).sum(axis=0) / n
        deviation = np.where(there, values - mean, 0.0)
        variance = np.where(n >= FEWEST_FOR_SPREAD, (deviation**2).sum(axis=0) / (n - 1), np.nan)
    return n, mean, variance


def usual_variance(values: np.ndarray) -> float:
    """The variance of a difference that would be usual: twice the median over rates of the variance over seeds.

    values : shape (seeds, rates), NaN where a rate has no run of a seed. The median, so that one unsteady rate does
        not make all pairs uncertain. NaN where no rate has two seeds.
    """
    _, _, variances = moments(values)
    known = variances[~np.isnan(variances)]
    return 2 * float(np.median(known)) if len(known) else np.nan


def difference_sd(differences: np.ndarray, usual: float, least_sd: float) -> np.ndarray:
    """Standard deviation of each pair's differences over seeds, shape (pairs,), raised where it may be small by luck.

    A few seeds can agree by chance. So a deviation below the usual one is drawn towards it, as if `PRIOR_SEEDS` more
    seeds had shown the usual variance; one above it stays, since a rate may really be less steady. None is below
    `least_sd`. NaN of a pair with fewer than two seeds.

    differences : shape (seeds, pairs), NaN where a pair has no such seed
    usual : the variance that `usual_variance` returns
    """
    n, _, variances = moments(differences)
    freedom = n - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = (freedom * variances + PRIOR_SEEDS * usual) / (freedom + PRIOR_SEEDS)
        return np.maximum(np.sqrt(np.maximum(variances, drawn)), least_sd)


def by_evidence(t: np.ndarray, p: np.ndarray) -> np.ndarray:
    """The places of pairs, the one that stands out most first; t and p, shape (pairs,), of each pair alone."""
    return np.lexsort((-np.abs(t), p))


def means_left(pairs: int) -> np.ndarray:
    """Against the range of how many means each of so many pairs of one rate is held, in the order of `by_evidence`.

    The pair that stands out most is held against the range of the means of all rates; each one told apart leaves one
    mean less for the next.
    """
    return np.arange(pairs + 1, 1, -1)


def against_one(t: np.ndarray, p: np.ndarray, freedom: np.ndarray, significance: float) -> np.ndarray:
    """Corrected p and critical t of the pairs of one rate with every other, shape (pairs, 2); inputs shape (pairs,)."""
    order, means = by_evidence(t, p), means_left(len(t))
    steps = [(int(pair), int(count), int(freedom[pair])) for pair, count in zip(order, means, strict=True)]
    corrected, critical = np.empty(len(t)), np.empty(len(t))
    corrected[order] = np.maximum.accumulate([range_p(float(t[pair]), count, free) for pair, count, free in steps])
    critical[order] = [range_critical(significance, count, free) for _, count, free in steps]
    return np.column_stack([corrected, critical])
