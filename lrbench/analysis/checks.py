"""Whether an experiment's tables hold what its plan says, whole runs and no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from lrbench.errors import InputError
from lrbench.tables.training import EXPERIMENT_TABLES
from lrbench.wording import rate_label

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
    rates = set(map(float, origin["plan"]["learning_rates"]))
    seeds = set(map(int, origin["plan"]["seeds"]))
    recorded = {(float(run["learning_rate"]), int(run["seed"])) for run in origin["runs"]}
    groups = {name: frame.groupby(["learning_rate", "seed"]) for name, frame in tables.items()}
    runs = {name: group.groups for name, group in groups.items()} | {"steps": steps.index}
    found = {name: {(float(rate), int(seed)) for rate, seed in keys} for name, keys in runs.items()}
    for name, present in found.items():
        for rate, seed in sorted(present):
            if rate not in rates:
                raise InputError(
                    f"the table {name} has learning rate {rate_label(rate)}, which is not in the plan; {AGAIN}."
                )
            if seed not in seeds:
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
