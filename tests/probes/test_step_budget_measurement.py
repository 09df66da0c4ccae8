"""Step budgets of real runs: the replay, the state that is restored, the optimizer's own steps, and the expansion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.samples import PLAN, SETTINGS, SPLIT, as_json, idx_folder
from support.training import CLASSES, EPOCHS, EXAMPLES, OPTIMIZERS, examples, settings

from lrbench.cli import main
from lrbench.data.split import Parts, batch_order, scaled, split
from lrbench.errors import InputError
from lrbench.identity.model_source import source_digest
from lrbench.identity.provenance import read_json
from lrbench.learning.model import set_up_tensorflow
from lrbench.learning.models import Learners
from lrbench.learning.settings import RunSettings
from lrbench.probes.step_budget.expansion import PARTS, Expansion
from lrbench.probes.step_budget.measurement import drawn, measure
from lrbench.probes.step_budget.replay import Replay
from lrbench.registry import probe_files
from lrbench.tables.probes import Training

ZOO = Path(__file__).parents[1] / "support" / "zoo.py"
GIVEN = Parts(examples(EXAMPLES, 0), examples(50, 1))


@pytest.fixture(scope="module", autouse=True)
def tensorflow():
    set_up_tensorflow(threads=1)


def measured(run: RunSettings, model=None, rates=(0.01,), seeds=(4,), given=GIVEN, at_most=1, steps=8):
    plan = {"learning_rates": list(rates), "seeds": list(seeds)}
    return measure(dict(run.shared), plan, given, Training({"at_most": at_most, "steps": steps}, model))


def tensors(run: RunSettings):
    from lrbench.learning.training import TensorData

    return TensorData(split(GIVEN, run.shared))


def final_weights(run: RunSettings, model=None) -> str:
    from lrbench.learning.training import train, weights_fingerprint

    data = tensors(run)
    history = train(run, data, Learners(run.shared, model)(run, data), lambda _: None)
    return weights_fingerprint(history.weights)


DAILY = ("adam", "momentum", "sgd")


@pytest.mark.parametrize(
    "optimizer", [pytest.param(one, marks=() if one in DAILY else pytest.mark.long) for one in OPTIMIZERS]
)
def test_a_replay_that_is_stopped_ends_as_the_run_did(optimizer):
    run = settings(optimizer)
    found = measured(run)
    assert found["runs"][0]["final_weights"] == final_weights(run)
    names = ["tenth", "quarter", "epoch", "half", "end"] if optimizer == "sgd" else ["quarter", "half", "end"]
    assert [moment["name"] for moment in found["runs"][0]["moments"]] == names


@pytest.mark.parametrize("build", ["dropout", "batch_normalization", "embedding"])
def test_the_state_of_any_model_is_restored(build):
    run = settings("adam", model={"build": build, "source": source_digest(ZOO)})
    found = measured(run, str(ZOO))
    assert found["refused"] == ""
    assert found["runs"][0]["final_weights"] == final_weights(run, str(ZOO))
    for moment in found["runs"][0]["moments"]:
        gain, difference = (moment["terms"][name]["value"] for name in ("gain", "difference"))
        assert abs(difference) < 0.3 * max(abs(gain), moment["terms"]["cost"]["value"])


def test_a_schedules_rate_and_state_are_those_of_the_run():
    keras = {"class": "CosineDecay", "initial_learning_rate": {"peaks": 1.0}, "decay_steps": {"steps_of_share": 1.0}}
    run = settings("momentum", learning_rate_schedule={"name": "cosine", "keras": keras})
    found = measured(run)["runs"][0]
    assert found["final_weights"] == final_weights(run)
    rates = [moment["learning_rate_now"] for moment in found["moments"]]
    expected = [0.005 * (1 + np.cos(np.pi * (moment["step"] - 1) / 21)) for moment in found["moments"]]
    assert rates == pytest.approx(expected, rel=1e-4)


def test_carried_over_weights_are_those_of_the_replay_before():
    from lrbench.learning.training import begin_with, train, weights_fingerprint

    run = settings("adam", learning_rate=0.02)
    shared = run.shared | {"initial_weights": {"order": [0.02, 0.005]}}
    data, ends, before = tensors(run), [], None
    for rate in (0.02, 0.005):
        one = RunSettings.of(shared, rate, 4)
        learner = Learners(shared, None)(one, data)
        if before is not None:
            begin_with(learner.model, before)
        train(one, data, learner, lambda _: None)
        before = [variable.numpy() for variable in learner.model.variables]
        ends.append(weights_fingerprint(learner.model.get_weights()))
    found = measured(RunSettings(0.02, 4, shared), rates=(0.005, 0.02))["runs"]
    assert {one["learning_rate"]: one["final_weights"] for one in found} == dict(zip((0.02, 0.005), ends, strict=True))


def softmax_regression(run: RunSettings, places):
    """Loss, gradient and Hessian of a linear model's mean cross-entropy, written out, in float64."""
    data = split(GIVEN, run.shared).train.take(places)
    inputs = scaled(data.images).reshape(len(places), -1).astype(float)
    inputs = np.hstack([inputs, np.ones((len(places), 1))])  # the biases follow the kernel

    def at(weights):
        logits = inputs @ weights.reshape(-1, CLASSES)
        chances = np.exp(logits - logits.max(1, keepdims=True))
        chances /= chances.sum(1, keepdims=True)
        losses = -np.log(chances[np.arange(len(places)), data.labels])
        gradient = inputs.T @ (chances - np.eye(CLASSES)[data.labels]) / len(places)
        hessian = np.zeros((inputs.shape[1] * CLASSES,) * 2)
        for one, chance in zip(inputs, chances, strict=True):
            hessian += np.kron(np.outer(one, one), np.diag(chance) - np.outer(chance, chance)) / len(places)
        return losses, gradient.ravel(), hessian

    return at


