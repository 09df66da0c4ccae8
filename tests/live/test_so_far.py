"""A look at what is there so far: the table, and what it is made from."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from support.configs import config
from support.samples import tree

from lrbench.cli import main
from lrbench.identity.provenance import run_key, write_sealed
from lrbench.learning.settings import RunSettings
from lrbench.learning.store import RunStore
from lrbench.live.so_far import RateSoFar, SoFar, so_far
from lrbench.settings.experiment import read_experiments
from lrbench.stages import STAGES
from lrbench.tables.training import RUN_TABLES
from lrbench.workspace.launch import record_configs

LINE = "learning rate {}, seed {}, epoch {}/10: loss 0.5, accuracy 0.8, val_loss 0.4, val_accuracy {}\n"
MANIFEST = {
    "engine": "fused",
    "key": {},
    "machine": {"architecture": "a", "cpu": "x", "system": "s"},
    "test": None,
    "validation": {"class_correct": [1]},
    "weights": {"finite": True, "initial": "i", "final": "f"},
}


def text(look: SoFar, width: int = 100) -> list[str]:
    console = Console(file=io.StringIO(), width=width, record=True)
    console.print(so_far(look))
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_the_table_says_how_much_is_there_and_concludes_nothing():
    rates = [
        RateSoFar("0.001", 3, 10, {0: 0.9, 1: 0.94, 2: 0.95}),
        RateSoFar("0.01", 3, 10, {0: float("nan")}, {1: (4, 0.5)}),
        RateSoFar("0.1", 3, 10),
    ]
    assert text(SoFar("e", rates, "", True, "reports/e.html")) == [
        "e: 4 of 9 runs finished",
        " rate    runs  epochs  val. accuracy of finished runs              in training",
        "0.001  3 of 3   30/30       93.0 % (90.0 % to 95.0 %)                        –",
        " 0.01  1 of 3   14/30                               –  seed 1: epoch 4, 50.0 %",
        "  0.1  0 of 3    0/30                               –                        –",
        "Training goes on. Nothing is concluded from part of the runs.",
    ]


def test_of_finished_runs_the_report_is_named_where_it_is_there():
    rates = [RateSoFar("0.1", 1, 10, {0: 0.9})]
    said = "All of these runs are finished"
    assert text(SoFar("e", rates, "", False, "reports/e.html"))[-1] == f"{said}; the report: reports/e.html"
    assert text(SoFar("e", rates, "", False, None))[-1].startswith(f"{said}; what follows from them is concluded by")
    assert text(SoFar("e", [], "of round 1", False, None)) == ["e: nothing is planned yet"]


@pytest.fixture
def begun(work) -> Path:
    """A folder in which an experiment was broken off: one run is stored, of another the log has two epochs."""
    Path("mine.yaml").write_text(config())
    (experiment,) = read_experiments(["mine.yaml"]).values()
    record_configs(work, {"mine": "mine.yaml"})
    Path("results/mine/dataset").mkdir(parents=True)
    write_sealed("results/mine/dataset/manifest.json", {"digest": "d"})
    origin = STAGES["train"].origin()
    run = RunSettings.of(experiment.training_settings, 0.01, 1)
    tables = {
        name: {
            column: np.arange(1, 3) if "int" in kind else np.full(2, 0.75, kind)
            for column, kind in table.columns.items()
        }
        for name, table in RUN_TABLES.items()
    }
    key = run_key(run.as_json(), "d", origin["code"], origin["versions"])
    RunStore("results/runs").add(key, tables, MANIFEST, {})
    log = Path("logs/mine/train/lr-0.01/block-0.log")
    log.parent.mkdir(parents=True)
    log.write_text(LINE.format(0.01, 1, 10, 0.75) + LINE.format(0.01, 0, 1, 0.3) + LINE.format(0.01, 0, 2, 0.5))
    return work


EXPECTED = [
    "mine: 1 of 4 runs finished",
    "rate    runs  epochs  val. accuracy of finished runs               broken off",
    "0.01  1 of 2   10/20                          75.0 %  seed 0: epoch 2, 50.0 %",
    " 0.1  0 of 2    0/20                               –                        –",
    "Nothing trains here now; the same call goes on from here. Runs that were broken off",
    "begin anew. Nothing is concluded from part of the runs.",
]


@pytest.mark.parametrize("asked", [[], ["mine"], ["mine.yaml"]])
def test_a_look_after_an_interruption(begun, capsys, monkeypatch, asked):
    monkeypatch.setenv("COLUMNS", "84")
    before = tree(begun)
    assert main(["peek", *asked]) == 0
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == EXPECTED
    assert tree(begun) == before


def test_a_look_while_somebody_trains_counts_the_epochs_of_unfinished_runs(begun, capsys, monkeypatch):
    monkeypatch.setattr("lrbench.workspace.processes.working", lambda folder, program: [1])
    assert main(["peek", "mine"]) == 0
    printed = capsys.readouterr().out
    assert "12/20" in printed
    assert "Training goes on." in printed


def test_a_look_at_a_search_is_one_at_its_present_round(work, capsys):
    search = "{rates: {from: 0.001, to: 0.1, at_most: 4}, seeds: {first: 2, at_most: 4}, rounds: 2}"
    Path("s.yaml").write_text(config(learning_rates=None, seeds=None, search=search))
    assert main(["peek", "s.yaml"]) == 0
    assert capsys.readouterr().out.startswith("mine: 0 of 6 runs of round 1 finished\n")
    more = {"learning_rates": [0.001, 0.01, 0.1], "seeds": [0, 1], "first_seeds": [1, 2, 1]}
    Path("results/mine/search").mkdir(parents=True)
    Path("results/mine/search/round-1.json").write_text(json.dumps({"next": more, "plan": {}}))
    assert main(["peek", "s.yaml"]) == 0
    assert capsys.readouterr().out.startswith("mine: 0 of 4 runs up to round 2 finished\n")


def test_a_look_at_a_study_is_one_at_each_variant(work, capsys):
    base = "\n".join(f"  {line}" for line in config().splitlines() if not line.startswith("experiment"))
    Path("s.yaml").write_text(f"study: s\nbase:\n{base}\nvariants:\n  a: {{}}\n  b: {{epochs: 3}}\n")
    assert main(["peek", "s.yaml"]) == 0
    heads = [line for line in capsys.readouterr().out.splitlines() if "runs" in line and ":" in line]
    assert heads == ["s-a: 0 of 4 runs finished", "s-b: 0 of 4 runs finished"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([], "no experiment has begun here; name a config file, or train one by lrbench run."),
        (["x"], "'x' is no config file, and the experiments and studies that began here are: none."),
    ],
)
def test_a_look_at_nothing_is_one_sentence(work, capsys, asked, said):
    assert main(["peek", *asked]) == 2
    assert capsys.readouterr().err == f"lrbench: {said}\n"
