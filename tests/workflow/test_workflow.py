"""The workflow as a person calls it."""

from __future__ import annotations

import shutil
import subprocess

import pandas as pd
import pytest
from support.workspace import BIN, PROJECT, WRITTEN

pytestmark = pytest.mark.workflow


def test_a_run_leaves_every_product(base):
    epochs = pd.read_csv(base.folder / "results/tiny/epochs.csv")
    assert len(epochs) == 2 * 2 * 2
    tables = base.read("results/tiny/tables.json")
    assert [(run["learning_rate"], run["seed"]) for run in tables["runs"]] == [(0.01, 0), (0.01, 1), (0.1, 0), (0.1, 1)]
    initial = {(run["seed"], run["weights"]["initial"]) for run in tables["runs"]}
    assert len(initial) == 2  # every rate starts from the same weights of its seed
    step = base.read("results/tiny/backpropagation.json")
    assert (step["seed"], step["initial_weights"]) in initial
    assert "<h1" in (base.folder / "reports/tiny.html").read_text()


def test_what_each_command_writes_is_known(base):
    found = {path for place in ("results/tiny", "reports") for path in base.folder.glob(f"{place}/*")}
    named = {base.folder / name for names in WRITTEN.values() for name in names.split()}
    assert found == named


def test_training_is_logged_epoch_by_epoch(base):
    log = (base.folder / "logs/tiny/train/lr-0.1/block-0.log").read_text()
    lines = [line for line in log.splitlines() if ", epoch " in line]
    assert [line.split(": ")[0] for line in lines] == [
        f"learning rate 0.1, seed {seed}, epoch {epoch}/2" for seed in (0, 1) for epoch in (1, 2)
    ]


def test_experiments_of_other_probes_in_one_call(workspace):
    plain = (workspace.folder / "config.yaml").read_text().replace("experiment: tiny", "experiment: plain")
    (workspace.folder / "plain.yaml").write_text(plain + "probes: []\n")
    both = (str(workspace.folder / "config.yaml"), str(workspace.folder / "plain.yaml"))
    jobs = {"aggregate": 1, "analyse": 1, "dataset": 1, "figures_alone": 1, "report": 1, "train": 2}
    assert workspace.jobs("--configfile", *both) == jobs
    workspace.snakemake("--configfile", *both)
    assert not (workspace.folder / "results/plain/backpropagation.json").exists()
    assert not (workspace.folder / "reports/plain/figures/loss-along-step.svg").exists()
    assert workspace.jobs("--configfile", *both) == workspace.jobs("--configfile", *reversed(both)) == {}
    output = workspace.snakemake("--cores", "1", "results/plain/backpropagation.json", "--configfile", *both, status=1)
    assert "the experiment plain makes no such file" in output


def test_one_core_gives_the_same_bytes(workspace):
    tables = workspace.tables()
    workspace.undo("train")  # of two rates, one stays in the store
    shutil.rmtree(workspace.folder / "results/tiny")
    workspace.snakemake("--cores", "1")
    assert workspace.tables() == tables


def test_a_wrong_config_is_one_sentence_and_status_2(workspace):
    workspace.configure(epochs=-1)
    output = workspace.snakemake("--quiet", "all", status=2)
    assert [line for line in output.splitlines() if "lrbench:" in line] == [
        "lrbench: config.yaml: epochs is -1 but must be 1 or more."
    ]
    assert "Traceback" not in output


def test_values_of_the_command_line_replace_those_of_the_file(workspace):
    assert workspace.jobs("--config", "learning_rates=[0.1,1e-2]") == {}
    assert workspace.jobs("--config", "learning_rates=[0.1,1e-3]")["train"] == 1


@pytest.mark.parametrize(
    "entry", ["title=2024", 'title="2024"', "title='1e5'", 'dataset={"name": "2024", "path": "blobs.npz"}']
)
def test_text_of_the_command_line_that_spells_a_number_stays_text(workspace, entry):
    assert workspace.jobs("--config", entry) == {"report": 1}


def test_a_name_of_the_command_line_that_spells_a_number_names_an_experiment(workspace):
    assert "results/007/dataset/manifest.json" in workspace.snakemake("--dry-run", "--config", "experiment=007")


def test_code_other_than_expected_trains_nothing(workspace):
    block = workspace.folder / "results/tiny/training/lr-0.1/block-0.json"
    dataset = workspace.folder / "results/tiny/dataset/manifest.json"
    settings = workspace.read("results/tiny/tables.json")
    expected = {"code": "0" * 64, "versions": settings["expected"]["versions"]}
    before, content = workspace.trained(), block.read_bytes()
    import json

    done = subprocess.run(
        [
            *(BIN / "lrbench", "train", "--learning-rate", "0.1", "--seeds", "[0]"),
            *("--settings", json.dumps(settings["settings"]), "--expect", json.dumps(expected)),
            *("--dataset", dataset, "--data", workspace.folder / "blobs.npz"),
            *("--store", workspace.folder / "results/runs", "--output", block),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "where the workflow expects " + "0" * 64 in done.stderr
    assert (workspace.trained(), block.read_bytes()) == (before, content)


def test_snakemake_lint_finds_nothing(workspace):
    done = subprocess.run(
        [BIN / "snakemake", "--lint", "--snakefile", PROJECT / "Snakefile", "--directory", workspace.folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "Congratulations" in done.stderr + done.stdout) == (0, True), done.stderr
