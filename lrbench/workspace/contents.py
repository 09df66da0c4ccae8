"""What a working directory holds: which experiments and studies have results there, and in which files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from lrbench.tables.names import ANALYSIS, ANALYSIS_INDEX, STUDY, STUDY_INDEX, TABLES_INDEX

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
INDEX = "reports/index.html"
SIGNS = ("dataset/manifest.json", TABLES_INDEX, ANALYSIS_INDEX, STUDY_INDEX)  # something begun, or done


def names_with_results(folder: Path | str) -> list[str]:
    """The names of the experiments and studies that have results in a working directory, finished or not; sorted."""
    try:
        found = [entry.name for entry in os.scandir(Path(folder) / "results") if NAME.fullmatch(entry.name)]
    except OSError:
        return []
    places = {name: Path(folder) / "results" / name for name in found}
    return sorted(name for name, place in places.items() if any((place / sign).is_file() for sign in SIGNS))


def lines_of_index(
    folder: Path | str, experiments: Iterable[str], studies: Iterable[str]
) -> tuple[list[str], list[str]]:
    """The names that the index page has a line for, and the files that they are read from; both sorted.

    Those that a call asks for, with the files that their rules write, and those that have results here already, with
    the files that are there. Once all have run, the two are the same whichever of them a call asks for, so that a call
    for one of them leaves the page as it is.
    """
    asked = [(name, False) for name in experiments] + [(name, True) for name in studies]
    others = set(names_with_results(folder)) - {name for name, _ in asked}
    files = {path for name, study in asked for path in _files(name, study)}
    there = {path for name in others for study in (False, True) for path in _files(name, study)}
    files |= {path for path in there if (Path(folder) / path).is_file()}
    return sorted(others | {name for name, _ in asked}), sorted(files)


def _files(name: str, study: bool) -> list[str]:
    """The files that the line of an experiment, or of a study, is read from, in the working directory."""
    results = f"results/{name}"
    own = [STUDY_INDEX, *STUDY.values()] if study else [*SIGNS[:3], ANALYSIS["recommendation"]]
    return [*(f"{results}/{file}" for file in own), f"reports/{name}.html"]
