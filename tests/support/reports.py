"""Reports of made experiments on disk, each made once in a run of the tests."""

import os
import time
from pathlib import Path

import pytest
from support import pages, stage_files
from support.examples import EXAMPLES

from lrbench.reporting.figure_files import draw_figures


@pytest.fixture(scope="session")
def report_of(tmp_path_factory):
    """The folder with the report of a made experiment, `made.html` and `made/figures`, by name; each made once."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "reports"
    shared.mkdir(exist_ok=True)

    def report(name: str) -> Path:
        finished, failed = shared / name, shared / f"{name}.failed"
        try:
            (shared / f"{name}.begun").mkdir()
        except FileExistsError:
            while not finished.exists():  # another process is at it
                if failed.exists():
                    pytest.fail(f"the report of {name} could not be made")
                time.sleep(0.1)
            return finished
        try:
            made(name, tmp_path_factory.mktemp(name)).rename(finished)
        except BaseException:
            failed.touch()
            raise
        return finished

    return report


def made(name: str, folder: Path) -> Path:
    """The folder, with the report of a made experiment in it."""
    measured, conclusions = stage_files.report_inputs(EXAMPLES[name])
    figures = folder / "made" / "figures"
    draw_figures(measured, pages.ALL_FIGURES, figures)
    (folder / "made.html").write_text(pages.page(measured, conclusions, figures), encoding="utf-8")
    return folder
