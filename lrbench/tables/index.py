"""An index of files: a JSON file beside them that says what bytes they have and what they were made from.

It is sealed and written last, so where it stands, they do. A reader takes the files through it, so one that was
changed, cut short or replaced since is refused, and names the index by its digest in what it makes from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lrbench.errors import InputError
from lrbench.identity.provenance import file_digest, has_shape, read_sealed, write_sealed


def write_index(path: Path, files: Mapping[str, Path], content: Mapping[str, Any]) -> None:
    """Write an index of finished files, by name, with what else it has to say."""
    digests = {name: {"name": file.name, "sha256": file_digest(file)} for name, file in files.items()}
    write_sealed(path, {**content, "files": digests})


def read_index(
    path: Path, names: Iterable[str] | None, shape: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Path]]:
    """What an index says, and its files by name.

    Parameters
    ----------
    names : of the files that must be in it; None: of those that are
    shape : of what else it says

    Raises
    ------
    InputError
        Where the index is missing, damaged or changed, or a file of it is not what it was.
    """
    one = {"name": str, "sha256": str}
    index = read_sealed(path, {"files": dict if names is None else dict.fromkeys(names, one), **shape})
    names = tuple(index["files"] if names is None else names)
    if not all(has_shape(index["files"][name], one) for name in names):
        raise InputError(
            f"{path}: holds something else under files than this stage writes; delete it and run snakemake again."
        )
    files = {}
    for name in names:
        named = index["files"][name]["name"]
        if named in ("", ".", "..") or "/" in named or "\0" in named:
            raise InputError(f"{path}: names {named!r} as the file of {name}; delete it and run snakemake again.")
        files[name] = path.with_name(named)
    for name, file in files.items():
        try:
            digest = file_digest(file)
        except OSError as error:
            raise InputError(f"{file}: cannot be read ({error.strerror}); run snakemake again.") from error
        if digest != index["files"][name]["sha256"]:
            raise InputError(f"{file}: has changed since {path} was written; delete it and run snakemake again.")
    return index, files
