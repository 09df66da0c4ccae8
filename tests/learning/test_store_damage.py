"""The run store: what is damaged is moved aside, and never taken for a run."""

from __future__ import annotations

import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.samples import assert_sentence, fuzz

from lrbench.errors import InputError
from lrbench.identity.provenance import run_key
from lrbench.learning.jobs import measured
from lrbench.learning.store import RunStore

KEY = run_key({}, "data", "code", {})
TABLES = {
    "epochs": {"epoch": [1], "loss": [0.5], "accuracy": [0.5], "val_loss": [0.5], "val_accuracy": [0.5]},
    "evaluations": {
        "step": [0],
        "epoch": [0.0],
        "train_loss": [0.5],
        "train_accuracy": [0.5],
        "val_loss": [0.5],
        "val_accuracy": [0.5],
        "gradient_norm": [0.5],
        "update_ratio": [0.5],
        "learning_rate_now": [0.1],
    },
    "predictions": {"example": [0], "predicted": [1]},
    "steps": {"step": [1], "batch_loss": [0.5]},
}


def filled(folder):
    """A store that holds one run."""
    store = RunStore(folder)
    key = {"settings": {}, "data": "data", "code": "code", "versions": {}}
    store.add(
        KEY,
        TABLES,
        {
            "engine": "fused",
            "key": key,
            "machine": {},
            "test": None,
            "validation": {"class_correct": [1]},
            "weights": {},
        },
        {"started": "now"},
    )
    return store


def test_a_run_is_kept_and_found(tmp_path):
    store = filled(tmp_path)
    assert store.holds(KEY)
    assert store.table(KEY, "steps").to_dict("list") == {"step": [1], "batch_loss": [0.5]}
    assert [path.name for path in tmp_path.iterdir()] == [KEY]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "manifest.json").unlink(),
        lambda folder: (folder / "manifest.json").write_text("{"),
        lambda folder: (folder / "manifest.json").write_text("{}"),
        lambda folder: (folder / "steps.parquet").unlink(),
        lambda folder: (folder / "steps.parquet").write_bytes(b""),
        lambda folder: change(folder, run_key="another"),
        lambda folder: change(folder, files={}),
        lambda folder: change(folder, files=[]),
        lambda folder: change(folder, files={"steps.parquet": None}),
        lambda folder: change(folder, weights=[]),
    ],
)
def test_a_damaged_run_is_moved_aside_and_not_taken(tmp_path, capsys, spoil):
    store = filled(tmp_path)
    spoil(tmp_path / KEY)
    with pytest.raises(InputError):
        store.manifest(KEY)
    assert not store.holds(KEY)
    assert [path.name.startswith(f".{KEY}.damaged-") for path in tmp_path.iterdir()] == [True]
    assert capsys.readouterr().out.startswith(str(tmp_path / KEY))


def change(folder, **values):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@fuzz(50)
@given(
    place=st.integers(0, 900),
    removed=st.integers(0, 20),
    added=st.binary(max_size=4),
    name=st.sampled_from(["manifest.json", "epochs.parquet", "evaluations.parquet", "steps.parquet"]),
)
def test_a_run_with_any_damage_is_whole_or_refused(tmp_path, place, removed, added, name):
    shutil.rmtree(tmp_path)
    store = filled(tmp_path)
    path = tmp_path / KEY / name
    content = path.read_bytes()
    path.write_bytes(content[:place] + added + content[place + removed :])
    try:
        store.manifest(KEY)
    except InputError as error:
        assert_sentence(error, str(tmp_path / KEY))
    else:
        assert store.table(KEY, "epochs")["loss"].tolist() == [0.5]


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (None, None),
        ((0.5, 0.9), {"loss": 0.5, "accuracy": 0.9}),
        ((float("nan"), 0.1), {"loss": None, "accuracy": 0.1}),
        ((float("inf"), 0.1), {"loss": None, "accuracy": 0.1}),
    ],
)
def test_a_test_loss_that_is_not_finite_is_null(test, expected):
    assert measured(test) == expected
