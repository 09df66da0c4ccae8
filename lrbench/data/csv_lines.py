"""The lines of a CSV file, plain or gzipped: each with as many values as the header has columns."""

from __future__ import annotations

import codecs
import csv
import gzip
import os
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from lrbench.data.arrays import most_bytes
from lrbench.errors import InputError

GZIP = b"\x1f\x8b"
MAX_COLUMNS = 32_768
MAX_LINE_BYTES = 4 * 1024**2
SHOWN_COLUMNS = 8


class Line(NamedTuple):
    """A line that is not blank: its number in the file, from 1, and its bytes with the line end."""

    number: int
    content: bytes


def header_of(path: Path) -> list[str]:
    """The names of the columns, which the first line has."""
    with _opened(path) as file:
        content = _readline(file, path, 1).removeprefix(codecs.BOM_UTF8)
    _check_characters(Line(1, content), path)
    names = [name.strip() for name in fields(Line(1, content), path)] if content.strip() else []
    if len(names) < 2:
        raise InputError(
            f"{path}: line 1 has no two names of columns; begin with a header, its names parted by commas."
        )
    if len(names) > MAX_COLUMNS:
        raise InputError(f"{path}: line 1 has {len(names)} columns, over the cap of {MAX_COLUMNS}; leave some out.")
    if all(map(_is_number, names)) and names != [str(place) for place in range(len(names))]:  # pandas' own names
        raise InputError(f"{path}: line 1 has numbers where the names of the columns belong; begin with a header.")
    if "" in names:
        raise InputError(
            f"{path}: column {names.index('') + 1} has no name in line 1; name it, or leave it out if it only "
            "numbers the rows."
        )
    name, times = Counter(names).most_common(1)[0]
    if times > 1:
        raise InputError(f"{path}: line 1 has the column {name!r} {times} times; give each a name of its own.")
    return names


def lines_of(path: Path, columns: int) -> Iterator[Line]:
    """The lines after the header, without blank ones.

    Raises InputError where a line has more or fewer values than there are columns, or is no line of text, and where
    the file unpacks to more than is taken.
    """
    most = most_bytes(os.path.getsize(path))
    number, read = 0, 0
    with _opened(path) as file:
        while content := _readline(file, path, number + 1):
            number += 1
            read += len(content)
            if read > most:
                raise InputError(f"{path}: has more than {most} bytes of text; give a smaller file, or unpack it.")
            if number > 1 and content.strip():
                _check_count(Line(number, content), columns, path)
                yield Line(number, content)


def fields(line: Line, path: Path) -> list[str]:
    """The values of a line, as they are written; InputError where it is no line of CSV."""
    try:
        (values,) = csv.reader([line.content.decode("utf-8").rstrip("\r\n")], strict=True)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: line {line.number} is not text in UTF-8; write the file anew so.") from error
    except (csv.Error, ValueError) as error:
        raise InputError(
            f"{path}: line {line.number} cannot be parted into values; end a quoted value on its own line."
        ) from error
    return values


def named(columns: list[str]) -> str:
    """Names of columns in a sentence, some of them where they are many."""
    more = f" and {len(columns) - SHOWN_COLUMNS} more" * (len(columns) > SHOWN_COLUMNS)
    return ", ".join(name[:80] for name in columns[:SHOWN_COLUMNS]) + more


def _check_count(line: Line, columns: int, path: Path) -> None:
    _check_characters(line, path)
    text = line.content.rstrip(b"\r\n")
    found = len(fields(line, path)) if b'"' in text else text.count(b",") + 1
    if found != columns:
        raise InputError(
            f"{path}: line {line.number} has {found} values where the header has {columns} columns; give one for each."
        )


def _check_characters(line: Line, path: Path) -> None:
    text = line.content.rstrip(b"\r\n")
    if b"\r" in text or b"\0" in text:
        raise InputError(f"{path}: line {line.number} has a control character; write the file as text, a row a line.")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _opened(path: Path) -> BinaryIO:
    with open(path, "rb") as file:
        packed = file.read(len(GZIP)) == GZIP
    return gzip.open(path, "rb") if packed else open(path, "rb")  # type: ignore[return-value]


def _readline(file: BinaryIO, path: Path, number: int) -> bytes:
    try:
        content = file.readline(MAX_LINE_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: is a damaged gzip file ({error}); fetch it again.") from error
    if len(content) > MAX_LINE_BYTES:
        raise InputError(f"{path}: line {number} has more than {MAX_LINE_BYTES} bytes; give a row a line.")
    return content
