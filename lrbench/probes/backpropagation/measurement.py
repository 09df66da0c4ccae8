"""One step of training worked through with real numbers: the first example that a run sees, forward, backward, update.

The weights are those that the first seed's runs begin with, float32 made float64. TensorFlow computes the gradient from
the model's own layers, built anew in float64; `chain_rule` computes the same by hand; the two must agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lrbench.data.split import Parts, batch_order, scaled, split
from lrbench.errors import WorkError
from lrbench.learning.model import build_model, build_optimizer, set_up_tensorflow
from lrbench.learning.settings import RunSettings
from lrbench.probes.backpropagation import chain_rule
from lrbench.probes.backpropagation.chain_rule import Arrays, Backward, Forward
from lrbench.probes.backpropagation.descent import finite, follow
from lrbench.probes.backpropagation.pass_records import gradient_zeros, layers, output, path_of

TOLERANCE = 1e-10
RULE = "the first example of the first batch that a run with the smallest seed trains on"


class DoubleModel:
    """The model of a run in float64: the same layers, weights and loss, in TensorFlow."""

    def __init__(self, image_shape: tuple[int, ...], classes: int, settings: RunSettings) -> None:
        import keras

        single = build_model(image_shape, classes, settings)
        self.single_weights: Arrays = single.get_weights()
        self.weights: Arrays = [weight.astype("float64") for weight in self.single_weights]
        layers = [type(layer).from_config({**layer.get_config(), "dtype": "float64"}) for layer in single.layers]
        self._model = keras.Sequential([keras.Input(image_shape, dtype="float64"), *layers])
        self._loss = keras.losses.SparseCategoricalCrossentropy(dtype="float64")
        self._model.set_weights(self.weights)

    def gradient(self, images: np.ndarray, labels: np.ndarray) -> tuple[float, Arrays]:
        """The mean loss of images (n, …) and its gradient, by automatic differentiation."""
        import tensorflow as tf

        with tf.GradientTape() as tape:
            loss = self._loss(labels, self._model(tf.constant(images)))
        return float(loss), [part.numpy() for part in tape.gradient(loss, self._model.trainable_variables)]

    def curvature(self, images: np.ndarray, labels: np.ndarray, direction: Arrays) -> float:
        """dᵀHd, H the Hessian of the mean loss, by a Hessian-vector product (Pearlmutter 1994)."""
        import tensorflow as tf

        variables = self._model.trainable_variables
        along = [tf.constant(part) for part in direction]
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                loss = self._loss(labels, self._model(tf.constant(images)))
            gradient = inner.gradient(loss, variables)
            slope = tf.add_n([tf.reduce_sum(part * move) for part, move in zip(gradient, along, strict=True)])
        product = outer.gradient(slope, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return chain_rule.dot([part.numpy() for part in product], direction)

    def first_step(self, optimizer: Mapping[str, Any], learning_rate: float, gradient: Arrays) -> Arrays:
        """How the Keras optimizer changes the weights in its first step. It keeps its learning rate in float32."""
        import tensorflow as tf

        variables = self._model.trainable_variables
        build_optimizer(optimizer, learning_rate).apply([tf.constant(part) for part in gradient], variables)
        change = [after - before for after, before in zip(self._model.get_weights(), self.weights, strict=True)]
        self._model.set_weights(self.weights)
        return change


def measure(settings: Mapping[str, Any], plan: Mapping[str, Any], parts: Parts) -> dict[str, Any]:
    """One example's forward pass, backward pass and update, as JSON has it.

    The example's `place` counts from 0 in the training part of the data set's files, whatever of it trains.

    Parameters
    ----------
    settings : the experiment's training settings
    plan : its learning rates and seeds
    parts : the data set's examples

    Raises WorkError where TensorFlow and the chain rule by hand disagree.
    """
    learning_rates, seed = sorted(map(float, plan["learning_rates"])), min(plan["seeds"])
    run = RunSettings.of(settings, learning_rates[0], seed)
    set_up_tensorflow(run.threads)
    from lrbench.learning.training import weights_fingerprint

    data = split(parts, settings)
    order = batch_order(seed, 1, len(data.train))[: run.batch_size]
    batch = data.train.take(order)
    model = DoubleModel(batch.images.shape[1:], data.classes, run)
    record = worked_step(model, batch.images, batch.labels.astype(int), run.optimizer, learning_rates)
    return {
        **record,
        "example": {**record["example"], "place": int(data.train_places[order[0]]), "rule": RULE},
        "hidden_units": list(run.model["hidden_units"]),
        "initial_weights": weights_fingerprint(model.single_weights),
        "optimizer": dict(run.optimizer),
        "seed": seed,
    }


def worked_step(
    model: Any,
    pictures: np.ndarray,
    labels: np.ndarray,
    optimizer: Mapping[str, Any],
    learning_rates: Sequence[float],
) -> dict[str, Any]:
    """The first example of a batch worked through, and the loss along a step for it and for the batch.

    Parameters
    ----------
    model : weights, gradient, curvature and first step, as `DoubleModel` has them
    pictures, labels : the batch, (n, …) and (n,)
    learning_rates : ascending
    """
    images = scaled(pictures).astype("float64")
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        return {
            **_worked(model, images[:1], labels[:1], pictures[0], optimizer, learning_rates),
            "lines": [
                _line(model, images[:count], labels[:count], kind, optimizer, learning_rates, part)
                for part, count in (("example", 1), ("batch", len(images)))
                for kind in ("gradient", "optimizer")
            ],
        }


def as_picture(example: np.ndarray) -> np.ndarray:
    """An example as a picture, uint8 (height, width[, channels]): features in a row, numbers stretched to 0 to 255."""
    picture = example if example.ndim in (2, 3) else example.reshape(1, -1)
    if picture.dtype == np.uint8:
        return picture
    values = picture.astype("float64")
    span = np.ptp(values)
    return np.rint((values - values.min()) / span * 255 if span else values * 0).astype(np.uint8)


def picture_scale(example: np.ndarray) -> dict[str, float] | None:
    """The numbers that `as_picture` shows as 0 and as 255; None for pixels, which it shows as they are."""
    if example.dtype == np.uint8:
        return None
    return {"smallest": float(example.min()), "largest": float(example.max())}


def _passes(model: Any, images: np.ndarray, labels: np.ndarray) -> tuple[Forward, Backward, dict[str, Any]]:
    """Forward and backward by hand, checked against TensorFlow's gradient."""
    passed = chain_rule.forward(model.weights, images.reshape(len(images), -1), labels)
    back = chain_rule.backward(model.weights, passed, labels)
    loss, gradient = model.gradient(images, labels)
    length = chain_rule.norm(gradient)
    difference = chain_rule.norm([a - b for a, b in zip(back.gradient, gradient, strict=True)])
    if not (difference <= TOLERANCE * length and abs(loss - passed.loss) <= TOLERANCE * max(abs(loss), 1)):
        raise WorkError(
            f"the gradient by hand differs from TensorFlow's by {difference:g}, its length being {length:g}, "
            f"and the loss by {abs(loss - passed.loss):g}: nothing was written; please report this."
        )
    agreement = {
        "difference": difference,
        "gradient_norm": length,
        "loss": loss,
        "relative_difference": difference / length if length else 0.0,
        "tolerance": TOLERANCE,
    }
    return passed, back, {"agreement": agreement, "gradient": gradient}


