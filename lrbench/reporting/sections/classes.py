"""The classes of the data set: what its files call them, and how many examples each has where they are unequal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lrbench.reporting.inputs import Measured
from lrbench.tables.analysis import UNEQUAL_CLASSES
from lrbench.wording import class_label

MOST_NAMES = 20  # that the page lists
MOST_ROWS = 20  # of the table of unequal classes: half of it the largest, half the smallest


@dataclass(frozen=True)
class Classes:
    """What the page says of classes.

    names : each class's number with its label; "" where labels are the numbers
    counts : rows of class, training and validation examples; none where classes are about equal
    note : what the table leaves out, and what always naming the largest class gives; "" without a table
    """

    names: str
    counts: list[list[str]]
    note: str


def classes(measured: Measured) -> Classes:
    """The classes of the data set that an experiment was trained on."""
    dataset = measured.dataset
    unequal = any(
        max(part["class_counts"]) > UNEQUAL_CLASSES * min(part["class_counts"]) for part in dataset["parts"].values()
    )
    return Classes(
        _names(dataset["class_names"]),
        _counts(dataset) if unequal else [],
        _note(measured) if unequal else "",
    )


def _names(names: list[str] | None) -> str:
    if names is None:
        return ""
    listed = "; ".join(f"{number}: {name}" for number, name in enumerate(names[:MOST_NAMES]))
    more = len(names) - MOST_NAMES
    return listed + (f"; and {more:,} more, in the data set's manifest.json" if more > 0 else "")


def _counts(dataset: Mapping[str, Any]) -> list[list[str]]:
    """A row for each class; of many classes those with most and with fewest training examples."""
    parts = [dataset["parts"][name]["class_counts"] for name in ("train", "validation")]
    order = list(range(dataset["classes"]))
    if len(order) > MOST_ROWS:
        by_size = sorted(order, key=lambda number: (-parts[0][number], number))
        order = by_size[: MOST_ROWS // 2] + by_size[-MOST_ROWS // 2 :]
    return [[class_label(number, dataset["class_names"]), *(f"{part[number]:,}" for part in parts)] for number in order]


def _note(measured: Measured) -> str:
    dataset = measured.dataset
    counts = dataset["parts"]["validation"]["class_counts"]
    largest = class_label(counts.index(max(counts)), dataset["class_names"])
    text = ""
    if dataset["classes"] > MOST_ROWS:
        text = f"Of {dataset['classes']:,} classes, the {MOST_ROWS // 2} with most and with fewest training examples. "
    return (
        f"{text}Largest in the validation data is {largest}: always naming it is right for "
        f"{measured.accuracy(measured.across['chance'])} of them."
    )
