"""A file truncated, emptied or replaced by another is found, and what the sentence about it says brings it back."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from support.workflow_commands import verify
from support.workspace import daily

pytestmark = pytest.mark.workflow
FILES = {
    "a run's table": ("results/runs/*/epochs.parquet", "results/runs/*/steps.parquet"),
    "a run's manifest": ("results/runs/*/manifest.json", "results/tiny/dataset/manifest.json"),
    "the data's manifest": ("results/tiny/dataset/manifest.json", "results/tiny/tables.json"),
    "a block": ("results/tiny/training/lr-0.1/block-0.json", "results/tiny/training/lr-0.01/block-0.json"),
    "epochs": ("results/tiny/epochs.csv", "results/tiny/evaluations.csv"),
    "evaluations": ("results/tiny/evaluations.csv", "results/tiny/epochs.csv"),
    "steps": ("results/tiny/steps.parquet", "results/runs/*/steps.parquet"),
    "tables.json": ("results/tiny/tables.json", "results/tiny/dataset/manifest.json"),
    "runs": ("results/tiny/runs.csv", "results/tiny/rates.csv"),
    "rates": ("results/tiny/rates.csv", "results/tiny/runs.csv"),
    "targets": ("results/tiny/targets.csv", "results/tiny/reach.csv"),
    "reach": ("results/tiny/reach.csv", "results/tiny/targets.csv"),
    "comparisons": ("results/tiny/comparisons.csv", "results/tiny/reach.csv"),
    "the worked step": ("results/tiny/backpropagation.json", "results/tiny/across.json"),
    "across": ("results/tiny/across.json", "results/tiny/claims.json"),
    "recommendation": ("results/tiny/recommendation.json", "results/tiny/claims.json"),
    "observations": ("results/tiny/observations.json", "results/tiny/across.json"),
    "claims": ("results/tiny/claims.json", "results/tiny/observations.json"),
    "next": ("results/tiny/next.json", "results/tiny/claims.json"),
    "the index of analysis": ("results/tiny/analysis.json", "results/tiny/tables.json"),
    "the index of figures": ("reports/tiny/figures/figures.json", "results/tiny/across.json"),
    "a figure": ("reports/tiny/figures/loss.svg", "reports/tiny/figures/loss.csv"),
}
BEHIND_TABLES_JSON = ("epochs", "evaluations", "steps")  # their times count for nothing, their digests stand there
DAMAGES = {
    "truncated": lambda content, foreign: content[: len(content) // 2],
    "emptied": lambda content, foreign: b"",
    "foreign": lambda content, foreign: foreign,
}


@pytest.mark.parametrize(
    ("name", "damage"),
    [daily(name, damage, when=(name, damage) == ("rates", "truncated")) for name in FILES for damage in DAMAGES],
)
def test_a_file_is_damaged(name, damage, workspace, record_property):
    record_property("fault", 1)
    tables, kept = workspace.tables(), workspace.trained()
    path, foreign = (sorted(workspace.folder.glob(pattern))[0] for pattern in FILES[name])
    path.write_bytes(DAMAGES[damage](path.read_bytes(), foreign.read_bytes()))
    os.utime(path, (time.time() + 60,) * 2)
    if path.parent.parent.name == "runs":
        (workspace.folder / "results/tiny/tables.json").unlink()  # so that runs are read
    if name in BEHIND_TABLES_JSON:
        (workspace.folder / "results/tiny/runs.csv").unlink()  # so that they are read
    said = follow_advice(workspace)
    lost = {run for run, _ in kept.items() - workspace.trained().items()} - {path.parent.name}
    record_property("runs lost", len(lost))
    record_property("tracebacks", said.count("Traceback"))
    assert "Traceback" not in said
    assert not lost
    assert workspace.tables() == tables
    assert workspace.jobs() == {}


def follow_advice(workspace) -> str:
    """Run snakemake, and do what its sentence says, until it succeeds; all that was said."""
    said, options = "", ()
    for _ in range(4):
        done = subprocess.run(
            workspace.command(*options), capture_output=True, text=True, env=workspace.environment, check=False
        )
        said += done.stdout + done.stderr
        if done.returncode == 0:
            return said
        advice = re.findall(r"^lrbench: (\S+): .*$", done.stdout + done.stderr, re.MULTILINE)
        sentence = re.findall(r"^lrbench: .*$", done.stdout + done.stderr, re.MULTILINE)
        assert advice, said
        options = ("--forcerun", "train") if "--forcerun train" in sentence[0] else ()
        if "delete" in sentence[0]:
            (workspace.folder / Path(advice[0])).unlink()
    raise AssertionError(said)


def damage_without_a_new_time(path):
    stat, content = path.stat(), path.read_bytes()
    path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize("name", ["epochs.csv", "evaluations.csv", "steps.parquet"])
def test_a_table_damaged_without_a_new_time_is_found_by_verify(name, workspace):
    damage_without_a_new_time(workspace.folder / "results/tiny" / name)
    done = verify(workspace)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"results/tiny/{name}: has changed since results/tiny/tables.json was written; delete it" in done.stderr


def test_a_run_damaged_without_a_new_time_is_found_by_verify(workspace):
    run = workspace.read("results/tiny/tables.json")["runs"][0]["run_key"]
    path = workspace.folder / "results/runs" / run / "steps.parquet"
    damage_without_a_new_time(path)
    assert workspace.jobs() == {}
    done = verify(workspace, "--run", run)
    assert (done.returncode, done.stdout) == (2, "")
    assert "steps.parquet: does not have the digest" in done.stderr
