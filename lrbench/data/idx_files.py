"""The files of a data set in IDX format: how they are called, and where they lie."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from lrbench.errors import InputError

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


def dataset_files(path: str) -> tuple[str, ...]:
    """The files of a data set, in the order of IDX_FILES; a path that is no folder is the one file of its data set.

    Files in the folder itself come before those in folders below, plain before gzipped, `-idx` before `.idx`. A missing
    file is named by its usual, plain name. Raises InputError where the folder holds several data sets.
    """
    if not os.path.isdir(path):
        return (path,)
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
