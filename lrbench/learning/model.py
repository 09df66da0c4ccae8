"""The classifier and its optimizers, as Keras defines them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lrbench.learning.environment import set_environment
from lrbench.learning.quiet import without_notes
from lrbench.learning.schedules import learning_rate
from lrbench.learning.settings import RunSettings

if TYPE_CHECKING:
    import keras
    from keras.optimizers.schedules import LearningRateSchedule


def set_up_tensorflow(threads: int, onednn: bool = False) -> dict[str, str]:
    """Load TensorFlow on the CPU with so many threads, and return the versions that compute.

    Every setting that can change the last bit of a result is set here: variables of the environment and Keras'
    settings file (`lrbench.learning.environment`), threads, TensorFloat-32, which rounds inputs of products.

    onednn : whether oneDNN's kernels compute, where TensorFlow was not loaded before. Its graph optimizer then joins
        no operations to one that rounds otherwise, which it would do in graphs of one step and not in loops.
    """
    set_environment(os.environ, onednn)
    with without_notes():
        import keras
        import numpy as np
        import tensorflow as tf

    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.optimizer.set_experimental_options({"remapping": not onednn})
    tf.config.set_visible_devices([], "GPU")
    tf.config.experimental.enable_tensor_float_32_execution(False)
    return {"keras": keras.__version__, "numpy": np.__version__, "tensorflow": tf.__version__}


def build_model(image_shape: tuple[int, ...], classes: int, settings: RunSettings) -> keras.Sequential:
    """A fresh classifier for a run: images of `image_shape` in, `classes` probabilities out.

    Global seeds are set just before, so equal seeds give equal weights (Glorot uniform, zero biases).
    """
    import keras

    keras.utils.set_random_seed(settings.seed)
    return keras.Sequential(
        [
            keras.Input(image_shape),
            keras.layers.Flatten(),
            *(keras.layers.Dense(units, activation="relu") for units in settings.model["hidden_units"]),
            keras.layers.Dense(classes, activation="softmax"),
        ]
    )


def run_optimizer(settings: RunSettings, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """The optimizer of a run, whose rate is its schedule's where it has one."""
    return build_optimizer(settings.optimizer, learning_rate(settings, steps_per_epoch))


def build_optimizer(
    settings: Mapping[str, Any], learning_rate: float | LearningRateSchedule
) -> keras.optimizers.Optimizer:
    """A Keras optimizer.

    settings : `keras`, with the name of its class and those of its arguments that are no parameters; and its parameters
    """
    import keras

    fixed = {key: value for key, value in settings["keras"].items() if key != "class"}
    parameters = {key: value for key, value in settings.items() if key not in ("name", "keras")}
    make = getattr(keras.optimizers, settings["keras"]["class"])
    return make(learning_rate=learning_rate, **fixed, **parameters)
