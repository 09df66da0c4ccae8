"""A person's own model is trained bit for bit as by `model.fit`: models by optimizers, with a smaller last batch.

Each is compared in a process that loads TensorFlow for this engine, which that of the tests may have done otherwise.
"""

from __future__ import annotations

import ast
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.training import CLASSES, OPTIMIZERS, fit, parts, settings

from lrbench.identity.model_source import source_digest
from lrbench.learning import own as exact
from lrbench.learning.models import EXACT, Learners
from lrbench.learning.settings import RunSettings
from lrbench.learning.training import TensorData, train, weights_fingerprint

ZOO = Path(__file__).parents[1] / "support" / "zoo.py"
HELPERS = ("chain", "picture")
MODELS = [
    node.name
    for node in ast.parse(ZOO.read_text()).body
    if isinstance(node, ast.FunctionDef) and node.name not in HELPERS
]
# Keras' RMSprop with momentum and centering cannot take the gradient of an embedding, in `fit` either.
CANNOT = {("embedding", "rmsprop")}
DAILY = 2  # optimizers of each model that every run of the tests has; all six are in `make test-long`


@pytest.fixture(scope="module")
def apart():
    """Calls a function in a process that has loaded TensorFlow as this engine does."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), exact.set_up, (1,)) as pool:
        yield lambda function, *arguments: pool.submit(function, *arguments).result()


def both(model: str, optimizer: str, batch_size: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What training leaves of a run of 203 examples: by lrbench, and by `model.fit`."""
    run = own(model, optimizer, batch_size)
    data = parts(run)
    learners = Learners(run.as_json(), ZOO)
    assert learners.engine == EXACT
    weights, history, predicted = fit(run, learners.model)
    tensors = TensorData(data)
    ours = train(run, tensors, learners(run, tensors), lambda line: None)
    assert len(ours.weights) == len(weights)
    assert ours.class_correct.shape == (CLASSES,)
    return (
        {"weights": weights_fingerprint(ours.weights), "predicted": ours.predictions.tolist()}
        | {name: ours.epochs[name].tolist() for name in history},
        {"weights": weights_fingerprint(weights), "predicted": predicted.tolist()} | history,
    )


def cases():
    for place, model in enumerate(MODELS):
        for shift, optimizer in enumerate(OPTIMIZERS):
            daily = (shift - place) % len(OPTIMIZERS) < DAILY
            if (model, optimizer) not in CANNOT:
                yield pytest.param(model, optimizer, marks=() if daily else pytest.mark.long)


def own(model: str, optimizer: str, batch_size: int) -> RunSettings:
    built = {"build": model, "source": source_digest(ZOO)}
    return settings(optimizer, batch_size=batch_size, model=built, epochs=2)


def test_there_are_models_enough():
    assert len(MODELS) >= 15


@pytest.mark.parametrize(("model", "optimizer"), cases())
def test_weights_losses_and_predictions_are_those_of_fit(model, optimizer, apart):
    ours, by_fit = apart(both, model, optimizer, 30)  # the last batch has 23
    assert ours == by_fit


@pytest.mark.parametrize("batch_size", [25, 29, 50, 203, 300])
def test_full_batches_alone_and_one_batch_an_epoch(batch_size, apart):
    ours, by_fit = apart(both, "batch_normalization", "adam", batch_size)  # 203 = 7 * 29
    assert ours == by_fit


def kernels() -> bool:
    """Whether TensorFlow computes by oneDNN's kernels in this process."""
    from tensorflow.python.util import _pywrap_util_port

    return bool(_pywrap_util_port.IsMklEnabled())


def test_the_engine_computes_by_onednn(apart):
    assert apart(kernels)


def fingerprints() -> tuple[str, str]:
    """Those of a fresh model, and of the same one after a weight that is not trained was changed."""
    run = own("batch_normalization", "sgd", 30)
    learner = Learners(run.as_json(), ZOO)(run, TensorData(parts(run)))
    before = weights_fingerprint(learner.model.get_weights())
    moving = next(weight for weight in learner.model.non_trainable_weights if "moving_mean" in weight.path)
    moving.assign_add(np.ones(moving.shape))
    return before, weights_fingerprint(learner.model.get_weights())


def test_weights_that_are_not_trained_are_in_the_fingerprint(apart):
    before, after = apart(fingerprints)
    assert before != after


def measured_at(batch_size: int) -> list[int]:
    run = own("batch_normalization", "sgd", batch_size)
    data = TensorData(parts(run))  # 203 examples, two epochs
    history = train(run, data, Learners(run.as_json(), ZOO)(run, data), lambda line: None)
    return history.evaluations["step"].tolist()


@pytest.mark.parametrize(
    ("batch_size", "steps"), [(203, [0, 1, 2]), (29, [0, 1, 2, 5, 7, 14]), (1, [0, 1, 10, 100, 203, 406])]
)
def test_a_run_is_measured_less_often_where_that_would_classify_more_examples_than_training(batch_size, steps, apart):
    assert apart(measured_at, batch_size) == steps
