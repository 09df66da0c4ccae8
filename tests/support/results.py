"""Folders of results as the workflow leaves them, of made-up experiments and studies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from support import stage_files
from support.histories import Made
from support.studies import write_study

from lrbench.cli import main


def write_results(made: Made, folder: Path) -> Path:
    """Fill an experiment's folder of results; the folder."""
    stage_files.write_experiment(made, folder)
    for file in [*(folder / "analysis").iterdir()]:
        file.rename(folder / file.name)
    (folder / "analysis").rmdir()
    (folder / "dataset").mkdir()
    (folder / "manifest.json").rename(folder / "dataset" / "manifest.json")
    return folder


def write_study_results(variants: Mapping[str, Made], results: Path) -> Path:
    """Fill the folder of results of a study `s`, and those of its variants beside it; the study's folder."""
    (results / "made").mkdir(parents=True)
    asked = write_study(variants, results / "made")
    for name, made in variants.items():
        write_results(made, results / f"s-{name}")
    given = {
        "tables": [str(results / f"s-{name}" / "tables.json") for name in variants],
        "analysed": [str(results / f"s-{name}" / "analysis.json") for name in variants],
    }
    flags = ["--tables", *given["tables"], "--analysed", *given["analysed"], "--output", str(results / "s")]
    assert main(["compare", "--study", json.dumps(asked), *flags]) == 0
    return results / "s"
