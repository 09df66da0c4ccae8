"""The chain rule by hand is the gradient that TensorFlow computes, and that finite differences give."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from support.training import OPTIMIZERS

from lrbench.learning.model import set_up_tensorflow
from lrbench.learning.settings import RunSettings
from lrbench.probes.backpropagation import chain_rule
from lrbench.probes.backpropagation.measurement import DoubleModel

CLASSES = 3
BOUNDED = bounds(
    derandomize=True,
    deadline=None,
    max_examples=25,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hidden_layers = st.lists(st.integers(1, 6), max_size=4).map(tuple)
shapes = st.sampled_from([(2, 3), (3, 2, 1), (2, 2, 3), (1, 1)])
seeds = st.integers(0, 2**32 - 1)


def run_of(hidden, seed) -> RunSettings:
    return RunSettings.of({"model": {"hidden_units": hidden}}, learning_rate=0.1, seed=seed)


@pytest.fixture(scope="module", autouse=True)
def tensorflow():
    set_up_tensorflow(threads=1)


def digits(shape: tuple[int, ...], number: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, (number, *shape)) / 255 * random.integers(0, 2, (number, *shape))
    return images, random.integers(0, CLASSES, number)


def network(sizes: tuple[int, ...], seed: int) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    weights = []
    for inputs, units in itertools.pairwise(sizes):
        weights += [random.normal(size=(inputs, units)), random.normal(size=units) / 2]
    return weights


@BOUNDED
@given(hidden_layers, shapes, st.integers(1, 5), seeds)
def test_the_backward_pass_by_hand_is_that_of_tensorflow(hidden, shape, number, seed):
    images, labels = digits(shape, number, seed)
    model = DoubleModel(shape, CLASSES, run_of(hidden, seed))
    passed = chain_rule.forward(model.weights, images.reshape(number, -1), labels)
    by_hand = chain_rule.backward(model.weights, passed, labels).gradient
    loss, theirs = model.gradient(images, labels)
    assert passed.loss == pytest.approx(loss, rel=1e-12)
    difference = chain_rule.norm([a - b for a, b in zip(by_hand, theirs, strict=True)])
    assert difference <= 1e-10 * chain_rule.norm(theirs)


@BOUNDED
@given(hidden_layers, seeds)
def test_the_backward_pass_by_hand_is_what_finite_differences_give(hidden, seed):
    images, labels = digits((4,), 2, seed)
    weights = network((4, *hidden, CLASSES), seed)
    gradient = chain_rule.backward(weights, chain_rule.forward(weights, images, labels), labels).gradient
    for layer, kernel in enumerate(gradient[::2], start=1):
        for (start, end), slope in np.ndenumerate(kernel):
            found = chain_rule.central_difference(weights, images, labels, (layer, start, end), slope)
            if found["status"] == "smooth":
                assert found["difference"] == pytest.approx(slope, abs=1e-7)


@BOUNDED
@given(hidden_layers, seeds)
def test_the_factors_multiplied_out_are_the_gradient(hidden, seed):
    images, labels = digits((4,), 1, seed)
    label = int(labels[0])
    weights = network((4, *hidden, CLASSES), seed)
    passed = chain_rule.forward(weights, images, labels)
    gradient = chain_rule.backward(weights, passed, labels).gradient
    path = chain_rule.strongest_path(weights, passed, label)
    factors = chain_rule.weight_factors(weights, passed, label, path)
    assert [factors["from"], factors["to"]] == path[-3:-1] if hidden else path
    total = sum(term["weight"] * term["error"] for term in factors["terms"]) if hidden else factors["sum"]
    product = factors["input"] * (factors["slope"] if hidden else 1) * total
    expected = gradient[2 * factors["layer"] - 2][factors["from"], factors["to"]]
    assert product == pytest.approx(expected, rel=1e-12, abs=1e-15)
    assert factors["gradient"] == pytest.approx(expected, rel=1e-12, abs=1e-15)


@BOUNDED
@given(hidden_layers, seeds)
def test_no_path_carries_more_than_the_strongest(hidden, seed):
    images, labels = digits((4,), 1, seed)
    weights = network((4, *hidden, CLASSES), seed)
    passed = chain_rule.forward(weights, images, labels)
    label = int(labels[0])
    every = itertools.product(range(4), *map(range, hidden), [label])
    most = max(abs(chain_rule.carried(weights, passed, path)) for path in every)
    strongest = chain_rule.carried(weights, passed, chain_rule.strongest_path(weights, passed, label))
    assert abs(strongest) == pytest.approx(most, rel=1e-12)


def test_a_network_worked_out_on_paper():
    """x = 2, one hidden unit z = 2·1.5 − 1 = 2, logits 2·(ln 3)/2 = ln 3 and 0: p = 3/4, 1/4; class 1."""
    weights = [np.array([[1.5]]), np.array([-1.0]), np.array([[math.log(3) / 2, 0.0]]), np.zeros(2)]
    labels = np.array([1])
    passed = chain_rule.forward(weights, np.array([[2.0]]), labels)
    back = chain_rule.backward(weights, passed, labels)
    assert passed.loss == pytest.approx(math.log(4))
    np.testing.assert_allclose(back.deltas[1], [[0.75, -0.75]])
    np.testing.assert_allclose(back.deltas[0], [[0.75 * math.log(3) / 2]])
    np.testing.assert_allclose(back.gradient[0], [[0.75 * math.log(3)]])
    np.testing.assert_allclose(back.gradient[2], [[1.5, -1.5]])


def test_a_loss_next_to_nothing_is_exact():
    weights = [np.array([[100.0, 0.0]]), np.zeros(2)]
    passed = chain_rule.forward(weights, np.array([[1.0]]), np.array([0]))
    assert passed.loss == pytest.approx(math.exp(-100))
    gradient = chain_rule.backward(weights, passed, np.array([0])).gradient
    np.testing.assert_allclose(gradient[0], [[-math.exp(-100), math.exp(-100)]])


@pytest.mark.parametrize(
    ("bias", "status", "step"), [(1.0, "smooth", 1e-5), (5e-6, "smooth", 1e-6), (0.0, "kink", 1e-7)]
)
def test_a_kink_between_the_two_sides_is_seen(bias, status, step):
    """z = 1·0 + bias: a step larger than the bias switches the unit off, and at 0 every step does."""
    weights = [np.array([[0.0]]), np.array([bias]), np.array([[1.0, -1.0]]), np.zeros(2)]
    labels = np.array([0])
    images = np.array([[1.0]])
    gradient = chain_rule.backward(weights, chain_rule.forward(weights, images, labels), labels).gradient[0][0, 0]
    found = chain_rule.central_difference(weights, images, labels, (1, 0, 0), gradient)
    assert (found["status"], found["step"], found["units_switched"]) == (status, step, int(status == "kink"))
    assert (found["error"] < 1e-8) == (status == "smooth")


def test_the_curvature_is_that_of_the_gradient():
    images, labels = np.random.default_rng(0).uniform(0.2, 1, (4, 3, 3)), np.array([0, 1, 2, 0])
    model = DoubleModel((3, 3), CLASSES, run_of((8,), 1))
    direction = network((9, 8, CLASSES), 2)
    flat = images.reshape(4, -1)

    def slope(step: float) -> float:
        weights = chain_rule.moved(model.weights, direction, step)
        back = chain_rule.backward(weights, chain_rule.forward(weights, flat, labels), labels)
        return chain_rule.dot(back.gradient, direction)

    assert model.curvature(images, labels, direction) == pytest.approx((slope(1e-5) - slope(-1e-5)) / 2e-5, rel=1e-6)


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_the_first_step_is_as_long_as_its_rate_and_leaves_the_model_as_it_was(optimizer):
    model = DoubleModel((2, 2), CLASSES, run_of((3,), 0))
    gradient = network((4, 3, CLASSES), 1)
    long, short = (model.first_step(optimizer, rate, gradient) for rate in (1.0, 0.25))
    for a, b in zip(long, short, strict=True):
        np.testing.assert_allclose(b, a / 4, rtol=1e-9, atol=1e-12)
    factor = {"sgd": 1.0, "momentum": 1.0, "nesterov": 1.9}.get(optimizer["name"])
    if factor:
        np.testing.assert_allclose(long[0], -factor * gradient[0], rtol=1e-6)
    if optimizer["name"] == "adam":
        np.testing.assert_allclose(long[0], -np.sign(gradient[0]), rtol=1e-3)
    images, labels = digits((2, 2), 2, 0)
    assert model.gradient(images, labels)[0] == chain_rule.forward(model.weights, images.reshape(2, -1), labels).loss
