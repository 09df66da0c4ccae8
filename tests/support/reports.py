"""Reports of made experiments on disk, each made once in a run of the tests."""

from pathlib import Path

import pytest
from support import pages, stage_files
from support.examples import EXAMPLES
from support.shared import made_once

from lrbench.reporting.figure_files import draw_figures


@pytest.fixture(scope="session")
def report_of(tmp_path_factory):
    """The folder with the report of a made experiment, `made.html` and `made/figures`, by name; each made once."""
    return lambda name: made_once(tmp_path_factory, f"reports/{name}", lambda folder: made(name, folder))


def made(name: str, folder: Path) -> Path:
    """The folder, with the report of a made experiment in it."""
    measured, conclusions = stage_files.report_inputs(EXAMPLES[name])
    figures = folder / "made" / "figures"
    draw_figures(measured, pages.ALL_FIGURES, figures)
    (folder / "made.html").write_text(pages.page(measured, conclusions, figures), encoding="utf-8")
    return folder
