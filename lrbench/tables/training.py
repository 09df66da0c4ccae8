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

from lrbench.tables.format import Column, TableFormat, ascending

Run: TypeAlias = tuple[float, int]  # its learning rate and seed
RUN = {
    "learning_rate": Column("float64", "learning rate of the run; under a schedule its peak"),
    "seed": Column("int64", "seed of the run"),
}

EPOCHS = {
    "epoch": Column("int64", "epoch, from 1", "epochs"),
    "loss": Column("float64", "running mean over the epoch of the training loss, while the weights change", "nats"),
    "accuracy": Column("float64", "running mean over the epoch of the training accuracy", "share"),
    "val_loss": Column("float64", "validation loss after the epoch", "nats"),
    "val_accuracy": Column("float64", "validation accuracy after the epoch", "share"),
}
EVALUATIONS = {
    "step": Column("int64", "step after which the run was evaluated; 0 is before the first", "steps"),
    "epoch": Column("float64", "the step as a number of epochs, whole at the end of each", "epochs"),
    "train_loss": Column("float64", "loss on the fixed part of the training data that is evaluated", "nats"),
    "train_accuracy": Column("float64", "accuracy on that part", "share"),
    "val_loss": Column("float64", "loss on the validation data", "nats"),
    "val_accuracy": Column("float64", "accuracy on the validation data", "share"),
    "gradient_norm": Column("float64", "L2 norm of the gradient of `train_loss`", "nats"),
    "update_ratio": Column(
        "float64", "L2 norm of the last step over that of the weights before it; NaN at step 0", "ratio"
    ),
    "learning_rate_now": Column("float64", "learning rate of the last step; at step 0 that of the first"),
}
STEPS = {
    "step": Column("int64", "step, from 1", "steps"),
    "batch_loss": Column("float32", "loss of the step's batch, before its update", "nats"),
}
PREDICTIONS = {
    "example": Column("int32", "number of the validation example in the data set's order, from 0"),
    "predicted": Column("uint16", "class that the trained model names, from 0"),
}

RUN_TABLES = {
    "epochs": TableFormat("epochs", "each epoch, as Keras' history has it", EPOCHS, ("epoch",)),
    "evaluations": TableFormat(
        "evaluations", "each moment at which it was evaluated with the weights held still", EVALUATIONS, ("step",)
    ),
    "predictions": TableFormat("predictions", "each validation example, after training", PREDICTIONS, ("example",)),
    "steps": TableFormat("steps", "each step of training", STEPS, ("step",)),
}
# Predictions stay in the store: what is asked of them is asked of the runs of one rate.
EXPERIMENT_TABLES = {
    name: TableFormat(
        name,
        f"each run and {table.about.removeprefix('each ')}",
        {**RUN, **table.described},
        ("learning_rate", "seed", *table.key),
    )
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
