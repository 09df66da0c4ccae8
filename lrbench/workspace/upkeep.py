"""Keeping the working directory in order: what may be removed, and removing it.

Nothing here touches data or configs: only what lrbench wrote, under results/, reports/ and logs/.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from lrbench.errors import InputError
from lrbench.identity.provenance import read_sealed
from lrbench.workspace.contents import INDEX
from lrbench.workspace.processes import refuse_while_anything_works, unfinished
from lrbench.workspace.sharing import STORE, refuse_links, refuse_shared_results, refuse_shared_store, registrations

EXPERIMENT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
RUN = re.compile(r"[0-9a-f]{64}")
VARIABLES = re.compile(r"([0-9a-f]{64})\.npz")
DAMAGED = re.compile(r"\.[0-9a-f]{64}\.damaged-[0-9a-f]{8}")
BLOCK_SHAPE = {"runs": [{"run_key": str}]}


def cleanable(folder: Path | str, experiment: str | None, sole_user: bool = False) -> list[str]:
    """The results, reports and logs of one experiment, or all there are: paths in the folder that exist.

    The stored runs stay when one experiment goes, since others may use them (see `prunable`), and go when all do.

    Parameters
    ----------
    sole_user : go on where a place is a link or a mount: no other folder uses what it holds

    Raises
    ------
    WorkError
        Where a snakemake, or a job that one left, works in the folder.
    InputError
        Where nothing there is called so, or where what would be removed is, or may be, others' as well.
    """
    refuse_while_anything_works(folder)
    known = _experiments(Path(folder))
    if experiment is not None and experiment not in known:
        names = ", ".join(sorted(known)) or "none"
        raise InputError(f"EXPERIMENT is {experiment!r} but the experiments that have results here are: {names}.")
    kinds = ("results/{}", "reports/{}", "reports/{}.html", "logs/{}", "results/.configs/{}.json")
    parts = [kind.format(name) for name in (sorted(known) if experiment is None else [experiment]) for kind in kinds]
    parts.append(INDEX)  # which lists them; the next call of snakemake writes it anew
    if experiment is None:
        parts.append(str(STORE))
    parts = [part for part in parts if os.path.lexists(Path(folder) / part)]
    if not sole_user:
        refuse_links(folder, parts)
    if experiment is None:
        refuse_shared_store(folder)
    refuse_shared_results(folder)
    return parts


def _experiments(folder: Path) -> set[str]:
    found = {path.name for place in ("results", "reports", "logs") for path in folder.glob(f"{place}/*/")}
    found |= {path.stem for path in folder.glob("reports/*.html")}
    return {name for name in found if EXPERIMENT_NAME.fullmatch(name)} - {STORE.name, Path(INDEX).stem}


def prunable(folder: Path | str, sole_user: bool = False) -> list[str]:
    """Stored runs that no experiment uses, what was kept of them, what broken-off writing left, stale registrations.

    A run is used where a block file of an experiment names it. `sole_user` as for `cleanable`.

    Raises
    ------
    WorkError
        Where a snakemake, or a job that one left, works in the folder: its runs are in no block file yet.
    InputError
        Where a block file or a registration cannot be read, so that it is not known which runs are used, or where the
        store is, or may be, others' as well.
    """
    refuse_while_anything_works(folder)
    used = set(_used_runs(Path(folder)))
    store = sorted((Path(folder) / STORE).glob("*"))
    unused = [path for path in store if RUN.fullmatch(path.name) and path.name not in used]
    unused += [path for path in store if (kept := VARIABLES.fullmatch(path.name)) and kept[1] not in used]
    damaged = [path for path in store if DAMAGED.fullmatch(path.name)]
    stale = [registration.path for registration in registrations(folder)[1]]
    found = [os.path.relpath(path, folder) for path in (*unused, *damaged, *broken_off(folder), *stale)]
    if not sole_user:
        refuse_links(folder, (STORE, *found))
    refuse_shared_store(folder)
    return found


def broken_off(folder: Path | str) -> list[Path]:
    """Temporary files and folders whose writer has ended, each before what it holds.

    None of a store that others use as well: a writer there may be a process of another machine.
    """
    places = [path for place in ("results", "reports") for path in unfinished(Path(folder) / place)]
    store = Path(folder) / STORE
    if any(store in path.parents for path in places) and registrations(folder)[0]:
        places = [path for path in places if store not in path.parents]
    return places


def remove(folder: Path | str, parts: Iterable[Path | str]) -> list[str]:
    """Remove files, links and folders of a folder. Returns those that were there; of a link, what it leads to stays."""
    return [str(part) for part in parts if _remove(Path(folder) / part)]


def _remove(path: Path) -> bool:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.exists() or path.is_symlink():
        path.unlink()
    else:
        return False
    return True


def _used_runs(folder: Path) -> Iterator[str]:
    for path in folder.glob("results/*/training/**/block-*.json"):
        for run in read_sealed(path, BLOCK_SHAPE)["runs"]:
            yield run["run_key"]
