"""The tables of one experiment as a whole: `tables.json` says what they are made from and what bytes they have.

A stage that reads them says which experiment it was asked for, so tables of other settings, or a
table changed since, are refused and never mixed into a result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lrbench.errors import InputError
from lrbench.provenance import file_digest, read_json, write_json
from lrbench.tables.format import read_csv, read_parquet_parts, write_csv, write_parquet_parts
from lrbench.tables.training import EXPERIMENT_TABLES

SHAPE = {
    "expected": {"code": str, "data": str, "versions": dict},
    "files": {name: {"name": str, "sha256": str} for name in EXPERIMENT_TABLES},
    "plan": dict,
    "runs": [{"learning_rate": float, "run_key": str, "seed": int, "weights": dict}],
    "settings": dict,
}


@dataclass(frozen=True)
class ExperimentTables:
    """An experiment's measurements and their origin.

    origin : `settings`, `plan`, `expected` (digests and versions) and `runs` (one mapping a run)
    """

    epochs: pd.DataFrame
    evaluations: pd.DataFrame
    steps: Path
    origin: Mapping[str, Any]


def write_tables(
    tables: Mapping[str, Iterable[pd.DataFrame]], files: Mapping[str, Path], origin: Mapping[str, Any], path: Path
) -> None:
    """Write tables, each to its file, and last of all what they are made from and their digests.

    tables : each in parts, in order, of whole runs; a Parquet file has its rows in the same parts
    """
    for name, parts in tables.items():
        table = EXPERIMENT_TABLES[name]
        if files[name].suffix == ".csv":
            write_csv(pd.concat(parts, ignore_index=True), table, files[name])
        else:
            write_parquet_parts(parts, table, files[name])
    digests = {name: {"name": file.name, "sha256": file_digest(file)} for name, file in files.items()}
    write_json(path, {**origin, "files": digests})


def read_tables(path: Path, settings: Mapping[str, Any], plan: Mapping[str, Any]) -> ExperimentTables:
    """An experiment's tables, found beside their tables.json.

    Raises InputError where they are of other settings or runs than asked for, or have changed since.
    """
    origin = read_json(path, SHAPE)
    if origin["settings"] != settings or origin["plan"] != plan:
        raise InputError(f"{path}: is of other settings than those asked for; delete it and run snakemake again.")
    for name in EXPERIMENT_TABLES:
        named = origin["files"][name]["name"]
        if named in ("", ".", "..") or "/" in named or "\0" in named:
            raise InputError(f"{path}: names {named!r} as the file of {name}; delete it and run snakemake again.")
    files = {name: path.with_name(origin["files"][name]["name"]) for name in EXPERIMENT_TABLES}
    for name, file in files.items():
        try:
            digest = file_digest(file)
        except OSError as error:
            raise InputError(f"{file}: cannot be read ({error.strerror}); run snakemake again.") from error
        if digest != origin["files"][name]["sha256"]:
            raise InputError(f"{file}: has changed since {path} was written; delete it and run snakemake again.")
    return ExperimentTables(
        epochs=read_csv(files["epochs"], EXPERIMENT_TABLES["epochs"]),
        evaluations=read_csv(files["evaluations"], EXPERIMENT_TABLES["evaluations"]),
        steps=files["steps"],
        origin=origin,
    )


def steps_in_parts(tables: ExperimentTables) -> Iterator[pd.DataFrame]:
    """The large table, a part of whole runs at a time."""
    return read_parquet_parts(tables.steps, EXPERIMENT_TABLES["steps"])
