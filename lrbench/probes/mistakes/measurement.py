"""Which validation examples the runs at the recommended rate get wrong, from the predictions that the store keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lrbench.data.kinds import kind_of
from lrbench.data.split import Examples, Parts, split, stratified
from lrbench.errors import WorkError
from lrbench.learning.store import RunStore
from lrbench.probes.mistakes.counts import counts
from lrbench.probes.mistakes.thumbnails import thumbnail
from lrbench.tables.plan import seeds_at
from lrbench.tables.probes import Results

PARTS = {"test": "test", "own": "validation", "holdout": "training"}  # where a protocol's validation examples lie


def measure(settings: Mapping[str, Any], plan: Mapping[str, Any], parts: Parts, results: Results) -> dict[str, Any]:
    """Confusions, recall by class, disagreement between seeds and the hardest examples, as JSON has it.

    Runs whose weights are not finite predict nothing and are left out. Without a recommended rate nothing is counted.

    Raises
    ------
    InputError
        Where a stored run is missing or damaged.
    WorkError
        Where the store's predictions are not those that the run was counted by.
    """
    protocol = settings["validation"]["protocol"]
    data = split(parts, settings)
    runs = [run for run in results.runs if run["learning_rate"] == results.chosen and run["weights"]["finite"]]
    predictions = predicted(runs, data.validation, data.classes, RunStore(results.store))
    places = np.arange(len(data.validation))
    if protocol == "holdout":
        places = stratified(parts.train.labels, len(data.validation))
    found = counts(predictions, data.validation.labels.astype(int), data.classes, places)
    images = kind_of(data.validation.images) == "images"
    for example in found["hardest"]:
        image = data.validation.images[example.pop("index")]
        example["picture"] = thumbnail(image) if images else None
    return {
        **found,
        "learning_rate": results.chosen,
        "part": PARTS[protocol],
        "planned": seeds_at(plan, results.chosen),
        "runs": [{"run_key": run["run_key"], "seed": run["seed"]} for run in runs],
    }


def predicted(runs: list[Mapping[str, Any]], validation: Examples, classes: int, store: RunStore) -> np.ndarray:
    """The class that each run predicts for each validation example, shape (runs, examples)."""
    found = np.empty((len(runs), len(validation)), int)
    for row, run in zip(found, runs, strict=True):
        store.manifest(run["run_key"])  # has the digest of every table
        table = store.table(run["run_key"], "predictions")
        if len(table) != len(validation):
            raise WorkError(f"the run {run['run_key'][:12]} predicts {len(table)} of {len(validation)} examples.")
        row[:] = table["predicted"]
        correct = np.bincount(validation.labels[row == validation.labels], minlength=classes).tolist()
        if correct != run["validation"]["class_correct"]:
            raise WorkError(
                f"the predictions of run {run['run_key'][:12]} are right in other examples of each class than it was "
                "counted by; nothing was written: please report this."
            )
    return found
