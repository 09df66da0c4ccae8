"""The formats that data sets come in: the modules of this package, so one is added by adding its file.

A module of a format has
    CALLED                    how a message calls it: "an .npz file"
    is_one(path)              whether a path may be a data set in this format, seen without opening it
    ASKED_LAST                True where every folder, or every file, may be one: other formats are asked first
    OPTIONS                   the settings of `dataset` in a config that say how it is read
    files_of(path)            the files that hold it, always in the same order
    parts_of(path)            the names of its parts, among train, validation and test, seen by names alone; InputError
                              where they name none
    read(path, options, images)  its `Source`; without `images`, those are zeros that take no memory
"""

from __future__ import annotations

import os
from types import ModuleType

from lrbench.identity.discovery import modules_of
from lrbench.identity.provenance import digest, file_digest

FORMATS = tuple(sorted(modules_of(__name__), key=lambda module: module.ASKED_LAST))  # else by name
_CALLED = [module.CALLED for module in FORMATS]
GIVE = f"give {', '.join(_CALLED[:-1])} or {_CALLED[-1]}"


def format_of(path: str) -> ModuleType:
    """The format of a data set."""
    return next(module for module in FORMATS if module.is_one(path))


def dataset_files(path: str) -> tuple[str, ...]:
    """The files of a data set. Raises InputError where a folder holds several data sets, or what is no part of one."""
    files: tuple[str, ...] = format_of(path).files_of(path)
    return files


def content_digest(path: str) -> str:
    """SHA-256 over the contents of a data set's files and their names, those in a folder with the folders below it.

    A file that cannot be read counts as absent.
    """

    def content(file: str) -> str | None:
        try:
            return file_digest(file)
        except OSError:
            return None

    def name(file: str) -> str:
        return os.path.relpath(file, path) if os.path.isdir(path) else os.path.basename(file)

    return digest([[name(file), content(file)] for file in dataset_files(path)])
