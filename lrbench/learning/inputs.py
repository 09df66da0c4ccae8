"""What a model takes of the data: images from 0 to 1, other numbers as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tensorflow as tf


def as_inputs() -> Callable[[tf.Tensor], tf.Tensor]:
    """A function that makes inputs of a data set's arrays: uint8 becomes float32 divided by 255, all else stays."""
    import tensorflow as tf

    # A variable: the graph optimizer turns division by a constant into a multiplication, which rounds otherwise.
    white = tf.Variable(255.0, trainable=False)

    def convert(values: tf.Tensor) -> tf.Tensor:
        return tf.cast(values, tf.float32) / white if values.dtype == tf.uint8 else values

    return convert
