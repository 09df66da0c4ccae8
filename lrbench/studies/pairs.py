"""Every pair of a study's variants, each at its best rate: by seed where the seeds pair, else as two samples."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lrbench.analysis.statistics import Interval, stepped, t_interval
from lrbench.studies.variants import VariantResults
from lrbench.tables.analysis import FEWEST_FOR_SPREAD, FEWEST_SEEDS
from lrbench.tables.study import PAIRS

BATCHES = {"batch_size": "batch size", "train_examples": "number of training examples", "data_options": "data options"}


def compare_pairs(variants: Sequence[VariantResults], significance: float) -> pd.DataFrame:
    """The table `pairs`; p values are corrected by Holm's method over the pairs that are compared."""
    rows: list[dict[str, Any]] = []
    samples: list[tuple[np.ndarray, ...]] = []
    for place, other_place in itertools.combinations(range(len(variants)), 2):
        one, other = variants[place], variants[other_place]
        against = _not_comparable(one, other)
        reason = against or _not_paired(one, other)
        sample: tuple[np.ndarray, ...] = ()
        if not against:
            first, second = one.scores(one.best), other.scores(other.best)
            both = (first.to_numpy(dtype=float), second.to_numpy(dtype=float))
            sample = both if reason else ((second - first).dropna().to_numpy(dtype=float),)
        n = min(map(len, sample), default=0)
        samples.append(sample)
        rows.append({"one": place, "other": other_place, "paired": not reason, "reason": reason, "n": n})
    least = [1 / min(int(variants[row[side]].across["n_validation"]) for side in ("one", "other")) for row in rows]
    plain = [_difference(sample, significance, sd) for sample, sd in zip(samples, least, strict=True)]
    adjusted, levels = stepped(np.array([one.p for one in plain], dtype=float), significance)
    for row, sample, sd, found, p, level in zip(rows, samples, least, plain, adjusted, levels, strict=True):
        told = bool(row["n"] >= FEWEST_SEEDS and p < significance)
        low, high = math.nan, math.nan
        if math.isfinite(level):
            own = _difference(sample, level, sd)
            low, high = (own.low, own.high) if p < significance else (min(own.low, 0.0), max(own.high, 0.0))
        row.update(difference=found.mean, low=low, high=high, p=found.p, p_corrected=float(p), separated=told)
    return PAIRS.frame({name: [row[name] for row in rows] for name in rows[0]})


def _not_comparable(one: VariantResults, other: VariantResults) -> str:
    """Why the scores of two variants are not compared; empty where they are."""
    if one.data != other.data or one.settings["validation"] != other.settings["validation"]:
        return "they are validated on other examples"
    lacking = [each.label for each in (one, other) if not math.isfinite(each.best)]
    return f"at no rate did every planned run of {' and of '.join(lacking)} learn" if lacking else ""


def _not_paired(one: VariantResults, other: VariantResults) -> str:
    """Why a seed does not mean the same batches in two variants of the same data; empty where it does."""
    differing = [words for key, words in BATCHES.items() if one.settings.get(key) != other.settings.get(key)]
    if differing:
        return f"a seed draws other batches, as they differ in {' and '.join(differing)}"
    shared = set(one.scores(one.best).index) & set(other.scores(other.best).index)
    return "" if shared else "they have no seed in common"


def _difference(sample: Sequence[np.ndarray], significance: float, least_sd: float) -> Interval:
    """The mean of paired differences, or the second sample's mean less the first's, with Welch's interval."""
    if len(sample) < FEWEST_FOR_SPREAD:
        return t_interval(sample[0] if sample else np.empty(0), significance, least_sd)
    first, second = sample
    n, mean = min(len(first), len(second)), float(np.mean(second) - np.mean(first))
    if n < FEWEST_FOR_SPREAD or not math.isfinite(mean):
        return Interval(n, mean, math.nan, math.nan, math.nan, math.nan)
    parts = [max(float(np.var(each, ddof=1)), least_sd**2) / len(each) for each in sample]
    error = math.sqrt(sum(parts))
    freedom = sum(parts) ** 2 / sum(part**2 / (len(each) - 1) for part, each in zip(parts, sample, strict=True))
    reach = float(stats.t.ppf(1 - significance / 2, freedom)) * error
    p = float(2 * stats.t.sf(abs(mean) / error, freedom))
    return Interval(n, mean, error * math.sqrt(n), mean - reach, mean + reach, p)
