"""The experiment on a real Slurm: the same result as without, whatever happens to its jobs."""

from __future__ import annotations

import re
import signal
import subprocess

import pytest
from support.workspace import BIN

pytestmark = [pytest.mark.workflow, pytest.mark.cluster]
TABLES = "results/tiny/tables.json"


@pytest.fixture
def running(slurm):
    """Start snakemake in a workspace; killed at the end if it still runs."""
    started = []

    def start(workspace, *arguments):
        started.append(workspace.start(*arguments))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
    for job in slurm.jobs():
        slurm.ask("scancel", job)
    slurm.wait_until_idle()


def finish(process, workspace, slurm):
    """Wait for a snakemake that must end well."""
    status = process.wait(timeout=240)
    assert status == 0, (workspace.folder / "snakemake.log").read_text() + slurm.logs()


def same_tables(workspace, local):
    """Whether the tables, and with them the weights' fingerprints, are those of the local run."""
    names = [name for name in local.tables() if name.startswith("results/tiny/") and (workspace.folder / name).exists()]
    assert TABLES in names
    return {name: workspace.tables()[name] for name in names} == {name: local.tables()[name] for name in names}


def test_the_cluster_gives_the_bytes_of_a_local_run(untouched, local, slurm, running):
    untouched.hold("train")  # at every rate
    process = running(untouched)
    slurm.wait_until(lambda: len(untouched.held()) == 2, "both rates train", process)
    together = slurm.states()
    untouched.release()
    finish(process, untouched, slurm)
    assert [together[job] for job in untouched.held()] == ["RUNNING", "RUNNING"]  # side by side
    assert untouched.tables() == local.tables()  # the report and, in tables.json, the weights' fingerprints
    assert {untouched.read(run)["slurm_job"] for run in untouched.runs()} == set(untouched.held())
    rules = {comment.split("_wildcards_")[0] for comment in slurm.comments(untouched.folder)}
    assert rules == {"rule_train", "rule_backpropagate"}  # all else ran beside snakemake


@pytest.mark.long
def test_a_model_from_a_file_gives_the_bytes_of_a_local_run(own, own_local, slurm, running):
    finish(running(own), own, slurm)
    assert own.tables() == own_local.tables()
    assert len(own.runs()) == 2
    assert all(own.read(run)["slurm_job"] for run in own.runs())


@pytest.mark.long
def test_a_search_trains_its_rounds_on_the_cluster(searching, searched, slurm, running):
    finish(running(searching), searching, slurm)
    assert searching.tables() == searched.tables()
    rounds = [searching.read(path) for path in sorted(searching.folder.glob("results/tiny/search/round-*.json"))]
    assert len(rounds) == 2
    assert len(searching.runs()) == len(rounds[-1]["runs"]) > len(rounds[0]["runs"])
    assert all(searching.read(run)["slurm_job"] for run in searching.runs())


def test_a_cancelled_job_is_tried_again(half_done, local, slurm, running):
    kept = half_done.trained()
    half_done.hold("0.01")
    process = running(half_done, TABLES)
    slurm.wait_until(half_done.held, "training has begun", process)
    [cancelled] = half_done.held()
    slurm.ask("scancel", cancelled)
    half_done.release()
    finish(process, half_done, slurm)
    assert slurm.states()[cancelled] == "CANCELLED"
    assert len(half_done.held()) == 2
    assert same_tables(half_done, local)
    assert kept.items() <= half_done.trained().items()


def test_slurmd_is_stopped_and_started(half_done, local, slurm, running):
    half_done.hold("0.01")
    process = running(half_done, TABLES)
    slurm.wait_until(half_done.held, "training has begun", process)
    slurm.end("slurmd")
    slurm.run("slurmd", "-D")
    half_done.release()
    finish(process, half_done, slurm)
    assert len(half_done.held()) == 1  # the same job went on
    assert same_tables(half_done, local)


def test_the_submitting_snakemake_is_killed(half_done, local, slurm, running):
    half_done.take_project()
    half_done.hold("0.01")
    process = running(half_done)
    slurm.wait_until(half_done.held, "training has begun", process)
    ready = [BIN / "lrbench", "ready", "--slurm"]
    refused = subprocess.run(ready, cwd=half_done.folder, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "snakemake is at work here" in refused.stderr
    [left] = half_done.held()
    assert slurm.states()[left] == "RUNNING"
    kept = half_done.trained()
    process.send_signal(signal.SIGKILL)
    process.wait()
    half_done.release()
    output = half_done.make("resume-cluster")
    assert re.search(r"cancelling what a killed snakemake left in Slurm's queue: job .*\b" + left, output)
    assert half_done.tables() == local.tables()
    assert kept.items() <= half_done.trained().items()


@pytest.mark.long
def test_a_job_exceeds_its_time_limit(half_done, local, slurm, running):
    half_done.hold("0.01")
    process = running(half_done, TABLES, "--set-resources", "train:runtime=attempt")
    slurm.wait_until(half_done.held, "training has begun", process)
    [slow] = half_done.held()
    slurm.wait_until(lambda: slurm.states().get(slow) == "TIMEOUT", "the time is over", process, seconds=240)
    half_done.release()
    finish(process, half_done, slurm)
    assert len(half_done.held()) == 2
    assert same_tables(half_done, local)


@pytest.mark.long
@pytest.mark.parametrize("slurm", [True], indirect=True, ids=["accounting"])
def test_with_accounting_the_end_of_jobs_is_read_from_the_accounts(half_done, local, slurm):
    asked = half_done.note_calls("squeue")
    half_done.make("cluster")
    assert not asked.exists()
    assert half_done.tables() == local.tables()
    accounts = slurm.ask("sacct", "--allocations", "--noheader", "--parsable2", "--format=JobID,State").split()
    trained = [half_done.read(run) for run in half_done.runs()]
    jobs = {run["slurm_job"] for run in trained if run.get("slurm_job")}
    assert jobs
    assert {f"{job}|COMPLETED" for job in jobs} <= set(accounts)
