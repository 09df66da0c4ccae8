"""An experiment's tables, put together from the stored runs that belong to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lrbench.errors import InputError
from lrbench.identity.provenance import read_sealed, run_key
from lrbench.learning.settings import INITIAL_WEIGHTS, RunSettings
from lrbench.learning.store import RunStore
from lrbench.tables.plan import seeds_by_rate
from lrbench.tables.training import EXPERIMENT_TABLES, RUN_TABLES

BLOCK_SHAPE = {"learning_rate": float, "runs": [{"run_key": str, "seed": int}]}


def aggregate(
    settings: Mapping[str, Any],
    plan: Mapping[str, Sequence[Any]],
    expected: Mapping[str, Any],
    blocks: Sequence[Path | str],
    store: RunStore,
) -> tuple[dict[str, Iterator[dict[str, np.ndarray]]], dict[str, Any]]:
    """The tables `epochs`, `evaluations` and `steps` of an experiment, a run at a time, and what they were made from.

    Parameters
    ----------
    settings, expected : as for `train_block`
    plan : the learning rates and seeds whose runs belong to the experiment
    blocks : what the training jobs wrote, together naming every run of the plan

    Raises
    ------
    InputError
        Where a block names a run other than the settings, data, code and versions give; where a run
        is missing, doubled or damaged.
    """
    keys = _keys(settings, plan, expected, blocks)
    runs = []
    for (learning_rate, seed), key in keys.items():
        manifest = store.manifest(key)
        runs.append(
            {
                "learning_rate": learning_rate,
                "seed": seed,
                **{name: manifest[name] for name in ("machine", "run_key", "test", "validation", "weights")},
            }
        )
    _check_beginnings(settings, runs)
    tables = {name: _parts(name, keys, store) for name in EXPERIMENT_TABLES}
    return tables, {"expected": dict(expected), "plan": dict(plan), "runs": runs, "settings": dict(settings)}


def _check_beginnings(settings: Mapping[str, Any], runs: Sequence[Mapping[str, Any]]) -> None:
    """Raise InputError where runs of one seed did not all begin with the same weights, as fresh ones do."""
    if INITIAL_WEIGHTS in settings:  # those of a rate are what the rate before ended with
        return
    begun: dict[int, Mapping[str, Any]] = {}
    for run in runs:
        first = begun.setdefault(run["seed"], run)
        if run["weights"]["initial"] != first["weights"]["initial"]:
            raise InputError(
                f"the runs of seed {run['seed']} at the learning rates {first['learning_rate']:g} and "
                f"{run['learning_rate']:g} began with other weights, so the rates cannot be compared; have the model's "
                "function draw random numbers from Keras, numpy.random or random alone and keep nothing between calls, "
                "and run snakemake again."
            )


def _parts(name: str, keys: Mapping[tuple[float, int], str], store: RunStore) -> Iterator[dict[str, np.ndarray]]:
    """One table's columns, shape (rows,) each, run by run, in the order of learning rates and seeds."""
    table = RUN_TABLES[name]
    for (learning_rate, seed), key in keys.items():
        columns = table.in_order(store.columns(key, name))
        rows = len(columns[table.key[0]])
        run = {"learning_rate": np.full(rows, learning_rate), "seed": np.full(rows, seed)}
        yield run | {name: columns[name] for name in table.columns}


def _keys(
    settings: Mapping[str, Any],
    plan: Mapping[str, Sequence[Any]],
    expected: Mapping[str, Any],
    blocks: Sequence[Path | str],
) -> dict[tuple[float, int], str]:
    """Run keys by learning rate and seed, sorted: those planned, after checking that the blocks name just these."""
    keys = {
        (rate, seed): run_key(
            RunSettings.of(settings, rate, seed).as_json(), expected["data"], expected["code"], expected["versions"]
        )
        for rate, seeds in seeds_by_rate(plan).items()
        for seed in seeds
    }
    waiting = dict(keys)
    for path in blocks:
        block = read_sealed(path, BLOCK_SHAPE)
        for run in block["runs"]:
            named = (block["learning_rate"], run["seed"])
            if waiting.pop(named, None) != run["run_key"]:
                raise InputError(
                    f"{path}: its run of learning rate {named[0]:g} and seed {named[1]} is not the one that the "
                    "settings ask for; delete the file and run snakemake again."
                )
    if waiting:
        rate, seed = next(iter(waiting))
        raise InputError(
            f"{len(waiting)} of {len(keys)} runs are in none of the blocks, learning rate {rate:g} with seed {seed} "
            "among them; run snakemake again."
        )
    return keys
