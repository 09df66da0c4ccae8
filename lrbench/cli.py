"""The command `lrbench`: one subcommand for each rule of the workflow, and a few for people.

Arguments come in and errors go out here; what a subcommand does is in `commands`. Nothing that takes long is imported
for `lrbench --help`, and TensorFlow by those alone that train.
"""

from __future__ import annotations

import errno
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from lrbench.errors import InputError, WorkError
from lrbench.flags import parser
from lrbench.identity.code import record_what_is_compiled
from lrbench.sentences import INTERRUPTED, sentence

UNUSABLE_PLACE = (
    errno.EACCES,
    errno.EEXIST,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOTDIR,
    errno.ENOTEMPTY,
    errno.EPERM,
    errno.EROFS,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; return its exit status, with a sentence on standard error where that is not 0.

    The status is 1 for failed work, 2 for bad input, 130 after Ctrl-C, and that of snakemake for `make`.
    """
    record_what_is_compiled()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name need not be text of this terminal
    with _noticed_interrupts() as interrupts:
        try:
            options = vars(parser().parse_args(arguments))
            return options.pop("handler")(**options) or 0
        except KeyboardInterrupt:
            return _complain_of_interrupt()
        except Exception as error:
            if interrupts:  # a KeyboardInterrupt within TensorFlow may come out as a SystemError
                return _complain_of_interrupt()
            complaint = _complaint(error)
            if complaint is None:
                raise
            return _complain(*complaint)


@contextmanager
def _noticed_interrupts() -> Iterator[list[int]]:
    """A list that has an item for each SIGINT since, whatever becomes of the KeyboardInterrupt that it raises.

    Where SIGINT is ignored, as for what runs in the background, it stays so.
    """
    interrupts: list[int] = []

    def interrupt(number: int, _: Any) -> None:
        interrupts.append(number)
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is not signal.default_int_handler:
        yield interrupts
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)


def _complaint(error: Exception) -> tuple[str, int] | None:
    """The sentence and the exit status for an error; None for one that is a fault of lrbench."""
    if isinstance(error, InputError):
        return str(error), 2
    if isinstance(error, WorkError):
        return str(error), 1
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        if error.errno in UNUSABLE_PLACE:
            return f"{where}cannot be written ({error.strerror}); give a place that can, then run again.", 2
        return f"{where}{error.strerror or error}; make it writable or free some space, then run again.", 1
    if isinstance(error, UnicodeEncodeError):
        return f"{error.object[:200]!r} cannot be written as UTF-8; rename the file that is called so.", 2
    return None


def _complain_of_interrupt() -> int:
    with suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # one press more is no reason for a traceback
    return _complain(INTERRUPTED, 130)


def _complain(text: str, status: int) -> int:
    sys.stdout.flush()
    print(f"lrbench: {sentence(text)}", file=sys.stderr, flush=True)
    return status
