"""One run: a fresh model trained with its seed, measured along the way.

The result is bit for bit that of `model.fit(..., shuffle=False)` on the same batches. The loop over the
batches is one compiled graph around the Keras model and the Keras optimizer; what is measured in between
reads the weights and changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lrbench.learning.dataset import Examples, Split, batch_order, scaled, training_subset
from lrbench.learning.model import build_model, build_optimizer
from lrbench.learning.settings import RunSettings

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True)
class History:
    """What one run leaves: the columns of its three tables, and its weights.

    test : loss and accuracy on the test set after training, where it does not validate
    """

    epochs: dict[str, np.ndarray]
    evaluations: dict[str, np.ndarray]
    steps: dict[str, np.ndarray]
    initial_weights: list[np.ndarray]
    weights: list[np.ndarray]
    test: tuple[float, float] | None


def weights_fingerprint(weights: Iterable[np.ndarray]) -> str:
    """SHA-256 of weights: their bytes as little-endian float32, C-contiguous, in Keras' order."""
    hasher = hashlib.sha256()
    for array in weights:
        hasher.update(np.ascontiguousarray(array, dtype="<f4").tobytes())
    return hasher.hexdigest()


def evaluation_steps(steps_per_epoch: int, epochs: int) -> list[int]:
    """The steps at which a run is measured: 0; 1, 2, 5, 10, 20, 50, …; each epoch's last."""
    total = steps_per_epoch * epochs
    logarithmic = [m * 10**p for p in range(len(str(total))) for m in (1, 2, 5)]
    ends = range(steps_per_epoch, total + 1, steps_per_epoch)
    return sorted({0, *(step for step in logarithmic if step <= total), *ends})


class TensorData:
    """A split's examples as tensors, shared by all the runs of a process."""

    def __init__(self, data: Split) -> None:
        self.train = _tensors(data.train)
        self.validation = _tensors(data.validation)
        self.test = None if data.test is None else _tensors(data.test)
        self.subset = _tensors(data.train.take(training_subset(len(data.train))))
        self.train_examples = len(data.train)
        self.image_shape = data.train.images.shape[1:]
        self.classes = data.classes


def _tensors(examples: Examples) -> tuple[tf.Tensor, tf.Tensor]:
    import tensorflow as tf

    return tf.constant(scaled(examples.images)), tf.constant(examples.labels)


