"""The run store: finished runs, each in a folder named by its run key, written whole or not at all.

    <store>/<run key>/epochs.parquet evaluations.parquet predictions.parquet steps.parquet manifest.json execution.json
    <store>/<run key>.npz   the variables that a run ended with, where another run began or may begin with them

What stands there was checked when it was written and is checked, against the digests in its manifest,
whenever it is taken. Several processes may write to one store: whoever finishes a run first keeps it,
and the others take that one.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lrbench.errors import InputError
from lrbench.identity.provenance import atomic_path, file_digest, read_sealed, sync, write_json, write_sealed
from lrbench.tables.format import read_columns, write_parquet
from lrbench.tables.training import RUN_TABLES

MANIFEST = "manifest.json"
CLAIMS = ".claims"
CLAIM_DIGITS = 15  # of a run key: places in a file have 63 bits
REPAIR = "run snakemake with --forcerun train, which trains that run again"
MANIFEST_SHAPE = {
    "files": {f"{name}.parquet": str for name in RUN_TABLES},
    "engine": str,
    "key": dict,
    "machine": dict,
    "run_key": str,
    "test": object,
    "validation": {"class_correct": [int]},
    "weights": dict,
}


class RunStore:
    """Runs by key."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    def path(self, key: str) -> Path:
        """Where a run is kept."""
        return self.folder / key

    def holds(self, key: str) -> bool:
        """Whether a run is there and is what its manifest says. A damaged one is moved aside, not lost."""
        if not self.path(key).is_dir():
            return False
        try:
            self.manifest(key)
        except InputError as error:
            aside = self.folder / f".{key}.damaged-{secrets.token_hex(4)}"
            os.rename(self.path(key), aside)
            print(f"{error} That is done now: the damaged folder is kept as {aside.name}.", flush=True)
            return False
        return True

    def manifest(self, key: str) -> dict[str, Any]:
        """A run's manifest, after checking that it is this run's and that every file has its digest."""
        path = self.path(key) / MANIFEST
        manifest = read_sealed(path, MANIFEST_SHAPE, REPAIR)
        if manifest["run_key"] != key:
            raise InputError(f"{path}: is of run {manifest['run_key']}; {REPAIR}.")
        for name in (f"{table}.parquet" for table in RUN_TABLES):
            expected = manifest["files"][name]
            try:
                found = file_digest(self.path(key) / name)
            except OSError:
                found = None
            if found != expected:
                raise InputError(
                    f"{self.path(key) / name}: does not have the digest that its manifest gives; {REPAIR}."
                )
        return manifest

    def table(self, key: str, name: str) -> pd.DataFrame:
        """One of a run's tables: epochs, evaluations or steps."""
        return pd.DataFrame(self.columns(key, name))

    def columns(self, key: str, name: str) -> dict[str, np.ndarray]:
        """The columns of one of a run's tables, shape (rows,) each."""
        return read_columns(self.path(key) / f"{name}.parquet", RUN_TABLES[name])

    def keep_variables(self, key: str, variables: Sequence[np.ndarray]) -> None:
        """Keep the variables of a run's model after training, in their order; see `lrbench.learning.carried`."""
        with atomic_path(self._variables_path(key)) as path, path.open("wb") as file:
            np.savez(file, *variables)

    def variables(self, key: str) -> list[np.ndarray] | None:
        """The variables that were kept of a run, in their order; None where none are there, or they are damaged."""
        try:
            with np.load(self._variables_path(key), allow_pickle=False) as file:
                return [file[name] for name in sorted(file.files, key=lambda name: int(name.removeprefix("arr_")))]
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            return None

    def _variables_path(self, key: str) -> Path:
        return self.folder / f"{key}.npz"

    @contextmanager
    def claimed(self, key: str, wait: bool) -> Iterator[bool]:
        """Whether this process alone may train a run meanwhile; a claim ends with its process, however that ends.

        A claim locks a byte, whose place is made from the run key, of one file in the store. Where the file system has
        no locks, everybody may train, and the first to finish keeps the run.

        wait : until another process that has the run claimed is done with it
        """
        with open(self.folder / CLAIMS, "ab") as file:
            place = int(key[:CLAIM_DIGITS], 16)
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), 1, place)
            except OSError as error:
                yield error.errno not in (errno.EACCES, errno.EAGAIN)
                return
            yield True

    def add(
        self,
        key: str,
        tables: Mapping[str, Mapping[str, np.ndarray]],
        manifest: Mapping[str, Any],
        execution: Mapping[str, Any],
    ) -> None:
        """Keep a finished run: all of its files appear at once, or none does."""
        temporary = self.folder / f".{key}.{os.getpid()}-{secrets.token_hex(4)}.tmp"
        temporary.mkdir(parents=True)
        try:
            for name, columns in tables.items():
                write_parquet(columns, RUN_TABLES[name], temporary / f"{name}.parquet")
            files = {f"{name}.parquet": file_digest(temporary / f"{name}.parquet") for name in tables}
            write_json(temporary / "execution.json", execution)
            write_sealed(temporary / MANIFEST, {**manifest, "run_key": key, "files": files})
            sync(temporary)
            try:
                os.rename(temporary, self.path(key))
            except OSError:
                if not self.holds(key):  # not a race that another process won
                    raise
            sync(self.folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
