"""Digests of a data set's files: those that a SHA256SUMS lists."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from pathlib import Path

from lrbench.errors import InputError
from lrbench.identity.provenance import file_digest
from lrbench.identity.regular_files import unfit_as_data

CHECKSUMS = "SHA256SUMS"
MAX_CHECKSUMS_BYTES = 16 * 1024**2  # a line for each of a hundred thousand files


def check_checksums(folder: Path, files: Iterable[str]) -> None:
    """Hold files against the SHA256SUMS beside them, which must list them, and against those in folders above.

    One above, up to the data set's own folder, may be of the archives that the files came in; it counts for the files
    that it lists.
    """
    listed: dict[Path, dict[str, str]] = {}
    for file in map(Path, files):
        if not file.exists():
            continue  # whoever reads it says so
        for place in (folder, *(folder / part for part in file.relative_to(folder).parents if part != Path())):
            sums = place / CHECKSUMS
            if os.path.lexists(sums):
                if sums not in listed:
                    listed[sums] = listed_digests(sums)
                name = file.relative_to(place).as_posix()
                if place == file.parent or name in listed[sums]:
                    _check_checksum(file, name, sums, listed[sums])


def _check_checksum(file: Path, name: str, sums: Path, listed: dict[str, str]) -> None:
    if name not in listed:
        raise InputError(f"{file}: is not listed in {sums}; remove the file, or add its line.")
    try:
        found = file_digest(file)
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror}); {sums} lists it, so restore it.") from error
    if found != listed[name]:
        raise InputError(f"{file}: does not have the SHA-256 that {sums} gives; restore the file.")


def listed_digests(sums: Path) -> dict[str, str]:
    """The digest of each file that a list of digests names; InputError where it is none, or longer than any."""
    reason = unfit_as_data(sums)
    if reason:
        raise InputError(f"{sums}: {reason}; restore it, or remove it to go without.")
    try:
        with open(sums, "rb") as file:
            raw = file.read(MAX_CHECKSUMS_BYTES + 1)
        text = raw.decode("utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"{sums}: cannot be read as text; restore it, or remove it to go without.") from error
    if len(raw) > MAX_CHECKSUMS_BYTES:
        raise InputError(
            f"{sums}: is larger than {MAX_CHECKSUMS_BYTES} bytes, which no list of digests is; "
            "restore it, or remove it to go without."
        )
    listed = {}
    for line in io.StringIO(text):
        expected, _, name = line.strip().partition(" ")
        listed[name.strip().removeprefix("*").removeprefix("./")] = expected.lower()
    return listed
