"""Weights that are carried over: a chain of runs is, bit for bit, the loop that compiles and fits one model again."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from support.samples import MEASURED
from support.training import CLASSES, parts, settings

from lrbench.data.split import batch_order, scaled
from lrbench.errors import InputError, WorkError
from lrbench.identity.model_source import source_digest
from lrbench.identity.provenance import run_key
from lrbench.learning.carried import Beginnings
from lrbench.learning.model import run_optimizer, set_up_tensorflow
from lrbench.learning.models import Learners
from lrbench.learning.schedules import steps_of_epoch
from lrbench.learning.settings import RunSettings, carried_on
from lrbench.learning.store import RunStore
from lrbench.learning.training import TensorData, train, weights_fingerprint

ZOO = Path(__file__).parents[1] / "support" / "zoo.py"
ORDER = [0.01, 0.1, 0.001]
ORIGIN = {"code": "c0de", "data": "da7a", "versions": {"keras": "3"}}
MODELS = {"built in": None, "dropout": "dropout", "batch normalization": "batch_normalization"}


@pytest.fixture(scope="module", autouse=True)
def tensorflow():
    set_up_tensorflow(threads=1)


def shared(model: str | None) -> dict:
    own = {} if model is None else {"model": {"build": model, "source": source_digest(ZOO)}}
    return settings(batch_size=30, epochs=2, **own).as_json() | {"initial_weights": {"order": ORDER}}


class Chain:
    """Runs of the rates in their order, each kept in a store."""

    def __init__(self, folder: Path, model: str | None) -> None:
        self.settings = shared(model)
        self.data = parts(RunSettings.of(self.settings, ORDER[0], 4))
        self.store = RunStore(folder)
        self.learners = Learners(self.settings, ZOO)
        self.beginnings = Beginnings(self.learners, TensorData(self.data), self.store, ORIGIN)
        self.log: list[str] = []

    def run(self, rate: float) -> RunSettings:
        return RunSettings.of(self.settings, rate, 4)

    def key(self, rate: float) -> str:
        return run_key(self.run(rate).as_json(), **ORIGIN)

    def train(self, rate: float, keep: bool = True):
        run = self.run(rate)
        learner = self.beginnings(run, self.log.append)
        history = train(run, TensorData(self.data), learner, lambda line: None)
        weights = {"finite": True, "initial": "i", "final": weights_fingerprint(history.weights)}
        manifest = MEASURED | {"key": {"settings": run.as_json(), **ORIGIN}, "weights": weights}
        self.store.add(self.key(rate), history.tables(), manifest, {})
        if keep:
            self.beginnings.keep(run, learner.model)
        return history


def tutorial_loop(chain: Chain) -> list[list[np.ndarray]]:
    """The weights after each rate, where one model is compiled and fitted again and again, on the same batches."""
    run, data = chain.run(ORDER[0]), chain.data
    model = chain.learners.model(data.train.images.shape[1:], CLASSES, run)
    found = []
    for rate in ORDER:
        run = chain.run(rate)
        model.compile(
            optimizer=run_optimizer(run, steps_of_epoch(len(data.train), run.batch_size)),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        for epoch in range(1, run.epochs + 1):
            shuffled = data.train.take(batch_order(run.seed, epoch, len(data.train)))
            model.fit(scaled(shuffled.images), shuffled.labels, batch_size=30, shuffle=False, verbose=0)
        found.append(model.get_weights())
    return found


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_chain_is_the_loop_that_fits_one_model_again(model, tmp_path):
    chain = Chain(tmp_path, model)
    for rate, weights in zip(ORDER, tutorial_loop(chain), strict=True):
        assert weights_fingerprint(chain.train(rate).weights) == weights_fingerprint(weights), rate
    assert chain.log == []


def test_a_run_begins_with_what_the_one_before_ended_with(tmp_path):
    chain = Chain(tmp_path, None)
    ended = [chain.train(rate) for rate in ORDER]
    for before, after in itertools.pairwise(ended):
        assert weights_fingerprint(after.initial_weights) == weights_fingerprint(before.weights)
    assert ended[1].evaluations["train_loss"][0] != ended[0].evaluations["train_loss"][0]


def test_the_first_run_is_that_of_an_experiment_with_fresh_weights():
    fresh = {key: value for key, value in shared(None).items() if key != "initial_weights"}
    of_both = [RunSettings.of(one, ORDER[0], 4).as_json() for one in (shared(None), fresh)]
    assert of_both[0] == of_both[1]


def test_a_run_names_all_the_rates_before_it_and_finds_the_run_before():
    run = RunSettings.of(shared(None), ORDER[2], 4)
    assert run.initial_weights == {"after": ORDER[:2]}
    before = run.before()
    assert before == RunSettings.of(shared(None), ORDER[1], 4)
    assert before.before() == RunSettings.of(shared(None), ORDER[0], 4)
    assert before.before().before() is None
    assert RunSettings.of(run.as_json(), run.learning_rate, run.seed) == run  # as it is read from a manifest


def test_a_rate_that_is_not_in_the_order_is_refused():
    with pytest.raises(InputError, match=r"and 0\.5 is none of them"):
        RunSettings.of(shared(None), 0.5, 4)


def test_another_order_is_other_runs():
    other = RunSettings.of(shared(None) | {"initial_weights": {"order": [0.1, 0.01, 0.001]}}, 0.001, 4)
    assert other.as_json() != RunSettings.of(shared(None), 0.001, 4).as_json()


def test_which_rates_are_carried_on():
    assert [carried_on(shared(None), rate) for rate in ORDER] == [True, True, False]
    assert not carried_on(settings().as_json(), 0.01)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> str:
    """The last weights of the second rate, where nothing was lost."""
    chain = Chain(tmp_path_factory.mktemp("undisturbed"), None)
    chain.train(ORDER[0])
    return weights_fingerprint(chain.train(ORDER[1]).weights)


@pytest.mark.parametrize("loss", ["gone", "cut short", "of another model", "of other weights"])
def test_variables_that_are_lost_are_trained_again_as_they_were(loss, undisturbed, tmp_path):
    chain = Chain(tmp_path / "store", None)
    chain.train(ORDER[0])
    path = tmp_path / "store" / f"{chain.key(ORDER[0])}.npz"
    kept = path.read_bytes()
    if loss == "gone":
        path.unlink()
    elif loss == "cut short":
        path.write_bytes(kept[:-100])
    elif loss == "of another model":
        chain.store.keep_variables(chain.key(ORDER[0]), [np.zeros(3)])
    else:
        variables = chain.store.variables(chain.key(ORDER[0]))
        chain.store.keep_variables(chain.key(ORDER[0]), [variable * 2 for variable in variables])
    again = chain.train(ORDER[1])
    assert chain.log == [
        "learning rate 0.01, seed 4 is trained again, for its last weights",
        *[line for line in chain.log[1:] if line.startswith("learning rate 0.01, seed 4, epoch ")],
    ]
    assert path.read_bytes() == kept
    assert weights_fingerprint(again.weights) == undisturbed


def test_a_run_that_does_not_come_out_as_stored_is_no_beginning(tmp_path):
    chain = Chain(tmp_path, None)
    run = chain.run(ORDER[0])
    history = train(run, TensorData(chain.data), chain.learners(run, TensorData(chain.data)), lambda line: None)
    weights = {"finite": True, "initial": "i", "final": "another"}
    chain.store.add(chain.key(ORDER[0]), history.tables(), MEASURED | {"key": {}, "weights": weights}, {})
    with pytest.raises(WorkError, match="comes out with other weights here than are stored, so no run can go on"):
        chain.train(ORDER[1])
