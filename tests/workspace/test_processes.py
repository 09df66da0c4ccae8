"""Who is at work in a folder, and who is not."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time

import psutil
import pytest

from lrbench.cli import main
from lrbench.errors import WorkError
from lrbench.workspace.processes import _runs, refuse_while_working, wait_for_leftovers, working

NOBODY = 65534
PTRACE = 19  # the capability by which root may look into any process


def test_who_works_here_is_known(tmp_path, tmp_path_factory, at_work):
    assert working(tmp_path, "snakemake") == []
    process = at_work(tmp_path, "snakemake")
    assert working(tmp_path, "snakemake") == [process.pid]
    assert working(tmp_path_factory.mktemp("elsewhere"), "snakemake") == []
    assert working(tmp_path, "lrbench") == []


@pytest.mark.parametrize(
    ("line", "program"),
    [
        ("snakemake --cores 2", "snakemake"),
        ("/venv/bin/python /venv/bin/snakemake --cores 2", "snakemake"),
        ("python3.11 -u -W ignore -X dev /venv/bin/snakemake -n", "snakemake"),
        ("/usr/bin/python -m snakemake --target-jobs train:", "snakemake"),
        ("python -Im snakemake", "snakemake"),
        ("python -msnakemake", "snakemake"),
        ("/Library/Frameworks/Python.app/Contents/MacOS/Python /venv/bin/lrbench train --seeds [0]", "lrbench"),
        ("python -m lrbench report", "lrbench"),
        ("lrbench verify", "lrbench"),
        ("lrbench backpropagate", "lrbench"),
        ("lrbench a_probe_of_tomorrow", "lrbench"),
    ],
)
def test_a_program_is_known_however_it_was_started(line, program):
    assert [name for name in ("snakemake", "lrbench") if _runs(line.split(), name)] == [program]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "tail -F lrbench",
        "tail -F snakemake",
        "vim lrbench train",
        "python train.py lrbench train",
        "python -c pass lrbench train",
        "python -Bc pass snakemake",
        "python -W snakemake train.py",
        "python",
        "bash -c lrbench train",
        "lrbench",
        "lrbench --version",
        "lrbench ready",
        "lrbench ready --wait",
        "lrbench clean --all",
        "lrbench check train",
        "python -m lrbench prune",
    ],
)
def test_other_programs_do_not_count(line):
    assert [name for name in ("snakemake", "lrbench") if _runs(line.split(), name)] == []


def test_a_program_that_reads_a_file_called_lrbench_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lrbench").touch()
    with subprocess.Popen(["tail", "-F", "lrbench"], cwd=tmp_path) as reader:
        try:
            assert main(["ready"]) == 0
        finally:
            reader.kill()


def test_resuming_is_refused_while_snakemake_works_and_waits_for_its_leftovers(tmp_path, at_work):
    said: list[str] = []
    leftover = at_work(tmp_path, "lrbench", "train", seconds=1)
    wait_for_leftovers(tmp_path, said.append, interval=0.05)
    assert leftover.wait() == 0
    assert [line.partition(", started ")[0] for line in said] == [
        f"waiting for what a killed snakemake left running: process {leftover.pid}"
    ]
    process = at_work(tmp_path, "snakemake")
    with pytest.raises(WorkError, match=f"process {process.pid}"):
        refuse_while_working(tmp_path)
    with pytest.raises(WorkError, match=f"process {process.pid}"):
        wait_for_leftovers(tmp_path, said.append)


def test_what_outlasts_a_cancelled_job_of_a_cluster_is_waited_for(tmp_path, at_work):
    said: list[str] = []
    job = at_work(tmp_path, "snakemake", "--target-jobs", "train:", seconds=1)
    with pytest.raises(WorkError, match=f"process {job.pid}"):
        wait_for_leftovers(tmp_path, said.append)
    wait_for_leftovers(tmp_path, said.append, jobs=False, interval=0.05)
    assert job.wait() == 0
    assert [line.partition(", started ")[0] for line in said] == [
        f"waiting for what a killed snakemake left running: process {job.pid}"
    ]
    process = at_work(tmp_path, "snakemake")
    with pytest.raises(WorkError, match=f"process {process.pid}"):
        wait_for_leftovers(tmp_path, said.append, jobs=False)


def test_ready_waits_for_snakemake_where_asked_to_and_says_for_what(tmp_path, at_work, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    half = tmp_path / "results/one/.epochs.csv.999999999-0a1b2c3d.tmp"
    half.parent.mkdir(parents=True)
    half.write_text("learning_rate,")
    process = at_work(tmp_path, "snakemake", seconds=1)
    started = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(psutil.Process(process.pid).create_time()))
    assert main(["ready"]) == 1
    assert capsys.readouterr() == (
        "",
        f"lrbench: {tmp_path}: snakemake is at work here (process {process.pid}); let it finish, or stop it, then try "
        "again; `lrbench ready --wait` (`make resume WAIT=1`) waits for it.\n",
    )
    assert half.exists()
    assert main(["ready", "--wait"]) == 0
    assert process.wait() == 0
    assert capsys.readouterr().out == (
        f"lrbench: waiting for the snakemake that is at work here: process {process.pid}, started {started}\n"
    )
    assert not half.exists()


def without_looking_into_others():
    ctypes.CDLL(None).prctl(24, PTRACE)  # PR_CAPBSET_DROP


@pytest.fixture
def shared(tmp_path):
    """A folder with snakemake's folder for locks."""
    (tmp_path / ".snakemake/locks").mkdir(parents=True)
    return tmp_path


def ready(folder) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "lrbench", "ready"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=without_looking_into_others,
    )
    return done.returncode, done.stdout + done.stderr


def lock(folder, owner: int, seconds_later: float = 0) -> None:
    path = folder / ".snakemake/locks/0.output.lock"
    path.touch()
    os.chown(path, owner, -1)
    os.utime(path, (time.time() + seconds_later, time.time() + seconds_later))


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="needs root to be two users")
def test_another_users_snakemake_is_seen_by_its_lock(shared):
    with subprocess.Popen(["snakemake", "60"], executable="/bin/sleep", cwd=shared, user=NOBODY) as process:
        try:
            lock(shared, NOBODY)
            status, said = ready(shared)
            assert status == 1
            assert f"snakemake is at work here (process {process.pid} of user nobody); let it finish" in said
            lock(shared, NOBODY, -3600)  # one that a snakemake took that has ended since
            assert ready(shared) == (0, "")
            lock(shared, NOBODY + 1)
            assert ready(shared) == (0, "")
        finally:
            process.kill()


def test_a_lock_whose_owner_cannot_be_seen_is_respected(shared, monkeypatch):
    lock(shared, os.getuid())
    monkeypatch.setattr("psutil.pid_exists", lambda number: False)  # as where /proc hides others' processes
    refuse_while_working(shared)
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
    with pytest.raises(WorkError, match=r"\.snakemake/locks: the lock belongs to user \d+, whose processes cannot be"):
        refuse_while_working(shared)
