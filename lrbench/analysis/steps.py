"""What analysis needs of the table with a row a step, which as a whole may be larger than memory."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from lrbench.errors import InputError
from lrbench.tables.training import EXPERIMENT_TABLES
from lrbench.wording import rate_label

RUN = ["learning_rate", "seed"]


def summarise_steps(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """A row for each run, by learning rate and seed: `rows`, `first` and `last` step, steps `non_finite` in loss.

    parts : the table in parts, each of whole runs

    Raises InputError where a part is no such table, or a run is in two of them.
    """
    summaries = [_summary(part) for part in parts]
    if not summaries:
        raise InputError("the table steps: is empty; run snakemake again to aggregate the experiment anew.")
    summary = pd.concat(summaries)
    doubled = summary.index[summary.index.duplicated()]
    if len(doubled):
        rate, seed = doubled[0]
        raise InputError(
            f"the table steps: has the run of learning rate {rate_label(rate)}, seed {seed}, in two parts; "
            "run snakemake again to aggregate the experiment anew."
        )
    return summary


def _summary(part: pd.DataFrame) -> pd.DataFrame:
    EXPERIMENT_TABLES["steps"].check(part, "the table steps")
    runs = part.assign(non_finite=~np.isfinite(part["batch_loss"])).groupby(RUN)
    steps = runs["step"]  # column by column: a run is a part, and `agg` takes longer than what it counts
    counts = {"rows": steps.size(), "first": steps.min(), "last": steps.max(), "non_finite": runs["non_finite"].sum()}
    return pd.DataFrame(counts)