def _worked(
    model: Any,
    images: np.ndarray,
    labels: np.ndarray,
    example: np.ndarray,
    optimizer: Mapping[str, Any],
    learning_rates: Sequence[float],
) -> dict[str, Any]:
    picture, scale = as_picture(example), picture_scale(example)
    passed, back, theirs = _passes(model, images, labels)
    label = int(labels[0])
    path = chain_rule.strongest_path(model.weights, passed, label)
    factors = chain_rule.weight_factors(model.weights, passed, label, path)
    layer, start, end = factors["layer"], factors["from"], factors["to"]
    kernel = 2 * layer - 2
    factors["tensorflow"] = float(theirs["gradient"][kernel][start, end])
    flat = images.reshape(1, -1)
    factors["finite_difference"] = chain_rule.central_difference(
        model.weights, flat, labels, (layer, start, end), factors["gradient"]
    )

    def step(change: Arrays) -> dict[str, Any]:
        """What one change of all weights does to the chosen weight and to the loss."""
        first = chain_rule.dot(back.gradient, change)
        second = first + model.curvature(images, labels, change) / 2
        after = chain_rule.forward(chain_rule.moved(model.weights, change), flat, labels).loss
        values = {
            "weight_change": float(change[kernel][start, end]),
            "first_order": first,
            "second_order": second,
            "measured": after - passed.loss,
            "loss_after": after,
        }
        known = {name: finite(value) for name, value in values.items()}
        return {**known, "status": "not finite" if None in known.values() else "finite"}

    return {
        "agreement": theirs["agreement"],
        "example": {
            "image": picture.tolist(),
            "image_shape": list(picture.shape),
            "label": label,
            "scale": scale,
        },
        "gradient_norm": chain_rule.norm(back.gradient),
        "gradient_zeros": gradient_zeros(back.gradient),
        "layers": layers(passed, back),
        "loss": passed.loss,
        "output": output(passed, back, label),
        "path": path_of(model.weights, passed, back, path, picture, of_pixels=scale is None),
        "updates": [
            {
                "learning_rate": rate,
                "plain": step([-rate * part for part in back.gradient]),
                "optimizer": step(model.first_step(optimizer, rate, back.gradient)),
            }
            for rate in learning_rates
        ],
        "weight": factors,
    }


def _line(
    model: Any,
    images: np.ndarray,
    labels: np.ndarray,
    kind: str,
    optimizer: Mapping[str, Any],
    learning_rates: Sequence[float],
    part: str,
) -> dict[str, Any]:
    """The loss along minus the gradient, or along the optimizer's first step, which is proportional to its rate.

    At each rate, `moved` is how many weights and biases the step changes when they are kept in float32, as runs do.
    """
    passed, back, _ = _passes(model, images, labels)
    if kind == "gradient":
        direction = [-part for part in back.gradient]
    else:
        direction = model.first_step(optimizer, 1.0, back.gradient)
    flat = images.reshape(len(images), -1)

    def loss_at(length: float) -> float:
        return chain_rule.forward(chain_rule.moved(model.weights, direction, length), flat, labels).loss

    def moved(rate: float) -> int:
        pairs = zip(model.weights, chain_rule.moved(model.weights, direction, rate), strict=True)
        return sum(int((before.astype("float32") != after.astype("float32")).sum()) for before, after in pairs)

    followed = follow(loss_at, learning_rates)
    return {
        **followed,
        "along": kind,
        "at_rates": [{**point, "moved": moved(point["learning_rate"])} for point in followed["at_rates"]],
        "examples": len(images),
        "gradient_zeros": gradient_zeros(back.gradient),
        "loss": passed.loss,
        "of": part,
        "slope": chain_rule.dot(back.gradient, direction),
    }
