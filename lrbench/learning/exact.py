"""The engine of any Keras classifier: each step is that of `model.fit`, whatever the layers do.

Loss and gradients are Keras' own, `model.losses` included; updates are Keras' or round as they do. Whether the graph is
for a fixed number of examples is as in `fit` (see `batch_of`), since such a graph folds divisions by that number and
rounds otherwise. What `fit` does beside (data adapters, callbacks, metrics as variables) is left out, and an epoch is
one call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from lrbench.learning.evaluation import Evaluating, batch_of, evaluation_graph, hits, means
from lrbench.learning.inputs import as_inputs
from lrbench.learning.updates import update_of

if TYPE_CHECKING:
    import tensorflow as tf

    Tensors: TypeAlias = tuple[tf.Tensor, tf.Tensor]


class ExactEngine(Evaluating):
    """A model with its optimizer, made to train, evaluate and differentiate; used as `lrbench.learning.engine.Engine`.

    Examples are a pair of tensors: inputs (n, …) as `as_inputs` takes them and labels (n,) int64.
    """

    def __init__(self, model: Any, optimizer: Any, batch_size: int) -> None:
        import tensorflow as tf

        model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy")
        variables = model.trainable_variables
        update = update_of(optimizer, variables)
        convert = as_inputs()

        def forward(inputs: tf.Tensor, labels: tf.Tensor, training: bool) -> tuple[tf.Tensor, tf.Tensor]:
            """Loss of some examples, further losses of the model included, and the classes predicted."""
            inputs = convert(inputs)
            probabilities = model(inputs, training=training)
            loss = model.compute_loss(x=inputs, y=labels, y_pred=probabilities, training=training)
            return tf.cast(loss, tf.float32), tf.argmax(probabilities, axis=1)

        def differentiated(inputs: tf.Tensor, labels: tf.Tensor, training: bool) -> tuple[Any, ...]:
            with tf.GradientTape() as tape:
                loss, predicted = forward(inputs, labels, training)
            return loss, hits(predicted, labels), tape.gradient(loss, variables)

        @tf.function(autograph=False)
        def train_range(
            inputs: tf.Tensor, labels: tf.Tensor, order: tf.Tensor, start: tf.Tensor, stop: tf.Tensor, sums: tf.Tensor
        ) -> Tensors:
            def step(index: tf.Tensor, sums: tf.Tensor, losses: tf.TensorArray) -> tuple[Any, ...]:
                batch = batch_of(order, index * batch_size, batch_size)
                loss, right, gradients = differentiated(tf.gather(inputs, batch), tf.gather(labels, batch), True)
                update(gradients)
                size = tf.cast(tf.size(batch), tf.float32)
                return index + 1, sums + tf.stack([loss * size, right, size]), losses.write(index - start, loss)

            losses = tf.TensorArray(tf.float32, size=stop - start)
            _, sums, losses = tf.while_loop(
                lambda index, *_: index < stop, step, (start, sums, losses), parallel_iterations=1
            )
            return sums, losses.stack()

        @tf.function(autograph=False)
        def gradient(inputs: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
            """Sums over examples, batch by batch, so that no more of them are held at once than in training."""
            examples = tf.size(labels)

            def step(start: tf.Tensor, sums: tf.Tensor, *total: tf.Tensor) -> tuple[Any, ...]:
                batch = batch_of(inputs, start, batch_size), batch_of(labels, start, batch_size)
                loss, right, gradients = differentiated(*batch, False)
                size = tf.cast(tf.minimum(batch_size, examples - start), tf.float32)
                added = [old + size * _dense(one, old) for old, one in zip(total, gradients, strict=True)]
                return start + batch_size, sums + tf.stack([loss * size, right, size]), *added

            zeros = [tf.zeros(variable.shape) for variable in variables]
            _, sums, *total = tf.while_loop(
                lambda start, *_: start < examples,
                step,
                (tf.constant(0), tf.zeros(3), *zeros),
                parallel_iterations=1,
            )
            return sums, [one / sums[2] for one in total]

        self._train_range, self._gradient = train_range, gradient
        super().__init__(variables, evaluation_graph(forward, batch_size), batch_size)

    def run(self, examples: Tensors, start: int, stop: int) -> np.ndarray:
        """Train on batches start, …, stop − 1 of this epoch's order; the loss of each, (stop − start,) float32."""
        import tensorflow as tf

        self._sums, losses = self._train_range(
            *examples, self._order, tf.constant(start), tf.constant(stop), self._sums
        )
        return np.asarray(losses)

    def gradient(self, examples: Tensors) -> tuple[float, float, list[np.ndarray]]:
        """Loss and accuracy of some examples, and the gradient of that loss."""
        sums, gradient = self._gradient(*examples)
        return *means(sums), [array.numpy() for array in gradient]


def _dense(gradient: Any, like: tf.Tensor) -> tf.Tensor:
    """A gradient as a plain tensor: that of an embedding has some rows alone, that of an unused weight is none."""
    import tensorflow as tf

    return tf.zeros_like(like) if gradient is None else tf.convert_to_tensor(gradient)
