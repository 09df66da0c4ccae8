"""The data set that a config names: where it is, whether its format has the options given, and what validates.

Nothing of it is read but names: of files, of folders, of arrays in a zip file's directory.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lrbench.data.formats import FORMATS, GIVE, dataset_files, format_of
from lrbench.data.paths import joined
from lrbench.data.split import PART_OF
from lrbench.errors import InputError
from lrbench.identity.regular_files import unfit_as_data
from lrbench.settings.config import Dataset
from lrbench.settings.values import shown

OPTIONS = tuple(dict.fromkeys(option for form in FORMATS for option in form.OPTIONS))


def relative(path: os.PathLike[str] | str) -> str:
    """A path from the working directory."""
    return os.path.relpath(path)


def locate(dataset: Any, folders: Iterable[Path | str]) -> tuple[str, list[str]]:
    """Where a data set is, empty where that is not known; and what speaks against reading it, seen without opening it.

    dataset : the section of a config as it is written, right or wrong
    folders : where a relative path is looked for, in this order
    """
    if not isinstance(dataset, Mapping) or not isinstance(dataset.get("path"), str):
        return "", []
    path = existing(dataset["path"], folders)
    if not path:
        return "", [_missing("path", dataset["path"], folders)]
    problems = [*_foreign_options(path, dataset)]
    test_path = dataset.get("test_path")
    if isinstance(test_path, str) and not problems:
        test = existing(test_path, folders)
        if not test:
            return "", [_missing("test_path", test_path, folders)]
        if os.pathsep in test:
            return "", [
                f"dataset.test_path is {shown(test)}, which has {os.pathsep!r} in it; rename the file or folder"
            ]
        path = joined(path, test)
    return path, [*problems, *_unfit(path)]


def resolve_validation(path: str, dataset: Dataset) -> tuple[str, list[str]]:
    """The protocol of validation, resolved by the parts that a data set has; and what is wrong with it."""
    try:
        parts = format_of(path).parts_of(path)
    except InputError as error:
        return "", [f"dataset.path: {str(error).removesuffix('.')}"]
    protocol = dataset.validation or ("own" if "validation" in parts else "test")
    if protocol != "holdout" and PART_OF[protocol] not in parts:
        return protocol, [
            f"dataset.validation is {protocol} but {path} has no {PART_OF[protocol]} part; set it to holdout, with "
            "dataset.holdout_examples or dataset.holdout_share"
        ]
    return protocol, []


def _missing(key: str, written: str, folders: Iterable[Path | str]) -> str:
    places = " or ".join(dict.fromkeys(map(relative, folders)))
    return f"dataset.{key} is {shown(written)} but no such file or folder exists in {places}; {GIVE}"


def existing(path: str, folders: Iterable[Path | str]) -> str:
    """The first place at which a path exists, "" where it does at none."""
    if "\0" in path:
        return ""
    try:
        for folder in folders:
            candidate = os.path.join(folder, os.path.expanduser(path))
            if os.path.exists(candidate):
                return candidate if os.path.isabs(path) else relative(candidate)
    except OSError:
        pass
    return ""


def _foreign_options(path: str, dataset: Mapping[str, Any]) -> Iterator[str]:
    """What is said of each option that is given and that the data set's format does not have."""
    form = format_of(path)
    for option in OPTIONS:
        if dataset.get(option) not in (None, False) and option not in form.OPTIONS:
            yield f"dataset.{option} is given but {path} is {form.CALLED}, which has no such option; remove it"


def _unfit(path: str) -> Iterator[str]:
    try:
        files = dataset_files(path)
    except InputError as error:
        yield f"dataset.path: {str(error).removesuffix('.')}"
        return
    for file in files:
        reason = unfit_as_data(file)
        if reason:
            yield f"dataset.path: {file} {reason}; {GIVE}"
