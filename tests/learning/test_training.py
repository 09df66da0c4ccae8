"""Training is bit for bit what `model.fit` computes on the same batches."""

from __future__ import annotations

import numpy as np
import pytest
from support.training import CLASSES, EPOCHS, EXAMPLES, OPTIMIZERS, examples, fit, parts, settings, trained

from lrbench.data.split import Parts, batch_order, scaled, split, stratified, training_subset
from lrbench.learning.fused import learner
from lrbench.learning.model import build_model, set_up_tensorflow
from lrbench.learning.settings import RunSettings
from lrbench.learning.training import FEW, TensorData, evaluation_steps, train, weights_fingerprint


@pytest.fixture(scope="module", autouse=True)
def tensorflow():
    set_up_tensorflow(threads=1)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("protocol", ["test", "holdout"])
def test_weights_and_history_are_those_of_fit(optimizer, protocol):
    run = settings(optimizer, batch_size=30, protocol=protocol)
    weights, history, predicted = fit(run)
    test = history.pop("test", None)
    ours = trained(run)
    assert weights_fingerprint(ours.weights) == weights_fingerprint(weights)
    for name, values in history.items():
        assert ours.epochs[name].tolist() == values, name
    np.testing.assert_array_equal(ours.predictions, predicted)
    assert test is None or list(ours.test) == test


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_model_of_a_hundred_thousand_weights(optimizer):
    """Some ways of rounding differ in one weight among thousands: the small model above need not show them."""
    run, shape = settings(optimizer, model={"hidden_units": [128, 64]}), (28, 28)
    ours = trained(run, parts(run, shape))
    assert weights_fingerprint(ours.weights) == weights_fingerprint(fit(run, shape=shape)[0])


@pytest.mark.parametrize("hidden_units", [[], [5], [5, 5, 5]])
def test_any_number_of_hidden_layers(hidden_units):
    run = settings("nesterov", model={"hidden_units": hidden_units})
    ours = trained(run)
    assert weights_fingerprint(ours.weights) == weights_fingerprint(fit(run)[0])


def test_two_batches_swapped_give_other_weights():
    run = settings()

    def swapped(seed, epoch, number):
        order = batch_order(seed, epoch, number)
        order[:64] = np.concatenate([order[32:64], order[:32]])
        return order

    ours = trained(run)
    assert weights_fingerprint(ours.weights) != weights_fingerprint(fit(run, order=swapped)[0])


def test_measuring_more_often_changes_nothing(monkeypatch):
    run = settings()
    plain = trained(run)
    monkeypatch.setattr("lrbench.learning.training.evaluation_steps", lambda *_: range(22))
    often = trained(run)
    assert len(often.evaluations["step"]) == 22
    assert weights_fingerprint(often.weights) == weights_fingerprint(plain.weights)


def test_runs_of_one_process_do_not_touch_each_other():
    first, second = settings(), settings("sgd")
    data = TensorData(parts(first))
    alone, _, again = (train(run, data, learner(run, data), lambda line: None) for run in (first, second, first))
    assert weights_fingerprint(again.weights) == weights_fingerprint(alone.weights)
    np.testing.assert_array_equal(again.steps["batch_loss"], alone.steps["batch_loss"])


def test_every_table_has_its_rows_and_step_0_is_before_training():
    run = settings()
    data = TensorData(parts(run))
    lines: list[str] = []
    ours = train(run, data, learner(run, data), lines.append)
    assert ours.epochs["epoch"].tolist() == [1, 2, 3]
    assert ours.steps["step"].tolist() == list(range(1, 22))  # ceil(203 / 32) = 7 steps an epoch
    assert ours.evaluations["step"].tolist() == [0, 1, 2, 5, 7, 14, 21]
    assert ours.evaluations["epoch"].tolist() == [step / 7 for step in (0, 1, 2, 5, 7, 14, 21)]
    assert np.isnan(ours.evaluations["update_ratio"]).tolist() == [True] + [False] * 6
    ends = np.isin(ours.evaluations["step"], [7, 14, 21])
    assert ours.evaluations["val_loss"][ends].tolist() == ours.epochs["val_loss"].tolist()
    assert len(lines) == 3
    assert lines[0].startswith("learning rate 0.01, seed 4, epoch 1/3: loss ")
    model = build_model((6, 5), CLASSES, settings())
    assert weights_fingerprint(ours.initial_weights) == weights_fingerprint(model.get_weights())


