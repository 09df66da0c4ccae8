"""The compiled graphs of one run: train over a range of batches, evaluate, take a gradient.

Every number is bit for bit that of `model.fit(..., shuffle=False)` and `model.evaluate`: model, loss and
gradients are Keras', and every operation written here instead rounds as Keras' own does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from lrbench.learning.evaluation import Evaluating, evaluation_graph, hits
from lrbench.learning.inputs import as_inputs
from lrbench.learning.updates import update_of

if TYPE_CHECKING:
    import tensorflow as tf

    Tensors: TypeAlias = tuple[tf.Tensor, tf.Tensor]


class Engine(Evaluating):
    """A model with its optimizer, made to train, evaluate and differentiate.

    Examples are a pair of tensors: inputs (n, …) as `as_inputs` takes them and labels (n,) int64.

    scheduled : whether a schedule gives the optimizer its learning rate
    """

    def __init__(self, model: Any, optimizer: Any, batch_size: int, scheduled: bool = False) -> None:
        import keras
        import tensorflow as tf

        variables = model.trainable_variables
        update = update_of(optimizer, variables)
        loss_of = keras.losses.SparseCategoricalCrossentropy()
        convert = as_inputs()

        def forward(images: tf.Tensor, labels: tf.Tensor, training: bool) -> tuple[tf.Tensor, tf.Tensor]:
            """Mean loss of some examples, and the classes predicted."""
            probabilities = model(convert(images), training=training)
            return loss_of(labels, probabilities), tf.argmax(probabilities, axis=1)

        @tf.function(autograph=False)
        def train_range(
            images: tf.Tensor,
            labels: tf.Tensor,
            order: tf.Tensor,
            start: tf.Tensor,
            stop: tf.Tensor,
            sums: tf.Tensor,
            size: int,
        ) -> Tensors:
            def step(index: tf.Tensor, sums: tf.Tensor, losses: tf.TensorArray) -> tuple[Any, ...]:
                batch = tf.slice(order, [index * batch_size], [size])
                truth = tf.gather(labels, batch)
                with tf.GradientTape() as tape:
                    loss, predicted = forward(tf.gather(images, batch), truth, training=True)
                update(tape.gradient(loss, variables))
                sums += tf.stack([loss * size, hits(predicted, truth), size])
                return index + 1, sums, losses.write(index - start, loss)

            losses = tf.TensorArray(tf.float32, size=stop - start)
            _, sums, losses = tf.while_loop(
                lambda index, *_: index < stop, step, (start, sums, losses), parallel_iterations=1
            )
            return sums, losses.stack()

        @tf.function(autograph=False)
        def gradient(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, list[tf.Tensor]]:
            with tf.GradientTape() as tape:
                loss, predicted = forward(images, labels, training=False)
            return loss, hits(predicted, labels), tape.gradient(loss, variables)

        # Operations this short are not worth a scheduler. `fit` owes RMSprop's last bits to the graph optimizer, which
        # makes x / √y of it x · rsqrt(y), but passes over the loops of this executor. So it is with schedules; one that
        # has a condition inside never comes back from it.
        usual = isinstance(optimizer, keras.optimizers.RMSprop) or scheduled
        executor = None if usual else "SINGLE_THREADED_EXECUTOR"
        self._train_range = _executed(train_range, executor)
        self._gradient = _executed(gradient, executor)
        super().__init__(variables, _executed(evaluation_graph(forward, batch_size), executor), batch_size)

    def run(self, examples: Tensors, start: int, stop: int) -> np.ndarray:
        """Train on batches start, …, stop − 1 of this epoch's order; the loss of each, (stop − start,) float32."""
        full, rest = divmod(len(self._order), self._batch_size)
        losses = self._run(examples, start, min(stop, full), self._batch_size)
        if stop > full:
            losses = np.concatenate([losses, self._run(examples, full, stop, rest)])
        return losses

    def _run(self, examples: Tensors, start: int, stop: int, size: int) -> np.ndarray:
        """Train on batches that all have `size` examples: shapes known beforehand make the graph shorter."""
        import tensorflow as tf

        self._sums, losses = self._train_range(
            *examples, self._order, tf.constant(start), tf.constant(stop), self._sums, size
        )
        return np.asarray(losses)

    def gradient(self, examples: Tensors) -> tuple[float, float, list[np.ndarray]]:
        """Loss and accuracy of some examples taken as one batch, and the gradient of that loss."""
        loss, right, gradient = self._gradient(*examples)
        return float(loss), float(right) / len(examples[1]), [array.numpy() for array in gradient]


def _executed(function: Callable[..., Any], executor: str | None) -> Callable[..., Any]:
    """The compiled function, run by one of TensorFlow's executors: None is the usual one."""
    import tensorflow as tf

    def run(*arguments: Any) -> Any:
        with tf.experimental.function_executor_type(executor):
            return function(*arguments)

    return run
