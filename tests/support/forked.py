"""Snakemake in a process that has its imports already: they are most of what a dry run takes.

Each call has a process of its own, forked from one that has imported what `IMPORTED` names and done nothing else:
lrbench and the workflow are read by the fork, from where the command would read them.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

IMPORTED = ["pandas", "snakemake.cli", "snakemake.report"]
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(IMPORTED)


def dry_run(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """Exit status and output of a command line of snakemake that only plans."""
    with tempfile.NamedTemporaryFile() as output:
        arguments = (list(words), str(folder), dict(environment), output.name)
        process = CONTEXT.Process(target=_run, args=arguments)
        process.start()
        process.join()
        return process.exitcode, Path(output.name).read_text(encoding="utf-8")


def _run(words: list[str], folder: str, environment: dict[str, str], output: str) -> None:
    written = os.open(output, os.O_WRONLY)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.argv[:] = words
    from snakemake.cli import main

    try:
        main()
    finally:
        atexit._run_exitfuncs()  # which a process of multiprocessing may leave out