def linear(run: RunSettings):
    """A linear model of a run, what it is measured on, and its closed form."""
    held_out, _ = drawn(EXAMPLES, EPOCHS, "fused")
    data = tensors(run)
    model = Learners(run.shared, None).model(data.input_shape, CLASSES, run)
    sample = tuple(part[: len(held_out)] for part in data.train)
    return Expansion(model, sample, 10), model, softmax_regression(run, np.arange(len(held_out)))


def test_the_expansion_of_a_linear_model_is_its_closed_form():
    run = settings("sgd", model={"hidden_units": []})
    expansion, model, at = linear(run)
    weights = np.concatenate([one.ravel() for one in model.get_weights()]).astype(float)
    losses, gradient, hessian = at(weights)
    assert expansion.losses() == pytest.approx(losses, abs=1e-6)
    assert expansion.gradient() == pytest.approx(gradient, abs=1e-6)
    direction = np.random.default_rng(0).normal(size=len(weights))
    products = np.mean([expansion.product(direction, part) for part in range(PARTS)], axis=0)
    assert products == pytest.approx(hessian @ direction, abs=1e-5)


def test_steps_are_the_optimizers_own_each_from_the_state_as_it_is():
    """Of momentum: the velocity that the run has, times 0.9, less η times the gradient of the batch."""
    run = settings("momentum", model={"hidden_units": []})
    data, order = tensors(run), batch_order(4, 1, EXAMPLES)
    replay = Replay(run, data, Learners(run.shared, None))
    stops = replay.before([3, 4])
    next(stops)
    before = replay.variables()
    batches = [np.arange(32), np.arange(32, 64), order[64:96]]
    assert (replay.batch(3) == batches[2]).all()
    ends = list(replay.steps(batches))
    assert all((one == other).all() for one, other in zip(before, replay.variables(), strict=True))
    weights, velocity = [np.concatenate([one.ravel() for one in of]).astype(float) for of in (before, before)]
    velocity[:] = 0
    begun = np.concatenate(
        [one.ravel() for one in Learners(run.shared, None).model((6, 5), CLASSES, run).get_weights()]
    )
    place = begun.astype(float)
    for batch in (order[:32], order[32:64]):
        velocity = 0.9 * velocity - 0.01 * softmax_regression(run, batch)(place)[1]
        place += velocity
    assert place == pytest.approx(weights, abs=1e-6)
    for batch, end in zip(batches, ends, strict=True):
        step = 0.9 * velocity - 0.01 * softmax_regression(run, batch)(weights)[1]
        assert np.concatenate([one.ravel() for one in end]) - weights == pytest.approx(step, abs=1e-6)
    next(stops)
    assert all((one == other).all() for one, other in zip(replay.variables(), ends[2], strict=True))


