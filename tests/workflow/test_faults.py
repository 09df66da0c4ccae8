"""Whatever happens to a run, the documented command goes on, and the end is that of an undisturbed one."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time

import psutil
import pytest
from support.workspace import WRITTEN, daily

from lrbench.workspace.processes import working

pytestmark = pytest.mark.workflow
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
FINISHED = 2
PATIENCE = 600  # seconds until what should happen counts as hanging
MOMENTS = {  # each with the first command that has not run before
    "training starts": ("train", lambda workspace: any(workspace.folder.glob("logs/tiny/train/lr-0.01/*.log"))),
    "one of two runs is stored": ("train", lambda workspace: len(workspace.trained()) > FINISHED),
    "tables are put together": ("aggregate", lambda workspace: (workspace.folder / "logs/tiny/aggregate.log").exists()),
    "the page is written": ("report", lambda workspace: (workspace.folder / "logs/tiny/report.log").exists()),
}
DAILY = (signal.SIGKILL, "one of two runs is stored")
CUTS = {  # which of the files that a command writes; of training: its registration, a run's five, its folder, the block
    "dataset": [1],
    "backpropagate": [1],
    "train": [1, 2, 3, 4, 5, 6, 7, 14],
    "aggregate": [1, 2, 3, 4],
    "analyse": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    "figures": [1, 2, 31],
    "report": [1],
}
ONCE = """
import os, sys
words = sys.orig_argv
if os.path.basename((words + [""])[1]) == "lrbench" and words[2] == {command!r} and not os.path.exists({marker!r}) and (
    "train" not in words or "0.01" in words  # the other rate's runs are all in the store
):
    def once():
        open({marker!r}, "w").close()
    {fault}
"""
FAILS = "once(); os._exit(1)"
FULL = "once(); import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))"
POWER_CUT = """
    def cut(move, left=[{number}]):
        def moved(*places, **options):
            left[0] -= 1
            if not left[0]:
                once()
                os.kill(os.getpid(), 9)
            return move(*places, **options)
        return moved
    os.replace, os.rename = cut(os.replace), cut(os.rename)
