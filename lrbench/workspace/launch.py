"""What happens as a run starts: each config file is recorded by its names, and another file of a name is refused."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from lrbench.errors import InputError
from lrbench.identity.provenance import read_json, write_json
from lrbench.settings.study import names_in
from lrbench.settings.yaml_files import read_yaml

RECORDS = Path("results") / ".configs"
KEPT = ".lrbench"


def refuse_other_configs(folder: Path | str, configs: Mapping[str, str]) -> None:
    """Raise InputError where an experiment's results were made from another config file, which still has its name.

    A file that was moved, renamed or copied, or that has another experiment's name by now, is no other file.

    Parameters
    ----------
    folder : the working directory
    configs : config file by experiment or study, absolute or relative to the folder
    """
    for name, config in configs.items():
        before = _recorded(folder, name)
        if before is None or not _has_results(Path(folder), name):
            continue
        if _names(before, name) and not _same_content(before, Path(folder) / config):
            raise InputError(
                f"{config}: the results of experiment {name!r} here were made from {before}, and would be overwritten; "
                f"give one of the two another name, or remove them first (lrbench clean --experiment {name}; their "
                "stored runs stay)."
            )


def record_configs(folder: Path | str, configs: Mapping[str, str]) -> None:
    """Record the config file of each experiment, as `refuse_other_configs` reads it.

    Where that cannot be written nothing is recorded: the job that cannot write there either says so.
    """
    for name, config in configs.items():
        path = Path(folder) / RECORDS / f"{name}.json"
        relative = os.path.relpath(os.path.join(folder, config), folder)
        outside = relative.split(os.sep)[0] == os.pardir
        content = {"config": os.path.realpath(os.path.join(folder, config)) if outside else relative}
        if _content(path) != content:
            with suppress(OSError, UnicodeEncodeError):
                write_json(path, content)


def recorded_configs(folder: Path | str) -> dict[str, str]:
    """The config file of each experiment and study that began in a folder and whose config is still there."""
    names = [path.stem for path in sorted((Path(folder) / RECORDS).glob("*.json"))]
    places = {name: place for name in names if (place := _recorded(folder, name)) is not None}
    return {name: str(place) for name, place in places.items() if place.is_file() and _names(place, name)}


def keep_linked_folders(folder: Path | str, names: Iterable[str] = ("reports",)) -> None:
    """Put a hidden file into folders that are links or mounts and empty.

    After a failed job, snakemake removes the empty folders of its outputs, and ends with a traceback where that is
    impossible.
    """
    for place in (Path(folder) / name for name in names):
        try:
            if (place.is_symlink() or os.path.ismount(place)) and not any(place.iterdir()):
                (place / KEPT).touch()
        except OSError:  # it leads nowhere or cannot be written: the job that writes there says so
            continue


def _recorded(folder: Path | str, name: str) -> Path | None:
    content = _content(Path(folder) / RECORDS / f"{name}.json")
    return None if content is None else Path(folder) / content["config"]


def _content(record: Path) -> dict[str, str] | None:
    try:
        return read_json(record, {"config": str})
    except InputError:
        return None


def _has_results(folder: Path, name: str) -> bool:
    return (folder / "results" / name).exists() or (folder / "reports" / f"{name}.html").exists()


def _names(config: Path, name: str) -> bool:
    try:
        return name in names_in(read_yaml(config))
    except InputError:  # it is gone, or is no config any more
        return False


def _same_content(one: Path, other: Path) -> bool:
    try:
        return one.read_bytes() == other.read_bytes()
    except OSError:
        return False
