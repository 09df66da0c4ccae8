"""Whether results may belong to other working directories as well: links, mounts, and folders with the same store.

Each working folder registers itself with the store that its training writes to, in `<store>/.folders/`. A registration
is stale where its folder is gone or has another store by now.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lrbench.errors import InputError
from lrbench.identity.provenance import digest, read_json, write_json

STORE = Path("results") / "runs"
REGISTRATIONS = ".folders"
SHAPE = {"folder": str, "holds": bool, "host": str, "mount": str}
REPAIR = "it says that a folder uses these runs: delete it if you know that none does"
MAY_BE_OTHERS = (
    ", so what it holds may be used from elsewhere, and nothing is removed; "
    "give --sole-user where you know that it is not."
)


@dataclass(frozen=True)
class Registration:
    """A working folder that said that it uses a store.

    Attributes
    ----------
    path : the file of the registration
    folder : absolute path of the working folder, on its own machine
    holds : whether the store stood in that folder, by no link and no mount
    host : name of that machine
    mount : mount point of the file system that held the folder
    """

    path: Path
    folder: str
    holds: bool
    host: str
    mount: str


def register(store: Path | str, folder: Path | str) -> None:
    """Record in a store that a working folder uses it. Raises OSError where the store cannot be written."""
    host, place = platform.node(), os.path.realpath(folder)
    name = digest({"folder": place, "host": host})
    content = {"folder": place, "holds": _holds(place, store), "host": host, "mount": mount_point(place)}
    write_json(Path(store) / REGISTRATIONS / f"{name}.json", content)


def _holds(folder: Path | str, store: Path | str) -> bool:
    """Whether a store stands in a folder by no link and no mount. Of one store that is true of one folder only."""
    mounts = _mounts()
    return os.path.realpath(store) == str(Path(os.path.realpath(folder)) / STORE) and not any(
        _is_mount(Path(folder) / place, mounts) for place in (STORE, STORE.parent)
    )


def mount_point(place: str) -> str:
    """The mount point of the file system that holds an absolute path."""
    while not os.path.ismount(place):
        place = os.path.dirname(place)
    return place


def registrations(folder: Path | str) -> tuple[list[Registration], list[Registration]]:
    """The registrations with a folder's store: those of other folders that use it, and the stale ones.

    A registration of another machine whose folder is not found here, and one whose file system is not mounted, counts
    as in use, because nothing can be known of it.

    Raises InputError where a registration cannot be read.
    """
    store, here = Path(folder) / STORE, _holds(folder, Path(folder) / STORE)
    others, stale = [], []
    for path in sorted((store / REGISTRATIONS).glob("[0-9a-f]*.json")):
        content = read_json(path, SHAPE, REPAIR)
        found = Registration(path, **{name: content[name] for name in SHAPE})
        if _same(found.folder, folder) or (found.holds and here):  # this folder, maybe under another name
            continue
        if _same(Path(found.folder) / STORE, store):
            others.append(found)
        elif found.host == platform.node() and os.path.ismount(found.mount):
            stale.append(found)
        else:
            others.append(found)
    return others, stale


def _same(one: Path | str, other: Path | str) -> bool:
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return False


def refuse_shared_store(folder: Path | str) -> None:
    """Raise InputError where other folders use the store."""
    others, _ = registrations(folder)
    if others:
        first, more = others[0], len(others) - 1
        where = "" if first.host == platform.node() else f" on {first.host}"
        raise InputError(
            f"{Path(folder) / STORE}: these runs are also used by {first.folder}{where}"
            f"{f' and {more} more' if more else ''}, so nothing is removed; where that folder needs them no longer, "
            f"delete {first.path}, which says that it does, then try again."
        )


def refuse_shared_results(folder: Path | str) -> None:
    """Raise InputError where the folder of results, and not the store alone, is that of another working folder too."""
    for other in registrations(folder)[0]:
        if _same(Path(other.folder) / "results", Path(folder) / "results"):
            raise InputError(
                f"{Path(folder) / 'results'}: is also the folder of results of {other.folder}, so nothing is "
                "removed; the experiment may be that folder's."
            )


def refuse_links(folder: Path | str, parts: Iterable[Path | str]) -> None:
    """Raise InputError where a part of a folder is reached through a link or a mount, or is or holds a mount.

    What stands there may be used by other folders or machines. A part that is itself a link is no such case, because
    the link alone is removed, unless it is the store.
    """
    mounts, store = _mounts(), Path(folder) / STORE
    for part in dict.fromkeys(Path(folder) / part for part in parts):
        way = [place for place in reversed(part.parents) if Path(folder) in place.parents]
        for place in (*way, *([part] if part == store else [])):
            if place.is_symlink():
                raise InputError(f"{place}: is a link to {os.path.realpath(place)}{MAY_BE_OTHERS}")
            if _is_mount(place, mounts):
                raise InputError(f"{place}: is the mount of another file system{MAY_BE_OTHERS}")
        if not part.is_symlink():
            real = os.path.realpath(part)
            inside = sorted(mount for mount in mounts if mount == real or mount.startswith(real + os.sep))
            if inside:
                raise InputError(f"{inside[0]}: is the mount of another file system{MAY_BE_OTHERS}")


def _is_mount(place: Path, mounts: set[str]) -> bool:
    return os.path.ismount(place) or os.path.realpath(place) in mounts


def _mounts() -> set[str]:
    import psutil

    return {partition.mountpoint for partition in psutil.disk_partitions(all=True)}
