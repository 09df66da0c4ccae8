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
from lrbench.tables.training import EXPERIMENT_TABLES, RUN, Run, by_run
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


def summarise_steps(parts: Iterable[Mapping[str, np.ndarray] | pd.DataFrame]) -> pd.DataFrame:
    """A row for each run, by learning rate and seed: `rows`, `first` and `last` step, steps `non_finite` in loss.

    parts : the table in parts, each of whole runs

    Raises InputError where a part is no such table, or a run is in two of them.
    """
    summary: dict[Run, tuple[int, ...]] = {}
    part = None
    for part in parts:
        EXPERIMENT_TABLES["steps"].check(part, "the table steps")
        for run, columns in by_run(part, "step"):
            if run in summary:
                raise InputError(
                    f"the table steps: has the run of learning rate {rate_label(run[0])}, seed {run[1]}, in two parts; "
                    "run snakemake again to aggregate the experiment anew."
                )
            step, loss = columns["step"], columns["batch_loss"]
            non_finite = len(loss) - int(np.count_nonzero(np.isfinite(loss)))
            summary[run] = len(step), int(step[0]), int(step[-1]), non_finite
    if part is None:
        raise InputError("the table steps: is empty; run snakemake again to aggregate the experiment anew.")
    index = pd.MultiIndex.from_tuples(list(summary), names=list(RUN))
    return pd.DataFrame(list(summary.values()), index, ["rows", "first", "last", "non_finite"], dtype="int64")


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
    parts = {"epochs": dict(by_run(epochs, "epoch")), "evaluations": dict(by_run(evaluations, "step"))}
    runs = {name: part.keys() for name, part in parts.items()} | {"steps": steps.index}
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
    _check_whole(parts, steps, int(origin["settings"]["epochs"]))


def _named(run: Run) -> str:
    return f"the run of learning rate {rate_label(run[0])}, seed {run[1]},"


def _check_whole(parts: Mapping[str, Mapping[Run, Mapping[str, np.ndarray]]], steps: pd.DataFrame, epochs: int) -> None:
    for key, part in parts["epochs"].items():
        if part["epoch"].tolist() != list(range(1, epochs + 1)):
            raise InputError(f"{_named(key)} has other epochs than 1 to {epochs} in the table epochs; {AGAIN}.")
    last_step = {}
    for key, part in parts["evaluations"].items():
        if not {0, *range(1, epochs + 1)} <= set(part["epoch"].tolist()) or part["epoch"].max() > epochs:
            raise InputError(
                f"{_named(key)} lacks an evaluation before training or at the end of one of {epochs} epochs; {AGAIN}."
            )
        last_step[key] = int(part["step"].max())
    for run in steps.itertuples():
        count = last_step[run.Index]
        if (run.rows, run.first, run.last) != (count, 1, count):
            raise InputError(f"{_named(run.Index)} has other steps than 1 to {count} in the table steps; {AGAIN}.")
