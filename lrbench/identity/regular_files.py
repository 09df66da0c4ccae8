"""What a path leads to. Only regular files are data: a named pipe blocks its reader and a device never ends."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

# No data set has a larger file: its arrays take 4 GiB at most, and containers add little to them.
MAX_FILE_BYTES = 4 * 1024**3 + 1024**2
SPECIAL = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def special_file(path: Path | str) -> str:
    """What a path leads to if that is neither a file nor a folder, such as "a named pipe"; otherwise ""."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return ""
    return next((kind for is_kind, kind in SPECIAL if is_kind(mode)), "")


def refuse_special(path: Path | str) -> None:
    """Raise OSError where a path leads to neither a file nor a folder; to be called before it is opened."""
    kind = special_file(path)
    if kind:
        raise OSError(errno.EINVAL, f"it is {kind}, not a file", str(path))


def unfit_as_data(path: Path | str) -> str:
    """Why a path is not read as a file of a data set, as a sentence ends; "" where nothing speaks against it.

    The file is not opened. A missing file and a folder are left to whoever opens them.
    """
    kind = special_file(path)
    if kind:
        return f"is {kind}, not a file"
    try:
        size = os.path.getsize(path)
    except (OSError, ValueError):
        return ""
    return f"has {size} bytes, over the cap of {MAX_FILE_BYTES}" if size > MAX_FILE_BYTES else ""
