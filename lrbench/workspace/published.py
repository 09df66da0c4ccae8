"""A folder that lrbench published: written whole, replaced whole, and never written over what others put there.

`SHA256SUMS` in it lists every other file, as `sha256sum --check` reads it; its first line says whose the folder is.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from lrbench.errors import InputError
from lrbench.identity.provenance import file_digest, sync

SUMS = "SHA256SUMS"
OURS = "# published by lrbench; to check the files: sha256sum --check SHA256SUMS"


def write_published(folder: Path, contents: Mapping[str, bytes], files: Mapping[str, Path]) -> None:
    """Write a published folder, or put it in the place of one that was published before.

    Parameters
    ----------
    contents : bytes by path in the folder
    files : files to copy, by path in the folder

    Raises
    ------
    InputError
        Where the folder has something that lrbench did not publish, or that was changed since.
    """
    refuse_foreign(folder)
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(4)
    made, old = (folder.with_name(f".{folder.name}.{os.getpid()}-{token}.{kind}") for kind in ("tmp", "old"))
    try:
        _fill(made, contents, files)
        if folder.exists():
            os.rename(folder, old)
        try:
            os.rename(made, folder)
        except OSError:
            if old.exists():
                os.rename(old, folder)
            raise
        sync(folder.parent)
    finally:
        shutil.rmtree(made, ignore_errors=True)
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)


def refuse_foreign(folder: Path) -> None:
    """Raise InputError where a folder is there and is not, to the last byte, what lrbench published."""
    try:
        found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
        if not folder.is_dir() and os.path.lexists(folder):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    except FileNotFoundError:
        return
    if not found:
        return
    listed = _listed(folder)
    if listed is None:
        raise InputError(f"{folder}: is not empty and was not published by lrbench; name another folder.")
    foreign = sorted(found - {SUMS} - set(listed))
    changed = sorted(path for path in found & set(listed) if file_digest(folder / path) != listed[path])
    if foreign or changed:
        what = f"has {foreign[0]}, which lrbench did not publish" if foreign else f"{changed[0]} in it was changed"
        raise InputError(f"{folder}: {what}; move that elsewhere, or name another folder.")


def _listed(folder: Path) -> dict[str, str] | None:
    """Digests by path, as the sums of a published folder have them; None where it has none of ours."""
    try:
        first, *lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    return {path: digest for digest, _, path in (line.partition("  ") for line in lines)} if first == OURS else None


def _fill(folder: Path, contents: Mapping[str, bytes], files: Mapping[str, Path]) -> None:
    """Write the files and their sums, and have the disk hold them."""
    for path in sorted({*contents, *files}):
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if path in contents:
            place.write_bytes(contents[path])
        else:
            shutil.copyfile(files[path], place)
        sync(place)
    written = {path: hashlib.sha256((folder / path).read_bytes()).hexdigest() for path in sorted({*contents, *files})}
    sums = folder / SUMS
    sums.write_text("\n".join([OURS, *(f"{digest}  {path}" for path, digest in written.items()), ""]), encoding="utf-8")
    sync(sums)
