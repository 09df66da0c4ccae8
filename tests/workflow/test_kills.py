"""A thousand kills at random moments, from fixed seeds: nothing is trained twice, no byte differs, no traceback.

Most kill a command of the workflow itself, which costs a second or two; some kill real snakemake with all that it runs.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.workflow, pytest.mark.long]
TESTS = Path(__file__).parents[1]
KILLS = [  # command, kills, seed: with those of snakemake, a thousand
    ("train", 120, 1),
    ("train", 120, 2),
    ("figures", 120, 3),
    ("analyse", 140, 4),
    ("aggregate", 160, 5),
    ("report", 120, 6),
    ("dataset", 160, 7),
    ("backpropagate", 40, 8),
]
OF_SNAKEMAKE = [(command, seed) for command in ("dataset", "train") for seed in range(10)]
WRITES_DOWN = """
import json, os, sys
words = sys.orig_argv
if os.path.basename((words + [""])[1]) == "lrbench":
    with open({file!r}, "a") as file:
        file.write(json.dumps(words[2:]) + "\\n")
"""


@pytest.fixture(scope="module")
def recorded(base, tmp_path_factory):
    """A finished run, with the arguments of its commands written down."""
    workspace = base.copied(tmp_path_factory.mktemp("recorded"))
    workspace.customise(WRITES_DOWN.format(file=str(workspace.folder / "commands.jsonl")))
    workspace.snakemake("--forceall")
    assert workspace.tables() == base.tables()
    return workspace


def test_there_are_a_thousand():
    assert sum(kills for _, kills, _ in KILLS) + len(OF_SNAKEMAKE) == 1000


@pytest.mark.parametrize(("command", "kills", "seed"), KILLS)
def test_a_command_is_killed(command, kills, seed, recorded, tmp_path, record_property):
    folder = tmp_path / "run"
    shutil.copytree(recorded.folder, folder)
    program = [sys.executable, "-m", "support.kill_trials", str(folder), command, str(kills), str(seed)]
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    record_property("kills", counts)
    assert counts["tried"] == kills
    assert counts["met something running"] > kills / 4  # else the moments say little
    assert [counts[bad] for bad in ("trained twice", "bytes that differ", "tracebacks")] == [0, 0, 0], done.stderr


@pytest.mark.parametrize(("command", "seed"), OF_SNAKEMAKE)
def test_snakemake_is_killed_with_all_that_it_runs(command, seed, workspace, record_property):
    tables = workspace.tables()
    workspace.undo(command)
    workspace.keep()
    moment = random.Random(f"{command} {seed}").uniform(1, 16 if command == "dataset" else 12)  # noqa: S311
    with workspace.start(start_new_session=True) as running:
        time.sleep(moment)
        met = running.poll() is None
        if met:
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    workspace.keep()
    output = (workspace.folder / "snakemake.log").read_text() + workspace.make("resume")
    logs = [output, *(path.read_text() for path in workspace.folder.glob("logs/**/*.log"))]
    found, names = workspace.tables(), tables.keys() | workspace.tables().keys()
    counts = {
        "tried": 1,
        "met something running": int(met),
        "trained twice": len(workspace.kept.items() - workspace.trained().items()),
        "bytes that differ": sum(found.get(name) != tables.get(name) for name in names),
        "tracebacks": sum("Traceback" in log for log in logs),
    }
    record_property("kills", counts)
    assert [counts[bad] for bad in ("trained twice", "bytes that differ", "tracebacks")] == [0, 0, 0], output
