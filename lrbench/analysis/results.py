"""Everything that the measurements of one experiment say, in one value that observations and claims read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lrbench.analysis.choice import Choice
from lrbench.analysis.thresholds import Thresholds


@dataclass(frozen=True)
class Analysis:
    """One experiment's measurements and what follows from them.

    epochs, evaluations : the measured tables (lrbench.tables.training)
    runs, targets, reach, rates, comparisons : tables of lrbench.tables.analysis
    across : measures over all rates together, as `lrbench.analysis.across.across` describes them
    choice : the recommended rate and how it was chosen, or None
    recommendation : as `lrbench.findings.answer.recommend` describes it
    origin : content of tables.json: `settings`, `plan`, `expected` and `runs`
    dataset : the data set's manifest
    targets_asked : validation accuracies whose reach is timed, ascending
    """

    epochs: pd.DataFrame
    evaluations: pd.DataFrame
    runs: pd.DataFrame
    targets: pd.DataFrame
    reach: pd.DataFrame
    rates: pd.DataFrame
    comparisons: pd.DataFrame
    across: Mapping[str, Any]
    choice: Choice | None
    recommendation: Mapping[str, Any]
    origin: Mapping[str, Any]
    dataset: Mapping[str, Any]
    thresholds: Thresholds
    targets_asked: tuple[float, ...]
