"""Labels as files have them, and the classes that they name: numbered from 0 in ascending order, texts as they sort."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lrbench.data.arrays import Source
from lrbench.data.split import Examples, Parts
from lrbench.errors import InputError

MAX_CLASSES = 65_536
MAX_TEXT = 200  # characters of a label
SHOWN_CLASSES = 8


def flat_labels(array: np.ndarray, name: str, path: Path) -> np.ndarray:
    """One label for each example, shape (n,): of an array that is so, of a column (n, 1), or one-hot (n, classes).

    name, path : of the array and of its file, for messages
    """
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2 and array.shape[1] > 1 and array.dtype.kind in "iufb" and _one_hot(array):
        return np.argmax(array, axis=1)
    if array.dtype.kind == "S":
        try:
            array = np.char.decode(array, "utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: {name} has texts that are not UTF-8; write them as such.") from error
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "iuU":
        raise InputError(
            f"{path}: {name} has shape {array.shape} and dtype {array.dtype}; "
            "give whole numbers or texts, (examples,), or one-hot rows, (examples, classes)."
        )
    if array.dtype.kind == "u" and array.max() > np.iinfo(np.int64).max:
        raise InputError(f"{path}: {name} has label {array.max()}, which is too large; give smaller numbers.")
    return array


def _one_hot(array: np.ndarray) -> bool:
    """Whether every row has a single 1 and else 0."""
    ones = array == 1
    return len(array) > 0 and bool((ones.sum(axis=1) == 1).all() and (ones | (array == 0)).all())


def numbered(source: Source) -> Parts:
    """The parts of a data set with its classes numbered from 0: those of the training labels, ascending.

    Raises InputError where there are fewer than two classes or too many, and where another part has a label that
    training does not have.
    """
    file = source.files["train_labels"]
    labels = source.train.labels
    if _are_numbers(labels) and labels.min() == 0 and labels.max() < MAX_CLASSES:
        present = np.flatnonzero(np.bincount(labels)).astype(labels.dtype)
    else:
        present = np.unique(labels)
    if len(present) < 2:
        raise InputError(f"{file}: all labels are {shown(present[0])}; give at least two classes.")
    if len(present) > MAX_CLASSES:
        raise InputError(f"{file}: has {len(present)} different labels, over the cap of {MAX_CLASSES}; give classes.")
    _check_texts(present, file)
    known = _are_numbers(present) and present[0] == 0 and present[-1] == len(present) - 1
    names = None if known else tuple(map(str, present.tolist()))
    parts = {
        name: None if examples is None else Examples(examples.images, _places(examples.labels, present, source, name))
        for name, examples in (("test", source.test), ("validation", source.validation))
    }
    train = Examples(source.train.images, _places(labels, present, source, "train"))
    return Parts(train, class_names=names, notes=source.notes, **parts)  # type: ignore[arg-type]


def _places(labels: np.ndarray, present: np.ndarray, source: Source, part: str) -> np.ndarray:
    """The place of each label among those that training has."""
    file = source.files[f"{part}_labels"]
    if _are_numbers(labels) != _are_numbers(present):
        kinds = ("numbers", "texts")[:: 1 if _are_numbers(labels) else -1]
        raise InputError(f"{file}: has {kinds[0]} for labels where training has {kinds[1]}; give one kind.")
    places = np.minimum(np.searchsorted(present, labels), len(present) - 1)
    unknown = present[places] != labels
    if unknown.any():
        raise InputError(
            f"{file}: has label {shown(max(labels[unknown].tolist()))} but training has the classes "
            f"{_classes(present)}; leave out what cannot be learned."
        )
    return places.astype(np.uint8 if len(present) <= 256 else np.uint16)


def _check_texts(present: np.ndarray, file: str) -> None:
    """Raise InputError where a label is no text that a report can show."""
    for label in present.tolist() if not _are_numbers(present) else ():
        if len(label) > MAX_TEXT:
            raise InputError(f"{file}: has a label of {len(label)} characters, over the cap of {MAX_TEXT}; shorten it.")
        if not label.isprintable() or not label.strip():
            raise InputError(f"{file}: has label {label!r}, which cannot be shown; give it visible characters.")


def _are_numbers(labels: np.ndarray) -> bool:
    return labels.dtype.kind in "iu"


def _classes(present: np.ndarray) -> str:
    """The labels of training in a sentence: from the first to the last, or some of them."""
    if _are_numbers(present) and present[-1] - present[0] == len(present) - 1:
        return f"{present[0]} to {present[-1]}"
    more = f" and {len(present) - SHOWN_CLASSES} more" * (len(present) > SHOWN_CLASSES)
    return ", ".join(shown(label) for label in present[:SHOWN_CLASSES]) + more


def shown(label: object) -> str:
    """A label as a sentence shows it."""
    return repr(str(label)) if isinstance(label, str) else str(label)
