"""The files between stages, damaged in any way: every command that reads one gives a result or one sentence."""

from __future__ import annotations

import functools
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import stage_files
from support.commands import ANALYSIS, arguments, made_from, seal
from support.examples import example
from support.samples import MEASURED, ORIGIN, SETTINGS, as_json, fuzz, mutated, spoiled, tree
from support.worked_steps import worked

from lrbench.cli import main
from lrbench.identity.provenance import run_key, write_sealed
from lrbench.learning.store import RunStore
from lrbench.tables.analysis import ANALYSIS_TABLES
from lrbench.tables.names import CONCLUSIONS

CELLS = st.sampled_from(["0", "1", "-1", "0.5", "1e300", "nan", "NaN", "inf", "", "x", "True", "learned", "9" * 30])
ANALYSED = [f"analysis/{name}.csv" for name in ANALYSIS_TABLES]
ANALYSED += ["analysis/analysis.json", "analysis/backpropagation.json"]
AGAIN = "delete it and run snakemake again"
BLOCK = "blocks/lr-0.1/block-0.json"
READ = {
    "train": ["manifest.json"],
    "backpropagate": ["manifest.json"],
    "aggregate": ["manifest.json", BLOCK, "runs/{key}/manifest.json", "runs/{key}/steps.parquet"],
    "analyse": ["manifest.json", "tables.json", "epochs.csv", "evaluations.csv", "steps.parquet"],
    "figures": ["manifest.json", "tables.json", *ANALYSED],
    "report": ["manifest.json", "tables.json", *ANALYSED, "figures/figures.json", "figures/loss.svg"]
    + [f"analysis/{name}.json" for name in CONCLUSIONS],
}
INDEXES = ("tables.json", "analysis/analysis.json", "figures/figures.json")
GIVEN = example((0.001, 0.01), seeds=2, targets=ANALYSIS["targets"])()
KEY = run_key(SETTINGS | {"learning_rate": 0.1, "seed": 0}, GIVEN.dataset["digest"], ORIGIN["code"], ORIGIN["versions"])
RUN = {
    "epochs": {"epoch": [1], "loss": [0.5], "accuracy": [0.5], "val_loss": [0.5], "val_accuracy": [0.5]},
    "evaluations": {"step": [0], "epoch": [0.0]}
    | {f"{part}_{name}": [0.5] for part in ("train", "val") for name in ("loss", "accuracy")}
    | {"gradient_norm": [0.5], "update_ratio": [0.5], "learning_rate_now": [0.1]},
    "predictions": {"example": [0], "predicted": [1]},
    "steps": {"step": [1], "batch_loss": [0.5]},
}


def calls(command):
    """The command's arguments, for the experiment of `whole`."""
    if command in ("analyse", "figures", "report"):
        asked = {name: as_json(GIVEN.origin[name]) for name in ("settings", "plan")}
        return arguments(command, **asked)
    return arguments(command)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder in which every command finds what it reads."""
    folder = tmp_path_factory.mktemp("stages")
    stage_files.write_experiment(GIVEN, folder)
    write_sealed(folder / BLOCK, {"learning_rate": 0.1, "runs": [{"seed": 0, "run_key": KEY}]})
    manifest = {"key": {}, **MEASURED}
    RunStore(folder / "runs").add(KEY, RUN, manifest, {})
    figure = dict.fromkeys(("alt", "caption", "note", "title"), "a") | {"columns": ["x"], "rows": [["1"]]}
    figure |= {"id": "loss", "name": "Loss", "section": None}
    looks = [{"learning_rate": rate, "marker": "<circle/>"} for rate in GIVEN.origin["plan"]["learning_rates"]]
    index = stage_files.write_pictures(folder / "figures", made_from(folder))
    stage_files.seal(index, figures=[figure], rates=looks)
    return folder


def replace_what_computes(monkeypatch):
    """Have commands read their files and not a data set, and not train, work through or draw."""
    monkeypatch.setattr("lrbench.learning.jobs.train_block", lambda *_: [])
    content = worked(tuple(GIVEN.origin["plan"]["learning_rates"]))
    monkeypatch.setattr("lrbench.probes.backpropagation.measurement.measure", lambda *_: content)
    monkeypatch.setattr("lrbench.data.sources.read_dataset", lambda *_: None)
    monkeypatch.setattr(
        "lrbench.data.sources.data_digest", lambda _: json.loads(Path("manifest.json").read_text())["digest"]
    )
    monkeypatch.setattr("lrbench.reporting.figure_files.draw_figures", lambda *_: None)


def damaged(content, name, data):
    """A file's bytes with something of them changed: anywhere, or, where its form is known, within it."""
    if name.endswith(".json") and data.draw(st.booleans()):
        return json.dumps(spoiled(json.loads(content), data)).encode()
    if name.endswith(".csv") and data.draw(st.booleans()):
        return rows_changed(content.decode(), data).encode()
    return data.draw(mutated(content))


