"""Data sets on disk, in any of the formats: read whole, checked whole, never altered.

Whatever is wrong with a file is an InputError of one sentence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lrbench.data.formats import GIVE, format_of
from lrbench.data.split import Examples
from lrbench.errors import InputError
from lrbench.identity.regular_files import unfit_as_data


def read_dataset(path: str, images: bool = True) -> tuple[Examples, Examples]:
    """Training and test examples of a data set.

    Parameters
    ----------
    path : a data set in one of `lrbench.data.formats`
    images : whether images are read; else they are zeros of the right shape that take no memory, and no file is
        held against its digest

    Raises
    ------
    InputError
        Where a file is missing, damaged, no regular file, or holds something else, and where there are arrays in an
        .npz, or data sets in a folder, beyond the one that is read. Where the folder, or one between it and a file,
        has a SHA256SUMS, it must list the files that are read, with their digests.
    """
    form = format_of(path)
    for file in form.files_of(path):
        refuse_unfit(Path(file))
    try:
        source = form.read(path, images)
    except OSError as error:
        raise InputError(f"{Path(path)}: cannot be read ({error.strerror or error}); {GIVE}.") from error
    _check_examples(source.train, source.files["train_labels"], "training")
    _check_examples(source.test, source.files["test_labels"], "test")
    _check_classes(source.train, source.test, source.files)
    return source.train, source.test


def refuse_unfit(path: Path) -> None:
    """Raise InputError where a path leads to no regular file, or to one larger than data are; it is not opened."""
    reason = unfit_as_data(path)
    if reason:
        raise InputError(f"{path}: {reason}; {GIVE}.")


def data_digest(train: Examples, test: Examples) -> str:
    """SHA-256 over the arrays of a data set: shapes and bytes, however they were stored."""
    hasher = hashlib.sha256()
    for array in (train.images, train.labels, test.images, test.labels):
        hasher.update(f"{array.dtype.str}{array.shape}".encode())
        hasher.update(np.ascontiguousarray(array).data)
    return hasher.hexdigest()


def describe(examples: Examples, classes: int) -> dict[str, Any]:
    """How many examples there are, in all and of each class."""
    return {"class_counts": np.bincount(examples.labels, minlength=classes).tolist(), "examples": len(examples)}


def _check_examples(examples: Examples, file: str, part: str) -> None:
    if len(examples.images) != len(examples.labels):
        raise InputError(
            f"{file}: has {len(examples.labels)} labels for {len(examples.images)} {part} images; give one for each."
        )


def _check_classes(train: Examples, test: Examples, files: Mapping[str, str]) -> None:
    counts = np.bincount(train.labels)
    if len(counts) < 2:
        raise InputError(f"{files['train_labels']}: all labels are 0; give at least two classes.")
    if (counts == 0).any():
        raise InputError(
            f"{files['train_labels']}: has labels up to {len(counts) - 1} but none is {int(np.argmin(counts))}; "
            "number the classes from 0 without a gap."
        )
    if test.labels.max() >= len(counts):
        raise InputError(
            f"{files['test_labels']}: has label {test.labels.max()} but training has the classes 0 to "
            f"{len(counts) - 1}; leave out what cannot be learned."
        )
    if train.images.shape[1:] != test.images.shape[1:]:
        raise InputError(
            f"{files['test_images']}: has images of {_size(test)} but training has {_size(train)}; give one size."
        )


def _size(examples: Examples) -> str:
    return " x ".join(map(str, examples.images.shape[1:]))
