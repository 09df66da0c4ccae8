"""Whether a data set can be used as an experiment asks, by labels and headers alone: most faults, in a moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lrbench.data.sources import read_dataset
from lrbench.data.split import Examples, Parts, split


def check_outline(path: str, settings: Mapping[str, Any]) -> None:
    """Check a data set without reading its images.

    Parameters
    ----------
    path : a data set in one of `lrbench.data.formats`
    settings : `train_examples`, `validation`, and `data_options` where any is given

    Raises
    ------
    InputError
        Where labels or headers show that `dataset_manifest` would refuse the data. Damaged images, and files that
        differ from their SHA256SUMS, are found by that alone.
    """
    options = settings.get("data_options", {})
    data = read_dataset(path, options, images=False)
    parts = {name: _without_images(examples) for name, examples in data.named().items()}
    split(Parts(parts["train"], parts.get("test"), parts.get("validation")), {**settings, "data_options": {}})


def _without_images(examples: Examples) -> Examples:
    """Examples of no pixels with these labels: what a split takes of them needs no memory."""
    return Examples(np.empty((len(examples), 0), np.uint8), examples.labels)
