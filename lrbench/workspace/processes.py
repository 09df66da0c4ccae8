"""Who is at work in a working directory: processes of snakemake and lrbench, of this user and of others.

The working directory of another user's process cannot be read. That process counts as being at work here where it
belongs to the owner of snakemake's lock here and, if it is a snakemake, is no younger than that lock.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lrbench.errors import WorkError

if TYPE_CHECKING:
    import psutil

# Subcommands of lrbench that neither write nor read results while others work; all others count, those of probes too.
BESIDE = ("check", "new", "run", "make", "ready", "clean", "prune", "peek")
TEMPORARY = re.compile(r"\..+\.([0-9]+)-[0-9a-f]{8}\.tmp")
PYTHON = re.compile(r"(python|pypy)[-.\w]*", re.IGNORECASE)
OPTIONS_WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")
CLOCK_SLACK = 60  # seconds by which a process' start and a file's time may disagree after the clock was set
NOBODY_SEEN = "{path}: the lock belongs to {owner}, whose processes cannot be seen from here; ask {owner}, and delete "
NOBODY_SEEN += "{path} once nothing works here any more."


@dataclass(frozen=True, order=True)
class Worker:
    """A process that works in the folder.

    Attributes
    ----------
    user : whose it is, where it is not this user's, else None
    since : when it was started, in seconds since the epoch
    """

    pid: int
    user: str | None
    since: float

    def __str__(self) -> str:
        return str(self.pid) + (f" of user {self.user}" if self.user else "")


@dataclass(frozen=True)
class Lock:
    """Snakemake's lock of a folder: the user id of its owner, and when it was taken (seconds since the epoch)."""

    path: Path
    owner: int
    taken: float


def working(folder: Path | str, program: str, jobs: bool = True) -> list[int]:
    """Process ids of the workers (see `workers`)."""
    return [worker.pid for worker in workers(folder, program, jobs)]


def workers(folder: Path | str, program: str, jobs: bool = True) -> list[Worker]:
    """The processes, except this one and its parents, that run a program in a folder.

    Parameters
    ----------
    program : `snakemake` or `lrbench`; of `lrbench`, the subcommands that write or read results count
    jobs : also count snakemake processes that execute a single job for another snakemake, as on a cluster
    """
    import psutil

    here, lock = os.path.realpath(folder), _lock(folder)
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid in own or process.status() == psutil.STATUS_ZOMBIE:
                continue
            words = process.cmdline()
            if not _runs(words, program) or not (jobs or "--target-jobs" not in words):
                continue
            if _works_in(process, here, lock, program):
                found.append(Worker(process.pid, _other_user(process), process.create_time()))
        except psutil.Error:  # it has ended meanwhile, or nothing can be known of it
            continue
    return sorted(found)


def _works_in(process: psutil.Process, here: str, lock: Lock | None, program: str) -> bool:
    import psutil

    try:
        return os.path.realpath(process.cwd()) == here
    except psutil.AccessDenied:
        if lock is None or process.uids().real != lock.owner:
            return False
        return program != "snakemake" or process.create_time() <= lock.taken + CLOCK_SLACK


def _other_user(process: psutil.Process) -> str | None:
    return None if process.uids().real == os.getuid() else process.username()


def _runs(words: Sequence[str], program: str) -> bool:
    """Whether a command line runs a program: as the command itself, as Python's script, or as Python's module."""
    rest = list(words)
    if rest and PYTHON.fullmatch(os.path.basename(rest[0])):
        rest = _after_python(rest[1:])
    if not rest or os.path.basename(rest[0]) != program:
        return False
    return program != "lrbench" or any(word not in BESIDE and not word.startswith("-") for word in rest[1:2])


def _after_python(words: list[str]) -> list[str]:
    """Script and arguments, or module and arguments, of the words after an interpreter's name."""
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option in OPTIONS_WITH_VALUE:
            words = words[1:]
        elif not option.startswith(("--", *OPTIONS_WITH_VALUE)):
            letters, module, name = option.partition("m")
            if "c" in letters:
                return []
            if module:
                return [name, *words] if name else words
    return words


