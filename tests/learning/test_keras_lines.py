"""The lines of Keras that the page prints are run, and the command that it prints is one of lrbench's."""

from __future__ import annotations

import copy
import dataclasses
import shlex

import numpy as np
import pytest
from support import stage_files
from support.examples import EXAMPLES, THREE
from support.histories import OPTIMIZERS_BY_NAME, trained_schedule

from lrbench.flags import parser
from lrbench.learning.model import build_optimizer, run_optimizer, set_up_tensorflow
from lrbench.learning.schedules import steps_of_epoch
from lrbench.learning.settings import RunSettings
from lrbench.reporting.sections.keras_lines import keras_lines

EXPERIMENT = {"config": "'my config.yaml'", "name": "made"}


def of(**settings):
    measured = stage_files.measured(THREE)
    origin = copy.deepcopy(dict(measured.tables.origin))
    origin["settings"] |= {"epochs": 2, **settings}
    return dataclasses.replace(measured, tables=dataclasses.replace(measured.tables, origin=origin))


def run(lines, **known):
    generator = np.random.default_rng(0)
    x, y = generator.random((64, 28, 28), np.float32), np.arange(64) % 10
    names = {"x_train": x, "y_train": y, "x_val": x, "y_val": y, **known}
    exec(lines, names)  # noqa: S102 - our own lines
    return names["model"]


@pytest.mark.parametrize("optimizer", OPTIMIZERS_BY_NAME)
def test_the_lines_train_with_the_recommended_rate_and_the_optimizer(optimizer):
    set_up_tensorflow(1)
    measured = of(optimizer=OPTIMIZERS_BY_NAME[optimizer])
    model = run(keras_lines(measured, EXPERIMENT)["train"].replace("epochs=2", "epochs=2,\n    verbose=0"))
    assert model.optimizer.get_config() | {"name": ""} == build_optimizer(
        OPTIMIZERS_BY_NAME[optimizer], measured.chosen
    ).get_config() | {"name": ""}
    assert model.optimizer.iterations == 2 * 2  # of 64 examples in batches of 32
    assert [layer.units for layer in model.layers[1:]] == [128, 64, 10]
    assert model.compiled


@pytest.mark.parametrize("name", ["linear_warmup", "cosine", "linear", "exponential"])
def test_under_a_schedule_the_lines_have_it(name):
    set_up_tensorflow(1)
    measured = of(learning_rate_schedule=trained_schedule({"name": name}))
    model = run(keras_lines(measured, EXPERIMENT)["train"].replace("epochs=2", "epochs=2,\n    verbose=0"))
    settings = RunSettings.of(measured.tables.origin["settings"], measured.chosen, 0)
    steps = steps_of_epoch(measured.dataset["parts"]["train"]["examples"], settings.batch_size)
    expected = run_optimizer(settings, steps)
    assert model.optimizer.get_config() | {"name": ""} == expected.get_config() | {"name": ""}


def test_a_model_of_ones_own_is_built_by_its_function():
    lines = keras_lines(of(model={"build": "mine", "source": "0" * 64}), EXPERIMENT)["train"]
    assert "model = mine((28, 28), 10)  # the function of your own file\n" in lines


def test_inputs_are_described():
    assert "uint8 divided by 255 in float32" in keras_lines(of(), EXPERIMENT)["inputs"]
    assert "features standardized" in keras_lines(of(data_options={"standardize": True}), EXPERIMENT)["inputs"]


def test_the_command_is_parsed_and_the_line_loads_what_it_writes():
    lines = keras_lines(of(), EXPERIMENT)
    words = shlex.split(lines["export"])
    asked = parser().parse_args(words[1:])
    assert (words[0], asked.config, asked.rate) == ("lrbench", "my config.yaml", of().chosen)
    assert lines["load"] == f"model = keras.models.load_model('{asked.output}')"


def test_without_a_recommended_rate_there_are_none():
    assert keras_lines(stage_files.measured(EXAMPLES["all-failed"]), EXPERIMENT) is None
