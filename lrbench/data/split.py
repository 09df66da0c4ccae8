"""Which examples train and which validate. Every draw has a fixed seed of its own, whatever the run's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lrbench.errors import InputError

HOLDOUT_STREAM = (0, 1)
SHUFFLE_STREAM = (0, 2)
SUBSET_STREAM = 0
SUBSET_EXAMPLES = 5000


@dataclass(frozen=True)
class Examples:
    """Images (n, height, width[, channels]) uint8 with labels (n,) uint8."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices: np.ndarray) -> Examples:
        """The examples at `indices`, in that order."""
        return Examples(self.images[indices], self.labels[indices])


@dataclass(frozen=True)
class Split:
    """What trains, what validates, and what is looked at once at the end (None under protocol `test`).

    train_places : where each training example stands in the data set's own training part, from 0; shape (n,)
    """

    train: Examples
    validation: Examples
    test: Examples | None
    classes: int
    train_places: np.ndarray


def split(train: Examples, test: Examples, settings: Mapping[str, Any]) -> Split:
    """Divide a data set as the settings say.

    Parameters
    ----------
    train, test : the data set's own two parts
    settings : `validation` {protocol, examples} and `train_examples`

    Raises
    ------
    InputError
        Where more examples are asked for than there are, or a class would be left without one.
    """
    protocol, held = settings["validation"]["protocol"], settings["validation"]["examples"]
    classes = int(train.labels.max()) + 1
    if protocol == "test":
        parts = Split(train, test, None, classes, np.arange(len(train)))
    else:
        if held >= len(train):
            raise InputError(
                f"dataset.holdout_examples is {held} but the training set has {len(train)} examples; "
                "hold out fewer, so that some are left to train on."
            )
        held_out = stratified(train.labels, held)
        kept = np.setdiff1d(np.arange(len(train)), held_out)
        parts = Split(train.take(kept), train.take(held_out), test, classes, kept)
    wanted = settings["train_examples"]
    if wanted is not None:
        if wanted > len(parts.train):
            raise InputError(
                f"dataset.train_examples is {wanted} but there are {len(parts.train)} to train on; "
                "ask for no more than that, or remove the key to take all."
            )
        order = np.random.default_rng(SHUFFLE_STREAM).permutation(len(parts.train))
        taken = order[:wanted]
        parts = replace(parts, train=parts.train.take(taken), train_places=parts.train_places[taken])
    _check_classes(parts, settings)
    return parts


def _check_classes(parts: Split, settings: Mapping[str, Any]) -> None:
    counts = np.bincount(parts.train.labels, minlength=parts.classes)
    if (counts == 0).any():
        raise InputError(
            f"dataset: with train_examples {settings['train_examples'] or 'all'} and validation "
            f"{settings['validation']['protocol']}, no training example of class {int(np.argmin(counts))} is left; "
            "train on more examples or hold out fewer."
        )


def stratified(labels: np.ndarray, number: int) -> np.ndarray:
    """Sorted indices of `number` examples with the classes in the proportions of `labels`.

    Shares are rounded by largest remainder, ties to the smaller class.
    """
    counts = np.bincount(labels)
    taken, remainders = np.divmod(counts * number, len(labels))
    rest = number - taken.sum()
    taken[np.argsort(-remainders, kind="stable")[:rest]] += 1
    generator = np.random.default_rng(HOLDOUT_STREAM)
    chosen = [generator.permutation(np.flatnonzero(labels == label))[:some] for label, some in enumerate(taken)]
    return np.sort(np.concatenate(chosen))


def training_subset(examples: int) -> np.ndarray:
    """Sorted indices of the training examples on which the training loss is measured: 5,000, or all if fewer."""
    if examples <= SUBSET_EXAMPLES:
        return np.arange(examples)
    return np.sort(np.random.default_rng(SUBSET_STREAM).choice(examples, SUBSET_EXAMPLES, replace=False))


def batch_order(seed: int, epoch: int, examples: int) -> np.ndarray:
    """The order in which epoch `epoch` (from 1) goes through the training examples."""
    return np.random.default_rng([seed, epoch]).permutation(examples)


def scaled(images: np.ndarray) -> np.ndarray:
    """Images as the model takes them: float32 from 0 to 1, divided by 255 (not multiplied by 1/255)."""
    return images.astype("float32") / np.float32(255)
