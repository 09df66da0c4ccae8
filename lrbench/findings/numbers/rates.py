"""Numbers of the experiment and of its rates' scores: leads, margins, the plateau, the grid."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol, cast

import numpy as np
import pandas as pd
from scipy import stats

from lrbench.analysis import course, runs
from lrbench.analysis.choice import comparison
from lrbench.analysis.measurements import by_seed
from lrbench.analysis.pipeline import Analysis
from lrbench.analysis.rates import resolution as standard_error
from lrbench.analysis.rates import tie_margin
from lrbench.analysis.statistics import MOST_SEEDS, POWER, seeds_to_tell_apart


class Quantity(Protocol):
    """A function of an analysis that computes one number, with the sentence that says what it computes."""

    __name__: str
    sentence: str

    def __call__(self, *arguments: Any, **named: Any) -> float:
        """The number."""


def quantity(sentence: str) -> Callable[[Callable[..., float]], Quantity]:
    """A decorator that makes a function of an analysis a quantity, and returns it otherwise unchanged.

    sentence : what the function computes, as evidence shows it. It is data, because `python -OO` removes docstrings.
    """

    def define(function: Callable[..., float]) -> Quantity:
        defined = cast(Quantity, function)
        defined.sentence = sentence
        return defined

    return define


def eligible_rates(analysis: Analysis) -> pd.DataFrame:
    """The rates whose planned runs are all present and all learned."""
    return analysis.rates.loc[analysis.rates["eligible"].astype(bool)]


def best_rate(analysis: Analysis, measure: str = "score_mean", largest: bool = True) -> float:
    """The eligible rate with the best mean of a measure; of equal ones the smallest. NaN without one."""
    rates = eligible_rates(analysis).sort_values("learning_rate")
    rates = rates.loc[np.isfinite(rates[measure])]
    if rates.empty:
        return math.nan
    row = rates[measure].idxmax() if largest else rates[measure].idxmin()
    return float(rates.loc[row, "learning_rate"])


def least_loss_rate(analysis: Analysis) -> float:
    """The eligible rate of least mean final validation loss, the recommended one where it shares that; NaN without any.

    What accuracy and loss disagree about is this rate and the recommended one, wherever that is said.
    """
    least = best_rate(analysis, "final_val_loss_mean", largest=False)
    if math.isnan(least) or analysis.choice is None:
        return least
    losses = analysis.rates.set_index("learning_rate")["final_val_loss_mean"]
    chosen = analysis.choice.chosen
    return chosen if losses.loc[chosen] == losses.loc[least] else least


@quantity("Number of rows of a table with these values")
def rows(analysis: Analysis, table: str, **where: Any) -> float:
    frame = getattr(analysis, table)
    keep = pd.Series(True, index=frame.index)
    for column, value in where.items():
        keep &= frame[column] == value
    return int(keep.sum())


@quantity("Sum of a column of a table")
def total(analysis: Analysis, table: str, column: str) -> float:
    return int(getattr(analysis, table)[column].sum())


@quantity("Planned runs less the runs there are")
def missing_runs(analysis: Analysis) -> float:
    return int(analysis.rates["planned"].sum() - analysis.rates["n"].sum())


@quantity("The least number of runs of a rate")
def fewest_seeds(analysis: Analysis) -> float:
    return int(analysis.rates["n"].min()) if len(analysis.rates) else 0


@quantity("The largest number of runs of a rate")
def most_seeds(analysis: Analysis) -> float:
    return int(analysis.rates["n"].max()) if len(analysis.rates) else 0


@quantity("1 - thresholds.significance")
def confidence_level(analysis: Analysis) -> float:
    return 1 - analysis.thresholds.significance


@quantity("A threshold of the config")
def threshold(analysis: Analysis, name: str) -> float:
    return float(getattr(analysis.thresholds, name))


@quantity("The last epoch of the table epochs")
def epochs(analysis: Analysis) -> float:
    return int(analysis.epochs["epoch"].max()) if len(analysis.epochs) else 0


@quantity("Number of last epochs that the score is a mean of: a fifth, at least 1 and at most 5")
def score_epochs(analysis: Analysis) -> float:
    return course.score_epochs(int(epochs(analysis)))


@quantity("Number of epochs in the last half, at least 3")
def last_half(analysis: Analysis) -> float:
    return course.last_half(int(epochs(analysis)))


@quantity("Examples of the validation part, from the data set's manifest")
def validation_examples(analysis: Analysis) -> float:
    return runs.validation_examples(analysis.dataset)


FEWEST_FOR_SPREADS = 5  # seeds a rate under which Levene's test cannot reject


def _best_score(analysis: Analysis) -> float:
    """The best mean score of an eligible rate, or of any where none is eligible."""
    scores = eligible_rates(analysis)["score_mean"]
    return float((scores if len(scores) else analysis.rates["score_mean"]).max())


@quantity("sqrt(a (1 - a) / validation examples), a the best mean score")
def resolution(analysis: Analysis) -> float:
    return standard_error(_best_score(analysis), runs.validation_examples(analysis.dataset))


@quantity("The larger of thresholds.tie and the resolution of the validation set")
def delta(analysis: Analysis) -> float:
    return tie_margin(_best_score(analysis), runs.validation_examples(analysis.dataset), analysis.thresholds)


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


def trained_range(analysis: Analysis) -> tuple[list[float], float | None, float | None]:
    """The unbroken run of tried rates around the recommended one all of whose runs learned, and the next on each side.

    None on a side where no tried rate is left. Without a recommended rate the range is empty.
    """
    if analysis.choice is None:
        return [], None, None
    rates = analysis.rates.sort_values("learning_rate")
    grid = [float(rate) for rate in rates["learning_rate"]]
    learned = ((rates["learned"] == rates["n"]) & (rates["n"] > 0)).tolist()
    first = last = grid.index(analysis.choice.chosen)
    while first > 0 and learned[first - 1]:
        first -= 1
    while last < len(grid) - 1 and learned[last + 1]:
        last += 1
    below = grid[first - 1] if first > 0 else None
    above = grid[last + 1] if last < len(grid) - 1 else None
    return grid[first : last + 1], below, above


@quantity("The highest over the lowest rate of the range that trains")
def trained_factor(analysis: Analysis) -> float:
    found, _, _ = trained_range(analysis)
    return found[-1] / found[0] if found else math.nan


@quantity("log10 of the highest over the lowest rate of the range that trains")
def trained_decades(analysis: Analysis) -> float:
    return math.log10(trained_factor(analysis))


@quantity("Norm of the first update over that of the weights before it, mean over seeds")
def first_update_ratio(analysis: Analysis, learning_rate: float) -> float:
    rows = analysis.evaluations.loc[analysis.evaluations["step"] == 1]
    values = by_seed(rows, "update_ratio", learning_rate).to_numpy(dtype=float)
    return float(np.mean(values)) if len(values) else math.nan


@quantity("How many times as large as another a learning rate is")
def rate_factor(_analysis: Analysis, learning_rate: float, other: float) -> float:
    return learning_rate / other


def rivals_not_told_apart(analysis: Analysis) -> list[tuple[float, pd.Series]]:
    """The rates that scores do not tell apart from the recommended one, with their comparisons, the nearest first."""
    if analysis.choice is None:
        return []
    chosen = analysis.choice.chosen
    rows = {
        float(rate): comparison(analysis.comparisons, "score", float(rate), chosen)
        for rate in analysis.rates["learning_rate"]
    }
    open_ = [(rate, row) for rate, row in rows.items() if row is not None and not row["separated"]]
    return sorted(open_, key=lambda item: (abs(float(item[1]["difference"])), item[0]))


@quantity("Seeds with which a paired t test is likely enough to tell the two scores apart, as they differ and vary")
def seeds_needed(analysis: Analysis, learning_rate: float, other: float) -> float:
    row = comparison(analysis.comparisons, "score", learning_rate, other)
    if row is None:
        return math.nan
    return seeds_to_tell_apart(float(row["difference"]), float(row["sd"]), analysis.thresholds.significance)


@quantity("Probability with which a difference is to be found")
def wanted_power(_analysis: Analysis) -> float:
    return POWER


@quantity("Number of seeds up to which the seeds needed are worked out")
def most_seeds_considered(_analysis: Analysis) -> float:
    return MOST_SEEDS


FINEST_FACTOR = 2.0  # neighbouring rates that are no farther apart are near enough: between them little can be gained


@quantity("Factor between neighbouring rates up to which none is proposed between them")
def finest_factor(_analysis: Analysis) -> float:
    return FINEST_FACTOR


# Unequal classes


def class_shares(analysis: Analysis) -> np.ndarray:
    """Each class's share of the validation data, shape (classes,)."""
    counts = np.array(analysis.dataset["parts"]["validation"]["class_counts"], dtype=float)
    return counts / counts.sum()


@quantity("The largest class's share of the validation data")
def largest_class(analysis: Analysis) -> float:
    return float(class_shares(analysis).max())


@quantity("The smallest class's share of the validation data")
def smallest_class(analysis: Analysis) -> float:
    return float(class_shares(analysis).min())
