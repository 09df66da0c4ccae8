"""What every engine has: an epoch's order and running means, and evaluation with the weights held still."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

    Tensors: TypeAlias = tuple[tf.Tensor, tf.Tensor]
    Forward: TypeAlias = Callable[[tf.Tensor, tf.Tensor, bool], Tensors]


class Evaluating:
    """A part of an engine: examples are a pair of tensors, inputs (n, …) and labels (n,) int64.

    Epoch means are accumulated as Keras' metrics do: float32 sums of batch mean × batch size.

    variables : the weights that training changes
    evaluate, predict : as `evaluation_graphs` gives them
    """

    def __init__(
        self, variables: Sequence[Any], evaluate: Callable[..., Any], predict: Callable[..., Any], batch_size: int
    ) -> None:
        self._variables = list(variables)
        self._evaluate = evaluate
        self._predict = predict
        self._batch_size = batch_size

    def start_epoch(self, order: np.ndarray) -> None:
        """Take a new order of the training examples and set the running means to nothing."""
        import tensorflow as tf

        self._order = tf.constant(order, tf.int32)
        self._sums = tf.zeros(3)

    def running_means(self) -> tuple[float, float]:
        """Loss and accuracy of this epoch as Keras reports them: means while the weights changed."""
        return means(self._sums)

    def evaluate(self, examples: Tensors) -> tuple[float, float]:
        """Loss and accuracy with the weights held still, as `model.evaluate` computes them."""
        return means(self._evaluate(*examples))

    def predict(self, examples: Tensors) -> np.ndarray:
        """The class of the highest probability for each example, shape (n,) int64, in the batches of `evaluate`."""
        return np.asarray(self._predict(*examples))

    def weights(self) -> list[np.ndarray]:
        """The weights that training changes, as they are now."""
        return [variable.numpy() for variable in self._variables]


def batch_of(values: tf.Tensor, start: tf.Tensor, batch_size: int) -> tf.Tensor:
    """Up to `batch_size` of some values, from `start` on.

    As in `fit`, the graph knows their number where the batches are all full, and not where the last one is smaller.
    """
    import tensorflow as tf

    if values.shape[0] is not None and values.shape[0] % batch_size == 0:
        rest = values.shape[1:]
        return tf.ensure_shape(values[start : start + batch_size], [batch_size, *rest])
    return values[start : tf.minimum(start + batch_size, tf.shape(values)[0])]


def means(sums: tf.Tensor) -> tuple[float, float]:
    """Loss and accuracy of float32 sums: of loss × examples, of examples classified correctly, of examples."""
    loss, hits, size = sums.numpy()
    return float(loss / size), float(hits / size)


def evaluation_graphs(
    forward: Forward, probabilities: Callable[[tf.Tensor], tf.Tensor], batch_size: int
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Two compiled functions of examples: their sums (see `means`), and the class that is predicted for each.

    forward : mean loss of some examples and the number classified correctly; its last argument says whether it trains
    probabilities : of some inputs, in evaluation
    """
    import tensorflow as tf

    @tf.function(autograph=False)
    def evaluate(inputs: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        examples = tf.size(labels)

        def step(start: tf.Tensor, sums: tf.Tensor) -> Tensors:
            batch = batch_of(inputs, start, batch_size), batch_of(labels, start, batch_size)
            loss, hits = forward(*batch, False)
            size = tf.cast(tf.minimum(batch_size, examples - start), tf.float32)
            return start + batch_size, sums + tf.stack([loss * size, hits, size])

        return tf.while_loop(
            lambda start, _: start < examples, step, (tf.constant(0), tf.zeros(3)), parallel_iterations=1
        )[1]

    @tf.function(autograph=False)
    def predict(inputs: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        examples = tf.size(labels)

        def step(start: tf.Tensor, predicted: tf.TensorArray) -> tuple[Any, ...]:
            found = tf.argmax(probabilities(batch_of(inputs, start, batch_size)), axis=1)
            return start + batch_size, predicted.write(start // batch_size, found)

        batches = (examples + batch_size - 1) // batch_size
        predicted = tf.TensorArray(tf.int64, size=batches, infer_shape=False, element_shape=[None])
        return tf.while_loop(
            lambda start, _: start < examples, step, (tf.constant(0), predicted), parallel_iterations=1
        )[1].concat()

    return evaluate, predict
