"""A run trained by `model.fit` itself, on the same batches: what the engines are held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lrbench.data.split import Split, batch_order
from lrbench.learning.model import build_optimizer
from lrbench.learning.settings import RunSettings

CHUNK_NOTE = "as `fit` holds them: float32 in memory"


@dataclass(frozen=True)
class Fitted:
    """What `fit` leaves.

    weights : in Keras' order; history : by name, a value for each epoch
    """

    weights: list[np.ndarray]
    history: dict[str, list[float]]


def fit(settings: RunSettings, data: Split, model: Any) -> Fitted:
    """Train a fresh model by `model.fit`, an epoch a call, on the batches that lrbench trains on.

    model : not compiled, its weights those that the run begins with
    """
    model.compile(
        optimizer=build_optimizer(settings.optimizer, settings.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    history: dict[str, list[float]] = {}
    validation = (as_fit_takes(data.validation.images), data.validation.labels)
    for epoch in range(1, settings.epochs + 1):
        shuffled = data.train.take(batch_order(settings.seed, epoch, len(data.train)))
        fitted = model.fit(
            as_fit_takes(shuffled.images),
            shuffled.labels,
            batch_size=settings.batch_size,
            shuffle=False,
            verbose=0,
            validation_data=validation,
        )
        for name, values in fitted.history.items():
            history.setdefault(name, []).extend(map(float, values))
    return Fitted(model.get_weights(), history)


def as_fit_takes(images: np.ndarray) -> np.ndarray:
    """The numbers of examples as the model takes them: uint8 divided by 255, all else as it is."""
    return images.astype("float32") / np.float32(255) if images.dtype == np.uint8 else images
