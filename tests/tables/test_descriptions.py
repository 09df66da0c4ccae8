"""What describes the tables of an experiment, damaged in any way: read as it is or refused in one sentence."""

from __future__ import annotations

import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.samples import MEASURED, ORIGIN, PLAN, SETTINGS, assert_sentence, fuzz, mutated, spoiled, tree

from lrbench.errors import InputError
from lrbench.identity.provenance import file_digest, has_shape, read_json, write_sealed
from lrbench.tables.experiment import read_tables, steps_in_parts, write_tables
from lrbench.tables.training import EXPERIMENT_TABLES

AGAIN = "delete it and run snakemake again."


def experiment(folder):
    """Tables of one run, written as an experiment's; the path of their description."""
    folder.mkdir()
    columns = {name: [0.5] for table in EXPERIMENT_TABLES.values() for name in table.columns}
    columns |= {"learning_rate": [0.1], "seed": [0], "step": [0], "epoch": [1]}
    tables = {name: [table.frame(columns)] for name, table in EXPERIMENT_TABLES.items()}
    files = {name: folder / f"{name}.{'parquet' if name == 'steps' else 'csv'}" for name in EXPERIMENT_TABLES}
    runs = [{"learning_rate": 0.1, "run_key": "k", "seed": 0, **MEASURED}]
    origin = {"expected": ORIGIN | {"data": "d"}, "plan": PLAN, "runs": runs, "settings": SETTINGS}
    write_tables(tables, files, origin, folder / "tables.json")
    return folder / "tables.json"


def test_tables_of_an_experiment_are_read_back(tmp_path):
    tables = read_tables(experiment(tmp_path / "mine"), SETTINGS, PLAN)
    assert tables.epochs.to_dict("records") == [
        {"learning_rate": 0.1, "seed": 0, "epoch": 1}
        | {"loss": 0.5, "accuracy": 0.5, "val_loss": 0.5, "val_accuracy": 0.5}
    ]
    [steps] = steps_in_parts(tables)
    columns = {name: values.tolist() for name, values in steps.items()}
    assert columns == {"learning_rate": [0.1], "seed": [0], "step": [0], "batch_loss": [0.5]}


DESCRIPTION_FAULTS = {
    "missing": (None, "cannot be read (No such file or directory); make it with snakemake."),
    "not JSON": ("{", f"is not JSON or is cut short; {AGAIN}"),
    "not a number": ('{"settings": NaN}', f"is not JSON or is cut short; {AGAIN}"),
    "a list": ("[]", f"holds no JSON mapping; {AGAIN}"),
    "foreign": (
        '{"name": "tea"}',
        f"lacks files, expected, plan, runs, settings, so it is not a file of this stage; {AGAIN}",
    ),
    "of other types": (
        {"files": [], "runs": {}, "plan": [0.1]},
        f"holds something else under files, plan, runs than this stage writes; {AGAIN}",
    ),
    "of other settings": (
        {"settings": SETTINGS | {"epochs": 2}},
        f"is of other settings than those asked for; {AGAIN}",
    ),
    "of other runs": (
        {"plan": {"learning_rates": [0.1], "seeds": [1]}},
        f"is of other settings than those asked for; {AGAIN}",
    ),
    "of files elsewhere": (
        {"files": {name: {"name": "../epochs.csv", "sha256": "0"} for name in EXPERIMENT_TABLES}},
        f"names '../epochs.csv' as the file of epochs; {AGAIN}",
    ),
}


@pytest.mark.parametrize(("change", "complaint"), DESCRIPTION_FAULTS.values(), ids=DESCRIPTION_FAULTS)
def test_a_foreign_description_is_refused(tmp_path, change, complaint):
    path = experiment(tmp_path / "mine")
    if isinstance(change, dict):
        write_sealed(path, json.loads(path.read_text()) | change)
    elif change is None:
        path.unlink()
    else:
        path.write_text(change)
    with pytest.raises(InputError) as caught:
        read_tables(path, SETTINGS, PLAN)
    assert str(caught.value) == f"{path}: {complaint}"


@pytest.mark.parametrize("name", ["epochs.csv", "evaluations.csv", "steps.parquet"])
def test_a_table_changed_or_lost_since_is_refused(tmp_path, name):
    path = experiment(tmp_path / "mine")
    file = path.with_name(name)
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(InputError) as caught:
        read_tables(path, SETTINGS, PLAN)
    assert str(caught.value) == f"{file}: has changed since {path} was written; {AGAIN}"
    file.unlink()
    with pytest.raises(InputError) as caught:
        read_tables(path, SETTINGS, PLAN)
    assert str(caught.value) == f"{file}: cannot be read (No such file or directory); run snakemake again."


@pytest.mark.parametrize(
    ("value", "shape", "fits"),
    [
        ({"a": 1, "b": 2}, {"a": int}, True),
        ({"b": 2}, {"a": int}, False),
        ([], {"a": int}, False),
        ([1, 2.5], [float], True),
        ([1, "x"], [float], False),
        ({"a": 1}, [float], False),
        (1.0, int, False),
        (True, int, False),
        (True, float, False),
        (True, bool, True),
        (True, object, True),
        (None, object, True),
        ({"a": [{"b": "c"}, {"b": 1}]}, {"a": [{"b": str}]}, False),
    ],
)
def test_shapes(value, shape, fits):
    assert has_shape(value, shape) is fits


@pytest.mark.parametrize("content", [b"\xff", b"", b"[" * 100000, b'{"a": 1e999}', b'{"a": "\\ud800"}', b"{} {}"])
def test_bytes_that_are_no_json_are_refused(tmp_path, content):
    path = tmp_path / "manifest.json"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_json(path)
    assert str(caught.value) == f"{path}: is not JSON or is cut short; {AGAIN}"


@fuzz(50)
@given(data=st.data())
def test_any_description_gives_tables_or_one_sentence(tmp_path, data):
    folder = tmp_path / "mine"
    if folder.exists():
        shutil.rmtree(folder)
    path = experiment(folder)
    if data.draw(st.booleans()):
        path.write_text(json.dumps(spoiled(json.loads(path.read_text()), data)))
    else:
        path.write_bytes(data.draw(mutated(path.read_bytes())))
    before = tree(folder)
    try:
        tables = read_tables(path, SETTINGS, PLAN)
    except InputError as error:
        assert_sentence(error, f"{folder}")
    else:
        assert tables.origin["settings"] == SETTINGS
        assert file_digest(tables.steps) == tables.origin["files"]["steps"]["sha256"]
    assert tree(folder) == before