"""


@pytest.fixture
def disturbed(workspace, record_property):
    """A finished run to be undone from some command on, then disturbed.

    At the end, `make resume` must bring it to where the undisturbed run was, and nothing stored may be lost.
    """
    tables = workspace.tables()
    record_property("fault", 1)
    yield workspace
    workspace.make("resume")
    lost = workspace.kept.items() - workspace.trained().items()
    record_property("runs lost", len(lost))
    logs = [path.read_text() for path in workspace.folder.glob("logs/**/*.log")]
    tracebacks = sum("Traceback" in log for log in logs)
    record_property("tracebacks", tracebacks)
    assert not lost
    assert not tracebacks
    assert workspace.tables() == tables
    assert leftovers(workspace) == []
    assert workspace.jobs() == {}
    assert [*working(workspace.folder, "snakemake"), *working(workspace.folder, "lrbench")] == []


def leftovers(workspace):
    """What broken-off writing left."""
    return [path for place in ("results", "reports") for path in (workspace.folder / place).glob("**/.*.tmp")]


def undo(workspace, command):
    """Bring a finished run back to before a command; what is in the store then must stay there."""
    workspace.undo(command)
    workspace.keep()
    assert len(workspace.kept) == (FINISHED if command == "train" else 2 * FINISHED)


def wait_for(moment, workspace, running):
    deadline = time.monotonic() + PATIENCE
    while not MOMENTS[moment][1](workspace):
        assert running.poll() is None, (workspace.folder / "snakemake.log").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize(
    ("number", "moment"),
    [daily(number, moment, when=(number, moment) == DAILY) for number in SIGNALS for moment in MOMENTS],
)
def test_snakemake_is_ended(number, moment, disturbed):
    undo(disturbed, MOMENTS[moment][0])
    with disturbed.start() as running:
        wait_for(moment, disturbed, running)
        running.send_signal(number)
        running.wait(timeout=PATIENCE)
    disturbed.keep()


def training_processes(running) -> list[psutil.Process]:
    """The processes that train for a snakemake, once there are any: a shell comes before each of them."""
    deadline = time.monotonic() + PATIENCE
    while running.poll() is None and time.monotonic() < deadline:
        found = []
        for child in psutil.Process(running.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if "train" in child.cmdline()[:4]:
                    found.append(child)
        if found:
            return found
        time.sleep(0.005)
    raise AssertionError("nothing trains")


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        daily(number, moment, when=(number, moment) == DAILY)
        for number in SIGNALS
        for moment in ("training starts", "one of two runs is stored")
    ],
)
def test_a_training_process_is_ended(number, moment, disturbed):
    undo(disturbed, "train")
    with disturbed.start("--cores", "1") as running:
        wait_for(moment, disturbed, running)
        for child in training_processes(running):
            child.send_signal(number)
        assert running.wait(timeout=PATIENCE) == 1
    disturbed.keep()
    assert disturbed.jobs()["aggregate"] == 1


@pytest.mark.long
def test_everything_is_interrupted(disturbed):
    """As Ctrl-C does it: the signal goes to snakemake and all that it started."""
    undo(disturbed, "train")
    with disturbed.start(start_new_session=True) as running:
        wait_for("one of two runs is stored", disturbed, running)
        os.killpg(running.pid, signal.SIGINT)
        assert running.wait(timeout=PATIENCE) == 1
    assert "Traceback" not in (disturbed.folder / "snakemake.log").read_text()
    disturbed.keep()


def disturb(workspace, command, fault):
    """Run snakemake with a fault in the first process of a command; what it printed."""
    undo(workspace, command)
    marker = workspace.folder / "happened"
    workspace.customise(ONCE.format(command=command, marker=str(marker), fault=fault))
    output = workspace.snakemake(status=1)
    assert marker.exists()
    workspace.keep()
    return output


@pytest.mark.parametrize("command", [daily(command, when=False) for command in WRITTEN])
def test_a_job_fails_once(command, disturbed):
    disturb(disturbed, command, FAILS)


@pytest.mark.parametrize("command", [daily(command, when=command == "train") for command in WRITTEN])
def test_the_disk_is_full(command, disturbed):
    output = disturb(disturbed, command, FULL.format(limit=400 if command == "dataset" else 1500))  # a log has room
    assert "Traceback" not in output
    sentences = [line for line in output.splitlines() if line.startswith("lrbench: ")]
    assert len(sentences) == 1, output
    assert "free some space, then run again." in sentences[0]


@pytest.mark.parametrize(
    ("command", "number"),
    [
        daily(command, number, when=(command, number) == ("aggregate", 2))
        for command, numbers in CUTS.items()
        for number in numbers
    ],
)
def test_the_power_is_cut_before_a_file_has_its_name(command, number, disturbed):
    disturb(disturbed, command, POWER_CUT.format(number=number))
    whole = [path.name for path in disturbed.folder.glob("results/runs/[0-9a-f]*")]
    assert sorted(whole) == sorted(disturbed.trained())


def without_root_rights():
    """Have permissions count, for root as well."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability)  # PR_CAPBSET_DROP


@pytest.mark.long
@pytest.mark.parametrize(
    ("place", "first"), [("results/runs", "train"), ("results", "dataset"), ("reports", "figures")]
)
def test_results_cannot_be_written(place, first, disturbed):
    undo(disturbed, first)
    folder = disturbed.folder / place
    folder.chmod(0o555)
    try:
        with disturbed.start(preexec_fn=without_root_rights) as running:
            assert running.wait(timeout=PATIENCE) == 1
    finally:
        folder.chmod(0o755)
    output = (disturbed.folder / "snakemake.log").read_text()
    assert "Permission denied" in output
    assert "Traceback" not in output


@pytest.mark.long
def test_two_at_once(disturbed):
    undo(disturbed, "train")
    with disturbed.start() as running:
        wait_for("training starts", disturbed, running)
        output = disturbed.snakemake(status=1)
        assert "cannot be locked" in output or "LockException" in output
        refused = disturbed.make("resume", status=2)
        assert f"snakemake is at work here (process {running.pid})" in refused
        assert running.wait(timeout=PATIENCE) == 0
    disturbed.keep()


@pytest.mark.long
def test_a_config_edited_meanwhile_changes_nothing(disturbed):
    undo(disturbed, "train")
    with disturbed.start() as running:
        wait_for("training starts", disturbed, running)
        disturbed.configure(epochs=3, title="Another")
        assert running.wait(timeout=PATIENCE) == 0
    assert disturbed.read("results/tiny/tables.json")["settings"]["epochs"] == 2
    assert disturbed.jobs()["train"] == 2
    disturbed.configure()
