"""How Python is started, and a person's own settings of it and of pandas, change no byte of an analysis."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

WRITE = """
import sys
from pathlib import Path
{settings}
from support.histories import experiment, flat
from lrbench.findings.conclusions import write_analysis
from lrbench.tables.analysis import ANALYSIS_TABLES
import lrbench.findings.ledger as registry

has_docstrings = registry.__doc__ is not None
made = experiment({{0.1: [flat(0.9, 3), flat(0.91, 3)], 0.01: [flat(0.8, 3), flat(0.82, 3)], 1.0: [flat(0.1, 3)] * 2}})
folder = Path(sys.argv[1])
names = [*ANALYSIS_TABLES, "across", "claims", "next", "observations", "recommendation"]
files = {{name: folder / f"{{name}}.csv" if name in ANALYSIS_TABLES else folder / f"{{name}}.json" for name in names}}
write_analysis(made.analyse(), made.settings, "0" * 64, files, folder / "analysis.json")
print(has_docstrings)
"""
PANDAS = """
import os
import pandas as pd
os.umask(0o077)
pd.set_option("display.precision", 2, "display.float_format", "{:.1f}".format, "display.max_rows", 2)
pd.set_option("display.width", 20, "display.max_colwidth", 4, "compute.use_numexpr", False)
"""


def written(folder: Path, options: tuple[str, ...] = (), settings: str = "", **variables: str) -> tuple[str, dict]:
    """What a Python started so prints, and the bytes of each file that its analysis writes."""
    folder.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    ran = subprocess.run(
        [sys.executable, *options, "-c", WRITE.format(settings=settings), str(folder)],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(Path(__file__).parents[1])} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    return ran.stdout.strip(), {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return written(tmp_path_factory.mktemp("usual") / "analysis")


def test_the_analysis_cites_computed_quantities_with_their_words(usual):
    words, files = usual
    assert words == "True"
    assert len(files) == 11
    assert b'"from": "' in files["observations.json"]


OTHERS = {
    "PYTHONHASHSEED": "7",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONUNBUFFERED": "1",
    "LC_ALL": "tr_TR.UTF-8",
    "TZ": "Asia/Kathmandu",
}


@pytest.mark.parametrize(
    ("options", "settings", "variables", "docstrings"), [(("-OO",), "", {}, "False"), ((), PANDAS, OTHERS, "True")]
)
def test_the_bytes_are_those_of_the_usual_python(options, settings, variables, docstrings, usual, tmp_path):
    words, files = written(tmp_path / "analysis", options, settings, **variables)
    assert words == docstrings
    assert files == usual[1]
