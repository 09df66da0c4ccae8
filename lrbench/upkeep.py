"""Keeping the working directory in order: who works here, what may be removed, removing it.

Nothing here touches data or configs: only what lrbench wrote, under results/, reports/ and logs/.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from lrbench.errors import InputError, WorkError
from lrbench.provenance import read_json

STORE = Path("results") / "runs"
EXPERIMENT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
RUN = re.compile(r"[0-9a-f]{64}")
TEMPORARY = re.compile(r"\..+\.([0-9]+)-[0-9a-f]{8}\.tmp")
DAMAGED = re.compile(r"\.[0-9a-f]{64}\.damaged-[0-9a-f]{8}")
BLOCK_SHAPE = {"runs": [{"run_key": str}]}


def working(folder: Path | str, program: str, jobs: bool = True) -> list[int]:
    """Ids of the processes, this one and its parents apart, that run a program in a folder.

    Parameters
    ----------
    program : the name of a command, `snakemake` or `lrbench`
    jobs : whether those count by which another snakemake, on a cluster say, has a single job done
    """
    import psutil

    here = os.path.realpath(folder)
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid in own or process.status() == psutil.STATUS_ZOMBIE:
                continue
            words = process.cmdline()
            names = {os.path.basename(word) for word in words[:3]}
            if program in names and (jobs or "--target-jobs" not in words) and os.path.realpath(process.cwd()) == here:
                found.append(process.pid)
        except psutil.Error:  # it has ended meanwhile, or is somebody else's
            continue
    return sorted(found)


def refuse_while_working(folder: Path | str, jobs: bool = True) -> None:
    """Raise WorkError where a snakemake works in a folder; `jobs` as for `working`."""
    processes = working(folder, "snakemake", jobs)
    if processes:
        raise WorkError(
            f"{os.path.abspath(folder)}: snakemake is at work here (process {_listed(processes)}); "
            "let it finish, or stop it, then try again."
        )


def wait_for_leftovers(
    folder: Path | str, log: Callable[[str], None], jobs: bool = True, interval: float = 0.5
) -> None:
    """Wait until nothing that a killed snakemake left works in a folder, then remove the files that were being written.

    A killed snakemake leaves its jobs running, a killed job its temporary files.

    Parameters
    ----------
    log : is told which processes are waited for
    jobs : whether a snakemake that has a single job done for another counts as working; else it is waited for
    interval : seconds from one look to the next

    Raises WorkError where a snakemake works there.
    """
    waiting: list[int] = []
    while True:
        refuse_while_working(folder, jobs)
        processes = sorted({*working(folder, "lrbench"), *working(folder, "snakemake")})
        if not processes:
            break
        if processes != waiting:
            log(f"waiting for what a killed snakemake left running: process {_listed(processes)}")
        waiting = processes
        time.sleep(interval)
    for path in _broken_off(Path(folder)):
        _remove(path)


def _listed(processes: list[int]) -> str:
    return ", ".join(map(str, processes))


def clean(folder: Path | str, experiment: str | None) -> list[str]:
    """Remove the results, reports and logs of one experiment, or all there are; what was removed.

    The stored runs stay when one experiment goes, since others may use them (see `prune`), and go when all do.

    Raises
    ------
    WorkError
        Where a snakemake, or a job that one left, works in the folder.
    InputError
        Where nothing there is called so.
    """
    _refuse_while_anything_works(folder)
    names = sorted(_experiments(Path(folder))) if experiment is None else [experiment]
    if experiment is not None and not (
        EXPERIMENT_NAME.fullmatch(experiment) and experiment in _experiments(Path(folder))
    ):
        known = ", ".join(sorted(_experiments(Path(folder)))) or "none"
        raise InputError(f"EXPERIMENT is {experiment!r} but the experiments that have results here are: {known}.")
    kinds = ("results/{}", "reports/{}", "reports/{}.html", "logs/{}")
    parts = [kind.format(name) for name in names for kind in kinds]
    if experiment is None:
        parts.append(str(STORE))
    return [part for part in parts if _remove(Path(folder) / part)]


def _experiments(folder: Path) -> set[str]:
    found = {path.name for place in ("results", "reports", "logs") for path in folder.glob(f"{place}/*/")}
    found |= {path.stem for path in folder.glob("reports/*.html")}
    return {name for name in found if EXPERIMENT_NAME.fullmatch(name)} - {STORE.name}


def _remove(path: Path) -> bool:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.exists() or path.is_symlink():
        path.unlink()
    else:
        return False
    return True


def prune(folder: Path | str) -> list[str]:
    """Remove the stored runs that no experiment uses, and what broken-off writing left; what was removed.

    A run is used where a block file of an experiment names it.

    Raises
    ------
    WorkError
        Where a snakemake, or a job that one left, works in the folder: its runs are in no block file yet.
    InputError
        Where a block file cannot be read, so that it is not known which runs it names. Nothing is removed then.
    """
    _refuse_while_anything_works(folder)
    used = set(_used_runs(Path(folder)))
    store = Path(folder) / STORE
    unused = [path for path in sorted(store.glob("*")) if RUN.fullmatch(path.name) and path.name not in used]
    damaged = [path for path in sorted(store.glob("*")) if DAMAGED.fullmatch(path.name)]
    unneeded = [*unused, *damaged, *_broken_off(Path(folder))]
    return [os.path.relpath(path, folder) for path in unneeded if _remove(path)]


def _broken_off(folder: Path) -> list[Path]:
    """Temporary files and folders whose writer has ended, each before what it holds."""
    import psutil

    return [
        path
        for place in ("results", "reports")
        for path in sorted((folder / place).glob("**/.*.tmp"))
        if (writer := TEMPORARY.fullmatch(path.name)) and not psutil.pid_exists(int(writer[1]))
    ]


def _refuse_while_anything_works(folder: Path | str) -> None:
    refuse_while_working(folder)
    processes = working(folder, "lrbench")
    if processes:
        raise WorkError(
            f"{os.path.abspath(folder)}: lrbench is at work here (process {_listed(processes)}); "
            "let it finish, or stop it, then try again."
        )


def _used_runs(folder: Path) -> Iterator[str]:
    for path in folder.glob("results/*/training/**/block-*.json"):
        for run in read_json(path, BLOCK_SHAPE)["runs"]:
            yield run["run_key"]
