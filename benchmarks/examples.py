"""The examples that every contender trains on, and the order in which it takes them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from benchmarks.scale import BATCH_SIZE, DATA, SEED, Scale
from lrbench.data.sources import read_dataset
from lrbench.data.split import batch_order, scaled, split


class Arrays(NamedTuple):
    """Images (n, 28, 28) float32 from 0 to 1 and labels (n,) int32, to train and to validate on."""

    images: np.ndarray
    labels: np.ndarray
    val_images: np.ndarray
    val_labels: np.ndarray


def arrays(scale: Scale) -> Arrays:
    """The examples as lrbench reads, splits and scales them."""
    settings = {"train_examples": scale.examples, "validation": {"protocol": "test", "examples": None}}
    parts = split(read_dataset(str(DATA)), settings)
    train, validation = parts.train, parts.validation
    if len(train) % BATCH_SIZE:
        raise ValueError(f"{len(train)} examples are not whole batches of {BATCH_SIZE}")
    return Arrays(
        scaled(train.images), train.labels.astype("int32"), scaled(validation.images), validation.labels.astype("int32")
    )


def order(epoch: int, examples: int) -> np.ndarray:
    """The order in which lrbench goes through the examples in an epoch, counted from 1."""
    return batch_order(SEED, epoch, examples)
