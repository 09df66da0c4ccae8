"""Which examples train and which validate. Every draw has a fixed seed of its own, whatever the run's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lrbench.data.standardization import standardized
from lrbench.errors import InputError

HOLDOUT_STREAM = (0, 1)
SHUFFLE_STREAM = (0, 2)
SUBSET_STREAM = 0
SUBSET_SHARE, SUBSET_FEWEST, SUBSET_MOST = 12, 1000, 5000  # one training example in so many, within these bounds
PART_OF = {"test": "test", "own": "validation"}  # the part of the data set that a protocol validates on


@dataclass(frozen=True)
class Examples:
    """Images (n, …) uint8, float32 or int32 with labels (n,) uint8, or uint16 where there are more than 256 classes.

    As a format reads them, labels are what the files have: whole numbers of any kind, or texts.
    """

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices: np.ndarray) -> Examples:
        """The examples at `indices`, in that order."""
        return Examples(self.images[indices], self.labels[indices])


@dataclass(frozen=True)
class Parts:
    """A data set in its own parts, the classes numbered from 0.

    test, validation : None where the data set has no such part
    class_names : the label of each class in the files; None where labels are the numbers of the classes
    notes : how the images differ from what the files hold, a clause each
    """

    train: Examples
    test: Examples | None = None
    validation: Examples | None = None
    class_names: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()

    def named(self) -> dict[str, Examples]:
        """The parts that there are, by name."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: examples for name, examples in parts.items() if examples is not None}


@dataclass(frozen=True)
class Split:
    """What trains, what validates, and what is looked at once at the end.

    test : None under protocol `test`, and where the data set has no test part
    train_places : where each training example stands in the data set's own training part, from 0; shape (n,)
    class_names : as `Parts` has them
    """

    train: Examples
    validation: Examples
    test: Examples | None
    classes: int
    train_places: np.ndarray
    class_names: tuple[str, ...] | None = None


def split(data: Parts, settings: Mapping[str, Any]) -> Split:
    """Divide a data set as the settings say.

    Parameters
    ----------
    data : the data set in its own parts
    settings : `validation` {protocol, examples[, share]}, `train_examples`, and `data_options` where any is given

    Raises
    ------
    InputError
        Where more examples are asked for than there are, a part that the data set lacks is to validate, or a class
        would be left without an example.
    """
    train, protocol = data.train, settings["validation"]["protocol"]
    classes = int(train.labels.max()) + 1
    if protocol == "holdout":
        held_out = stratified(train.labels, _held(settings["validation"], len(train)))
        kept = np.setdiff1d(np.arange(len(train)), held_out)
        parts = Split(train.take(kept), train.take(held_out), data.test, classes, kept, data.class_names)
    else:
        validation, test = (data.test, None) if protocol == "test" else (data.validation, data.test)
        if validation is None:
            raise InputError(
                f"dataset.validation is {protocol} but the data set has no {PART_OF[protocol]} part; set it to "
                "holdout, with dataset.holdout_examples or dataset.holdout_share."
            )
        parts = Split(train, validation, test, classes, np.arange(len(train)), data.class_names)
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
    return _standardized(parts) if settings.get("data_options", {}).get("standardize") else parts


def _held(validation: Mapping[str, Any], examples: int) -> int:
    """How many of the training examples are held out."""
    share = validation.get("share")
    held = validation["examples"] if share is None else max(1, round(share * examples))
    if held >= examples:
        said = f"examples is {held}" if share is None else f"share is {share}, which is {held} examples,"
        raise InputError(
            f"dataset.holdout_{said} but the training set has {examples} examples; "
            "hold out fewer, so that some are left to train on."
        )
    return int(held)


def _standardized(parts: Split) -> Split:
    """The split with every feature standardized by its mean and deviation in the examples that train."""
    named = [parts.train, parts.validation] + ([] if parts.test is None else [parts.test])
    images = standardized(*(examples.images for examples in named))
    train, validation, *test = (
        Examples(values, examples.labels) for values, examples in zip(images, named, strict=True)
    )
    return replace(parts, train=train, validation=validation, test=test[0] if test else None)


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
    """Sorted indices of the training examples on which the training loss is measured, in proportion to training.

    A twelfth of the examples, at most 5,000 and at least 1,000; all of fewer.
    """
    wanted = min(max(examples // SUBSET_SHARE, SUBSET_FEWEST), SUBSET_MOST)
    if examples <= wanted:
        return np.arange(examples)
    return np.sort(np.random.default_rng(SUBSET_STREAM).choice(examples, wanted, replace=False))


def batch_order(seed: int, epoch: int, examples: int) -> np.ndarray:
    """The order in which epoch `epoch` (from 1) goes through the training examples."""
    return np.random.default_rng([seed, epoch]).permutation(examples)


def scaled(images: np.ndarray) -> np.ndarray:
    """Images as the model takes them, float32: uint8 divided by 255 (not multiplied by 1/255), others as they are."""
    values = images.astype("float32")
    return values / np.float32(255) if images.dtype == np.uint8 else values
