"""A folder of IDX files, as MNIST, Fashion-MNIST and EMNIST come: four files, plain or gzipped."""

from __future__ import annotations

import gzip
import math
import os
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from lrbench.data.arrays import Source, check_size, zeros
from lrbench.data.checksums import check_checksums
from lrbench.data.split import Examples
from lrbench.errors import InputError

ASKED_LAST = True
CALLED = "a folder of IDX files"
OPTIONS = ("transpose",)
UNSIGNED_BYTE = 0x08
GZIP = b"\x1f\x8b"
IDX_FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
# The names that such files have: the usual ones, with a dot before idx (as some archives unpack them), and with a data
# set's name in front (EMNIST's emnist-letters-test-images-idx3-ubyte.gz).
IDX_NAME = re.compile(
    r"(?:(?P<set>[A-Za-z0-9][\w.-]*?)[-_])?(?P<part>train|t10k|test)[-_]"
    r"(?P<what>images(?=.idx3)|labels(?=.idx1))(?P<mark>[-.])idx[13]-ubyte(?P<packed>\.gz)?"
)
SEARCH_DEPTH = 4  # folders below a data set's own in which its files are looked for; archives nest them by one or two
SEARCH_ENTRIES = 10_000  # with so many names seen, the search goes no deeper; a folder of data has a handful
SHOWN_SETS = 8


class IdxFile(NamedTuple):
    """A file that is called as one of a data set's four; `set` is what its name begins with, "" for nothing."""

    folder: str
    set: str
    part: str
    path: str


def is_one(path: str) -> bool:
    """Whether a path is a folder."""
    return os.path.isdir(path)


def parts_of(path: str) -> tuple[str, ...]:
    """The two parts that every such data set has."""
    return ("train", "test")


def read(path: str, options: Mapping[str, Any], images: bool) -> Source:
    """The data set in a folder: four files, as `files_of` finds them, held against a SHA256SUMS if there is one.

    options : `transpose`: whether rows of images are stored as columns, as EMNIST has them
    images : whether images are read; else they are zeros that take no memory, and no file is held against its digest
    """
    files = dict(zip(IDX_FILES, files_of(path), strict=True))
    if images:
        check_checksums(Path(path), files.values())
    arrays = {
        part: read_idx(Path(file), 3, images) if part.endswith("images") else read_idx(Path(file), 1)
        for part, file in files.items()
    }
    transpose = bool(options.get("transpose"))
    train, test = (
        Examples(_upright(arrays[f"{part}_images"], transpose), arrays[f"{part}_labels"]) for part in ("train", "test")
    )
    return Source(train, test, files, notes=("rows and columns exchanged",) * transpose)


def _upright(images: np.ndarray, transpose: bool) -> np.ndarray:
    """Images with rows and columns exchanged, if they are to be; zeros that take no memory stay such."""
    if not transpose:
        return images
    exchanged = images.swapaxes(1, 2)
    return exchanged if 0 in exchanged.strides else np.ascontiguousarray(exchanged)


def files_of(path: str) -> tuple[str, ...]:
    """The files of a data set in a folder, in the order of IDX_FILES.

    Files in the folder itself come before those in folders below, plain before gzipped, `-idx` before `.idx`. A missing
    file is named by its usual, plain name. Raises InputError where the folder holds several data sets.
    """
    sets: dict[tuple[str, str], dict[str, str]] = {}
    for found in _idx_files(path):
        if found.folder != path and any(folder == path for folder, _ in sets):
            break  # what lies in the folder itself is the data set, whole or not
        sets.setdefault((found.folder, found.set), {}).setdefault(found.part, found.path)
    whole = {key: parts for key, parts in sets.items() if len(parts) == len(IDX_FILES)} or _put_together(sets)
    if (path, "") in whole:
        whole = {(path, ""): whole[path, ""]}
    if len(whole) > 1:
        names = sorted(os.path.relpath(os.path.join(folder, name), path) for folder, name in whole)
        more = f" and {len(names) - SHOWN_SETS} more" * (len(names) > SHOWN_SETS)
        raise InputError(
            f"{path}: holds {len(names)} data sets ({', '.join(names[:SHOWN_SETS])}{more}); "
            "give a folder that holds the four files of one alone."
        )
    (folder, name), parts = max((whole or sets or {(path, ""): {}}).items(), key=lambda item: len(item[1]))
    return tuple(parts.get(part, os.path.join(folder, _usual_name(name, part))) for part in IDX_FILES)


def _idx_files(top: str) -> Iterator[IdxFile]:
    """What is called as a file of a data set, in a folder and below; the best comes first for each part of a set."""
    waiting, left = [(top, 0)], SEARCH_ENTRIES
    while waiting and left > 0:
        folder, depth = waiting.pop(0)
        names = _entries(folder)
        left -= len(names)
        yield from _idx_files_of(folder, names)
        if depth < SEARCH_DEPTH:
            below = [os.path.join(folder, name) for name in names if not IDX_NAME.fullmatch(name)]
            waiting += [(one, depth + 1) for one in below if os.path.isdir(one) and not os.path.islink(one)]


