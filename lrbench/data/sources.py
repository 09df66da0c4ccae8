"""Data sets on disk, in any of the formats: read whole, checked whole, never altered.

Whatever is wrong with a file is an InputError of one sentence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lrbench.data.arrays import Source
from lrbench.data.formats import GIVE, format_of
from lrbench.data.labels import numbered
from lrbench.data.split import Examples, Parts
from lrbench.errors import InputError
from lrbench.identity.regular_files import unfit_as_data


def read_dataset(path: str, options: Mapping[str, Any] | None = None, images: bool = True) -> Parts:
    """The parts of a data set, its classes numbered from 0.

    Parameters
    ----------
    path : a data set in one of `lrbench.data.formats`
    options : how it is read, as the format has them; None for none
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
    foreign = [name for name in options or {} if name not in form.OPTIONS]
    if foreign:
        raise InputError(f"{path}: {form.CALLED} has no option {', '.join(foreign)}; leave it out.")
    for file in form.files_of(path):
        refuse_unfit(Path(file))
    try:
        source: Source = form.read(path, options or {}, images)
    except OSError as error:
        raise InputError(f"{Path(path)}: cannot be read ({error.strerror or error}); {GIVE}.") from error
    parts = {"train": source.train, "validation": source.validation, "test": source.test}
    for name, examples in parts.items():
        if examples is not None:
            _check_count(examples, source.files[f"{name}_labels"], "training" if name == "train" else name)
    found = numbered(source)
    for name, examples in found.named().items():
        _check_images(examples, found.train, source.files[f"{name}_images"])
    return found


def refuse_unfit(path: Path) -> None:
    """Raise InputError where a path leads to no regular file, or to one larger than data are; it is not opened."""
    reason = unfit_as_data(path)
    if reason:
        raise InputError(f"{path}: {reason}; {GIVE}.")


def data_digest(data: Parts) -> str:
    """SHA-256 over the arrays of a data set: shapes and bytes, however they were stored.

    A data set of training and test part has the digest of those four arrays; another part, or one that is missing, is
    told by a word in front.
    """
    hasher = hashlib.sha256()
    parts = [("", data.train), ("" if data.test else "no test", data.test)]
    if data.validation is not None:
        parts.append(("validation", data.validation))
    for word, examples in parts:
        hasher.update(word.encode())
        for array in () if examples is None else (examples.images, examples.labels):
            hasher.update(f"{array.dtype.str}{array.shape}".encode())
            hasher.update(np.ascontiguousarray(array).data)
    return hasher.hexdigest()


def describe(examples: Examples, classes: int) -> dict[str, Any]:
    """How many examples there are, in all and of each class, and the shape of their images."""
    counts = np.bincount(examples.labels, minlength=classes).tolist()
    return {"class_counts": counts, "examples": len(examples), "shape": list(examples.images.shape)}


def _check_count(examples: Examples, file: str, part: str) -> None:
    if len(examples.images) != len(examples.labels):
        raise InputError(
            f"{file}: has {len(examples.labels)} labels for {len(examples.images)} {part} images; give one for each."
        )


def _check_images(examples: Examples, train: Examples, file: str) -> None:
    """Raise InputError where a part has images of another size or type than training."""
    if examples.images.shape[1:] != train.images.shape[1:]:
        raise InputError(f"{file}: has images of {_size(examples)} but training has {_size(train)}; give one size.")
    if examples.images.dtype != train.images.dtype:
        raise InputError(
            f"{file}: has images of {examples.images.dtype} but training has {train.images.dtype}; give one type."
        )


def _size(examples: Examples) -> str:
    return " x ".join(map(str, examples.images.shape[1:]))
