"""Folders of images, and what reading them complains of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.samples import arrays

from lrbench.data.sources import read_dataset
from lrbench.errors import InputError

GREY = np.arange(6, dtype=np.uint8).reshape(2, 3)
COLOUR = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
KIND = "2 x 3 pixels in grey"
ANEW = "save it anew, or leave it out"


def save(path, pixels, **options):
    """Write an image, and the folders above it."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    (pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)).save(path, **options)


def write_folder():
    """The examples of `arrays()` as images in data; labels 0, 1, 2 are the folders a, b, c."""
    given = arrays()
    for part in ("train", "test"):
        for place, (pixels, label) in enumerate(zip(given[f"x_{part}"], given[f"y_{part}"], strict=True)):
            save(f"data/{part}/{'abc'[label]}/{place}.png", pixels)


def refused(path, options=None):
    """What reading a data set complains of."""
    with pytest.raises(InputError) as caught:
        read_dataset(path, options)
    return str(caught.value)


def cut(file):
    """Leave the last 30 bytes of a file out."""
    file.write_bytes(file.read_bytes()[:-30])


def emptied(file):
    """Leave nothing of a file."""
    file.write_bytes(b"")
