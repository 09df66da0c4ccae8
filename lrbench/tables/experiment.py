"""The tables of one experiment as a whole: `tables.json` says what they are made from and what bytes they have.

A stage that reads them says which experiment it was asked for, so tables of other settings, or a
table changed since, are refused and never mixed into a result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np
import pandas as pd

from lrbench.errors import InputError
from lrbench.identity.provenance import file_digest, read_sealed
from lrbench.tables.format import Columns, read_csv, read_parquet_parts, write_csv, write_parquet_parts
from lrbench.tables.index import read_index, write_index
from lrbench.tables.training import EXPERIMENT_TABLES


def _class_counts(value: Any) -> bool:
    """Whether a JSON value is a list of how many examples each class has, in all at least one."""
    whole = isinstance(value, list) and all(type(count) is int and count >= 0 for count in value)
    return whole and sum(value) > 0


SHAPE = {
    "expected": {"code": str, "data": str, "versions": dict},
    "plan": dict,
    "runs": [
        {
            "learning_rate": float,
            "machine": {"architecture": str, "cpu": str, "system": str},
            "run_key": str,
            "seed": int,
            "validation": {"class_correct": [int]},
            "test": (NoneType, {"accuracy": (float, NoneType), "loss": (float, NoneType)}),
            "weights": {"final": str, "finite": bool, "initial": str},
        }
    ],
    "settings": dict,
}
SPLIT = ("train_examples", "validation", "data_options")  # the settings that decide which examples are taken
MANIFEST = {
    "class_names": ([str], NoneType),
    "classes": int,
    "digest": str,
    "files": dict,
    "image_shape": [int],
    "parts": {name: {"class_counts": _class_counts, "examples": int} for name in ("train", "validation")},
    "split": dict,
}


@dataclass(frozen=True)
class ExperimentTables:
    """An experiment's measurements and their origin.

    origin : `settings`, `plan`, `expected` (digests and versions) and `runs` (one mapping a run)
    digest : of tables.json, and so of everything above
    """

    epochs: pd.DataFrame
    evaluations: pd.DataFrame
    steps: Path
    origin: Mapping[str, Any]
    digest: str


def write_tables(
    tables: Mapping[str, Iterable[Columns]], files: Mapping[str, Path], origin: Mapping[str, Any], path: Path
) -> None:
    """Write tables, each to its file, and last of all what they are made from and their digests.

    tables : each in parts, in order, of whole runs; a Parquet file has its rows in the same parts
    """
    for name, parts in tables.items():
        table = EXPERIMENT_TABLES[name]
        if files[name].suffix == ".csv":
            write_csv(table.joined(parts), table, files[name])
        else:
            write_parquet_parts(parts, table, files[name])
    write_index(path, files, origin)


def read_tables(path: Path, settings: Mapping[str, Any], plan: Mapping[str, Any]) -> ExperimentTables:
    """An experiment's tables, found beside their tables.json.

    Raises InputError where they are of other settings or runs than asked for, or have changed since.
    """
    origin, files = read_origin(path, settings, plan)
    return ExperimentTables(
        epochs=read_csv(files["epochs"], EXPERIMENT_TABLES["epochs"]),
        evaluations=read_csv(files["evaluations"], EXPERIMENT_TABLES["evaluations"]),
        steps=files["steps"],
        origin=origin,
        digest=file_digest(path),
    )


def read_origin(
    path: Path, settings: Mapping[str, Any], plan: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Path]]:
    """The content of tables.json, and the tables' files by name; raises as `read_tables` does."""
    origin, files = read_index(path, EXPERIMENT_TABLES, SHAPE)
    if origin["settings"] != settings or origin["plan"] != plan:
        raise InputError(f"{path}: is of other settings than those asked for; delete it and run snakemake again.")
    return origin, files


def check_tables(path: Path) -> None:
    """Raise InputError where an experiment's tables have changed since their tables.json was written."""
    read_index(path, EXPERIMENT_TABLES, SHAPE)


def read_manifest(path: Path, tables: ExperimentTables) -> dict[str, Any]:
    """The manifest of the data set that an experiment was trained on.

    Raises InputError where it has changed since it was written, or is of other data, or of other parts of them, than
    the tables.
    """
    manifest = read_sealed(path, MANIFEST)
    split = {name: tables.origin["settings"][name] for name in SPLIT if name in tables.origin["settings"]}
    if manifest["digest"] != tables.origin["expected"]["data"] or manifest["split"] != split:
        raise InputError(f"{path}: is of other data than the tables; delete it and run snakemake again.")
    return manifest


def steps_in_parts(tables: ExperimentTables) -> Iterator[dict[str, np.ndarray]]:
    """The columns of the large table, shape (rows,) each, a part of whole runs at a time."""
    return read_parquet_parts(tables.steps, EXPERIMENT_TABLES["steps"])
