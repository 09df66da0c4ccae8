"""A stored run that `model.fit` trains is the same, or is said to differ, also where its loss is no number."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from support.training import parts, settings, trained

from lrbench.errors import WorkError
from lrbench.identity.provenance import run_key
from lrbench.learning import fitting
from lrbench.learning.model import set_up_tensorflow
from lrbench.learning.training import weights_fingerprint
from lrbench.tables.training import RUN_TABLES


@pytest.fixture(scope="module", autouse=True)
def tensorflow():
    set_up_tensorflow(threads=1)


@pytest.fixture
def stored(monkeypatch):
    """The key and the store of a run on the examples of `parts`, after a change of its epochs."""

    def of(run, epochs=lambda columns: columns):
        history = trained(run)
        origin = {"settings": run.as_json(), "data": "d", "code": "c", "versions": {}}
        manifest = {"key": origin, "weights": {"final": weights_fingerprint(history.weights)}}
        frame = RUN_TABLES["epochs"].frame(epochs(history.epochs))
        monkeypatch.setattr(fitting, "read_dataset", lambda *_: None)
        monkeypatch.setattr(fitting, "split", lambda *_: parts(run))
        key = run_key(run.as_json(), "d", "c", {})
        return key, "", SimpleNamespace(manifest=lambda _: manifest, table=lambda *_: frame, path=str)

    return of


@pytest.mark.parametrize("rate", [0.01, 1e30])
def test_fit_trains_the_same_run(stored, rate):
    run = settings("sgd", learning_rate=rate)
    assert np.isfinite(trained(run).epochs["loss"]).all() == (rate < 1)
    record = fitting.compare_fit(*stored(run))
    assert "is the same as model.fit trains it: all of its 264 weights" in fitting.said_of_fit(record)
    assert (record["identical"], record["differing"], record["learning_rate"]) == (True, 0, rate)


@pytest.mark.parametrize("rate", [0.01, 1e30])
def test_another_run_is_said_to_differ(stored, rate):
    run = settings("sgd", learning_rate=rate)
    other = lambda columns: columns | {"loss": np.full_like(columns["loss"], 7)}  # noqa: E731
    record = fitting.compare_fit(*stored(run, epochs=other))
    assert (record["identical"], record["epochs"]) == (False, ["loss"])
    with pytest.raises(WorkError, match=r"in 0 of its 264 weights, by 0 at most, and loss of its epochs\."):
        fitting.said_of_fit(record)