def _idx_files_of(folder: str, names: list[str]) -> Iterator[IdxFile]:
    """Those of one folder. A folder that is called as such a file stands for the file of that name in it."""
    ranked = []
    for name in names:
        match = IDX_NAME.fullmatch(name)
        if not match:
            continue
        part = f"{'train' if match['part'] == 'train' else 'test'}_{match['what']}"
        path, rank = os.path.join(folder, name), 0
        if os.path.isdir(path):
            matches = [(_unlike(found), found[0]) for found in map(IDX_NAME.fullmatch, _entries(path)) if found]
            same = [inner for _, inner in sorted(matches) if _stem(inner) == _stem(name)]
            path, rank = (os.path.join(path, same[0]), 1) if same else (path, 2)
        ranked.append((rank, _unlike(match), IdxFile(folder, match["set"] or "", part, path)))
    yield from (file for _, _, file in sorted(ranked))


def _entries(folder: str) -> list[str]:
    """The names in a folder, sorted, without hidden ones and what macOS adds to archives; none if it cannot be read."""
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith(".") and name != "__MACOSX")
    except OSError:
        return []


def _unlike(match: re.Match[str]) -> tuple[bool, bool, bool]:
    """How a name differs from the usual, plain one: sorts the usual first."""
    return match["mark"] == ".", match["part"] == "test", match["packed"] is not None


def _stem(name: str) -> str:
    return name.removesuffix(".gz").replace(".idx", "-idx")


def _put_together(sets: dict[tuple[str, str], dict[str, str]]) -> dict[tuple[str, str], dict[str, str]]:
    """The data sets whose parts lie in several folders, none of them in two."""
    together: dict[tuple[str, str], dict[str, str]] = {}
    twice = set()
    for (_, name), parts in sets.items():
        key = (next(folder for folder, one in sets if one == name), name)
        known = together.setdefault(key, {})
        if known.keys() & parts.keys():
            twice.add(key)
        known.update(parts)
    return {key: parts for key, parts in together.items() if len(parts) == len(IDX_FILES) and key not in twice}


def _usual_name(name: str, part: str) -> str:
    """How a file of a data set is called, the data set's name in front if it has one, as EMNIST has it."""
    return f"{name}-{IDX_FILES[part].replace('t10k', 'test')}" if name else IDX_FILES[part]


def read_idx(path: Path, dimensions: int, content: bool = True) -> np.ndarray:
    """The array of unsigned bytes in an IDX file, plain or gzipped: told by its first bytes, not by its name.

    Without `content`, only the header is read, and the array is of zeros that take no memory.
    """
    try:
        with _opened(path) as file:
            return _read_idx(file, path, dimensions, content)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: is a damaged gzip file ({error}); fetch it again.") from error
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror or error}); give a folder with the four IDX files "
            f"{', '.join(IDX_FILES.values())}, each plain or .gz."
        ) from error


def _opened(path: Path) -> BinaryIO:
    with open(path, "rb") as file:
        packed = file.read(len(GZIP)) == GZIP
    return gzip.open(path, "rb") if packed else open(path, "rb")  # type: ignore[return-value]


def _read_idx(file: BinaryIO, path: Path, dimensions: int, content: bool) -> np.ndarray:
    what = "images" if dimensions == 3 else "labels"
    header = file.read(4 + 4 * dimensions)
    magic = bytes([0, 0, UNSIGNED_BYTE, dimensions])
    if header[:4] != magic:
        raise InputError(
            f"{path}: starts with 0x{header[:4].hex()} where an IDX file of {what} has 0x{magic.hex()}; "
            "give an IDX file of unsigned bytes."
        )
    if len(header) < 4 + 4 * dimensions:
        raise InputError(f"{path}: ends within its header; fetch it again.")
    shape = struct.unpack(f">{dimensions}I", header[4:])
    size = math.prod(shape)
    check_size(size, path)
    if size == 0:
        raise InputError(f"{path}: holds no {what} (its dimensions are {shape}); give a file with some.")
    if not content:
        if not isinstance(file, gzip.GzipFile):
            _check_length(os.path.getsize(path) - len(header), size, path, what)
        return zeros(shape, np.dtype(np.uint8))
    read = _read_at_most(file, size + 1)
    _check_length(len(read), size, path, what)
    return np.frombuffer(read, np.uint8, size).reshape(shape)


def _check_length(found: int, size: int, path: Path, what: str) -> None:
    """Raise InputError unless as many bytes follow a header as it says."""
    if found < size:
        raise InputError(f"{path}: ends after {found} of {size} bytes of {what}; fetch it again.")
    if found > size:
        raise InputError(f"{path}: goes on after its {size} bytes of {what}; fetch it again.")


def _read_at_most(file: BinaryIO, size: int) -> bytearray:
    """Up to `size` bytes, in pieces: a header that lies costs no more memory than the file has bytes."""
    content = bytearray()
    while len(content) < size and (piece := file.read(min(size - len(content), 1 << 20))):
        content += piece
    return content
