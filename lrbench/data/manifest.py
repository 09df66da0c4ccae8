"""The manifest of a data set: what the files hold, and which examples an experiment takes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from lrbench.data.formats import dataset_files
from lrbench.data.sources import data_digest, describe, read_dataset
from lrbench.data.split import Split, split
from lrbench.errors import InputError
from lrbench.identity.provenance import file_digest


def dataset_manifest(path: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest of a data set, after every check of it.

    Parameters
    ----------
    path : a folder of IDX files, or an .npz
    settings : `train_examples` and `validation`

    Raises
    ------
    InputError
        Where the data are damaged, too few for the settings, or validate nothing.
    """
    train, test = read_dataset(path)
    parts = split(train, test, settings)
    check_validation(parts, path, settings)
    named = {"train": parts.train, "validation": parts.validation}
    if parts.test is not None:
        named["test"] = parts.test
    return {
        "classes": parts.classes,
        "digest": data_digest(train, test),
        "files": {os.path.basename(file): file_digest(file) for file in dataset_files(path)},
        "image_shape": list(train.images.shape[1:]),
        "parts": {name: describe(examples, parts.classes) for name, examples in named.items()},
        "split": dict(settings),
    }


def check_validation(parts: Split, path: str, settings: Mapping[str, Any]) -> None:
    """Raise InputError where all validation examples are of one class: they cannot show what is learned."""
    labels = np.unique(parts.validation.labels)
    if len(labels) > 1:
        return
    number = len(parts.validation)
    examples = f"1 example (of class {labels[0]})" if number == 1 else f"{number} examples (all of class {labels[0]})"
    if settings["validation"]["protocol"] == "test":
        raise InputError(
            f"{path}: the test set has {examples}, so that validating on it cannot show what is learned; "
            "give test examples of two classes or more, or set dataset.validation to holdout."
        )
    held = settings["validation"]["examples"]
    raise InputError(
        f"dataset.holdout_examples is {held}, which takes {examples} from {path}, so that "
        "validating on them cannot show what is learned; hold out more, of two classes or more."
    )
