"""Quantities of accuracy: leads, margins, the plateau, and what rate and seed account for."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from lrbench.analysis import statistics
from lrbench.analysis.quantities_experiment import eligible_rates
from lrbench.analysis.rates import resolution as standard_error
from lrbench.analysis.rates import tie_margin
from lrbench.analysis.registry import Quantities
from lrbench.analysis.results import Analysis
from lrbench.analysis.runs import validation_examples

quantity = Quantities()


def _best_score(analysis: Analysis) -> float:
    """The best mean score of an eligible rate, or of any where none is eligible."""
    scores = eligible_rates(analysis)["score_mean"]
    return float((scores if len(scores) else analysis.rates["score_mean"]).max())


@quantity
def resolution(analysis: Analysis) -> float:
    """sqrt(a (1 - a) / validation examples), a the best mean score"""
    return standard_error(_best_score(analysis), validation_examples(analysis.dataset))


@quantity
def delta(analysis: Analysis) -> float:
    """The larger of thresholds.tie and the resolution of the validation set"""
    return tie_margin(_best_score(analysis), validation_examples(analysis.dataset), analysis.thresholds)


@quantity
def score_lead(analysis: Analysis, learning_rate: float, other: float) -> float:
    """Difference of two rates' mean scores"""
    means = analysis.rates.set_index("learning_rate")["score_mean"]
    return float(means.loc[learning_rate] - means.loc[other])


def plateau(analysis: Analysis) -> list[float]:
    """The rates of the plateau, ascending; none where no rate is eligible."""
    found = analysis.across["plateau"]
    return list(found["rates"]) if found else []


@quantity
def plateau_rates(analysis: Analysis) -> float:
    """Number of tried rates on the plateau"""
    return len(plateau(analysis))


@quantity
def plateau_factor(analysis: Analysis) -> float:
    """Largest rate of the plateau over its smallest"""
    found = plateau(analysis)
    return found[-1] / found[0] if found else math.nan


def _scores(analysis: Analysis) -> np.ndarray:
    """Scores of the eligible rates, shape (rates, seeds), in the seeds that all of them have."""
    rates = eligible_rates(analysis)["learning_rate"]
    runs = analysis.runs.loc[analysis.runs["learning_rate"].isin(rates)]
    return runs.pivot(index="learning_rate", columns="seed", values="score").dropna(axis=1).to_numpy(dtype=float)


@quantity
def variance_share(analysis: Analysis, source: str) -> float:
    """Eta squared of the score over eligible rates and seeds: of the rate, of the seed, or of neither"""
    shares = statistics.variance_shares(_scores(analysis))
    if shares is None:
        return math.nan
    rate, seed = shares
    return {"rate": rate, "seed": seed, "neither": max(0.0, 1 - rate - seed)}[source]


@quantity
def chance_share(analysis: Analysis) -> float:
    """Share of the spread that a factor without effect takes on average: (rates - 1) / (runs - 1)"""
    scores = _scores(analysis)
    return (scores.shape[0] - 1) / (scores.size - 1) if scores.size > 1 else math.nan


@quantity
def rate_effect_p(analysis: Analysis) -> float:
    """P of the F test that the rate makes no difference to the score, seeds as blocks; rest at least one example"""
    scores = _scores(analysis)
    rates, seeds = scores.shape
    if min(rates, seeds) < 2 or not np.isfinite(scores).all():
        return math.nan
    of_rate, of_seed = (scores.mean(axis=axis, keepdims=True) for axis in (1, 0))
    rate = float(((of_rate - scores.mean()) ** 2).sum()) * seeds / (rates - 1)
    freedom = (rates - 1) * (seeds - 1)
    rest = float(((scores - of_rate - of_seed + scores.mean()) ** 2).sum()) / freedom
    examples = validation_examples(analysis.dataset)
    least = (1 / examples) ** 2 / 2  # half the variance that a difference is taken to have at least
    return float(stats.f.sf(rate / max(rest, least), rates - 1, freedom))


@quantity
def spread_p(analysis: Analysis) -> float:
    """P of Levene's test (around medians) that the score spreads alike over seeds at all eligible rates"""
    groups = _scores(analysis)
    if groups.shape[0] < 2 or groups.shape[1] < 3 or not (groups.std(axis=1) > 0).any():
        return math.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(stats.levene(*groups, center="median").pvalue)
