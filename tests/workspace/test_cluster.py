"""What is found in Slurm's queue and cancelled, with stand-ins for Slurm's commands."""

from __future__ import annotations

import pytest
import yaml
from support.workspace import PROJECT

from lrbench.cli import main
from lrbench.workspace.cluster import JOB_PREFIX

SQUEUE = """#!/bin/sh
test -e cancelled && exit
printf '%s\\n' '7|lrbench_a|{here}' '8_2|lrbench_b|{here}' '9|lrbench_a|/elsewhere' '10|mine|{here}'
"""
SCANCEL = """#!/bin/sh
echo "$@" > cancelled
"""
BROKEN = """#!/bin/sh
echo slurm_load_jobs error: Unable to contact slurm controller >&2
exit 1
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working directory, and a way to give it commands."""
    (tmp_path / "bin").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return tmp_path


def command(here, name, text):
    (here / "bin" / name).write_text(text.format(here=here))
    (here / "bin" / name).chmod(0o755)


def test_this_folders_jobs_alone_are_cancelled(here, capsys):
    command(here, "squeue", SQUEUE)
    command(here, "scancel", SCANCEL)
    assert main(["ready", "--slurm"]) == 0
    assert (here / "cancelled").read_text() == "7 8_2\n"
    assert capsys.readouterr().out == "lrbench: cancelling what a killed snakemake left in Slurm's queue: job 7, 8_2\n"


def test_without_the_option_slurm_is_not_asked(here, capsys):
    command(here, "squeue", BROKEN)
    assert main(["ready"]) == 0
    assert capsys.readouterr().out == ""


def test_a_slurm_that_does_not_answer_is_one_sentence(here, capsys):
    command(here, "squeue", BROKEN)
    assert main(["ready", "--slurm"]) == 1
    assert capsys.readouterr().err == (
        "lrbench: squeue failed (slurm_load_jobs error: Unable to contact slurm controller); "
        "try again when Slurm is up.\n"
    )


def test_a_machine_without_slurm_is_one_sentence(here, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(here / "bin"))
    assert main(["ready", "--slurm"]) == 1
    assert capsys.readouterr().err == (
        "lrbench: there is no squeue here; run this where Slurm's commands are installed.\n"
    )


def test_the_profile_names_jobs_as_they_are_looked_for():
    profile = yaml.safe_load((PROJECT / "profiles/slurm/config.yaml").read_text())
    assert profile["slurm-jobname-prefix"] + "_" == JOB_PREFIX
    assert profile.items() >= yaml.safe_load((PROJECT / "profiles/default/config.yaml").read_text()).items()
