"""The recommended rate to take home: lines of Keras that train with it, and the command that saves a trained model."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from lrbench.reporting.inputs import Measured
from lrbench.schedule_arguments import schedule_arguments
from lrbench.training_words import SCHEDULE, carried_over, scheduled
from lrbench.wording import rate_label


def keras_lines(measured: Measured, experiment: Mapping[str, Any]) -> dict[str, str] | None:
    """Lines of Python and of a shell that use the recommended rate; None where no rate is recommended.

    experiment : `name`; `config`, the config file as a word of a shell command; `companion`, whether that config
        is first of all that of another experiment; `study`, where it is a variant

    Keys: `train`, lines of Python for `x_train`, `y_train`, `x_val` and `y_val`; `inputs`, what these are; `export`, a
    shell command; `load`, a line of Python.
    """
    rate = measured.chosen
    if rate is None:
        return None
    settings = measured.tables.origin["settings"]
    file = f"{experiment['name']}.keras"
    several = experiment.get("companion") or "study" in experiment
    which = f"--experiment {experiment['name']} " if several else ""
    return {
        "train": "\n".join(
            [
                "import keras",
                "",
                f"keras.utils.set_random_seed({min(measured.tables.origin['plan']['seeds'])})",
                *_model(settings["model"], measured.dataset),
                "model.compile(",
                f"    optimizer={_optimizer(settings['optimizer'], _rate(measured, rate))},",
                '    loss="sparse_categorical_crossentropy",',
                '    metrics=["accuracy"],',
                ")",
                "model.fit(",
                "    x_train,",
                "    y_train,",
                f"    batch_size={settings['batch_size']},",
                f"    epochs={settings['epochs']},",
                "    validation_data=(x_val, y_val),",
                ")",
            ]
        ),
        "inputs": _inputs(measured),
        "export": f"lrbench export keras --rate {rate_label(rate)} {which}{experiment['config']} {shlex.quote(file)}",
        "load": f"model = keras.models.load_model({file!r})",
    }


def _model(model: Mapping[str, Any], dataset: Mapping[str, Any]) -> list[str]:
    shape, classes = tuple(dataset["image_shape"]), dataset["classes"]
    if "build" in model:
        return [f"model = {model['build']}({shape}, {classes})  # the function of your own file"]
    layers = [
        f"keras.Input({shape})",
        "keras.layers.Flatten()",
        *(f'keras.layers.Dense({units}, activation="relu")' for units in model["hidden_units"]),
        f'keras.layers.Dense({classes}, activation="softmax")',
    ]
    return ["model = keras.Sequential(", "    [", *(f"        {layer}," for layer in layers), "    ]", ")"]


def _rate(measured: Measured, rate: float) -> str:
    """The learning rate, or the call that makes the schedule of which it is the peak."""
    settings = measured.tables.origin["settings"]
    if not scheduled(settings):
        return repr(rate)
    steps = -(-measured.dataset["parts"]["train"]["examples"] // settings["batch_size"])
    name, arguments = schedule_arguments(settings[SCHEDULE], rate, steps, settings["epochs"])
    return f"keras.optimizers.schedules.{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"


def _optimizer(optimizer: Mapping[str, Any], rate: str) -> str:
    """The call that makes the optimizer, as `lrbench.learning.model.build_optimizer` makes it.

    rate : its learning rate as Python writes it
    """
    fixed = {key: value for key, value in optimizer["keras"].items() if key != "class"}
    parameters = {key: value for key, value in optimizer.items() if key not in ("name", "keras")}
    named = [f"learning_rate={rate}", *(f"{key}={value!r}" for key, value in (fixed | parameters).items())]
    return f"keras.optimizers.{optimizer['keras']['class']}({', '.join(named)})"


def _inputs(measured: Measured) -> str:
    settings = measured.tables.origin["settings"]
    standardized = settings.get("data_options", {}).get("standardize")
    given = (
        "their features standardized by the training examples"
        if standardized
        else "uint8 divided by 255 in float32, other numbers as they are"
    )
    text = f"Here x are the examples, {given}, and y their classes, numbered from 0. Called like this, fit draws"
    if carried_over(settings):
        return f"{text} batches in an order of its own."
    text += " batches in an order of its own, so the result is as good as that of another seed."
    if scheduled(settings):
        examples = measured.dataset["parts"]["train"]["examples"]
        text += f" The schedule's numbers of steps are those of {examples:,} training examples in these batches."
    return text
