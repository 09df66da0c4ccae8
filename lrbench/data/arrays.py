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
MAX_RATIO = 100  # bytes for each byte of the file; images of handwriting have about 5, deflate could have 1032


@dataclass(frozen=True)
class Source:
    """A data set as its files have it.

    train, test : its two parts
    files : which file holds what, by train_images, train_labels, test_images and test_labels: named in messages
    """

    train: Examples
    test: Examples
    files: Mapping[str, str]


def zeros(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """An array that is never looked into, of any size in no memory: every element is the same one."""
    return np.broadcast_to(np.zeros((), dtype), shape)


def check_size(size: int, path: Path) -> None:
    """Raise InputError where a file says it holds more bytes than are taken, or than a file of its size holds."""
    if size > MAX_BYTES:
        raise InputError(f"{path}: says it holds {size} bytes, over the cap of {MAX_BYTES}; give a smaller data set.")
    stored = os.path.getsize(path)
    if size > max(SMALL, MAX_RATIO * stored):
        raise InputError(
            f"{path}: says it holds {size} bytes, over {MAX_RATIO} times its {stored}; unpack it, or fetch it again."
        )
