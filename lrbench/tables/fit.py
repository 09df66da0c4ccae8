"""The record of a run that was trained by `model.fit` itself: a sealed JSON file beside the experiment's tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Any

from lrbench.identity.provenance import read_sealed, write_sealed
from lrbench.tables.contracts import check_shape
from lrbench.tables.names import FIT

SHAPE = {
    "differing": int,  # weights that differ
    "epochs": [str],  # losses and accuracies of epochs that differ
    "identical": bool,
    "largest": (float, NoneType),  # difference of a weight; None where none of those that differ is a number
    "learning_rate": float,
    "run_key": str,
    "seed": int,
    "versions": dict,  # of keras, numpy and tensorflow
    "weights": int,
}


def fit_file(tables: Path) -> Path:
    """Where the record is kept of an experiment whose tables.json is here."""
    return tables.with_name(FIT)


def write_fit(path: Path, record: Mapping[str, Any]) -> None:
    """Write a record. Raises ValueError where it breaks its contract."""
    check_shape(record, SHAPE, path.name)
    write_sealed(path, record)


def read_fit(path: Path, runs: list[Mapping[str, Any]]) -> dict[str, Any] | None:
    """A record, or None where it is of no run of the experiment as it is now.

    runs : those of the experiment, as tables.json describes them

    Raises InputError where the record is damaged or changed.
    """
    record = read_sealed(path, SHAPE, "delete it, or run snakemake verify_fit again")
    return record if record["run_key"] in {run["run_key"] for run in runs} else None
