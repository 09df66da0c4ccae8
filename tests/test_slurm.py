"""Where no Slurm can be started for the tests, a sentence says why."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from support import slurm
from support.workspace import PROJECT


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine with Slurm's programs, without a configuration, and with all rights."""
    monkeypatch.setattr(slurm.shutil, "which", lambda tool, path: f"/usr/bin/{tool}")
    monkeypatch.setattr(slurm.os, "geteuid", lambda: 0)
    monkeypatch.setattr(slurm, "CONFIGURATION", tmp_path / "slurm.conf")
    return tmp_path / "slurm.conf"


def ended() -> int:
    """The id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_fit_machine_misses_nothing(machine):
    assert slurm.missing() is None


@pytest.mark.parametrize(
    ("absent", "named"), [({"munged"}, "munge is not here"), ({"sbatch", "munged"}, "slurm-wlm and munge are not here")]
)
def test_missing_packages_are_named(machine, monkeypatch, absent, named):
    monkeypatch.setattr(slurm.shutil, "which", lambda tool, path: None if tool in absent else tool)
    assert named in slurm.missing()
    assert "apt-get install --no-install-recommends slurm-wlm munge" in slurm.missing()


def test_packages_that_accounting_lacks_are_named(machine, monkeypatch):
    assert slurm.missing_for_accounting() is None
    monkeypatch.setattr(slurm.shutil, "which", lambda tool, path: None if tool == "slurmdbd" else tool)
    assert slurm.missing_for_accounting() == (
        "accounting needs the Debian packages slurmdbd and mariadb-server, and slurmdbd is not here."
    )


def test_another_user_than_root_is_told(machine, monkeypatch):
    monkeypatch.setattr(slurm.os, "geteuid", lambda: 1000)
    assert "takes root" in slurm.missing()


def test_somebody_elses_configuration_is_left_alone(machine):
    machine.write_text("ClusterName=real\n")
    assert slurm.missing() == f"{machine} is not the tests' own and is left alone; run them on a machine that has none."


def test_tests_that_run_already_are_waited_for(machine):
    machine.write_text(slurm.MARK.format(os.getppid()))
    assert f"process {os.getppid()} runs the tests" in slurm.missing()


def test_what_killed_tests_left_is_taken_over(machine):
    machine.write_text(slurm.MARK.format(ended()))
    assert slurm.missing() is None


def test_as_a_program_it_says_so_with_status_2(tmp_path):
    call = [sys.executable, PROJECT / "tests/support/slurm.py"]
    without = {"PATH": str(tmp_path)}
    done = subprocess.run(call, env=without, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("lrbench: the tests on a Slurm cluster need the Debian packages slurm-wlm and munge")
