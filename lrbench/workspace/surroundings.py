"""What a run needs of its environment, looked at before snakemake starts: each lack is one sentence, no traceback.

Nothing here writes a file that stays.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from lrbench.errors import InputError

ADDRESS_SPACE = 4_000_000_000  # bytes; below, TensorFlow cannot be loaded, or computes wrong numbers without a word
TEMPORARY_SPACE = 1_000_000  # bytes, for the plan that snakemake's solver writes
WRITTEN = (".snakemake", "logs")  # by snakemake itself; a job that cannot write says so itself


def check_surroundings(folder: Path | str) -> None:
    """Raise InputError with the first of these that would end a run in a folder, or in snakemake, with a traceback.

    Warnings that are errors, no usable PATH, no place for snakemake's cache, no room for temporary files, too little
    address space for TensorFlow, and a working folder in which snakemake cannot write.
    """
    check_warnings()
    check_path()
    check_cache()
    check_temporary()
    check_address_space()
    check_folders(folder)


def check_warnings() -> None:
    """Raise InputError where Python was told to turn warnings into errors."""
    for option in sys.warnoptions:
        action = option.partition(":")[0].strip()
        if action and "error".startswith(action):
            raise InputError(
                f"Python turns warnings into errors here ({option!r} in PYTHONWARNINGS or -W), and the libraries warn; "
                "unset PYTHONWARNINGS and leave -W out, then try again."
            )


def check_path() -> None:
    """Raise InputError where PATH is missing, empty or leads to no bash."""
    path = os.environ.get("PATH")
    state = "is not set" if path is None else "is empty" if not path else "leads to no bash"
    if not path or shutil.which("bash", path=path) is None:
        raise InputError(f"PATH {state}, and jobs run in bash; set it, for example PATH=/usr/local/bin:/usr/bin:/bin.")


def check_cache() -> None:
    """Raise InputError where snakemake cannot write its cache, which stands in the home folder or XDG_CACHE_HOME."""
    cache = os.environ.get("XDG_CACHE_HOME", "").strip()
    if not cache:
        below = "Library/Caches" if sys.platform == "darwin" else ".cache"
        cache = os.path.join(os.path.expanduser("~"), below)
    problem = _unwritable(Path(cache) / "snakemake/snakemake/source-cache/snakemake-runtime-cache")
    if problem:
        raise InputError(
            f"{problem}, and snakemake's cache is there; set HOME or XDG_CACHE_HOME to a folder that can be written."
        )


def check_temporary() -> None:
    """Raise InputError where temporary files have no room."""
    try:
        places = [tempfile.gettempdir()]
    except OSError as error:
        raise InputError(
            "no folder takes temporary files; free some space, or set TMPDIR to a folder that can be written."
        ) from error
    named = os.environ.get("TMPDIR", "")
    if os.path.isdir(named) and os.access(named, os.W_OK | os.X_OK):  # else TMPDIR is passed over
        places.append(named)
    for place in dict.fromkeys(places):
        problem = _unwritable(Path(place), TEMPORARY_SPACE)
        if problem:
            raise InputError(
                f"{problem}, and temporary files go there; free some space, or set TMPDIR to another folder."
            )


def check_address_space() -> None:
    """Raise InputError where a process may have less address space than TensorFlow needs."""
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < ADDRESS_SPACE:
        raise InputError(
            f"a process may have {limit / 1e9:.2g} GB of address space here, and TensorFlow needs "
            f"{ADDRESS_SPACE / 1e9:.2g} GB; raise the limit (ulimit -v unlimited), then try again."
        )


def check_folders(folder: Path | str) -> None:
    """Raise InputError where a folder that snakemake writes to cannot be written, or is a file."""
    for name in WRITTEN:
        top = Path(folder) / name
        inside = sorted(path for path in top.iterdir() if path.is_dir()) if _listed(top) else []
        for place in (top, *inside):
            problem = _unwritable(place)
            if problem:
                raise InputError(f"{problem}, and snakemake writes there; make it writable, or work in another folder.")


def _listed(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)


def _unwritable(place: Path, size: int = 1) -> str | None:
    """Why nothing can be written at a place, or in the first folder above it that exists; None where it can."""
    while not os.path.lexists(place) and place != place.parent:
        place = place.parent
    shown = os.path.abspath(place)
    if not place.is_dir():
        return f"{shown} is not a folder"
    try:
        with tempfile.TemporaryFile(dir=place, buffering=0) as file:
            left = size
            while left > 0:
                left -= file.write(b"\0" * left)
    except OSError as error:
        return f"{shown} cannot be written ({error.strerror})"
    return None