def _lock(folder: Path | str) -> Lock | None:
    for path in sorted((Path(folder) / ".snakemake" / "locks").glob("*.lock")):
        try:
            status = path.stat()
        except OSError:
            continue
        return Lock(path, status.st_uid, status.st_mtime)
    return None


def refuse_while_working(folder: Path | str, jobs: bool = True) -> None:
    """Raise WorkError where a snakemake works in a folder; `jobs` as for `workers`."""
    found = workers(folder, "snakemake", jobs)
    if found:
        raise WorkError(
            f"{os.path.abspath(folder)}: snakemake is at work here (process {_listed(found)}); "
            "let it finish, or stop it, then try again; `lrbench ready --wait` (`make resume WAIT=1`) waits for it."
        )
    _refuse_hidden_owner(folder)


def _refuse_hidden_owner(folder: Path | str) -> None:
    """Raise WorkError where the lock is another user's and this machine hides the processes of others."""
    import psutil

    lock = _lock(folder)
    if lock is not None and lock.owner != os.geteuid() and not psutil.pid_exists(1):
        raise WorkError(NOBODY_SEEN.format(path=lock.path.parent, owner=f"user {lock.owner}"))


def refuse_while_anything_works(folder: Path | str) -> None:
    """Raise WorkError where a snakemake, or a job that one left, works in a folder."""
    refuse_while_working(folder)
    found = workers(folder, "lrbench")
    if found:
        raise WorkError(
            f"{os.path.abspath(folder)}: lrbench is at work here (process {_listed(found)}); "
            "let it finish, or stop it, then try again."
        )


def wait_for_snakemake(
    folder: Path | str, log: Callable[[str], None], jobs: bool = True, interval: float = 0.5
) -> None:
    """Wait until no snakemake works in a folder.

    Parameters
    ----------
    log : is told which processes are waited for, and since when they work
    jobs : as for `workers`
    interval : seconds from one look to the next
    """
    _wait(lambda: workers(folder, "snakemake", jobs), "waiting for the snakemake that is at work here", log, interval)


def wait_for_leftovers(
    folder: Path | str, log: Callable[[str], None], jobs: bool = True, interval: float = 0.5
) -> None:
    """Wait until nothing that a killed snakemake left works in a folder.

    Parameters
    ----------
    log : is told which processes are waited for
    jobs : whether a snakemake that executes a single job for another counts as working; else it is waited for
    interval : seconds from one look to the next

    Raises WorkError where a snakemake works there.
    """

    def leftovers() -> list[Worker]:
        refuse_while_working(folder, jobs)
        return sorted({*workers(folder, "lrbench"), *workers(folder, "snakemake")})

    _wait(leftovers, "waiting for what a killed snakemake left running", log, interval)


def _wait(look: Callable[[], list[Worker]], reason: str, log: Callable[[str], None], interval: float) -> None:
    waiting: list[Worker] = []
    while found := look():
        if found != waiting:
            since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(min(worker.since for worker in found)))
            log(f"{reason}: process {_listed(found)}, started {since}")
        waiting = found
        time.sleep(interval)


def _listed(found: Sequence[Worker]) -> str:
    return ", ".join(map(str, found))


def unfinished(folder: Path | str) -> Iterator[Path]:
    """Temporary files and folders below a folder whose writer has ended; a folder comes before what it holds."""
    for path in sorted(Path(folder).glob("**/.*.tmp")):
        writer = TEMPORARY.fullmatch(path.name)
        if writer and not _writes(int(writer[1]), path):
            yield path


def _writes(number: int, path: Path) -> bool:
    """Whether the process of a number is the one that writes a file: it must have been there when the file was."""
    import psutil

    try:
        return psutil.Process(number).create_time() <= path.lstat().st_mtime + CLOCK_SLACK
    except psutil.NoSuchProcess:
        return False
    except (psutil.Error, FileNotFoundError):  # nothing can be known of it; or the file has its name now
        return True
