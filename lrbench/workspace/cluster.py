"""What a snakemake left in Slurm's queue: jobs of this user, a working directory and a prefix of their names."""

from __future__ import annotations

import getpass
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from lrbench.errors import WorkError

JOB_PREFIX = "lrbench_"  # profiles/slurm has it as slurm-jobname-prefix


def cancel_leftovers(folder: Path | str, log: Callable[[str], None], interval: float = 0.5) -> None:
    """Cancel the jobs that a killed snakemake left in Slurm's queue for a folder, and wait until they have ended.

    A snakemake that is interrupted does this itself; one that was killed could not. What those jobs had finished
    is in the run store.

    Raises WorkError where Slurm cannot be asked.
    """
    jobs = queued(folder)
    if jobs:
        log(f"cancelling what a killed snakemake left in Slurm's queue: job {', '.join(jobs)}")
        _ask("scancel", *jobs)
    while queued(folder):
        time.sleep(interval)


def queued(folder: Path | str) -> list[str]:
    """Ids of the jobs that wait, run or are being ended."""
    here = os.path.realpath(folder)
    lines = _ask("squeue", "--noheader", f"--user={getpass.getuser()}", "--format=%i|%j|%Z").splitlines()
    jobs = (line.split("|", maxsplit=2) for line in lines if line.count("|") >= 2)
    return [job for job, name, place in jobs if name.startswith(JOB_PREFIX) and os.path.realpath(place) == here]


def _ask(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    except FileNotFoundError as error:
        raise WorkError(f"there is no {command[0]} here; run this where Slurm's commands are installed.") from error
    except subprocess.TimeoutExpired as error:
        raise WorkError(f"{command[0]} has not answered for two minutes; try again when Slurm is up.") from error
    except subprocess.CalledProcessError as error:
        said = " ".join(error.stderr.split())[:200]
        raise WorkError(f"{command[0]} failed ({said}); try again when Slurm is up.") from error
