"""A stored run trained once more, here and now, and held against what is stored: every weight, every row."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lrbench.data.sources import data_digest, read_dataset
from lrbench.data.split import split
from lrbench.errors import InputError, WorkError
from lrbench.identity.code import code_digest
from lrbench.identity.provenance import read_sealed, run_key
from lrbench.learning.jobs import machine, measured, say
from lrbench.learning.models import MODULES, Learners, engine_of, set_up
from lrbench.learning.settings import RunSettings
from lrbench.learning.store import RunStore
from lrbench.tables.training import RUN_TABLES

TABLES_SHAPE = {"runs": [{"learning_rate": float, "run_key": str, "seed": int}]}
CAUSES = {"data": "the data", "code": "lrbench's code", "versions": "library versions", "machine": "the machine"}


def choose_run(tables: Sequence[Path | str], run: str | None, draw: int | None) -> tuple[str, int]:
    """The key of a run of some experiments, and the place among them of the one that it belongs to.

    Parameters
    ----------
    tables : tables.json of each experiment
    run : the first characters of a run's key; None to draw one
    draw : seed of the draw, None for another one each time

    Raises InputError unless exactly one run's key begins so.
    """
    runs: dict[str, int] = {}
    for place, path in enumerate(tables):
        runs |= {found["run_key"]: place for found in read_sealed(path, TABLES_SHAPE)["runs"]}
    named = sorted(key for key in runs if key.startswith(run or ""))
    if not named or (run is not None and len(named) > 1):
        raise InputError(
            f"{len(named)} of {len(runs)} runs have a key that begins with {run!r}; "
            f"give more of one that {' or '.join(map(str, tables))} names."
        )
    key = random.Random(draw).choice(named)  # noqa: S311  # which run, no secret
    return key, runs[key]


def stored_run(key: str, store: RunStore) -> tuple[dict[str, Any], RunSettings]:
    """The manifest and the settings of a stored run.

    Raises InputError where it is missing, damaged, or not the one its key stands for.
    """
    manifest = store.manifest(key)
    origin = manifest["key"]
    try:
        settings = dict(origin["settings"])
        run = RunSettings.of(settings, settings.pop("learning_rate"), settings.pop("seed"))
        stored_key = run_key(run.as_json(), origin["data"], origin["code"], origin["versions"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{store.path(key)}: its manifest does not say how it was trained; delete it.") from error
    if stored_key != key:
        raise InputError(f"{store.path(key)}: its manifest says it is run {stored_key}; delete it.")
    return manifest, run


def named(run: RunSettings, key: str) -> str:
    """A stored run as sentences call it."""
    return f"the run of learning rate {run.learning_rate:g} and seed {run.seed} ({key[:12]})"


def verify(key: str, dataset: str, store: RunStore, model: str | None = None) -> str:
    """Train a stored run anew and compare; a sentence that says they are the same.

    model : the file of the run's own model, if it has one

    Raises
    ------
    InputError
        Where the stored run is missing, damaged, or not the one its key stands for.
    WorkError
        Where any weight or row differs; says which, and what else differs that could explain it.
    """
    manifest, run = stored_run(key, store)
    origin, settings = manifest["key"], run.as_json()
    stored = {name: store.table(key, name) for name in RUN_TABLES}

    versions = set_up(settings)
    from lrbench.learning.carried import Beginnings
    from lrbench.learning.training import TensorData, train, weights_fingerprint

    parts = read_dataset(dataset, settings.get("data_options"))
    here = {
        "code": code_digest(MODULES[engine_of(settings)]),
        "data": data_digest(parts),
        "machine": machine(),
        "versions": versions,
    }
    data = TensorData(split(parts, run.as_json()))
    learner = Beginnings(Learners(settings, model), data, store, origin)(run, say)
    history = train(run, data, learner, say)
    again = history.tables()
    weights = {
        "initial": weights_fingerprint(history.initial_weights),
        "final": weights_fingerprint(history.weights),
    }
    found = [f"{name} weights" for name, value in weights.items() if manifest["weights"].get(name) != value]
    found += [difference for name in RUN_TABLES if (difference := _difference(name, stored[name], again[name]))]
    if measured(history.test) != manifest["test"]:
        found.append("the measurement on the test set")
    if history.class_correct.tolist() != manifest["validation"]["class_correct"]:
        found.append("the validation examples of each class that are classified correctly")
    if found:
        raise WorkError(
            f"{named(run, key)} came out otherwise than stored in {', '.join(found)}; "
            f"{_causes({**origin, 'machine': manifest['machine']}, here)}."
        )
    rows = sum(map(len, stored.values()))
    return f"{named(run, key)} came out the same: every weight, and all of its {rows} rows, bit for bit."


def _difference(name: str, stored: pd.DataFrame, columns: Mapping[str, np.ndarray]) -> str:
    """How a table differs: in how many rows, and by how much at most; empty where it does not."""
    again = RUN_TABLES[name].frame(columns)
    if len(again) != len(stored):
        return f"{name} ({len(stored)} rows stored, {len(again)} now)"
    apart = np.zeros(len(stored), bool)
    most = 0.0
    for column in stored:
        before, now = stored[column].to_numpy(), again[column].to_numpy()
        other = ~((before == now) | (pd.isna(before) & pd.isna(now)))
        apart |= other
        if other.any():
            most = float(np.max([most, *np.abs(before[other] - now[other])]))
    return f"{name} ({apart.sum()} of {len(stored)} rows, by {most:.2g} at most)" if apart.any() else ""


def _causes(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What else than the result differs."""
    others = [
        f"{text} ({_shown(before[name])} then, {_shown(now[name])} now)"
        for name, text in CAUSES.items()
        if before[name] != now[name]
    ]
    if others:
        return f"what differs beside it: {', '.join(others)}"
    return "neither the machine nor the versions, code or data differ, so what is stored was not computed by them"


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{name} {value[name]}" for name in sorted(value))
    return str(value)[:12]
