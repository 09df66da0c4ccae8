"""A run trained by `model.fit` itself, on the same batches: what the engines are held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrbench.data.sources import read_dataset
from lrbench.data.split import Split, batch_order, scaled, split
from lrbench.errors import WorkError
from lrbench.learning.jobs import say
from lrbench.learning.model import run_optimizer
from lrbench.learning.models import Learners, set_up
from lrbench.learning.schedules import steps_of_epoch
from lrbench.learning.settings import RunSettings
from lrbench.learning.store import RunStore
from lrbench.learning.verification import stored_run


@dataclass(frozen=True)
class Fitted:
    """What `fit` leaves: weights in Keras' order, and by name a value for each epoch."""

    weights: list[np.ndarray]
    history: dict[str, list[float]]


def fit(settings: RunSettings, data: Split, model: Any) -> Fitted:
    """Train a fresh model by `model.fit`, an epoch a call, on the batches that lrbench trains on.

    model : not compiled, its weights those that the run begins with
    """
    model.compile(
        optimizer=run_optimizer(settings, steps_of_epoch(len(data.train), settings.batch_size)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    history: dict[str, list[float]] = {}
    validation = (_as_given(data.validation.images), data.validation.labels)
    for epoch in range(1, settings.epochs + 1):
        shuffled = data.train.take(batch_order(settings.seed, epoch, len(data.train)))
        fitted = model.fit(
            _as_given(shuffled.images),
            shuffled.labels,
            batch_size=settings.batch_size,
            shuffle=False,
            verbose=0,
            validation_data=validation,
        )
        for name, values in fitted.history.items():
            history.setdefault(name, []).extend(map(float, values))
    return Fitted(model.get_weights(), history)


def _as_given(images: np.ndarray) -> np.ndarray:
    return scaled(images) if images.dtype == np.uint8 else images


def compare_fit(key: str, dataset: str, store: RunStore, model: str | None = None) -> dict[str, Any]:
    """A stored run and the same run trained by `model.fit`, compared; the content of a record (`lrbench.tables.fit`).

    Parameters and InputError are those of `lrbench.learning.verification.verify`.
    """
    manifest, run = stored_run(key, store)
    settings = run.as_json()
    versions = set_up(settings)
    from lrbench.learning.carried import Beginnings
    from lrbench.learning.training import TensorData, train, weights_fingerprint

    data = split(read_dataset(dataset, settings.get("data_options")), settings)
    learners = Learners(settings, model)
    tensors = TensorData(data)
    beginnings = Beginnings(learners, tensors, store, manifest["key"])
    model_of_run = learners.model(tensors.input_shape, data.classes, run)
    beginnings.begin(run, model_of_run, say)
    fitted = fit(run, data, model_of_run)
    epochs = store.table(key, "epochs")
    record = {
        "differing": 0,
        "epochs": [
            name for name, values in fitted.history.items() if not np.array_equal(epochs[name], values, equal_nan=True)
        ],
        "largest": 0.0,
        "learning_rate": run.learning_rate,
        "run_key": key,
        "seed": run.seed,
        "versions": versions,
        "weights": sum(array.size for array in fitted.weights),
    }
    same = weights_fingerprint(fitted.weights) == manifest["weights"]["final"]
    if not same:
        weights = train(run, tensors, beginnings(run, say), say).weights
        ours, theirs = (
            np.concatenate([array.ravel().astype(float) for array in of]) for of in (weights, fitted.weights)
        )
        apart = ~((ours == theirs) | (np.isnan(ours) & np.isnan(theirs)))
        most = float(np.abs(ours - theirs)[apart].max(initial=0))  # no number where just one of the two is
        record |= {"differing": int(apart.sum()), "largest": most if np.isfinite(most) else None}
    return {**record, "identical": same and not record["epochs"]}


def said_of_fit(record: Mapping[str, Any]) -> str:
    """What a record says of its run, a sentence. Raises WorkError where `fit` trains it otherwise."""
    run = f"the run of learning rate {record['learning_rate']:g} and seed {record['seed']} ({record['run_key'][:12]})"
    if record["identical"]:
        return (
            f"{run} is the same as model.fit trains it: all of its {record['weights']} weights, and the losses and "
            "accuracies of its epochs, bit for bit."
        )
    most = "no number" if record["largest"] is None else f"{record['largest']:.2g}"
    told = f", and {', '.join(record['epochs'])} of its epochs" if record["epochs"] else ""
    raise WorkError(
        f"{run} differs from what model.fit trains in {record['differing']} of its {record['weights']} weights, by "
        f"{most} at most{told}."
    )
