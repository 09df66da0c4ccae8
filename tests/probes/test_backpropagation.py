"""The chain rule by hand is TensorFlow's gradient, and the numbers of one worked step fit together."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from support.training import OPTIMIZERS

from lrbench.commands import stages
from lrbench.data.sources import read_dataset
from lrbench.data.split import batch_order, split
from lrbench.errors import WorkError
from lrbench.identity.code import _import_closure
from lrbench.identity.provenance import canonical_json, write_sealed
from lrbench.learning.model import build_model, set_up_tensorflow
from lrbench.learning.models import MODULES
from lrbench.learning.settings import RunSettings
from lrbench.learning.training import weights_fingerprint
from lrbench.probes.backpropagation import chain_rule
from lrbench.probes.backpropagation import measurement as backpropagation
from lrbench.probes.backpropagation.measurement import DoubleModel, as_picture, measure, picture_scale

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


@pytest.fixture(scope="module")
def datasets(tmp_path_factory):
    """Paths of small data sets by the shape of their images."""
    folder = tmp_path_factory.mktemp("data")

    def path(shape: tuple[int, ...]):
        file = folder / f"{'x'.join(map(str, shape))}.npz"
        if not file.exists():
            random = np.random.default_rng(0)
            arrays = {}
            for part, number in (("train", 30), ("test", 12)):
                arrays[f"x_{part}"] = random.integers(0, 256, (number, *shape), dtype=np.uint8)
                arrays[f"y_{part}"] = np.arange(number) % CLASSES
            np.savez(file, **arrays)
        return str(file)

    return path


def asked(hidden=(), optimizer=OPTIMIZERS["adam"], batch_size=8, train_examples=None, holdout=None) -> dict:
    return {
        "batch_size": batch_size,
        "device": "cpu",
        "epochs": 1,
        "model": {"hidden_units": list(hidden)},
        "optimizer": optimizer,
        "threads": 1,
        "train_examples": train_examples,
        "validation": {"protocol": "holdout" if holdout else "test", "examples": holdout},
    }


def worked(path: str, settings: dict, rates=(0.01, 0.1), seeds=(5, 3)) -> dict:
    return measure(settings, {"learning_rates": list(rates), "seeds": list(seeds)}, read_dataset(path))


@pytest.mark.parametrize(
    ("hidden", "optimizer", "shape"),
    [
        ((), OPTIMIZERS["sgd"], (4, 4)),
        ((6,), OPTIMIZERS["adam"], (4, 5, 3)),
        ((5, 4), OPTIMIZERS["adamw"], (4, 4)),
        ((5, 4, 3), OPTIMIZERS["nesterov"], (4, 4)),
        ((5, 4, 3, 3), OPTIMIZERS["rmsprop"], (4, 4, 1)),
        ((4, 4, 4, 4, 4), OPTIMIZERS["momentum"], (4, 4)),
    ],
    ids=lambda value: str(value["name"] if isinstance(value, dict) else value),
)
def test_the_numbers_of_a_worked_step_fit_together(datasets, hidden, optimizer, shape):
    path = datasets(shape)
    found = worked(path, asked(hidden, optimizer))
    canonical_json(found)  # no NaN
    assert [layer["units"] for layer in found["layers"]] == [*hidden, CLASSES]
    truth = found["output"][found["example"]["label"]]
    assert found["loss"] == pytest.approx(-math.log(truth["probability"]))
    assert truth["error"] == pytest.approx(truth["probability"] - 1)
    assert found["agreement"]["relative_difference"] <= 1e-10
    squared = sum(layer["weight_gradient_norm"] ** 2 + layer["bias_gradient_norm"] ** 2 for layer in found["layers"])
    assert squared == pytest.approx(found["gradient_norm"] ** 2)
    units = found["path"]["units"]
    for unit in units[:-1]:
        back = unit["back_along_path"] + unit["back_by_others"]
        assert unit["delta"] == pytest.approx(unit["slope"] * back, rel=1e-9, abs=1e-15)
    for unit in units:
        assert unit["weight_gradient"] == pytest.approx(unit["input"] * unit["delta"])
    product = found["path"]["pixel"]["value"] * math.prod(unit["weight"] for unit in units)
    assert found["path"]["carried"] in (pytest.approx(product), 0)
    assert found["weight"]["gradient"] == pytest.approx(found["weight"]["tensorflow"], rel=1e-9, abs=1e-15)
    for update in found["updates"]:
        plain = update["plain"]
        assert plain["first_order"] == pytest.approx(-update["learning_rate"] * found["gradient_norm"] ** 2)
        assert plain["weight_change"] == pytest.approx(-update["learning_rate"] * found["weight"]["gradient"])
        assert plain["measured"] == pytest.approx(plain["loss_after"] - found["loss"])
        at_rate = [point["loss"] for point in found["lines"][0]["at_rates"] if point["step"] == update["learning_rate"]]
        assert at_rate == [pytest.approx(plain["loss_after"])]
    small = worked(path, asked(hidden, optimizer), rates=(1e-6,))["updates"][0]
    for kind in ("plain", "optimizer"):
        assert small[kind]["second_order"] == pytest.approx(small[kind]["measured"], rel=1e-3, abs=1e-12)


def test_the_example_is_the_first_that_the_first_run_sees_with_the_weights_it_begins_with(datasets):
    path = datasets((4, 4))
    found = worked(path, asked((6,)))
    data = split(read_dataset(path), asked())
    place = batch_order(3, 1, len(data.train))[0]
    assert (found["seed"], found["example"]["place"]) == (3, place)
    assert found["example"]["image"] == data.train.images[place].tolist()
    assert found["example"]["label"] == data.train.labels[place]
    assert found["initial_weights"] == weights_fingerprint(build_model((4, 4), CLASSES, run_of((6,), 3)).get_weights())
    assert [(line["along"], line["of"], line["examples"]) for line in found["lines"]] == [
        ("gradient", "example", 1),
        ("optimizer", "example", 1),
        ("gradient", "batch", 8),
        ("optimizer", "batch", 8),
    ]


@pytest.mark.parametrize(("train_examples", "holdout"), [(None, None), (20, None), (None, 9), (15, 9)])
def test_the_example_is_named_by_its_place_in_the_files_of_the_data_set(datasets, train_examples, holdout):
    path = datasets((4, 4))
    asked_for = asked((6,), train_examples=train_examples, holdout=holdout)
    example = worked(path, asked_for)["example"]
    with np.load(path) as files:
        assert example["image"] == files["x_train"][example["place"]].tolist()
        assert example["label"] == files["y_train"][example["place"]]
    after_the_split = batch_order(3, 1, len(split(read_dataset(path), asked_for).train))[0]
    assert (example["place"] == after_the_split) == (train_examples is None and holdout is None)


def test_how_many_weights_have_a_gradient_of_0_and_how_many_a_step_changes(tmp_path):
    """Images of the two lit pixels 0 and 3: the weights of the seven others have no part in the loss."""
    path = tmp_path / "lit.npz"
    images = np.zeros((9, 3, 3), np.uint8)
    images[:, 0, 0], images[:, 1, 0] = 255, 100
    labels = np.arange(9) % CLASSES
    np.savez(path, x_train=images, y_train=labels, x_test=images, y_test=labels)
    found = worked(str(path), asked((), OPTIMIZERS["sgd"]))
    assert found["gradient_zeros"] == {"entries": 30, "zero_entries": 21}  # 7 pixels times 3 classes
    assert [(layer["entries"], layer["zero_entries"]) for layer in found["layers"]] == [(30, 21)]
    for optimizer, changed in (
        (OPTIMIZERS["adam"], 9),
        (OPTIMIZERS["adamw"], 30),
        (OPTIMIZERS["sgd"], 9),
    ):  # adamw decays every weight
        along_gradient, along_step = worked(str(path), asked((), optimizer))["lines"][2:]
        assert along_step["gradient_zeros"] == {"entries": 30, "zero_entries": 21}
        assert [point["moved"] for point in along_gradient["at_rates"]] == [9, 9]
        assert [point["moved"] for point in along_step["at_rates"]] == [changed, changed]


def test_rates_beyond_all_measure_are_worked_through(datasets):
    found = worked(datasets((4, 4)), asked((6,), OPTIMIZERS["sgd"]), rates=(1e-12, 1e6))
    canonical_json(found)
    assert {line["turn"]["status"] for line in found["lines"]} <= {"turns", "vanishes", "falls", "rises"}


def test_an_image_without_light_has_a_silent_path_and_no_gradient_by_its_weight(tmp_path):
    path = tmp_path / "dark.npz"
    dark, labels = np.zeros((9, 3, 3), np.uint8), np.arange(9) % CLASSES
    np.savez(path, x_train=dark, y_train=labels, x_test=dark, y_test=labels)
    found = worked(str(path), asked((4, 3)))
    assert (found["path"]["status"], found["path"]["carried"]) == ("silent", 0)
    assert (found["weight"]["gradient"], found["weight"]["finite_difference"]["relative_error"]) == (0, None)


def test_other_data_than_planned_are_refused(datasets, tmp_path):
    manifest, output = tmp_path / "manifest.json", tmp_path / "worked.json"
    write_sealed(manifest, {"digest": "0" * 64})
    plan = {"learning_rates": [0.1], "seeds": [0]}
    with pytest.raises(WorkError, match="has changed since its manifest was written"):
        stages.probe("backpropagation", asked(), plan, manifest, datasets((4, 4)), output, None)
    assert not output.exists()


def test_a_disagreement_is_said_and_nothing_is_written(datasets, monkeypatch):
    right = chain_rule.backward

    def wrong(*given):
        back = right(*given)
        back.gradient[0][0, 0] += 1e-6
        return back

    monkeypatch.setattr(backpropagation.chain_rule, "backward", wrong)
    with pytest.raises(WorkError, match="the gradient by hand differs from TensorFlow's by 1e-06"):
        worked(datasets((4, 4)), asked((6,)))


def test_training_depends_on_no_probe():
    closure = _import_closure(MODULES.values())
    assert {"lrbench.learning.model", "lrbench.learning.training"} <= set(closure)
    assert [name for name in closure if name.startswith(("lrbench.probes", "lrbench.registry"))] == []


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        (np.array([-1.0, 0.0, 4.0], np.float32), [[0, 51, 255]]),
        (np.array([[2, 2], [2, 2]], np.int32), [[0, 0], [0, 0]]),
        (np.array([[7, 9]], np.uint8), [[7, 9]]),
    ],
)
def test_an_example_of_any_numbers_is_shown_as_a_picture(example, expected):
    np.testing.assert_array_equal(as_picture(example), np.array(expected, np.uint8), strict=True)


def test_the_scale_of_a_picture_is_of_the_numbers_themselves():
    assert picture_scale(np.array([[-1.5, 0.5], [2.5, 0.0]], np.float32)) == {"smallest": -1.5, "largest": 2.5}
    assert picture_scale(np.array([[3, 200]], np.uint8)) is None
