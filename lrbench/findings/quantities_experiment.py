"""Quantities of an experiment as a whole: its runs, seeds, epochs and eligible rates."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from lrbench.analysis import convergence, runs
from lrbench.analysis.results import Analysis
from lrbench.findings.registry import Quantities

quantity = Quantities()


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
    return convergence.score_epochs(int(epochs(analysis)))


@quantity("Number of epochs in the last half, at least 3")
def last_half(analysis: Analysis) -> float:
    return convergence.last_half(int(epochs(analysis)))


@quantity("Examples of the validation part, from the data set's manifest")
def validation_examples(analysis: Analysis) -> float:
    return runs.validation_examples(analysis.dataset)
