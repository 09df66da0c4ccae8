"""What training writes: four tables for each run, and three of them for a whole experiment.

Losses are mean cross-entropies in nats, accuracies are shares from 0 to 1. Steps count updates of the
weights; step 0 is before the first. Non-finite values are kept.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import numpy as np
import pandas as pd

from lrbench.tables.format import TableFormat, ascending

RUN = {"learning_rate": "float64", "seed": "int64"}
Run: TypeAlias = tuple[float, int]  # its learning rate and seed

EPOCHS = {
    # loss and accuracy are running means over the epoch, while the weights change: Keras' history
    "epoch": "int64",
    "loss": "float64",
    "accuracy": "float64",
    "val_loss": "float64",
    "val_accuracy": "float64",
}
EVALUATIONS = {
    # everything here is measured with the weights held still
    "step": "int64",
    "epoch": "float64",
    "train_loss": "float64",
    "train_accuracy": "float64",
    "val_loss": "float64",
    "val_accuracy": "float64",
    "gradient_norm": "float64",  # L2 norm of the gradient of train_loss
    "update_ratio": "float64",  # L2 norm of the last step over that of the weights before it; NaN at step 0
    "learning_rate_now": "float64",  # the rate of the last step; at step 0 that of the first
}
STEPS = {"step": "int64", "batch_loss": "float32"}
PREDICTIONS = {
    # of the trained model, for every validation example in the data set's order; classes from 0
    "example": "int32",
    "predicted": "uint16",
}

RUN_TABLES = {
    "epochs": TableFormat("epochs", EPOCHS, ("epoch",)),
    "evaluations": TableFormat("evaluations", EVALUATIONS, ("step",)),
    "predictions": TableFormat("predictions", PREDICTIONS, ("example",)),
    "steps": TableFormat("steps", STEPS, ("step",)),
}
# Predictions stay in the store: what is asked of them is asked of the runs of one rate.
EXPERIMENT_TABLES = {
    name: TableFormat(name, RUN | dict(table.columns), ("learning_rate", "seed", *table.key))
    for name, table in RUN_TABLES.items()
    if name != "predictions"
}


def by_run(table: Mapping[str, np.ndarray] | pd.DataFrame, along: str) -> Iterator[tuple[Run, dict[str, np.ndarray]]]:
    """The columns of each run, shape (rows of the run,) each, by learning rate and seed, from a table of whole runs.

    along : the column by whose values a run's rows are sorted: `step` or `epoch`
    """
    columns = {str(name): np.asarray(table[name]) for name in table}
    keys = [columns[name] for name in (*RUN, along)]
    if not ascending(keys):
        order = np.lexsort(keys[::-1])
        columns = {name: values[order] for name, values in columns.items()}
    rates, seeds = (columns[name] for name in RUN)
    begins = np.flatnonzero((rates[1:] != rates[:-1]) | (seeds[1:] != seeds[:-1])) + 1
    places = [0, *begins.tolist(), len(rates)] if len(rates) else []
    for begin, end in itertools.pairwise(places):
        yield (float(rates[begin]), int(seeds[begin])), {name: values[begin:end] for name, values in columns.items()}