def test_the_budget_of_plain_sgd_is_that_of_its_closed_form():
    """Whatever minibatches are drawn: all of the pool is one, so every step is −η g of the pool, without noise."""
    run = settings("sgd", batch_size=200, model={"hidden_units": []}, learning_rate=0.5)
    held_out, pool = drawn(EXAMPLES, EPOCHS, "fused")
    found = measured(run, rates=(0.5,))
    assert (found["held_out"], found["batch"]) == (len(held_out), len(pool))
    moment = found["runs"][0]["moments"][0]
    data = tensors(run)
    replay = Replay(RunSettings.of(run.shared, 0.5, 4), data, Learners(run.shared, None))
    next(replay.before([moment["step"]]))
    weights = np.concatenate([one.ravel() for one in replay.variables()]).astype(float)
    sample, others = (softmax_regression(run, places) for places in (held_out, pool))
    losses, gradient, hessian = sample(weights)
    step = -0.5 * others(weights)[1]
    expected = {
        "gain": -gradient @ step,
        "curvature": step @ hessian @ step / 2,
        "noise": 0.0,
        "measured": (sample(weights + step)[0] - losses).mean(),
    }
    values = {name: moment["terms"][name]["value"] for name in expected}
    assert values == pytest.approx(expected, rel=1e-3, abs=1e-6)
    batch_hessian, g = others(weights)[2], others(weights)[1]
    assert moment["sharpness"]["value"] == pytest.approx(g @ batch_hessian @ g / (g @ g), rel=1e-3)
    assert moment["loss"] == pytest.approx(losses.mean(), rel=1e-5)


def test_a_run_that_diverges_is_followed_as_far_as_there_are_numbers():
    run = settings("sgd", learning_rate=1e25)
    found = measured(run, rates=(1e25,))["runs"][0]
    assert found["moments"][-1]["terms"] is None
    assert found["moments"][-1]["loss"] is None
    assert found["final_weights"] == final_weights(run)


def test_what_cannot_be_measured_is_said(monkeypatch):
    assert measured(settings("sgd"), given=Parts(examples(31, 0), examples(5, 1)))["refused"] == "few"

    def product(*_):
        raise LookupError("gradient registry has no entry for: FractionalMaxPoolGrad")

    monkeypatch.setattr(Expansion, "product", product)
    found = measured(settings("sgd"))
    assert (found["refused"], found["runs"]) == ("second derivative", [])


def test_examples_are_held_out_of_the_minibatches_in_bounded_number():
    asked = ((203, 3), (60_000, 10), (60_000, 50), (1000, 1), (31, 1))
    assert [len(drawn(*of, "fused")[0]) for of in asked] == [48, 1168, 2048, 248, 0]
    assert [len(drawn(*of, "exact")[0]) for of in asked] == [48, 1168, 2048, 248, 0]
    assert [len(drawn(20_000, 5, engine)[0]) for engine in ("fused", "exact")] == [1024, 256]
    held_out, pool = drawn(203, 3, "fused")
    assert sorted([*held_out, *pool]) == list(range(203))


def test_only_the_smallest_seeds_are_replayed():
    found = measured(settings("sgd"), seeds=(9, 2, 5), at_most=2)
    assert [run["seed"] for run in found["runs"]] == [2, 5]


@pytest.mark.parametrize("options", [{"at_most": 0}, {"steps": 2}, {"steps": 8.5}])
def test_other_options_are_refused(options):
    with pytest.raises(InputError, match="--options: must give `at_most`, 1 or more, and `steps`, 3 or more"):
        measured(settings("sgd"), **options)


def test_the_command_writes_what_the_report_reads(tmp_path):
    data, manifest, output = idx_folder(tmp_path / "data"), tmp_path / "manifest.json", tmp_path / "step_budget.json"
    assert main(["dataset", "--data", str(data), "--split", as_json(SPLIT), "--output", str(manifest)]) == 0
    arguments = {"settings": as_json(SETTINGS), "plan": as_json(PLAN), "options": '{"at_most": 1, "steps": 8}'}
    arguments |= {"dataset": str(manifest), "data": str(data), "output": str(output)}
    assert main(["budget_steps", *(f"--{flag}={value}" for flag, value in arguments.items())]) == 0
    origin = {"expected": {"data": read_json(manifest)["digest"]}, "plan": PLAN, "settings": SETTINGS, "runs": []}
    found = probe_files({"step_budget": output})["step_budget"].read(origin, {})
    assert found["steps"] == 8
