"""The manifest of a data set: what the files hold, and which examples an experiment takes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from lrbench.learning.dataset import split
from lrbench.learning.sources import data_digest, describe, read_dataset
from lrbench.names import dataset_files
from lrbench.provenance import file_digest


def dataset_manifest(path: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest of a data set, after every check of it.

    Parameters
    ----------
    path : a folder of IDX files, or an .npz
    settings : `train_examples` and `validation`

    Raises
    ------
    InputError
        Where the data are damaged, or too few for the settings.
    """
    train, test = read_dataset(path)
    parts = split(train, test, settings)
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
