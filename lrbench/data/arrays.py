"""What a format reads: the examples of a data set, and how much memory a file may take.

No file takes more memory than SMALL or MAX_RATIO times its size, whichever is more, and none more than MAX_BYTES: what
it says it holds is checked against these before anything of it is unpacked, and no more than that is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lrbench.data.split import Examples
from lrbench.errors import InputError

MAX_BYTES = 4 * 1024**3
SMALL = 64 * 1024**2  # fewer bytes may be packed as well as they can: labels in order are a few runs of zeros
MAX_DIMENSIONS = 8  # what TensorFlow cuts batches from
MAX_RATIO = 100  # bytes for each byte of the file; images of handwriting have about 5, deflate could have 1032


@dataclass(frozen=True)
class Source:
    """A data set as its files have it.

    train, test, validation : its parts, labels as the files have them; None for a part that it lacks
    files : which file holds what, by train_images, train_labels, test_images and so on: named in messages
    notes : how the images differ from what the files hold, a clause each
    """

    train: Examples
    test: Examples | None
    files: Mapping[str, str]
    validation: Examples | None = None
    notes: tuple[str, ...] = ()


def zeros(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """An array that is never looked into, of any size in no memory: every element is the same one."""
    return np.broadcast_to(np.zeros((), dtype), shape)


def most_bytes(stored: int) -> int:
    """How many bytes a data set may take whose files have `stored` bytes."""
    return min(MAX_BYTES, max(SMALL, MAX_RATIO * stored))


def check_size(size: int, path: Path) -> None:
    """Raise InputError where a file says it holds more bytes than are taken, or than a file of its size holds."""
    if size > MAX_BYTES:
        raise InputError(f"{path}: says it holds {size} bytes, over the cap of {MAX_BYTES}; give a smaller data set.")
    stored = os.path.getsize(path)
    if size > most_bytes(stored):
        raise InputError(
            f"{path}: says it holds {size} bytes, over {MAX_RATIO} times its {stored}; unpack it, or fetch it again."
        )


def checked_examples(array: np.ndarray, name: str, path: Path) -> np.ndarray:
    """Examples in a type to train on: uint8 as it is, numbers with a fraction float32, other whole numbers int32.

    Parameters
    ----------
    array : shape (n, …); zeros that take no memory stay such
    name, path : of the array and of its file, for messages

    Raises
    ------
    InputError
        Where the array is empty, holds no real numbers, or a number that is not finite or is too large.
    """
    if not 2 <= array.ndim <= MAX_DIMENSIONS or array.size == 0:
        raise InputError(
            f"{path}: {name} has shape {array.shape}; give examples as (examples, features) or "
            f"(examples, height, width[, channels]), up to {MAX_DIMENSIONS} dimensions, none of them 0."
        )
    kind = np.dtype({"f": np.float32, "i": np.int32, "u": np.int32}.get(array.dtype.kind, object))
    if array.dtype == np.uint8:
        kind = array.dtype
    if kind.hasobject:
        raise InputError(f"{path}: {name} has dtype {array.dtype}; give whole numbers or numbers with a fraction.")
    if 0 in array.strides:
        return zeros(array.shape, kind)
    with np.errstate(over="ignore", invalid="ignore"):
        inputs = np.ascontiguousarray(array, kind)
    wrong = ~np.isfinite(inputs) if kind.kind == "f" else inputs != array
    if wrong.any():
        place = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
        raise InputError(
            f"{path}: {name}{[int(index) for index in place]} is {array[place]}, which is no finite number of {kind}; "
            "give finite ones within its range."
        )
    return inputs
