"""A person's own model is trained bit for bit as by `model.fit`: models by optimizers, with a smaller last batch."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from support.training import CLASSES, OPTIMIZERS, fit, parts, settings

from lrbench.identity.model_source import source_digest
from lrbench.learning.model import set_up_tensorflow
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


@pytest.fixture(scope="module", autouse=True)
def tensorflow():
    set_up_tensorflow(threads=1)


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
def test_weights_losses_and_predictions_are_those_of_fit(model, optimizer):
    run = own(model, optimizer, batch_size=30)  # 203 examples: the last batch has 23
    data = parts(run)
    tensors, learners = TensorData(data), Learners(run.as_json(), ZOO)
    assert learners.engine == EXACT
    weights, history, predicted = fit(run, learners.model)
    ours = train(run, tensors, learners(run, tensors), lambda line: None)
    assert weights_fingerprint(ours.weights) == weights_fingerprint(weights)
    for name, values in history.items():
        assert ours.epochs[name].tolist() == values, name
    np.testing.assert_array_equal(ours.predictions, predicted)
    assert len(ours.weights) == len(weights)
    assert ours.class_correct.shape == (CLASSES,)


@pytest.mark.parametrize("batch_size", [25, 29, 50, 203, 300])
def test_full_batches_alone_and_one_batch_an_epoch(batch_size):
    run = own("batch_normalization", "adam", batch_size)  # 203 = 7 * 29
    tensors, learners = TensorData(parts(run)), Learners(run.as_json(), ZOO)
    weights, history, _ = fit(run, learners.model)
    ours = train(run, tensors, learners(run, tensors), lambda line: None)
    assert weights_fingerprint(ours.weights) == weights_fingerprint(weights)
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert ours.epochs[name].tolist() == history[name], name


def test_weights_that_are_not_trained_are_in_the_fingerprint():
    run = own("batch_normalization", "sgd", 30)
    tensors = TensorData(parts(run))
    learner = Learners(run.as_json(), ZOO)(run, tensors)
    before = weights_fingerprint(learner.model.get_weights())
    moving = next(weight for weight in learner.model.non_trainable_weights if "moving_mean" in weight.path)
    moving.assign_add(np.ones(moving.shape))
    assert weights_fingerprint(learner.model.get_weights()) != before
