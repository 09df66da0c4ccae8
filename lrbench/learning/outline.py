"""Whether a data set can be used as an experiment asks, by labels and headers alone: most faults, in a moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lrbench.data.sources import read_dataset
from lrbench.data.split import Examples, split


def check_outline(path: str, settings: Mapping[str, Any]) -> None:
    """Check a data set without reading its images.

    Parameters
    ----------
    path : a folder of IDX files, or an .npz
    settings : `train_examples` and `validation`

    Raises
    ------
    InputError
        Where labels or headers show that `dataset_manifest` would refuse the data. Damaged images, and files that
        differ from their SHA256SUMS, are found by that alone.
    """
    train, test = (_without_images(part) for part in read_dataset(path, images=False))
    split(train, test, settings)


def _without_images(examples: Examples) -> Examples:
    """Examples of no pixels with these labels: what a split takes of them needs no memory."""
    return Examples(np.empty((len(examples), 0), np.uint8), examples.labels)
