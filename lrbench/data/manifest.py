"""The manifest of a data set: what the files hold, and which examples an experiment takes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from lrbench.data.formats import dataset_files
from lrbench.data.kinds import kind_of
from lrbench.data.sources import data_digest, describe, read_dataset
from lrbench.data.split import PART_OF, Split, split
from lrbench.errors import InputError
from lrbench.identity.provenance import file_digest, files_digest

FILES_BY_NAME = 16  # more files than these are told by their folders


def dataset_manifest(path: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest of a data set, after every check of it.

    Parameters
    ----------
    path : a data set in one of `lrbench.data.formats`
    settings : `train_examples`, `validation`, and `data_options` where any is given

    Raises
    ------
    InputError
        Where the data are damaged, too few for the settings, or validate nothing.
    """
    data = read_dataset(path, settings.get("data_options"))
    parts = split(data, settings)
    check_validation(parts, path, settings)
    named = {"train": parts.train, "validation": parts.validation}
    if parts.test is not None:
        named["test"] = parts.test
    return {
        "class_names": None if data.class_names is None else list(data.class_names),
        "classes": parts.classes,
        "digest": data_digest(data),
        "files": file_digests(path),
        "image_shape": list(data.train.images.shape[1:]),
        "kind": kind_of(data.train.images),
        "notes": list(data.notes),
        "parts": {name: describe(examples, parts.classes) for name, examples in named.items()},
        "split": dict(settings),
    }


def file_digests(path: str) -> dict[str, str]:
    """SHA-256 of each file of a data set by its name; of many files, one for each folder, by the folder's name."""
    files = dataset_files(path)
    if len(files) <= FILES_BY_NAME:
        return {os.path.basename(file): file_digest(file) for file in files}
    folders: dict[str, list[str]] = {}
    for file in files:
        folders.setdefault(os.path.relpath(os.path.dirname(file), path), []).append(file)
    return {folder: files_digest(inside) for folder, inside in folders.items()}


def check_validation(parts: Split, path: str, settings: Mapping[str, Any]) -> None:
    """Raise InputError where all validation examples are of one class: they cannot show what is learned."""
    labels = np.unique(parts.validation.labels)
    if len(labels) > 1:
        return
    number = len(parts.validation)
    examples = f"1 example (of class {labels[0]})" if number == 1 else f"{number} examples (all of class {labels[0]})"
    protocol = settings["validation"]["protocol"]
    if protocol != "holdout":
        part = "test set" if protocol == "test" else "validation part"
        raise InputError(
            f"{path}: the {part} has {examples}, so that validating on it cannot show what is learned; "
            f"give {PART_OF[protocol]} examples of two classes or more, or set dataset.validation to holdout."
        )
    share = settings["validation"].get("share")
    held = f"examples is {settings['validation']['examples']}" if share is None else f"share is {share}"
    raise InputError(
        f"dataset.holdout_{held}, which takes {examples} from {path}, so that "
        "validating on them cannot show what is learned; hold out more, of two classes or more."
    )