def test_measures_agree_with_keras_and_numpy():
    import keras
    import tensorflow as tf

    run = settings("sgd", epochs=1)
    data = parts(run)
    ours = trained(run, data)
    model = build_model((6, 5), CLASSES, settings())
    images, labels = scaled(data.train.images), data.train.labels
    with tf.GradientTape() as tape:
        loss = keras.losses.SparseCategoricalCrossentropy()(labels, model(images))
    gradient = np.concatenate([part.numpy().ravel() for part in tape.gradient(loss, model.trainable_variables)])
    at_start = {name: values[0] for name, values in ours.evaluations.items()}
    np.testing.assert_allclose(at_start["train_loss"], loss, rtol=1e-6)
    np.testing.assert_allclose(at_start["gradient_norm"], np.linalg.norm(gradient), rtol=1e-5)
    accuracy = np.mean(model.predict(images, verbose=0).argmax(axis=1) == labels)
    np.testing.assert_allclose(at_start["train_accuracy"], accuracy, rtol=1e-6)
    weights = np.concatenate([part.ravel() for part in ours.initial_weights])
    first = data.train.take(batch_order(4, 1, EXAMPLES)[:32])
    with tf.GradientTape() as tape:
        loss = keras.losses.SparseCategoricalCrossentropy()(first.labels, model(scaled(first.images)))
    step = np.concatenate([part.numpy().ravel() for part in tape.gradient(loss, model.trainable_variables)])
    expected = 0.01 * np.linalg.norm(step) / np.linalg.norm(weights)
    np.testing.assert_allclose(ours.evaluations["update_ratio"][1], expected, rtol=1e-4)
    np.testing.assert_allclose(ours.steps["batch_loss"][0], loss, rtol=1e-6)


def test_a_run_that_blows_up_has_all_its_rows():
    run = RunSettings.of(settings("sgd").as_json(), learning_rate=1e30, seed=4)
    ours = trained(run)
    assert len(ours.steps["step"]) == 21
    assert len(ours.epochs["epoch"]) == EPOCHS
    assert not np.isfinite(ours.weights[0]).all()


@pytest.mark.parametrize(
    ("per_epoch", "epochs", "expected"),
    [
        (1875, 1, [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1875]),
        (7, 2, [0, 1, 2, 5, 7, 14]),
        (10, 2, [0, 1, 2, 5, 10, 20]),
        (1, 3, [0, 1, 2, 3]),
    ],
)
def test_evaluation_steps(per_epoch, epochs, expected):
    assert evaluation_steps(per_epoch, epochs) == expected


def test_few_evaluation_steps():
    assert evaluation_steps(188, 2, FEW) == [0, 1, 10, 100, 188, 376]


def test_weights_fingerprint_is_of_little_endian_numbers_in_order():
    import hashlib

    weights = [np.array([[1.0, 2.0]], ">f4"), np.asfortranarray([[3.0, 4.0], [5.0, 6.0]]).astype("f4", order="F")]
    raw = b"".join(np.float32(value).tobytes() for value in (1, 2, 3, 4, 5, 6))
    assert weights_fingerprint(weights) == hashlib.sha256(raw).hexdigest()


def test_batch_order_is_the_contract():
    expected = np.random.default_rng([3, 2]).permutation(10)
    assert batch_order(3, 2, 10).tolist() == expected.tolist()


def test_the_training_subset_is_drawn_once():
    assert training_subset(4).tolist() == [0, 1, 2, 3]
    drawn = training_subset(6000)
    expected = np.sort(np.random.default_rng(0).choice(6000, 1000, replace=False))
    assert drawn.tolist() == expected.tolist()


def test_stratified_keeps_the_proportions():
    labels = np.repeat([0, 1, 2], [50, 30, 20])
    assert np.bincount(labels[stratified(labels, 10)]).tolist() == [5, 3, 2]
    assert np.bincount(labels[stratified(labels, 5)]).tolist() == [3, 1, 1]  # 2.5, 1.5, 1.0: the tie goes to class 0
    labels = np.repeat([0, 1, 2], [6, 3, 1])
    assert np.bincount(labels[stratified(labels, 4)]).tolist() == [3, 1]  # 2.4, 1.2, 0.4: class 0 before class 2


@pytest.mark.parametrize("protocol", ["test", "holdout"])
def test_correct_examples_of_each_class_add_up_to_the_accuracy(protocol):
    run = settings(protocol=protocol, batch_size=16)
    data = parts(run)
    history = trained(run, data)
    accuracy = history.epochs["val_accuracy"][-1]
    assert history.class_correct.shape == (CLASSES,)
    assert (history.class_correct <= np.bincount(data.validation.labels, minlength=CLASSES)).all()
    assert history.class_correct.sum() == round(accuracy * len(data.validation))


@pytest.mark.parametrize(("protocol", "wanted"), [("test", None), ("holdout", None), ("holdout", 30), ("test", 30)])
def test_places_find_the_training_examples_in_the_data_set(protocol, wanted):
    source = examples(EXAMPLES, 0)
    data = split(Parts(source, examples(50, 1)), settings(protocol=protocol, train_examples=wanted).as_json())
    assert len(set(data.train_places.tolist())) == len(data.train)
    np.testing.assert_array_equal(source.images[data.train_places], data.train.images)
    np.testing.assert_array_equal(source.labels[data.train_places], data.train.labels)


@pytest.mark.parametrize("batch_size", [25, 29, 50, 203, 300])
def test_full_batches_alone_in_training_and_in_evaluation(batch_size):
    run = settings("adam", batch_size=batch_size)  # of 203 examples that train and 50 that validate
    weights, history, predicted = fit(run)
    ours = trained(run)
    assert weights_fingerprint(ours.weights) == weights_fingerprint(weights)
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert ours.epochs[name].tolist() == history[name], name
    np.testing.assert_array_equal(ours.predictions, predicted)
