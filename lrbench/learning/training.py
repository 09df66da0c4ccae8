"""One run: a fresh model trained with its seed, measured along the way.

The result is bit for bit that of `model.fit(..., shuffle=False)` on the same batches. What is measured in
between reads the weights and changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from lrbench.data.split import Examples, Split, batch_order, training_subset
from lrbench.learning.schedules import learning_rate, rate_at, steps_of_epoch
from lrbench.learning.settings import RunSettings

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True)
class History:
    """What one run leaves: the columns of its tables, and its weights.

    test : loss and accuracy on the test set after training, where it does not validate
    predictions : the class that the trained model gives each validation example, shape (examples,)
    class_correct : for each class, how many of its validation examples are classified correctly after training;
        shape (classes,)
    """

    epochs: dict[str, np.ndarray]
    evaluations: dict[str, np.ndarray]
    steps: dict[str, np.ndarray]
    initial_weights: list[np.ndarray]
    weights: list[np.ndarray]
    test: tuple[float, float] | None
    predictions: np.ndarray
    class_correct: np.ndarray

    def tables(self) -> dict[str, dict[str, np.ndarray]]:
        """The columns of the tables of a run, by the table's name."""
        examples = np.arange(len(self.predictions))
        return {
            "epochs": self.epochs,
            "evaluations": self.evaluations,
            "predictions": {"example": examples, "predicted": self.predictions},
            "steps": self.steps,
        }


class Engine(Protocol):
    """What trains one model: see `lrbench.learning.engine.Engine` and `lrbench.learning.exact.ExactEngine`."""

    def start_epoch(self, order: np.ndarray) -> None:
        """Take a new order of the training examples."""

    def run(self, examples: Any, start: int, stop: int) -> np.ndarray:
        """Train on batches start, …, stop − 1 of that order; the loss of each."""

    def running_means(self) -> tuple[float, float]:
        """Loss and accuracy of this epoch while the weights changed."""

    def evaluate(self, examples: Any) -> tuple[float, float]:
        """Loss and accuracy with the weights held still."""

    def validate(self, examples: Any) -> tuple[float, float, np.ndarray]:
        """What `evaluate` gives, and the class of the highest probability for each example."""

    def gradient(self, examples: Any) -> tuple[float, float, list[np.ndarray]]:
        """Loss, accuracy and the gradient of the loss."""

    def weights(self) -> list[np.ndarray]:
        """The weights that training changes."""


MANY, FEW = (1, 2, 5), (1,)  # steps of a decade of the first epoch at which a run is measured


@dataclass(frozen=True)
class Learner:
    """A fresh model and the engine that trains it. measured_at : as `evaluation_steps` takes `of_a_decade`."""

    model: Any
    engine: Engine
    measured_at: Sequence[int] = MANY


def begin_with(model: Any, variables: Sequence[np.ndarray]) -> None:
    """Give a fresh model the variables that another of its kind ended with: weights, and states of random layers."""
    for variable, value in zip(model.variables, variables, strict=True):
        variable.assign(value)


def weights_fingerprint(weights: Iterable[np.ndarray]) -> str:
    """SHA-256 of weights: their bytes, little-endian and C-contiguous, in Keras' order."""
    hasher = hashlib.sha256()
    for array in weights:
        kind = array.dtype.newbyteorder("<")
        if kind != np.dtype("<f4"):  # of a model of other precision, or a layer that counts
            hasher.update(kind.str.encode())
        hasher.update(np.ascontiguousarray(array, dtype=kind).tobytes())
    return hasher.hexdigest()


def evaluation_steps(steps_per_epoch: int, epochs: int, of_a_decade: Sequence[int] = MANY) -> list[int]:
    """The steps at which a run is measured: 0; 1, 2, 5, 10, 20, 50, … of the first epoch; each epoch's last.

    of_a_decade : those of the first decade; MANY are as above, FEW are 1, 10, 100, …
    """
    logarithmic = [m * 10**p for p in range(len(str(steps_per_epoch))) for m in of_a_decade]
    ends = range(steps_per_epoch, steps_per_epoch * epochs + 1, steps_per_epoch)
    return sorted({0, *(step for step in logarithmic if step < steps_per_epoch), *ends})


