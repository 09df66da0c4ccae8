"""What predictions get wrong: counts and shares of classes, of pairs of classes, and of examples."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrbench.probes.mistakes import MOST_CLASSES

HARDEST = 24  # examples
MOST_PAIRS = 100  # pairs of classes, where there are too many for a matrix


def counts(predictions: np.ndarray, labels: np.ndarray, classes: int, places: np.ndarray) -> dict[str, Any]:
    """Accuracy, confusions, recall by class, disagreement and the hardest examples.

    Parameters
    ----------
    predictions : classes, shape (runs, examples); of no runs nothing is counted
    labels : true classes, shape (examples,)
    places : where each example stands in the data set's own part, shape (examples,)
    """
    runs, examples = predictions.shape
    wrong_in = (predictions != labels).sum(axis=0)
    none = not runs
    return {
        "accuracy": None if none else float(1 - wrong_in.mean() / runs),
        "always_wrong": 0 if none else int((wrong_in == runs).sum()),
        "classes": classes,
        "confusions": [] if none else _confusions(predictions, labels, classes),
        "disagreement": None if runs < 2 else _disagreement(predictions),
        "examples": examples,
        "hardest": _hardest(predictions, labels, wrong_in, places),
        "mean_wrong": None if none else float(wrong_in.sum() / runs),
        "recall": [] if none else _recall(predictions == labels, labels, classes),
    }


def _confusions(predictions: np.ndarray, labels: np.ndarray, classes: int) -> list[dict[str, Any]]:
    """Pairs of true and predicted class that occur, the correct ones among them if they fit in a matrix.

    count : of examples, mean over runs; share : of the true class's examples
    """
    runs = len(predictions)
    of_class = np.bincount(labels, minlength=classes)
    pairs, number = np.unique((labels * classes + predictions).ravel(), return_counts=True)
    true, predicted = np.divmod(pairs, classes)
    if classes > MOST_CLASSES:
        order = np.lexsort((predicted, true, -number))
        order = order[true[order] != predicted[order]][:MOST_PAIRS]
        true, predicted, number = true[order], predicted[order], number[order]
    return [
        {"true": int(a), "predicted": int(b), "count": float(n / runs), "share": float(n / runs / of_class[a])}
        for a, b, n in zip(true, predicted, number, strict=True)
    ]


def _recall(right: np.ndarray, labels: np.ndarray, classes: int) -> list[dict[str, Any]]:
    """Of each class, the share of its examples that is classified correctly: mean over runs, lowest and highest."""
    rows: list[dict[str, Any]] = []
    of_class = np.bincount(labels, minlength=classes)
    correct = np.array([np.bincount(labels[row], minlength=classes) for row in right])
    for number, examples in enumerate(of_class.tolist()):
        row: dict[str, Any] = {"class": number, "examples": examples, "mean": None, "lowest": None, "highest": None}
        if examples:
            shares = correct[:, number] / examples
            row |= {"mean": float(shares.mean()), "lowest": float(shares.min()), "highest": float(shares.max())}
        rows.append(row)
    return rows


def _disagreement(predictions: np.ndarray) -> dict[str, Any]:
    """For how many examples not all runs predict the same class, and how often two of them differ, mean over pairs."""
    runs, examples = predictions.shape
    apart = (predictions != predictions[0]).any(axis=0)
    differ = sum(int((row != predictions[place + 1 :]).sum()) for place, row in enumerate(predictions))
    pairs = runs * (runs - 1) // 2
    return {
        "examples": int(apart.sum()),
        "pairwise": differ / (pairs * examples),
        "share": float(apart.mean()),
    }


def _hardest(
    predictions: np.ndarray, labels: np.ndarray, wrong_in: np.ndarray, places: np.ndarray
) -> list[dict[str, Any]]:
    """The examples that most runs get wrong, those of equal number in the order of their places.

    index : among the validation examples; place : in the data set's own part
    """
    order = np.lexsort((places, -wrong_in))[:HARDEST]
    found = []
    for index in order[wrong_in[order] > 0].tolist():
        names, runs = np.unique(predictions[:, index], return_counts=True)
        told = sorted(zip(names.tolist(), runs.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
        found.append(
            {
                "index": index,
                "label": int(labels[index]),
                "place": int(places[index]),
                "predicted": [{"class": name, "runs": number} for name, number in told],
                "wrong": int(wrong_in[index]),
            }
        )
    return found
