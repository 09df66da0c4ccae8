"""Tables on disk: a contract for each, and reading, writing and checking against it.

CSV where a person may want to look, Parquet where there are many rows. Numbers survive the trip bit
for bit; NaN and infinities are data and survive as well. A file that says it holds far more than it can, or has
other columns, is refused before memory is taken for what it holds.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lrbench.errors import InputError
from lrbench.identity.provenance import atomic_path
from lrbench.identity.regular_files import refuse_special, special_file

Columns: TypeAlias = Mapping[str, np.ndarray] | pd.DataFrame
ARROW_TYPES = {
    "float64": pa.float64(),
    "float32": pa.float32(),
    "int64": pa.int64(),
    "int32": pa.int32(),
    "uint16": pa.uint16(),
    "str": pa.string(),
    "bool": pa.bool_(),
}
DTYPES = {kind: pd.api.types.pandas_dtype(kind) for kind in ARROW_TYPES}
LONGEST_LINE = 20_000  # bytes of CSV; the widest table has lines of about a tenth of that
SMALL = 16 * 1024**2  # a table of fewer bytes may be packed as well as it can
MAX_RATIO = 20  # bytes of a larger one for each byte of its file
AGAIN = "delete it and run snakemake again"


@dataclass(frozen=True)
class Column:
    """A column of a table.

    kind : its dtype: float64, float32, int64, int32, uint16, bool or str
    meaning : what it holds, and when that is not available
    unit : of its values; empty where they have none
    """

    kind: str
    meaning: str
    unit: str = ""


@dataclass(frozen=True)
class TableFormat:
    """A table's contract.

    about : what it has a row for
    described : its columns by name, in order
    key : the columns that together name a row; no two rows share them, and rows are sorted by them
    """

    name: str
    about: str
    described: Mapping[str, Column]
    key: tuple[str, ...]

    @cached_property
    def columns(self) -> dict[str, str]:
        """Each column's dtype, in order."""
        return {name: column.kind for name, column in self.described.items()}

    def frame(self, columns: Mapping[str, Any]) -> pd.DataFrame:
        """A table of this format from its columns, rows sorted by key."""
        frame = pd.DataFrame({name: pd.Series(columns[name], dtype=kind) for name, kind in self.columns.items()})
        return frame.sort_values(list(self.key), kind="stable", ignore_index=True)

    def joined(self, parts: Iterable[Columns]) -> pd.DataFrame:
        """A table of this format from its parts, at least one, their rows one after another."""
        every = list(parts)
        return pd.DataFrame({name: np.concatenate([np.asarray(part[name]) for part in every]) for name in self.columns})

    def in_order(self, columns: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        """The columns of a table of this format, shape (rows,) each, its rows sorted by key."""
        keys = [columns[name] for name in self.key]
        if ascending(keys):
            return columns
        order = np.lexsort(keys[::-1])
        return {name: values[order] for name, values in columns.items()}

    def check_names(self, names: Sequence[str], source: Path | str) -> None:
        """Raise InputError unless these are the columns of this format, in any order."""
        missing = [name for name in self.columns if name not in names]
        extra = [name for name in names if name not in self.columns]
        if missing or extra:
            more = f" and {len(extra) - 10} more" if len(extra) > 10 else ""
            found = [f"lacks {', '.join(missing)}"] * bool(missing)
            found += [f"has {', '.join(extra[:10])}{more} beside them"] * bool(extra)
            raise InputError(
                f"{source}: is not a table of {self.name}: of its columns it {' and '.join(found)}; {AGAIN}."
            )

    def check(self, columns: Columns, source: Path | str) -> None:
        """Raise InputError unless the columns, dtypes and keys of a table are those of this format."""
        self.check_names([str(name) for name in columns], source)
        for name, kind in self.columns.items():
            if columns[name].dtype != DTYPES[kind] and str(columns[name].dtype) != kind:
                raise InputError(
                    f"{source}: column {name} holds {columns[name].dtype} where {self.name} has {kind}; {AGAIN}."
                )
        fillable = {
            name for name, kind in self.columns.items() if kind == "str" or (name in self.key and "float" in kind)
        }
        nameless = [name for name in self.columns if name in fillable and pd.isna(columns[name]).any()]
        if nameless:
            raise InputError(f"{source}: has a row without {', '.join(nameless)}; {AGAIN}.")
        if ascending([np.asarray(columns[name]) for name in self.key]):
            return
        keys = pd.DataFrame({name: columns[name] for name in self.key})
        doubled = keys.duplicated()
        if doubled.any():
            row = keys.loc[doubled].iloc[0].to_dict()
            named = ", ".join(
                f"{key} {value:g}" if isinstance(value, float) else f"{key} {value}" for key, value in row.items()
            )
            raise InputError(f"{source}: has {named} twice; {AGAIN}.")


def ascending(keys: Sequence[np.ndarray]) -> bool:
    """Whether every row's key is above that of the row before: then no two rows share one.

    keys : columns, at least one, shape (rows,) each; the first counts most
    """
    tied = np.ones(max(len(keys[0]) - 1, 0), dtype=bool)
    for values in keys:
        if len(values) and (values == values[0]).all():  # as rate and seed are in the table of a run
            continue
        if (tied & ~(values[:-1] <= values[1:])).any():
            return False
        tied &= values[:-1] == values[1:]
    return not tied.any()


def write_csv(frame: pd.DataFrame, table: TableFormat, path: Path | str) -> None:
    """Write a table as CSV: NaN as `NaN`, infinities as `inf`, floats with the digits that read back exactly."""
    table.check(frame, path)
    with atomic_path(path) as temporary:
        frame.to_csv(temporary, index=False, na_rep="NaN", lineterminator="\n")


def read_csv(path: Path | str, table: TableFormat) -> pd.DataFrame:
    """Read a table from CSV and check it. Raises InputError where it is no such table."""
    kinds: Any = dict(table.columns)
    try:
        refuse_special(path)
        _check_lines(path, table)
        with np.errstate(invalid="ignore"):  # pandas tries a cast, warns, and raises after all
            content = Path(path).read_bytes()
            frame = pd.read_csv(io.BytesIO(content), dtype=kinds, keep_default_na=False, na_values=["NaN"])
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); make it with snakemake.") from error
    except (ValueError, TypeError, OverflowError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: is not a table of {table.name} ({reason}); {AGAIN}.") from error
    if not content.endswith(b"\n"):  # a last number that lacks digits is a number, too
        raise InputError(f"{path}: is cut short in its last row; {AGAIN}.")
    if not isinstance(frame.index, pd.RangeIndex):  # pandas takes a field too many for the name of its row
        raise InputError(f"{path}: has rows of more fields than its header names; {AGAIN}.")
    table.check(frame, path)
    return frame


def _check_lines(path: Path | str, table: TableFormat) -> None:
    """Raise InputError where a line of a CSV has other fields than the table: pandas fills up what is short."""
    with open(path, "rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), 1):
            if len(line) == LONGEST_LINE:
                raise InputError(f"{path}: line {number} has {LONGEST_LINE} bytes or more; {AGAIN}.")
            fields = line.count(b",") + 1
            if number == 1:
                table.check_names(line.decode(errors="replace").strip("\r\n").split(","), path)
            elif fields < len(table.columns) or (fields > len(table.columns) and b'"' not in line):
                raise InputError(
                    f"{path}: line {number} has {fields} fields where there are {len(table.columns)}; {AGAIN}."
                )


def write_parquet(columns: Columns, table: TableFormat, path: Path | str) -> None:
    """Write columns as Parquet."""
    write_parquet_parts([columns], table, path)


def write_parquet_parts(parts: Iterable[Columns], table: TableFormat, path: Path | str) -> None:
    """Write a table as Parquet a part of its rows at a time, each a row group: only one is in memory."""
    schema = pa.schema([(name, ARROW_TYPES[kind]) for name, kind in table.columns.items()])
    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
        for columns in parts:
            arrays = [pa.array(np.asarray(columns[field.name]), type=field.type) for field in schema]
            writer.write_table(pa.table(arrays, schema=schema))


def read_parquet(path: Path | str, table: TableFormat) -> pd.DataFrame:
    """Read a table from Parquet and check it. Raises InputError where it is no such table."""
    return pd.DataFrame(read_columns(path, table))


def read_columns(path: Path | str, table: TableFormat) -> dict[str, np.ndarray]:
    """Read the columns of a table, shape (rows,) each, from Parquet, as `read_parquet` does."""
    with _parquet(path, table) as file:
        columns = _columns(file.read(use_threads=False))
    table.check(columns, path)
    return columns


def read_parquet_parts(path: Path | str, table: TableFormat) -> Iterator[dict[str, np.ndarray]]:
    """Read the columns of a table from Parquet a row group at a time and check each; raises as `read_parquet` does."""
    with _parquet(path, table) as file:
        for group in range(file.num_row_groups):
            columns = _columns(file.read_row_group(group, use_threads=False))
            table.check(columns, path)
            yield columns


def _columns(table: pa.Table) -> dict[str, np.ndarray]:
    return {name: column.to_numpy() for name, column in zip(table.column_names, table.columns, strict=True)}


@contextmanager
def _parquet(path: Path | str, table: TableFormat) -> Iterator[pq.ParquetFile]:
    try:
        refuse_special(path)
        # one file: read_table would take a folder as well; read at once: a thread for a small file costs more than it
        with pq.ParquetFile(path, pre_buffer=False) as file:
            _check_schema(file.schema_arrow, path, table)
            _check_rows(file.metadata, path, table)
            yield file
    except OSError as error:
        unread = os.strerror(error.errno) if error.errno else "not Parquet, or cut short"
        reason = error.strerror if special_file(path) else unread  # pyarrow's own text names its source files
        raise InputError(f"{path}: cannot be read ({reason}); {AGAIN}.") from error
    except (pa.ArrowException, ValueError, MemoryError) as error:
        raise InputError(f"{path}: is not Parquet or is cut short; {AGAIN}.") from error


def _check_schema(schema: pa.Schema, path: Path | str, table: TableFormat) -> None:
    """Raise InputError unless a Parquet file has the columns and types of a table."""
    types = dict(zip(schema.names, schema.types, strict=True))
    if len(types) < len(schema) or types != {name: ARROW_TYPES[kind] for name, kind in table.columns.items()}:
        table.check(schema.empty_table().to_pandas(), path)


def _check_rows(metadata: pq.FileMetaData, path: Path | str, table: TableFormat) -> None:
    """Raise InputError where a Parquet file says it holds more than a file of its size holds."""
    size = metadata.num_rows * sum(ARROW_TYPES[kind].bit_width // 8 for kind in table.columns.values())
    if size > max(SMALL, MAX_RATIO * os.path.getsize(path)):
        raise InputError(f"{path}: says it holds {metadata.num_rows} rows, far more than fit into its bytes; {AGAIN}.")
