"""The measured tables: whether they hold whole runs and no others, and per-seed values drawn from them.

Seeds are paired: the same seed gives two learning rates the same first weights and the same batches.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lrbench.analysis.statistics import t_interval
from lrbench.errors import InputError
from lrbench.tables.plan import seeds_by_rate
from lrbench.tables.training import EXPERIMENT_TABLES
from lrbench.wording import rate_label

STATISTICS = ("mean", "low", "high")


def interval_of(values: pd.Series, significance: float) -> dict[str, float]:
    """Mean over seeds and the ends of its t interval, NaN where there are too few seeds or one is not finite."""
    found = t_interval(values.to_numpy(dtype=float), significance)
    return {name: getattr(found, name) for name in STATISTICS}


def by_seed(frame: pd.DataFrame, column: str, learning_rate: float) -> pd.Series:
    """One value for each seed of a rate, from a table with one row per run; index: seed."""
    return frame.loc[frame["learning_rate"] == learning_rate].set_index("seed")[column].sort_index()


def history(frame: pd.DataFrame, column: str, learning_rate: float, index: str = "epoch") -> pd.DataFrame:
    """A rate's histories of one column, shape (steps or epochs, seeds)."""
    rows = frame.loc[frame["learning_rate"] == learning_rate]
    return rows.pivot(index=index, columns="seed", values=column).sort_index().sort_index(axis=1)


def samples(frame: pd.DataFrame, column: str) -> dict[float, np.ndarray]:
    """By rate one value for each of its seeds, shape (seeds,), from a table with one row per run."""
    return {rate: values[:, 0] for rate, values in sampled_histories(frame, column, []).items()}


def sampled_histories(frame: pd.DataFrame, column: str, index: Sequence[str] = ("epoch",)) -> dict[float, np.ndarray]:
    """By rate the histories of its seeds in one column, shape (seeds, epochs), from a table of whole runs."""
    ordered = frame.sort_values(["learning_rate", "seed", *index])
    rates, values = ordered["learning_rate"].to_numpy(), ordered[column].to_numpy(dtype=float)
    length = len(ordered) // max(len(ordered[["learning_rate", "seed"]].drop_duplicates()), 1)
    return {float(rate): values[rates == rate].reshape(-1, length) for rate in np.unique(rates)}


def epoch_ends(evaluations: pd.DataFrame) -> pd.DataFrame:
    """The evaluations at the end of an epoch."""
    epoch = evaluations["epoch"]
    return evaluations.loc[(epoch >= 1) & (epoch == epoch.round())]


def paired_differences(first: pd.Series, second: pd.Series) -> pd.Series:
    """First - second in the seeds that both have; index: seed."""
    seeds = first.index.intersection(second.index).sort_values()
    return first.loc[seeds] - second.loc[seeds]


def fitted_changes(histories: pd.DataFrame) -> pd.Series:
    """Change of each seed's history over its whole length, by the slope of a least-squares line; index: seed."""
    values = histories.to_numpy(dtype=float)
    if len(values) < 2:
        return pd.Series(math.nan, index=histories.columns)
    steps = np.arange(len(values)) - (len(values) - 1) / 2
    slopes = steps @ values / (steps @ steps)
    return pd.Series(slopes * (len(values) - 1), index=histories.columns)


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


Run = tuple[float, int]
AGAIN = "run snakemake again to aggregate the experiment anew"


def check_measurements(
    epochs: pd.DataFrame, evaluations: pd.DataFrame, steps: pd.DataFrame, origin: Mapping[str, Any]
) -> None:
    """Raise InputError unless the tables hold whole runs, each in the plan and each in every table.

    steps : the summary of `summarise_steps`, whose rows are checked already

    A planned run that is in no table is no error: its rate is incomplete.
    """
    tables = {"epochs": epochs, "evaluations": evaluations}
    for name, frame in tables.items():
        EXPERIMENT_TABLES[name].check(frame, f"the table {name}")
    planned = seeds_by_rate(origin["plan"])
    recorded = {(float(run["learning_rate"]), int(run["seed"])) for run in origin["runs"]}
    groups = {name: frame.groupby(["learning_rate", "seed"]) for name, frame in tables.items()}
    runs = {name: group.groups for name, group in groups.items()} | {"steps": steps.index}
    found = {name: {(float(rate), int(seed)) for rate, seed in keys} for name, keys in runs.items()}
    for name, present in found.items():
        for rate, seed in sorted(present):
            if rate not in planned:
                raise InputError(
                    f"the table {name} has learning rate {rate_label(rate)}, which is not in the plan; {AGAIN}."
                )
            if seed not in planned[rate]:
                raise InputError(f"the table {name} has seed {seed}, which is not in the plan; {AGAIN}.")
        for run in sorted(present ^ recorded):
            where, lacking = (name, "tables.json") if run in present else ("tables.json", f"the table {name}")
            raise InputError(f"{_named(run)} is in {where} but not in {lacking}; {AGAIN}.")
    if not recorded:
        raise InputError(f"the tables hold no run at all; {AGAIN}.")
    _check_whole(groups, steps, int(origin["settings"]["epochs"]))


def _named(run: Run) -> str:
    return f"the run of learning rate {rate_label(run[0])}, seed {run[1]},"


def _check_whole(groups: Mapping[str, Any], steps: pd.DataFrame, epochs: int) -> None:
    for key, part in groups["epochs"]:
        if sorted(part["epoch"]) != list(range(1, epochs + 1)):
            raise InputError(f"{_named(key)} has other epochs than 1 to {epochs} in the table epochs; {AGAIN}.")
    last_step = {}
    for key, part in groups["evaluations"]:
        if not {0, *range(1, epochs + 1)} <= set(part["epoch"]) or part["epoch"].max() > epochs:
            raise InputError(
                f"{_named(key)} lacks an evaluation before training or at the end of one of {epochs} epochs; {AGAIN}."
            )
        last_step[key] = int(part["step"].max())
    for run in steps.itertuples():
        count = last_step[run.Index]
        if (run.rows, run.first, run.last) != (count, 1, count):
            raise InputError(f"{_named(run.Index)} has other steps than 1 to {count} in the table steps; {AGAIN}.")
