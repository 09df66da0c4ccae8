"""The classifier and its optimizers, as Keras defines them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lrbench.learning.environment import set_environment

if TYPE_CHECKING:
    import keras


def set_up_tensorflow(threads: int) -> dict[str, str]:
    """Load TensorFlow on the CPU with so many threads, and return the versions that compute.

    Every setting that can change the last bit of a result is set here: variables of the environment and Keras'
    settings file (`lrbench.learning.environment`), threads, TensorFloat-32, which rounds inputs of products.
    """
    set_environment(os.environ)
    import keras
    import numpy as np
    import tensorflow as tf

    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.set_visible_devices([], "GPU")
    tf.config.experimental.enable_tensor_float_32_execution(False)
    return {"keras": keras.__version__, "numpy": np.__version__, "tensorflow": tf.__version__}


def build_model(
    image_shape: tuple[int, ...], hidden_units: tuple[int, ...], classes: int, seed: int
) -> keras.Sequential:
    """A fresh classifier: images of `image_shape` in, `classes` probabilities out.

    Global seeds are set just before, so equal seeds give equal weights (Glorot uniform, zero biases).
    """
    import keras

    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input(image_shape),
            keras.layers.Flatten(),
            *(keras.layers.Dense(units, activation="relu") for units in hidden_units),
            keras.layers.Dense(classes, activation="softmax"),
        ]
    )


def build_optimizer(settings: Mapping[str, Any], learning_rate: float) -> keras.optimizers.Optimizer:
    """The Keras optimizer that `settings` names, with the parameters given there."""
    import keras

    optimizers = keras.optimizers
    parameters = {key: value for key, value in settings.items() if key != "name"}
    makers = {
        "adam": optimizers.Adam,
        "adamw": optimizers.AdamW,
        "sgd": optimizers.SGD,
        "momentum": optimizers.SGD,
        "nesterov": lambda **given: optimizers.SGD(nesterov=True, **given),
        "rmsprop": optimizers.RMSprop,
    }
    return makers[settings["name"]](learning_rate=learning_rate, **parameters)
