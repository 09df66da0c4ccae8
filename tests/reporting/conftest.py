import os
import shutil
from pathlib import Path

import builders
import pytest

from lrbench.reporting.figures import draw_figures
from lrbench.reporting.page import render


@pytest.fixture(scope="session")
def report_of(tmp_path_factory):
    """The folder with the report of a made experiment, `made.html` and `made/figures`, by name; each made once."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "reports"
    shared.mkdir(exist_ok=True)

    def report(name: str) -> Path:
        finished = shared / name
        if not finished.exists():
            folder = tmp_path_factory.mktemp(name)
            measured = builders.EXPERIMENTS[name]()
            figures = folder / "made" / "figures"
            draw_figures(measured, figures)
            html = render(
                measured, builders.conclusions(measured), builders.experiment(), figures, builders.TEMPLATES
            )
            (folder / "made.html").write_text(html, encoding="utf-8")
            try:
                folder.rename(finished)
            except OSError:  # another process was quicker
                shutil.rmtree(folder)
        return finished

    return report
