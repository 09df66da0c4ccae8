"""Learning-rate schedules: the rates that they give, and training that is bit for bit `fit` with the same schedule."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from support.histories import trained_schedule
from support.training import OPTIMIZERS, fit, parts, settings, trained

from lrbench.identity.model_source import source_digest
from lrbench.learning.model import set_up_tensorflow
from lrbench.learning.models import EXACT, Learners
from lrbench.learning.schedules import learning_rate, rate_at, steps_of_epoch
from lrbench.learning.settings import RunSettings
from lrbench.learning.training import TensorData, train, weights_fingerprint
from lrbench.settings.named import name_of
from lrbench.settings.schedules import CONSTANT, SCHEDULES

ZOO = Path(__file__).parents[1] / "support" / "zoo.py"
WRITTEN = [
    {"name": "linear_warmup", "warmup": 0.3},
    {"name": "cosine"},
    {"name": "cosine", "warmup": 0.25, "floor": 0.1},
    {"name": "linear", "floor": 0.05},
    {"name": "step", "epochs": [1, 2], "factor": 0.3},
    {"name": "exponential"},
]
PEAK, STEPS, EPOCHS = 0.4, 10, 5  # of `rates`


@pytest.fixture(scope="module", autouse=True)
def tensorflow():
    set_up_tensorflow(threads=1)


def label(written):
    return "-".join(str(value) for value in written.values()).replace(" ", "")


def cases(*daily):
    for written in WRITTEN:
        for optimizer in OPTIMIZERS:
            marks = () if optimizer in daily else pytest.mark.long
            yield pytest.param(written, optimizer, marks=marks, id=f"{label(written)}-{optimizer}")


def scheduled(written, optimizer="adam", **changes) -> RunSettings:
    return settings(
        optimizer, batch_size=30, learning_rate_schedule=trained_schedule(written), **changes
    )  # the last batch has 23


def rates(written) -> list[float]:
    run = settings(learning_rate=PEAK, epochs=EPOCHS, learning_rate_schedule=trained_schedule(written))
    rate = learning_rate(run, STEPS)
    return [rate_at(rate, step) for step in range(1, STEPS * EPOCHS + 1)]


def test_every_schedule_but_the_constant_one_is_tried():
    assert {written["name"] for written in WRITTEN} == set(map(name_of, SCHEDULES)) - {CONSTANT}


@pytest.mark.parametrize(("written", "optimizer"), cases("adam"))
def test_the_fused_engine_is_fit(written, optimizer):
    run = scheduled(written, optimizer)
    weights, history, _ = fit(run)
    ours = trained(run)
    assert len(set(ours.evaluations["learning_rate_now"])) > 1
    assert weights_fingerprint(ours.weights) == weights_fingerprint(weights)
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert ours.epochs[name].tolist() == history[name], name


@pytest.mark.parametrize(("written", "optimizer"), cases("adam"))
def test_the_exact_engine_is_fit(written, optimizer):
    run = scheduled(written, optimizer, model={"build": "dense", "source": source_digest(ZOO)})
    tensors, learners = TensorData(parts(run)), Learners(run.as_json(), ZOO)
    assert learners.engine == EXACT
    weights, history, _ = fit(run, learners.model)
    ours = train(run, tensors, learners(run, tensors), lambda line: None)
    assert weights_fingerprint(ours.weights) == weights_fingerprint(weights)
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert ours.epochs[name].tolist() == history[name], name


@pytest.mark.parametrize(
    "optimizer", [pytest.param(one, marks=() if one == "adam" else pytest.mark.long) for one in OPTIMIZERS]
)
def test_a_schedule_that_never_falls_is_the_constant_rate(optimizer):
    """With its step in an epoch that does not come: the schedule itself costs no bit."""
    still = trained(scheduled({"name": "step", "epochs": [100]}, optimizer))
    assert weights_fingerprint(still.weights) == weights_fingerprint(
        trained(settings(optimizer, batch_size=30)).weights
    )


def test_a_warm_up_begins_with_the_first_part_of_the_peak_and_then_stays():
    found = rates({"name": "linear_warmup", "warmup": 0.2})  # 10 of 50 steps
    assert found[:3] == pytest.approx([0.04, 0.076, 0.112])
    assert found[9:] == pytest.approx([0.04 + 0.036 * 9] + [0.4] * 40)


def test_a_cosine_falls_by_half_a_turn():
    assert rates({"name": "cosine"}) == pytest.approx(
        [0.2 * (1 + math.cos(math.pi * step / 50)) for step in range(50)], rel=1e-4, abs=1e-7
    )


def test_a_cosine_warms_up_and_ends_near_its_floor():
    found = rates({"name": "cosine", "warmup": 0.2, "floor": 0.1})
    assert found[0] == pytest.approx(0.04)
    assert found[10] == pytest.approx(0.4)
    assert max(found) == pytest.approx(0.4)
    assert found[-1] == pytest.approx(0.04 + 0.36 * (1 + math.cos(math.pi * 39 / 40)) / 2, rel=1e-4)


def test_a_linear_decay_falls_in_equal_steps_to_its_floor():
    found = rates({"name": "linear", "floor": 0.5})
    assert np.diff(found) == pytest.approx(np.full(49, -0.2 / 50), rel=1e-4)
    assert found[0] == pytest.approx(0.4)


def test_a_step_comes_with_the_first_step_of_the_next_epoch():
    found = rates({"name": "step", "epochs": [2, 4], "factor": 0.5})
    assert found == pytest.approx([0.4] * 20 + [0.2] * 20 + [0.1] * 10)


def test_an_exponential_decay_has_the_same_factor_at_each_step():
    found = rates({"name": "exponential", "floor": 0.01})
    assert found == pytest.approx([0.4 * 0.01 ** (step / 50) for step in range(50)], rel=1e-4)


@pytest.mark.parametrize("written", WRITTEN, ids=label)
def test_a_schedule_of_one_step_is_possible(written):
    run = settings(learning_rate=PEAK, epochs=1, learning_rate_schedule=trained_schedule(written))
    assert 0 < rate_at(learning_rate(run, 1), 1) < PEAK * (1 + 1e-6)


def test_the_shape_does_not_change_with_the_batch_size():
    peaks = {}
    for batch_size in (10, 25):
        run = settings(
            learning_rate=PEAK, epochs=4, learning_rate_schedule=trained_schedule({"name": "cosine", "warmup": 0.5})
        )
        steps = steps_of_epoch(250, batch_size)
        found = [rate_at(learning_rate(run, steps), step) for step in range(1, 4 * steps + 1)]
        peaks[batch_size] = (np.argmax(found) + 1) / len(found)
    assert peaks[10] == pytest.approx(peaks[25], abs=0.03)


@pytest.mark.parametrize("engine", ["fused", "exact"])
def test_the_rate_in_force_stands_at_every_evaluation(engine):
    """That of the last step; before training, that of the first."""
    run = scheduled({"name": "step", "epochs": [1], "factor": 0.5})
    if engine == "exact":
        run = scheduled(
            {"name": "step", "epochs": [1], "factor": 0.5}, model={"build": "dense", "source": source_digest(ZOO)}
        )
        tensors, learners = TensorData(parts(run)), Learners(run.as_json(), ZOO)
        table = train(run, tensors, learners(run, tensors), lambda line: None).evaluations
    else:
        table = trained(run).evaluations
    now = dict(zip(table["step"].tolist(), table["learning_rate_now"], strict=True))
    assert now == pytest.approx({0: 0.01, 1: 0.01, 2: 0.01, 5: 0.01, 7: 0.01, 14: 0.005, 21: 0.005})


def test_without_a_schedule_the_rate_in_force_is_the_rate():
    assert set(trained(settings()).evaluations["learning_rate_now"]) == {0.01}
