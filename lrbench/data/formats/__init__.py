"""The formats that data sets come in: the modules of this package, so one is added by adding its file.

A module of a format has
    CALLED                    how a message calls it: "an .npz file"
    is_one(path)              whether a path may be a data set in this format, seen without opening it
    ASKED_LAST                True where every folder, or every file, may be one: other formats are asked first
    OPTIONS                   the settings of `dataset` in a config that say how it is read
    files_of(path)            the files that hold it
    parts_of(path)            the names of its parts, among train, validation and test, seen by names alone
    read(path, options, images)  its `Source`; without `images`, those are zeros that take no memory
"""

from __future__ import annotations

from types import ModuleType

from lrbench.identity.discovery import modules_of

FORMATS = tuple(sorted(modules_of(__name__), key=lambda module: module.ASKED_LAST))  # else by name
_CALLED = [module.CALLED for module in FORMATS]
GIVE = f"give {', '.join(_CALLED[:-1])} or {_CALLED[-1]}"


def format_of(path: str) -> ModuleType:
    """The format of a data set."""
    return next(module for module in FORMATS if module.is_one(path))


def dataset_files(path: str) -> tuple[str, ...]:
    """The files of a data set. Raises InputError where the path holds several data sets."""
    files: tuple[str, ...] = format_of(path).files_of(path)
    return files
