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
    validate : as `evaluation_graph` gives it
    """

    def __init__(self, variables: Sequence[Any], validate: Callable[..., Any], batch_size: int) -> None:
        self._variables = list(variables)
        self._validate = validate
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
        return self.validate(examples)[:2]

    def validate(self, examples: Tensors) -> tuple[float, float, np.ndarray]:
        """What `evaluate` gives, and the class of the highest probability for each example, shape (n,) int64."""
        sums, predicted = self._validate(*examples)
        return *means(sums), np.asarray(predicted)

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


def hits(predicted: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """How many of the classes predicted are those of the labels, float32."""
    import tensorflow as tf

    return tf.reduce_sum(tf.cast(predicted == labels, tf.float32))


def evaluation_graph(forward: Forward, batch_size: int) -> Callable[..., Any]:
    """A compiled function of examples: their sums (see `means`), and the class that is predicted for each.

    forward : mean loss of some examples and the classes predicted; its last argument says whether it trains
    """
    import tensorflow as tf

    @tf.function(autograph=False)
    def validate(inputs: tf.Tensor, labels: tf.Tensor) -> Tensors:
        examples = tf.size(labels)

        def step(start: tf.Tensor, sums: tf.Tensor, predicted: tf.TensorArray) -> tuple[Any, ...]:
            batch = batch_of(inputs, start, batch_size), batch_of(labels, start, batch_size)
            loss, classes = forward(*batch, False)
            size = tf.cast(tf.minimum(batch_size, examples - start), tf.float32)
            sums += tf.stack([loss * size, hits(classes, batch[1]), size])
            return start + batch_size, sums, predicted.write(start // batch_size, classes)

        batches = (examples + batch_size - 1) // batch_size
        predicted = tf.TensorArray(tf.int64, size=batches, infer_shape=False, element_shape=[None])
        _, sums, predicted = tf.while_loop(
            lambda start, *_: start < examples,
            step,
            (tf.constant(0), tf.zeros(3), predicted),
            parallel_iterations=1,
        )
        return sums, predicted.concat()

    return validate
