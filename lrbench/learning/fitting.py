"""A run trained by `model.fit` itself, on the same batches: what the engines are held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lrbench.data.sources import read_dataset
from lrbench.data.split import Split, batch_order, scaled, split
from lrbench.errors import WorkError
from lrbench.learning.model import run_optimizer
from lrbench.learning.models import Learners
from lrbench.learning.schedules import steps_of_epoch
from lrbench.learning.settings import RunSettings
from lrbench.learning.store import RunStore
from lrbench.learning.verification import named, stored_run


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


def verify_fit(key: str, dataset: str, store: RunStore, model: str | None = None) -> str:
    """Train a stored run by `model.fit` and compare; a sentence that says that they are the same.

    Parameters and InputError are those of `lrbench.learning.verification.verify`.

    Raises WorkError where a weight, or a loss or accuracy of an epoch, differs; says by how much at most.
    """
    manifest, run = stored_run(key, store)
    from lrbench.learning.model import set_up_tensorflow

    set_up_tensorflow(run.threads)
    from lrbench.learning.training import TensorData, train, weights_fingerprint

    settings = run.as_json()
    data = split(read_dataset(dataset, settings.get("data_options")), settings)
    learners = Learners(settings, model)
    fitted = fit(run, data, learners.model(data.train.images.shape[1:], data.classes, run))
    epochs = store.table(key, "epochs")
    other = [
        name for name, values in fitted.history.items() if not np.array_equal(epochs[name], values, equal_nan=True)
    ]
    count = sum(array.size for array in fitted.weights)
    if weights_fingerprint(fitted.weights) == manifest["weights"]["final"] and not other:
        return (
            f"{named(run, key)} is the same as model.fit trains it: all of its {count} weights, and the losses and "
            f"accuracies of its {run.epochs} epochs, bit for bit."
        )
    tensors = TensorData(data)
    weights = train(run, tensors, learners(run, tensors), lambda line: print(line, flush=True)).weights
    ours, theirs = (np.concatenate([array.ravel().astype(float) for array in of]) for of in (weights, fitted.weights))
    apart = ~((ours == theirs) | (np.isnan(ours) & np.isnan(theirs)))
    most = np.abs(ours - theirs)[apart].max(initial=0)  # no number where just one of the two is
    said = f"{apart.sum()} of its {count} weights, by {most:.2g} at most"
    told = f", and {', '.join(other)} of its epochs" if other else ""
    raise WorkError(f"{named(run, key)} differs from what model.fit trains in {said}{told}.")
