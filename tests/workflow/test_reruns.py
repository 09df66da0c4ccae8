"""What you change decides what runs again: no more, no less."""

from __future__ import annotations

import subprocess
import time

import psutil
import pytest
import yaml
from workspace import CONFIG

pytestmark = pytest.mark.workflow
DOWNSTREAM = {"aggregate": 1, "analyse": 1, "backpropagate": 1, "figures": 1, "report": 1}


def test_run_again_has_nothing_to_do(workspace):
    assert workspace.jobs() == {}


def test_a_rate_added_trains_that_rate_alone(workspace):
    workspace.configure(learning_rates=[0.1, 0.01, 0.001])
    assert workspace.jobs() == {"train": 1, **DOWNSTREAM}
    before = workspace.trained()
    workspace.snakemake()
    after = workspace.trained()
    assert before.items() < after.items()
    assert len(after) == 6
    assert workspace.jobs() == {}


def test_a_rate_removed_and_added_again_trains_nothing(workspace):
    before, tables = workspace.trained(), workspace.tables()
    workspace.configure(learning_rates=[0.1])
    assert workspace.jobs() == DOWNSTREAM
    workspace.snakemake()
    assert workspace.tables() != tables
    workspace.configure()
    assert workspace.jobs() == DOWNSTREAM
    workspace.snakemake()
    assert workspace.trained() == before
    assert workspace.tables() == tables


def test_order_and_comments_mean_nothing(workspace):
    changed = {key: CONFIG[key] for key in reversed(CONFIG)} | {"learning_rates": [0.01, 0.1], "seeds": [1, 0]}
    text = "# another comment\n" + yaml.safe_dump(changed, sort_keys=False)
    (workspace.folder / "config.yaml").write_text(text)
    assert workspace.jobs() == {}


def test_seeds_appended_train_their_own_blocks(workspace):
    workspace.configure(seeds=[0, 1, 2, 3])
    assert workspace.jobs() == {"train": 2, **DOWNSTREAM}
    before = workspace.trained()
    workspace.snakemake()
    assert before.items() < workspace.trained().items()
    assert len(workspace.trained()) == 8


def test_a_seed_removed_trains_no_run(workspace):
    before = workspace.trained()
    workspace.configure(seeds=[0])
    workspace.snakemake()
    assert workspace.trained() == before
    assert len(workspace.read("results/tiny/tables.json")["runs"]) == 2


def test_another_number_of_seeds_per_job_trains_no_run(workspace):
    before, tables = workspace.trained(), workspace.tables()
    workspace.configure(seeds_per_job=1)
    workspace.snakemake()
    assert workspace.trained() == before
    assert workspace.tables() == tables


def test_thresholds_and_targets_redo_the_analysis_alone(workspace):
    redone = {"analyse": 1, "figures": 1, "report": 1}
    workspace.configure(thresholds={"tie": 0.02})
    assert workspace.jobs() == redone
    workspace.configure(targets=[0.5])
    assert workspace.jobs() == redone


def test_epochs_changed_and_changed_back_trains_once(workspace):
    before, tables = workspace.trained(), workspace.tables()
    workspace.configure(epochs=3)
    workspace.snakemake()
    between = workspace.trained()
    assert before.items() < between.items()
    assert len(between) == 8
    workspace.configure()
    workspace.snakemake()
    assert workspace.trained() == between
    assert workspace.tables() == tables


def test_a_failed_job_is_not_forgotten_and_costs_no_finished_run(workspace, base):
    workspace.configure(seeds=[0, 1, 2, 3], seeds_per_job=4)
    before = workspace.trained()
    with subprocess.Popen(
        workspace.command("--cores", "1"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=workspace.environment,
        cwd=workspace.folder,
    ) as running:
        kept = kill_training_after_a_run(running, workspace, len(before))
        assert running.wait() == 1
    assert before.items() < kept.items()
    assert workspace.jobs()["aggregate"] == 1
    workspace.snakemake()
    assert kept.items() < workspace.trained().items()
    assert len(workspace.trained()) == 8


def kill_training_after_a_run(running, workspace, finished):
    """Kill a training process as soon as one run more is in the store; what is there then."""
    while running.poll() is None:
        if len(workspace.trained()) > finished:
            for child in psutil.Process(running.pid).children(recursive=True):
                if "train" in child.cmdline()[:4]:
                    child.kill()
            return workspace.trained()
        time.sleep(0.01)
    raise AssertionError("nothing was trained")


def test_a_damaged_run_is_an_error_and_is_mended_on_demand(workspace):
    tables = workspace.tables()
    damaged = next(iter(sorted(workspace.folder.glob("results/runs/*/epochs.parquet"))))
    damaged.write_bytes(damaged.read_bytes()[:100])
    (workspace.folder / "results/tiny/tables.json").unlink()
    output = workspace.snakemake(status=1)
    assert "epochs.parquet: does not have the digest that its manifest gives" in output
    assert "--forcerun train" in output
    assert workspace.jobs()["aggregate"] == 1
    workspace.snakemake("--forcerun", "train")
    assert workspace.tables() == tables
