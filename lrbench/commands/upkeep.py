"""The subcommands that look after a working folder: wait for what a kill left, and remove what is not needed."""

from __future__ import annotations

import sys
from collections.abc import Callable

from lrbench.errors import InputError


def ready(slurm: bool, wait: bool) -> None:
    """Wait for what a killed snakemake left running here, or cancel what it left in Slurm's queue."""
    from lrbench.workspace.cluster import cancel_leftovers
    from lrbench.workspace.processes import refuse_while_working, wait_for_leftovers, wait_for_snakemake
    from lrbench.workspace.upkeep import broken_off, remove

    def log(line: str) -> None:
        print(f"lrbench: {line}", flush=True)

    if wait:
        wait_for_snakemake(".", log, jobs=not slurm)
    if slurm:
        refuse_while_working(".", jobs=False)  # that one's jobs are no leftovers
        cancel_leftovers(".", log)
    wait_for_leftovers(".", log, jobs=not slurm)  # of a cancelled job, processes may outlast its entry
    remove(".", broken_off("."))


def clean(experiment: str | None, everything: bool, yes: bool, dry_run: bool, sole_user: bool) -> None:
    """Remove the results, reports and logs of one experiment, or of all, after asking."""
    from lrbench.workspace.upkeep import cleanable

    chosen = None if everything else experiment
    _remove(lambda: cleanable(".", chosen, sole_user), yes, dry_run)


def prune(yes: bool, dry_run: bool, sole_user: bool) -> None:
    """Remove stored runs that no experiment uses, and what broken-off writing left, after asking."""
    from lrbench.workspace.upkeep import prunable

    _remove(lambda: prunable(".", sole_user), yes, dry_run)


def _remove(removable: Callable[[], list[str]], yes: bool, dry_run: bool) -> None:
    """Say what would be removed, ask, and remove what is still removable after the answer."""
    from lrbench.sentences import printable
    from lrbench.workspace.upkeep import remove

    paths = removable()
    if not paths:
        print("nothing to remove")
        return
    if not yes:
        for path in paths:
            print(f"would remove {printable(path)}")
        if dry_run or not _agreed(len(paths)):
            return
        still = set(removable())  # somebody may have begun to work here meanwhile
        paths = [path for path in paths if path in still]
    for path in remove(".", paths):
        print(f"removed {printable(path)}")


def _agreed(number: int) -> bool:
    """Ask whether to remove so many paths. Raises InputError where nobody can be asked."""
    if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        raise InputError(
            "nothing was removed, because nobody can be asked here (standard input is no terminal); "
            "give --yes (make clean YES=1) to remove what is listed, or --dry-run to list it only."
        )
    what = "this path" if number == 1 else f"these {number} paths"
    print(f"Remove {what}? [y/N] ", end="", file=sys.stderr, flush=True)
    agreed = sys.stdin.readline().strip().lower() in ("y", "yes")
    if not agreed:
        print("nothing was removed")
    return agreed
