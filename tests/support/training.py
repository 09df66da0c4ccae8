"""Small runs to be trained, by lrbench and by `model.fit` on the same batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lrbench.data.split import Examples, Parts, Split, batch_order, scaled, split
from lrbench.learning.fused import learner
from lrbench.learning.model import build_model, run_optimizer
from lrbench.learning.schedules import steps_of_epoch
from lrbench.learning.settings import RunSettings
from lrbench.learning.training import TensorData, train

OPTIMIZERS = {
    "adam": {"name": "adam", "keras": {"class": "Adam"}, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "adamw": {
        "name": "adamw",
        "keras": {"class": "AdamW"},
        "weight_decay": 0.004,
        "beta_1": 0.9,
        "beta_2": 0.999,
        "epsilon": 1e-7,
    },
    "sgd": {"name": "sgd", "keras": {"class": "SGD"}},
    "momentum": {"name": "momentum", "keras": {"class": "SGD"}, "momentum": 0.9},
    "nesterov": {"name": "nesterov", "keras": {"class": "SGD", "nesterov": True}, "momentum": 0.9},
    "rmsprop": {
        "name": "rmsprop",
        "keras": {"class": "RMSprop"},
        "rho": 0.9,
        "momentum": 0.5,
        "epsilon": 1e-7,
        "centered": True,
    },
}
EXAMPLES, CLASSES, EPOCHS = 203, 3, 3


def examples(number: int, seed: int, shape: tuple[int, int] = (6, 5)) -> Examples:
    generator = np.random.default_rng(seed)
    labels = (np.arange(number) % CLASSES).astype(np.uint8)
    images = generator.integers(0, 120, (number, *shape), dtype=np.uint8)
    images[np.arange(number), labels] += 100
    return Examples(images, labels)


def settings(
    optimizer: str = "adam", batch_size: int = 32, protocol: str = "test", learning_rate: float = 0.01, **changes
) -> RunSettings:
    values = {
        "batch_size": batch_size,
        "device": "cpu",
        "epochs": EPOCHS,
        "model": {"hidden_units": [7, 4]},
        "optimizer": OPTIMIZERS[optimizer],
        "threads": 1,
        "train_examples": None,
        "validation": {"protocol": protocol, "examples": 41 if protocol == "holdout" else None},
    }
    return RunSettings.of(values | changes, learning_rate=learning_rate, seed=4)


def parts(run: RunSettings, shape: tuple[int, int] = (6, 5)):
    return split(Parts(examples(EXAMPLES, 0, shape), examples(50, 1, shape)), run.as_json())


def trained(run: RunSettings, data: Split | None = None):
    """What the run leaves, on these examples or on those of `parts`."""
    tensors = TensorData(data or parts(run))
    return train(run, tensors, learner(run, tensors), lambda line: None)


def fit(run: RunSettings, build: Callable[..., Any] = build_model, order=batch_order, shape: tuple[int, int] = (6, 5)):
    """Weights and history of `model.fit`, an epoch a call, on the batches of `order`; and what it predicts then.

    build : makes the model of input shape, classes and the run's settings
    """
    data = parts(run, shape)
    model = build(data.train.images.shape[1:], CLASSES, run)
    model.compile(
        optimizer=run_optimizer(run, steps_of_epoch(len(data.train), run.batch_size)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    history: dict[str, list[float]] = {}
    for epoch in range(1, run.epochs + 1):
        shuffled = data.train.take(order(run.seed, epoch, len(data.train)))
        fitted = model.fit(
            scaled(shuffled.images),
            shuffled.labels,
            batch_size=run.batch_size,
            shuffle=False,
            verbose=0,
            validation_data=(scaled(data.validation.images), data.validation.labels),
        )
        for name, values in fitted.history.items():
            history.setdefault(name, []).extend(values)
    if data.test is not None:
        test = model.evaluate(scaled(data.test.images), data.test.labels, batch_size=run.batch_size, verbose=0)
        history["test"] = test
    predicted = model.predict(scaled(data.validation.images), batch_size=run.batch_size, verbose=0).argmax(axis=1)
    return model.get_weights(), history, predicted
