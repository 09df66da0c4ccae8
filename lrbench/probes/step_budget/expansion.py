"""The loss of a model around some weights, to second order, on a fixed sample of examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lrbench.learning.inputs import as_inputs

if TYPE_CHECKING:
    import tensorflow as tf

PARTS = 8  # of the sample; the second derivative along each step is taken on one of them, in turn


class Expansion:
    """The mean loss of a sample, with the gradient and products with the Hessian, of a model in evaluation.

    Evaluation means: dropout is off, and batch normalisation takes its moving averages. Losses that the model adds
    (weight decay as a regularizer, for one) count. All of it is float32; differences of losses are taken example by
    example and added in float64, because a step changes a mean loss by little more than float32 can hold of it.

    Parameters
    ----------
    model : a model of its own, whose variables are set by `at`
    examples : inputs and labels as `lrbench.learning.training.TensorData` has them; their number is divisible by PARTS
    most : examples that are held at once
    """

    def __init__(self, model: Any, examples: tuple[tf.Tensor, tf.Tensor], most: int) -> None:
        self._model = model
        self._variables = [variable.value for variable in model.trainable_variables]
        self._shapes = [variable.shape for variable in self._variables]
        self._splits = np.cumsum([shape.num_elements() for shape in self._shapes])[:-1]
        self._most = most
        self._product, self._losses, self._gradient = self._graphs()
        size = len(examples[1]) // PARTS
        parts = [(examples[0][k * size : (k + 1) * size], examples[1][k * size : (k + 1) * size]) for k in range(PARTS)]
        self._parts = [list(self._chunks(part)) for part in parts]
        self._whole = list(self._chunks(examples))

    def at(self, variables: Sequence[np.ndarray]) -> None:
        """Take the state of a model of the same kind: all of its variables."""
        for variable, value in zip(self._model.variables, variables, strict=True):
            variable.assign(value)

    def move_to(self, weights: Sequence[np.ndarray]) -> None:
        """Take other weights, of those that training changes."""
        for variable, value in zip(self._variables, weights, strict=True):
            variable.assign(value)

    def losses(self) -> np.ndarray:
        """The loss of each example and what the model adds to it, shape (examples,) float64."""
        found = [self._losses(*chunk) for chunk in self._whole]
        return np.concatenate([each.numpy().astype(float) + float(added) for each, added in found])

    def gradient(self) -> np.ndarray:
        """The gradient of the mean loss, shape (weights,)."""
        return self._weighted([(chunk, self._gradient(*chunk)) for chunk in self._whole])

    def product(self, direction: np.ndarray, part: int) -> np.ndarray:
        """The Hessian of the mean loss of one part of the sample times a direction, shape (weights,)."""
        tensors = self._tensors(direction)
        return self._weighted([(chunk, self._product(*chunk, *tensors)[1]) for chunk in self._parts[part]])

    def batch_gradient(self, batch: tuple[tf.Tensor, tf.Tensor]) -> np.ndarray:
        """The gradient of the mean loss of other examples, shape (weights,)."""
        return self._weighted([(chunk, self._gradient(*chunk)) for chunk in self._chunks(batch)])

    def batch_product(self, batch: tuple[tf.Tensor, tf.Tensor], direction: np.ndarray) -> np.ndarray:
        """The Hessian of the mean loss of other examples times a direction, shape (weights,)."""
        tensors = self._tensors(direction)
        return self._weighted([(chunk, self._product(*chunk, *tensors)[1]) for chunk in self._chunks(batch)])

    def _graphs(self) -> tuple[Callable[..., Any], ...]:
        import keras
        import tensorflow as tf

        model, variables, convert = self._model, self._variables, as_inputs()
        loss_of = keras.losses.SparseCategoricalCrossentropy(reduction=None)

        def forward(inputs: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            losses = loss_of(labels, model(convert(inputs), training=False))
            return tf.cast(losses, tf.float32), tf.cast(sum(model.losses, tf.zeros(())), tf.float32)

        def differentiated(inputs: tf.Tensor, labels: tf.Tensor) -> list[tf.Tensor]:
            with tf.GradientTape() as tape:
                losses, added = forward(inputs, labels)
                loss = tf.reduce_mean(losses) + added
            found = tape.gradient(loss, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
            return [tf.convert_to_tensor(one) for one in found]  # that of an embedding has some rows alone

        @tf.function(autograph=False)
        def product(inputs: tf.Tensor, labels: tf.Tensor, *direction: tf.Tensor) -> tuple[Any, Any]:
            with tf.autodiff.ForwardAccumulator(variables, list(direction)) as accumulator:
                gradient = differentiated(inputs, labels)
            zero = tf.UnconnectedGradients.ZERO
            products = [accumulator.jvp(one, unconnected_gradients=zero) for one in gradient]
            return gradient, [tf.convert_to_tensor(one) for one in products]

        plain = tf.function(forward, autograph=False)
        return product, plain, tf.function(differentiated, autograph=False)

    def _chunks(self, examples: tuple[tf.Tensor, tf.Tensor]) -> Any:
        """Some examples in pieces of which each is small enough to be held at once."""
        inputs, labels = examples
        for start in range(0, len(labels), self._most):
            yield inputs[start : start + self._most], labels[start : start + self._most]

    def _weighted(self, found: Sequence[tuple[tuple[tf.Tensor, tf.Tensor], Sequence[tf.Tensor]]]) -> np.ndarray:
        """A mean over examples of vectors of pieces of them, as one vector, float64."""
        total = sum(len(chunk[1]) for chunk, _ in found)
        vectors = [np.concatenate([one.numpy().ravel() for one in vector]).astype(float) for _, vector in found]
        weighted = [len(chunk[1]) / total * vector for (chunk, _), vector in zip(found, vectors, strict=True)]
        return np.sum(weighted, axis=0)  # type: ignore[no-any-return]

    def _tensors(self, direction: np.ndarray) -> list[tf.Tensor]:
        import tensorflow as tf

        parts = np.split(direction.astype("float32"), self._splits)
        return [tf.constant(part.reshape(shape)) for part, shape in zip(parts, self._shapes, strict=True)]
