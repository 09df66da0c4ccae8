"""What made-up runs get wrong: predictions that have as many right of each class as the runs were counted by."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from support.histories import Made

from lrbench.identity.provenance import canonical_json
from lrbench.probes.mistakes.counts import counts
from lrbench.probes.mistakes.thumbnails import thumbnail


def predictions(run: dict[str, Any], class_counts: list[int]) -> np.ndarray:
    """The class that a run predicts for each example, these in order of class; what is wrong is taken for the next."""
    random = np.random.default_rng(run["seed"])
    found = []
    for label, (examples, correct) in enumerate(zip(class_counts, run["validation"]["class_correct"], strict=True)):
        predicted = np.full(examples, (label + 1) % len(class_counts))
        predicted[random.permutation(examples)[:correct]] = label
        found.append(predicted)
    return np.concatenate(found)


def mistaken(made: Made, chosen: float | None) -> dict[str, Any]:
    """The content of mistakes.json for a made experiment and its recommended rate."""
    class_counts = made.dataset["parts"]["validation"]["class_counts"]
    runs = [run for run in made.origin["runs"] if run["learning_rate"] == chosen and run["weights"]["finite"]]
    labels = np.repeat(np.arange(len(class_counts)), class_counts)
    predicted = np.array([predictions(run, class_counts) for run in runs], int).reshape(len(runs), len(labels))
    found = counts(predicted, labels, len(class_counts), np.arange(len(labels)))
    for example in found["hardest"]:
        example["picture"] = thumbnail(np.full((3, 2), example.pop("index") % 256, np.uint8))
    content = {
        **found,
        "learning_rate": chosen,
        "part": "test",
        "planned": len(made.origin["plan"]["seeds"]),
        "runs": [{"run_key": run["run_key"], "seed": run["seed"]} for run in runs],
    }
    return json.loads(canonical_json(content))
