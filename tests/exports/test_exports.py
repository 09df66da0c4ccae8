"""What is taken into other tools, read back by those tools."""

from __future__ import annotations

import csv
import math
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.examples import EXAMPLES
from support.results import write_results
from support.shared import made_once
from support.workspace import PROJECT

import lrbench
from lrbench.cli import main
from lrbench.errors import InputError
from lrbench.exports import MODULES, export
from lrbench.exports.latex_table import escaped, latex_table
from lrbench.tables.analysis import ANALYSIS_TABLES
from lrbench.tables.format import read_csv
from lrbench.tables.training import EXPERIMENT_TABLES

DIVERGED = "diverged"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The results of an experiment of which a rate diverged."""
    make = EXAMPLES[DIVERGED]
    return lrbench.load(
        made_once(tmp_path_factory, "results to export/tutorial", lambda path: write_results(make(), path))
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_table_is_there_as_csv_with_what_its_columns_mean(results, here):
    said = export("csv", results, "out")
    assert said == "out: 8 tables of tutorial as CSV; columns.csv says what each column means."
    tables = {**EXPERIMENT_TABLES, **ANALYSIS_TABLES}
    for name, table in tables.items():
        assert read_csv(here / "out" / f"{name}.csv", table).equals(getattr(results, name))
    with (here / "out/columns.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["table"], row["column"]) for row in rows] == [
        (name, column) for name, table in tables.items() for column in table.columns
    ]
    assert all(row["meaning"] for row in rows)


def test_tensorboard_reads_what_was_exported(results, here):
    event_multiplexer = pytest.importorskip(
        "tensorboard.backend.event_processing.plugin_event_multiplexer", reason="tensorboard is not installed"
    )
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    export("tensorboard", results, "events")
    before = contents(here / "events")
    assert "show them by tensorboard --logdir events" in export("tensorboard", results, "events")
    assert contents(here / "events") == before
    multiplexer = event_multiplexer.EventMultiplexer().AddRunsFromDirectory(str(here / "events"))
    assert len(multiplexer.Runs()) == len(results.runs)
    run = EventAccumulator(str(here / "events/lr-0.001/seed-0"), size_guidance={"tensors": 0, "scalars": 0}).Reload()
    own = results.evaluations[(results.evaluations["learning_rate"] == 0.001) & (results.evaluations["seed"] == 0)]
    scalars = run.Scalars("evaluations/val_loss")
    assert [one.step for one in scalars] == own["step"].tolist()
    assert (
        np.array([one.value for one in scalars], dtype="float32").tolist() == own["val_loss"].astype("float32").tolist()
    )
    assert {f"epochs/{name}" for name in ("loss", "accuracy", "val_loss", "val_accuracy")} < set(run.Tags()["scalars"])
    (learning_rate, seed) = hparams(run)
    assert (learning_rate, seed) == (0.001, 0)


def hparams(run) -> tuple[float, float]:
    from tensorboard.plugins.hparams import metadata

    content = run.SummaryMetadata(metadata.SESSION_START_INFO_TAG).plugin_data.content
    given = metadata.parse_session_start_info_plugin_data(content).hparams
    return given["learning_rate"].number_value, given["seed"].number_value


def test_mlflow_reads_what_was_exported_and_exports_nothing_twice(results, here):
    pytest.importorskip("mlflow", reason="mlflow-skinny is not installed")
    from mlflow.tracking import MlflowClient

    store = "sqlite:///mlflow.db"
    count = len(results.runs)
    assert export("mlflow", results, store) == f"{store}: {count} runs, in the MLflow experiment tutorial."
    client = MlflowClient(tracking_uri=store)
    experiment = client.get_experiment_by_name("tutorial").experiment_id
    runs = client.search_runs([experiment])
    assert len(runs) == count
    assert {run.info.status for run in runs} == {"FINISHED"}
    (one,) = (run for run in runs if (run.data.params["learning_rate"], run.data.params["seed"]) == ("0.001", "0"))
    own = results.evaluations[(results.evaluations["learning_rate"] == 0.001) & (results.evaluations["seed"] == 0)]
    history = client.get_metric_history(one.info.run_id, "evaluations/val_loss")
    assert sorted((point.step, point.value) for point in history) == list(
        zip(own["step"], own["val_loss"], strict=True)
    )
    measured = results.runs[(results.runs["learning_rate"] == 0.001) & (results.runs["seed"] == 0)].iloc[0]
    assert one.data.metrics["runs/score"] == measured["score"]
    assert one.data.tags["lrbench.outcome"] == measured["outcome"]
    client.set_terminated(one.info.run_id, status="FAILED")  # as if logging had been interrupted
    assert export("mlflow", results, store) == (
        f"{store}: 1 runs, beside {count - 1} that were there, in the MLflow experiment tutorial."
    )
    assert len(client.search_runs([experiment])) == count


def test_a_store_that_mlflow_refuses_is_said_in_a_sentence(results, here):
    pytest.importorskip("mlflow", reason="mlflow-skinny is not installed")
    with pytest.raises(InputError, match=r"^teapot://x: MLflow refuses it"):
        export("mlflow", results, "teapot://x")


def test_the_table_for_latex_has_a_row_for_each_rate_with_intervals(results):
    text = latex_table(results)
    rows = text[text.index(r"\midrule") : text.index(r"\bottomrule")].splitlines()[1:]
    assert [row.split(" & ")[0] for row in rows] == ["10", "0.01", r"\textbf{0.001}"]
    assert all(row.count(" & ") == 6 and row.endswith(r" \\") for row in rows)
    assert rows[0].endswith(r"& -- & -- \\")
    assert r"95 \% interval" in text
    scores = results.runs[results.runs["learning_rate"] == 0.001]["score"]
    half = 4.302653 * scores.std() / math.sqrt(3)
    low, high = (f"{100 * (scores.mean() + sign * half):.1f}" for sign in (-1, 1))
    assert rf"\textbf{{{low} to {high}}}" in rows[2]


def test_characters_that_latex_takes_for_commands_are_escaped():
    assert escaped("a_b & 5 % {x} \\ ~ ^ #1 − –\u00a0") == (
        r"a\_b \& 5 \% \{x\} \textbackslash{} \textasciitilde{} \textasciicircum{} \#1 $-$ --~"
    )


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdflatex here")
def test_the_table_for_latex_compiles(results, here):
    export("latex", results, "rates.tex")
    lines = [
        r"\documentclass{article}",
        r"\usepackage{booktabs}",
        r"\begin{document}",
        r"\input{rates.tex}",
        r"\end{document}",
    ]
    (here / "paper.tex").write_text("\n".join(lines))
    done = subprocess.run(
        ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "paper.tex"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert (here / "paper.pdf").exists()


def test_a_file_for_latex_is_named_so(results, here):
    with pytest.raises(InputError, match=r"^rates\.csv: LaTeX inputs files whose names end with \.tex"):
        export("latex", results, "rates.csv")


@pytest.mark.parametrize("kind", ["tensorboard", "mlflow"])
def test_a_missing_package_is_named(results, here, monkeypatch, kind):
    for name in [
        name for name in sys.modules if name.split(".")[0] == kind or name == f"lrbench.exports.{MODULES[kind]}"
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, kind, None)
    with pytest.raises(InputError, match=f"needs the Python package {kind}, which is not installed here"):
        export(kind, results, "out")


def test_the_command_exports_the_experiment_of_a_config(results, here, capsys):
    shutil.copytree(results.folder, here / "results/tutorial")
    assert main(["export", "csv", str(PROJECT / "config/config.yaml"), "out"]) == 0
    assert capsys.readouterr().out.startswith("lrbench: out: 8 tables of tutorial as CSV")
    assert main(["export", "latex", str(PROJECT / "config/config.yaml"), "rates.tex", "--seed", "1"]) == 2
    assert capsys.readouterr().err.endswith("leave them out for latex.\n")
    assert main(["export", "csv", str(PROJECT / "config/quick.yaml"), "out"]) == 2
    assert "is no folder" in capsys.readouterr().err
