"""Quantities of accuracy: leads, margins, the plateau, and what rate and seed account for."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from lrbench.analysis.rates import resolution as standard_error
from lrbench.analysis.rates import tie_margin
from lrbench.analysis.results import Analysis
from lrbench.analysis.runs import validation_examples
from lrbench.findings.quantities_experiment import eligible_rates
from lrbench.findings.registry import Quantities

FEWEST_FOR_SPREADS = 5  # seeds a rate under which Levene's test cannot reject
quantity = Quantities()


def _best_score(analysis: Analysis) -> float:
    """The best mean score of an eligible rate, or of any where none is eligible."""
    scores = eligible_rates(analysis)["score_mean"]
    return float((scores if len(scores) else analysis.rates["score_mean"]).max())


@quantity("sqrt(a (1 - a) / validation examples), a the best mean score")
def resolution(analysis: Analysis) -> float:
    return standard_error(_best_score(analysis), validation_examples(analysis.dataset))


@quantity("The larger of thresholds.tie and the resolution of the validation set")
def delta(analysis: Analysis) -> float:
    return tie_margin(_best_score(analysis), validation_examples(analysis.dataset), analysis.thresholds)


@quantity("Difference of two rates' mean scores")
def score_lead(analysis: Analysis, learning_rate: float, other: float) -> float:
    means = analysis.rates.set_index("learning_rate")["score_mean"]
    return float(means.loc[learning_rate] - means.loc[other])


def plateau(analysis: Analysis) -> list[float]:
    """The rates of the plateau, ascending; none where no rate is eligible."""
    found = analysis.across["plateau"]
    return list(found["rates"]) if found else []


@quantity("Number of tried rates on the plateau")
def plateau_rates(analysis: Analysis) -> float:
    return len(plateau(analysis))


@quantity("Largest rate of the plateau over its smallest")
def plateau_factor(analysis: Analysis) -> float:
    found = plateau(analysis)
    return found[-1] / found[0] if found else math.nan


@quantity("The rate that the rule of the recommendation chooses without the runs of a seed")
def choice_without_seed(analysis: Analysis, seed: int) -> float:
    choice = analysis.choice
    if choice is None:
        return math.nan
    return choice.without_seed.get(seed, choice.chosen)


@quantity("P of Levene's test (around medians) that the score spreads alike over seeds at all eligible rates")
def spread_p(analysis: Analysis) -> float:
    rates = eligible_rates(analysis)["learning_rate"]
    runs = analysis.runs.loc[analysis.runs["learning_rate"].isin(rates)]
    groups = [own["score"].to_numpy(dtype=float) for _, own in runs.groupby("learning_rate")]
    if len(groups) < 2 or min(map(len, groups)) < FEWEST_FOR_SPREADS or not any(np.ptp(group) > 0 for group in groups):
        return math.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(stats.levene(*groups, center="median").pvalue)
