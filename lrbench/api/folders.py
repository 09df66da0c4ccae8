"""Folders of results: what is said where one is not there, or is something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lrbench.errors import InputError


@contextmanager
def results_folder(folder: Path | str, index: str, kind: str, others: Mapping[str, str]) -> Iterator[Path]:
    """The folder, absolute, in which results of a kind are read within the block.

    Parameters
    ----------
    index : name of the file that such results have
    kind : what they are of, as in `an experiment`
    others : by the name of the file that other results have, what the folder is then

    Raises
    ------
    InputError
        Where the folder is not there, or holds no such results, or one of its files cannot be read.
    """
    try:
        path = Path(folder).absolute()
    except TypeError as error:
        raise InputError(f"{folder!r} is no path of a folder; give one such as 'results/tutorial'.") from error
    try:
        if not path.is_dir():
            raise InputError(f"{folder}: is no folder; give the folder of {kind}'s results, such as results/tutorial.")
        if not (path / index).exists():
            found = next((what for name, what in others.items() if (path / name).exists()), None)
            reason = f"is {found}" if found else f"has no {index}, so no results of {kind} are finished there"
            raise InputError(f"{folder}: {reason}.")
        yield path
    except OSError as error:
        raise InputError(f"{error.filename or folder}: cannot be read ({error.strerror or error}).") from error
