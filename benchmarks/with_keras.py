"""Keras' `model.fit`, as users have it and with the two options that speed it up."""

from __future__ import annotations

import runpy
import time
from typing import Any

from benchmarks.contenders import Trained, timed_import
from benchmarks.examples import arrays
from benchmarks.scale import BATCH_SIZE, HIDDEN_UNITS, LEARNING_RATE, MODELS, SEED, Scale

# In CPU seconds of a whole run 125 was least of 10, 25, 125, 300 and 600; from there on an epoch hardly gets faster.
STEPS_PER_EXECUTION = 125


def defaults(scale: Scale, file: str = "") -> Trained:
    """`model.fit` with its default settings; it shuffles its own batches. `file` is as for `model`."""
    return _fit(scale, file=file)


def steps_per_execution(scale: Scale, file: str = "") -> Trained:
    """The same with many steps in one call of the compiled function."""
    steps = STEPS_PER_EXECUTION
    return _fit(scale, f"steps_per_execution={steps}", file=file, steps_per_execution=steps)


def jit_compile(scale: Scale) -> Trained:
    """The same compiled by XLA."""
    return _fit(scale, "jit_compile=True", jit_compile=True)


def model(seed: int, learning_rate: float, file: str = "", **options: Any) -> Any:
    """The tutorial's classifier, or what a file in models/ builds, compiled.

    file : its name, without its ending
    """
    import keras

    keras.utils.set_random_seed(seed)
    if file:
        built = runpy.run_path(str(MODELS / f"{file}.py"))["build"]((28, 28), 10)
    else:
        built = keras.Sequential(
            [
                keras.Input((28, 28)),
                keras.layers.Flatten(),
                *(keras.layers.Dense(units, activation="relu") for units in HIDDEN_UNITS),
                keras.layers.Dense(10, activation="softmax"),
            ]
        )
    built.compile(
        optimizer=keras.optimizers.Adam(learning_rate=learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        **options,
    )
    return built


def _fit(scale: Scale, note: str = "", **options: Any) -> Trained:
    imports, (keras, _) = timed_import("keras", "tensorflow")
    data = arrays(scale)
    begun = time.perf_counter()
    ends: list[float] = []
    clock = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(time.perf_counter()))
    history = (
        model(SEED, LEARNING_RATE, **options)
        .fit(
            data.images,
            data.labels,
            batch_size=BATCH_SIZE,
            epochs=scale.epochs,
            validation_data=(data.val_images, data.val_labels),
            callbacks=[clock],
            verbose=0,
        )
        .history
    )
    return Trained(
        imports=imports,
        begun=begun,
        ends=ends,
        losses=history["loss"],
        accuracies=history["accuracy"],
        val_accuracies=history["val_accuracy"],
        note=note,
    )