def rows_changed(text, data):
    """A CSV with rows left out, or with other cells in one."""
    header, *rows = text.splitlines()
    kept = [row for row in rows if data.draw(st.booleans())]
    if kept and data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(kept) - 1))
        cells = kept[place].split(",")
        cells[data.draw(st.integers(0, len(cells) - 1))] = data.draw(CELLS)
        kept[place] = ",".join(cells)
    return "\n".join([header, *kept, ""])


@pytest.mark.parametrize("command", READ)
@fuzz(20)
@given(data=st.data())
def test_any_damage_gives_a_result_or_one_sentence(command, data, whole, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "work"
    if folder.exists():
        monkeypatch.undo()
        shutil.rmtree(folder)
    shutil.copytree(whole, folder)
    monkeypatch.chdir(folder)
    replace_what_computes(monkeypatch)
    name = data.draw(st.sampled_from(READ[command])).format(key=KEY)
    path = folder / name
    path.write_bytes(damaged(path.read_bytes(), name, data))
    if name not in INDEXES and data.draw(st.booleans()):
        seal(folder)
    before = tree(folder)
    capsys.readouterr()
    status = main(calls(command))
    error = capsys.readouterr().err
    assert status in (0, 2), error
    if status == 2:
        assert error.startswith("lrbench: ")
        assert error.count("\n") == 1
        assert tree(folder) == before


@pytest.mark.parametrize("command", READ)
def test_whole_files_give_a_result(command, whole, tmp_path, monkeypatch):
    shutil.copytree(whole, tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    replace_what_computes(monkeypatch)
    assert main(calls(command)) == 0


CHANGED = [
    ("train", "manifest.json", ("classes",), 4),
    ("backpropagate", "manifest.json", ("classes",), 4),
    ("aggregate", "manifest.json", ("classes",), 4),
    ("aggregate", BLOCK, ("note",), "x"),
    ("aggregate", f"runs/{KEY}/manifest.json", ("test",), {"accuracy": 0.99, "loss": 0.1}),
    ("analyse", "manifest.json", ("parts", "validation", "class_counts", 0), 2),
    ("analyse", "tables.json", ("runs", 0, "test"), {"accuracy": 0.99, "loss": 0.1}),
    ("figures", "manifest.json", ("parts", "validation", "class_counts", 0), 2),
    ("figures", "tables.json", ("runs", 0, "test"), {"accuracy": 0.99, "loss": 0.1}),
    ("figures", "analysis/analysis.json", ("note",), "x"),
    ("report", "manifest.json", ("parts", "validation", "class_counts", 0), 2),
    ("report", "tables.json", ("runs", 0, "test"), {"accuracy": 0.99, "loss": 0.1}),
    ("report", "analysis/analysis.json", ("note",), "x"),
    ("report", "analysis/backpropagation.json", ("loss",), 0.123),
    ("report", "figures/figures.json", ("figures", 0, "caption"), "it is 99 %"),
]


def put(content, place, value):
    """Put a value at a place in a JSON value."""
    *parents, last = place
    functools.reduce(lambda part, key: part[key], parents, content)[last] = value


@pytest.mark.parametrize(("command", "name", "place", "value"), CHANGED)
def test_one_value_changed_since_it_was_written_is_refused(
    command, name, place, value, whole, tmp_path, monkeypatch, capsys
):
    shutil.copytree(whole, tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    replace_what_computes(monkeypatch)
    path = tmp_path / "work" / name
    content = json.loads(path.read_text())
    put(content, place, value)
    path.write_text(json.dumps(content))
    before = tree(tmp_path / "work")
    assert main(calls(command)) == 2
    again = "run snakemake with --forcerun train, which trains that run again" if name.startswith("runs") else AGAIN
    assert capsys.readouterr() == ("", f"lrbench: {name}: has changed since it was written; {again}.\n")
    assert tree(tmp_path / "work") == before


NOT_READ = [
    ("analyse", "tables.json", ("runs", 0, "weights"), {}),
    ("analyse", "tables.json", ("runs", 0, "test"), [5]),
    ("report", "tables.json", ("runs", 0, "machine"), {}),
    ("report", "analysis/backpropagation.json", ("lines",), []),
    ("report", "analysis/backpropagation.json", ("example", "image"), []),
    ("figures", "analysis/backpropagation.json", ("path", "pixel"), {}),
    ("report", "figures/figures.json", ("rates",), [{}]),
    ("report", "figures/figures.json", ("figures", 0, "rows"), [5]),
    ("report", "analysis/observations.json", ("observations", 0, "threshold"), 5),
    ("report", "analysis/claims.json", ("claims", 0, "figure"), []),
]


@pytest.mark.parametrize(("command", "name", "place", "value"), NOT_READ)
def test_a_value_of_another_kind_is_refused(command, name, place, value, whole, tmp_path, monkeypatch, capsys):
    shutil.copytree(whole, tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    replace_what_computes(monkeypatch)
    path = tmp_path / "work" / name
    content = json.loads(path.read_text())
    put(content, place, value)
    path.write_text(json.dumps(content))
    if name not in INDEXES:
        seal(tmp_path / "work")
    assert main(calls(command)) == 2
    assert capsys.readouterr().err.startswith(f"lrbench: {name}: h")
