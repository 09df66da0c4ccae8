"""What is removed, and above all what is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from lrbench.cli import main
from lrbench.errors import InputError, WorkError
from lrbench.upkeep import clean, prune, refuse_while_working, wait_for_leftovers, working

USED, UNUSED = "a" * 64, "b" * 64
FILES = (
    "config/config.yaml",
    "data/train.npz",
    "logs/one/train/lr-0.1/block-0.log",
    "logs/verify.log",
    "reports/README.md",
    "reports/one.html",
    "reports/one/figures/loss.svg",
    "reports/two.html",
    "results/one/epochs.csv",
    f"results/runs/{USED}/manifest.json",
    f"results/runs/{UNUSED}/manifest.json",
    "results/two/epochs.csv",
)


@pytest.fixture
def folder(tmp_path):
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    block = tmp_path / "results/one/training/lr-0.1/block-0.json"
    block.parent.mkdir(parents=True)
    block.write_text(json.dumps({"learning_rate": 0.1, "runs": [{"run_key": USED, "seed": 0}]}))
    return tmp_path


def left(folder) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_one_experiment_is_removed_and_its_stored_runs_stay(folder):
    assert clean(folder, "one") == ["results/one", "reports/one", "reports/one.html", "logs/one"]
    assert left(folder) == {name for name in FILES if "one" not in name}


def test_all_experiments_are_removed_with_the_stored_runs(folder):
    clean(folder, None)
    assert left(folder) == {"config/config.yaml", "data/train.npz", "logs/verify.log", "reports/README.md"}
    assert clean(folder, None) == []


@pytest.mark.parametrize("name", ["three", "runs", "..", "../data", "", "one/../../data", "README"])
def test_nothing_else_can_be_removed(name, folder):
    before = left(folder)
    with pytest.raises(InputError, match="the experiments that have results here are: one, two"):
        clean(folder, name)
    assert left(folder) == before


def test_a_link_is_removed_and_not_what_it_leads_to(folder):
    (folder / "results/three").symlink_to(folder / "data")
    assert clean(folder, "three") == ["results/three"]
    assert "data/train.npz" in left(folder)


@pytest.mark.parametrize("name", ["../elsewhere", "..", "/", "one/../../elsewhere"])
def test_the_command_removes_nothing_outside(name, folder, monkeypatch, capsys):
    inside = folder / "inside"
    (folder / "elsewhere").mkdir()
    (inside / "results").mkdir(parents=True)
    monkeypatch.chdir(inside)
    before = left(folder)
    assert main(["clean", "--experiment", name]) == 2
    assert capsys.readouterr().err == (
        f"lrbench: EXPERIMENT is {name!r} but the experiments that have results here are: none.\n"
    )
    assert left(folder) == before
    assert (folder / "elsewhere").is_dir()


def test_results_may_be_a_link_to_another_place(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (folder / "results").rename(elsewhere / "results")
    (folder / "results").symlink_to(elsewhere / "results")
    (elsewhere / "data").write_text("")
    assert prune(folder) == [f"results/runs/{UNUSED}"]
    assert clean(folder, "one") == ["results/one", "reports/one", "reports/one.html", "logs/one"]
    assert clean(folder, None) == ["results/two", "reports/two.html", "results/runs"]
    assert left(elsewhere) == {"data"}
    assert (folder / "results").is_symlink()


def test_runs_that_no_block_names_are_pruned(folder):
    before = left(folder)
    assert prune(folder) == [f"results/runs/{UNUSED}"]
    assert before - left(folder) == {f"results/runs/{UNUSED}/manifest.json"}
    assert prune(folder) == []


def test_what_broken_off_writing_left_is_pruned_unless_its_writer_lives(folder):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    stale, alive = (f"results/runs/.{USED}.{number}-0a1b2c3d.tmp" for number in (ended.pid, os.getpid()))
    damaged, half = f"results/runs/.{USED}.damaged-0a1b2c3d", f"results/one/.epochs.csv.{ended.pid}-0a1b2c3d.tmp"
    for name in (stale, alive, damaged):
        (folder / name).mkdir()
    (folder / half).write_text("")
    assert prune(folder) == [f"results/runs/{UNUSED}", damaged, half, stale]
    assert (folder / alive).is_dir()


def test_nothing_is_pruned_where_a_block_cannot_be_read(folder):
    (folder / "results/two/training").mkdir()
    (folder / "results/two/training/block-0.json").write_text("{")
    before = left(folder)
    with pytest.raises(InputError, match=r"block-0\.json: is not JSON or is cut short"):
        prune(folder)
    assert left(folder) == before


@pytest.fixture
def at_work(folder, tmp_path_factory):
    """Starts a process of a name in the folder."""
    programs, started = tmp_path_factory.mktemp("programs"), []

    def start(name: str, *arguments: str, seconds: float = 60) -> subprocess.Popen:
        (programs / name).write_text(f"import time\nprint('', flush=True)\ntime.sleep({seconds})")
        command = [sys.executable, str(programs / name), *arguments]
        started.append(subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE))
        started[-1].stdout.readline()
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_who_works_here_is_known(folder, tmp_path_factory, at_work):
    assert working(folder, "snakemake") == []
    process = at_work("snakemake")
    assert working(folder, "snakemake") == [process.pid]
    assert working(tmp_path_factory.mktemp("elsewhere"), "snakemake") == []
    assert working(folder, "lrbench") == []


@pytest.mark.parametrize("name", ["snakemake", "lrbench"])
def test_nothing_is_removed_while_a_run_is_under_way(name, folder, at_work):
    process, before = at_work(name), left(folder)
    for remove in (prune, lambda place: clean(place, None), lambda place: clean(place, "one")):
        with pytest.raises(WorkError, match=rf"{name} is at work here \(process {process.pid}\)"):
            remove(folder)
    assert left(folder) == before


def test_resuming_is_refused_while_snakemake_works_and_waits_for_its_leftovers(folder, at_work):
    said: list[str] = []
    half = folder / "results/one/.epochs.csv.999999999-0a1b2c3d.tmp"
    half.write_text("learning_rate,")
    leftover, begun = at_work("lrbench", seconds=1), time.monotonic()
    wait_for_leftovers(folder, said.append, interval=0.05)
    assert time.monotonic() - begun > 0.5
    assert said == [f"waiting for what a killed snakemake left running: process {leftover.pid}"]
    assert not half.exists()
    process = at_work("snakemake")
    with pytest.raises(WorkError, match=f"process {process.pid}"):
        refuse_while_working(folder)
    with pytest.raises(WorkError, match=f"process {process.pid}"):
        wait_for_leftovers(folder, said.append)


def test_what_outlasts_a_cancelled_job_of_a_cluster_is_waited_for(folder, at_work):
    said: list[str] = []
    job = at_work("snakemake", "--target-jobs", "train:", seconds=1)
    with pytest.raises(WorkError, match=f"process {job.pid}"):
        wait_for_leftovers(folder, said.append)
    wait_for_leftovers(folder, said.append, jobs=False, interval=0.05)
    assert job.wait() == 0
    assert said == [f"waiting for what a killed snakemake left running: process {job.pid}"]
    process = at_work("snakemake")
    with pytest.raises(WorkError, match=f"process {process.pid}"):
        wait_for_leftovers(folder, said.append, jobs=False)


def test_the_commands_say_what_they_removed(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    assert [main(["prune"]), main(["clean", "--experiment", "two"]), main(["clean", "--all"]), main(["clean", "--all"])]
    assert main(["ready"]) == 0
    removed = [f"results/runs/{UNUSED}", "results/two", "reports/two.html"]
    removed += ["results/one", "reports/one", "reports/one.html", "logs/one", "results/runs"]
    assert capsys.readouterr().out.splitlines() == [*(f"removed {name}" for name in removed), "nothing to remove"]
    assert main(["clean", "--experiment", "two"]) == 2