class TensorData:
    """A split's examples as tensors, shared by all the runs of a process."""

    def __init__(self, data: Split) -> None:
        self.train = _tensors(data.train)
        self.validation = _tensors(data.validation)
        self.test = None if data.test is None else _tensors(data.test)
        self.subset = _tensors(data.train.take(training_subset(len(data.train))))
        self.train_examples = len(data.train)
        self.input_shape = data.train.images.shape[1:]
        self.classes = data.classes

    def steps_per_epoch(self, batch_size: int) -> int:
        """How many steps an epoch has."""
        return steps_of_epoch(self.train_examples, batch_size)


def _tensors(examples: Examples) -> tuple[tf.Tensor, tf.Tensor]:
    import tensorflow as tf

    return tf.constant(examples.images), tf.constant(examples.labels, tf.int64)


def train(settings: RunSettings, data: TensorData, learner: Learner, log: Callable[[str], None]) -> History:
    """Train one run from scratch.

    Parameters
    ----------
    settings : the run's settings
    data : what to train and validate on
    learner : its model, not trained yet, and the engine
    log : called with one line at the end of each epoch
    """
    model, engine = learner.model, learner.engine
    steps_per_epoch = data.steps_per_epoch(settings.batch_size)
    rate = learning_rate(settings, steps_per_epoch)
    measured_at = evaluation_steps(steps_per_epoch, settings.epochs, learner.measured_at)
    initial_weights = model.get_weights()
    epochs: list[dict[str, Any]] = []
    measured, predictions = _measure(engine, data)
    evaluations = [measured | {"step": 0, "epoch": 0.0, "update_ratio": np.nan, "learning_rate_now": rate_at(rate, 1)}]
    batch_losses: list[np.ndarray] = []
    for epoch in range(1, settings.epochs + 1):
        engine.start_epoch(batch_order(settings.seed, epoch, data.train_examples))
        first = (epoch - 1) * steps_per_epoch
        done = 0
        for step in (step for step in measured_at if first < step <= first + steps_per_epoch):
            batch_losses.append(engine.run(data.train, done, step - first - 1))
            before = engine.weights()
            batch_losses.append(engine.run(data.train, step - first - 1, step - first))
            done = step - first
            measured, predictions = _measure(engine, data)
            evaluations.append(
                measured
                | {
                    "step": step,
                    "epoch": step / steps_per_epoch,
                    "update_ratio": _update_ratio(before, engine.weights()),
                    "learning_rate_now": rate_at(rate, step),
                }
            )
        loss, accuracy = engine.running_means()
        last = evaluations[-1]
        epochs.append(
            {"epoch": epoch, "loss": loss, "accuracy": accuracy}
            | {key: last[key] for key in ("val_loss", "val_accuracy")}
        )
        log(
            f"learning rate {settings.learning_rate:g}, seed {settings.seed}, epoch {epoch}/{settings.epochs}: "
            f"loss {loss:.4f}, accuracy {accuracy:.4f}, "
            f"val_loss {last['val_loss']:.4f}, val_accuracy {last['val_accuracy']:.4f}"
        )
    losses = np.concatenate(batch_losses)
    return History(
        epochs=_columns(epochs),
        evaluations=_columns(evaluations),
        steps={"step": np.arange(1, len(losses) + 1), "batch_loss": losses},
        initial_weights=initial_weights,
        weights=model.get_weights(),
        test=None if data.test is None else engine.evaluate(data.test),
        predictions=predictions,
        class_correct=_class_correct(predictions, data),
    )


def _measure(engine: Engine, data: TensorData) -> tuple[dict[str, float], np.ndarray]:
    """Losses, accuracies and the gradient's norm with the weights held still; and the classes predicted."""
    train_loss, train_accuracy, gradient = engine.gradient(data.subset)
    val_loss, val_accuracy, predictions = engine.validate(data.validation)
    measures = {
        "train_loss": train_loss,
        "train_accuracy": train_accuracy,
        "val_loss": val_loss,
        "val_accuracy": val_accuracy,
        "gradient_norm": _norm(gradient),
    }
    return measures, predictions


def _class_correct(predictions: np.ndarray, data: TensorData) -> np.ndarray:
    labels = data.validation[1].numpy()
    return np.bincount(labels[predictions == labels], minlength=data.classes)


def _columns(rows: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _norm(arrays: Iterable[np.ndarray]) -> float:
    return float(np.sqrt(sum(float(np.sum(np.square(array, dtype="float64"))) for array in arrays)))


def _update_ratio(before: list[np.ndarray], after: list[np.ndarray]) -> float:
    return _norm(b.astype("float64") - a for a, b in zip(before, after, strict=True)) / _norm(before)
