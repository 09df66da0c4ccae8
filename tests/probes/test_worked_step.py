"""One step of training, worked through: its numbers fit together, and what cannot be worked through is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
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
from lrbench.probes.backpropagation.measurement import as_picture, measure, picture_scale

CLASSES = 3


def run_of(hidden, seed) -> RunSettings:
    return RunSettings.of({"model": {"hidden_units": hidden}}, learning_rate=0.1, seed=seed)


@pytest.fixture(scope="module", autouse=True)
def tensorflow():
    set_up_tensorflow(threads=1)


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