def train(settings: RunSettings, data: TensorData, log: Callable[[str], None]) -> History:
    """Train one run from scratch.

    Parameters
    ----------
    settings : the run's settings
    data : what to train and validate on
    log : called with one line at the end of each epoch
    """
    model = build_model(data.image_shape, settings.hidden_units, data.classes, settings.seed)
    engine = _Engine(model, build_optimizer(settings.optimizer, settings.learning_rate), settings.batch_size)
    examples = data.train_examples
    steps_per_epoch = -(-examples // settings.batch_size)
    measured_at = evaluation_steps(steps_per_epoch, settings.epochs)
    initial_weights = model.get_weights()
    epochs: list[dict[str, Any]] = []
    evaluations = [engine.measure(data) | {"step": 0, "epoch": 0.0, "update_ratio": np.nan}]
    batch_losses: list[np.ndarray] = []
    for epoch in range(1, settings.epochs + 1):
        engine.start_epoch(batch_order(settings.seed, epoch, examples))
        first = (epoch - 1) * steps_per_epoch
        done = 0
        for step in (step for step in measured_at if first < step <= first + steps_per_epoch):
            batch_losses.append(engine.run(data.train, done, step - first - 1))
            before = model.get_weights()
            batch_losses.append(engine.run(data.train, step - first - 1, step - first))
            done = step - first
            evaluations.append(
                engine.measure(data)
                | {
                    "step": step,
                    "epoch": step / steps_per_epoch,
                    "update_ratio": _update_ratio(before, model.get_weights()),
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
    )


def _columns(rows: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _norm(arrays: Iterable[np.ndarray]) -> float:
    return float(np.sqrt(sum(float(np.sum(np.square(array, dtype="float64"))) for array in arrays)))


def _update_ratio(before: list[np.ndarray], after: list[np.ndarray]) -> float:
    return _norm(b.astype("float64") - a for a, b in zip(before, after, strict=True)) / _norm(before)


class _Engine:
    """The compiled graphs of one run: train over a range of batches, evaluate, take a gradient.

    Epoch means are accumulated as Keras' metrics do: float32 sums of batch mean × batch size.
    """

    def __init__(self, model: Any, optimizer: Any, batch_size: int) -> None:
        import keras
        import tensorflow as tf

        optimizer.build(model.trainable_variables)
        loss_of = keras.losses.SparseCategoricalCrossentropy()
        variables = model.trainable_variables

        def hits(labels: tf.Tensor, probabilities: tf.Tensor) -> tf.Tensor:
            return tf.reduce_sum(keras.metrics.sparse_categorical_accuracy(labels, probabilities))

        @tf.function(autograph=False)
        def train_range(
            images: tf.Tensor, labels: tf.Tensor, order: tf.Tensor, start: tf.Tensor, stop: tf.Tensor, sums: tf.Tensor
        ) -> tuple[tf.Tensor, tf.Tensor]:
            examples = tf.size(order)

            def step(index: tf.Tensor, sums: tf.Tensor, losses: tf.TensorArray) -> tuple[Any, ...]:
                batch = order[index * batch_size : tf.minimum((index + 1) * batch_size, examples)]
                batch_labels = tf.gather(labels, batch)
                with tf.GradientTape() as tape:
                    probabilities = model(tf.gather(images, batch), training=True)
                    loss = loss_of(batch_labels, probabilities)
                optimizer.apply(tape.gradient(loss, variables), variables)
                size = tf.cast(tf.size(batch), tf.float32)
                sums = sums + tf.stack([loss * size, hits(batch_labels, probabilities), size])
                return index + 1, sums, losses.write(index - start, loss)

            losses = tf.TensorArray(tf.float32, size=stop - start)
            _, sums, losses = tf.while_loop(
                lambda index, *_: index < stop, step, (start, sums, losses), parallel_iterations=1
            )
            return sums, losses.stack()

        @tf.function(autograph=False)
        def evaluate(images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
            examples = tf.size(labels)

            def step(start: tf.Tensor, sums: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
                stop = tf.minimum(start + batch_size, examples)
                batch_labels = labels[start:stop]
                probabilities = model(images[start:stop], training=False)
                size = tf.cast(stop - start, tf.float32)
                loss = loss_of(batch_labels, probabilities)
                return stop, sums + tf.stack([loss * size, hits(batch_labels, probabilities), size])

            return tf.while_loop(
                lambda start, _: start < examples, step, (tf.constant(0), tf.zeros(3)), parallel_iterations=1
            )[1]

        @tf.function(autograph=False)
        def gradient(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, list[tf.Tensor]]:
            with tf.GradientTape() as tape:
                probabilities = model(images, training=False)
                loss = loss_of(labels, probabilities)
            return loss, hits(labels, probabilities), tape.gradient(loss, variables)

        self._train_range, self._evaluate, self._gradient = train_range, evaluate, gradient

    def start_epoch(self, order: np.ndarray) -> None:
        """Take a new order of the training examples and set the running means to nothing."""
        import tensorflow as tf

        self._order = tf.constant(order, tf.int32)
        self._sums = tf.zeros(3)

    def run(self, examples: tuple[tf.Tensor, tf.Tensor], start: int, stop: int) -> np.ndarray:
        """Train on batches start, …, stop − 1 of this epoch's order; the loss of each, (stop − start,) float32."""
        import tensorflow as tf

        self._sums, losses = self._train_range(
            *examples, self._order, tf.constant(start), tf.constant(stop), self._sums
        )
        return losses.numpy()

    def running_means(self) -> tuple[float, float]:
        """Loss and accuracy of this epoch as Keras reports them: means while the weights changed."""
        loss, correct, size = self._sums.numpy()
        return float(loss / size), float(correct / size)

    def evaluate(self, examples: tuple[tf.Tensor, tf.Tensor]) -> tuple[float, float]:
        """Loss and accuracy with the weights held still, as `model.evaluate` computes them."""
        loss, correct, size = self._evaluate(*examples).numpy()
        return float(loss / size), float(correct / size)

    def measure(self, data: TensorData) -> dict[str, float]:
        """Losses, accuracies and the gradient's norm with the weights held still."""
        loss, correct, gradient = self._gradient(*data.subset)
        val_loss, val_accuracy = self.evaluate(data.validation)
        return {
            "train_loss": float(loss),
            "train_accuracy": float(correct) / len(data.subset[1]),
            "val_loss": val_loss,
            "val_accuracy": val_accuracy,
            "gradient_norm": _norm(array.numpy() for array in gradient),
        }
