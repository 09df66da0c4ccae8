"""What docs/extending.md says how to add works: put into a copy of the project, in as many files as it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lrbench.stages import STAGES

PROJECT = Path(__file__).parents[1]
TEXT = (PROJECT / "docs" / "extending.md").read_text()
SECTIONS = dict(re.findall(r"^## (?:An?|The) ([^\n]*)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE))
COUNTS = {what: int(count) for what, count in re.findall(r"^\| (?:an?|the) ([^|]*?) \| (\d+) \|$", TEXT, re.MULTILINE)}
FILE = re.compile(r"```python\n# (lrbench/[\w/.]+)\n(.*?)```", re.DOTALL)

SEEN = {
    "observation": """
from support.histories import experiment, flat
from lrbench.findings.observations import observe
from lrbench.stages import STAGES

analysis = experiment({0.1: [flat(0.9)] * 3, 0.01: [flat(0.8)] * 3}).analyse()
(found,) = [item for item in observe(analysis) if item["id"] == "best-score"]
assert found["statement"] == "The best mean score is that of 0.1: 90.0 %.", found["statement"]
assert found["evidence"][0]["column"] == "score_mean"
""",
    "set of claims": """
from support.histories import experiment, flat
from lrbench.findings.claims import check_claims

analysis = experiment({0.1: [flat(0.9)] * 3, 0.01: [flat(0.8)] * 3}).analyse()
(found,) = [item for item in check_claims(analysis)["claims"] if item["id"] == "default-learns"]
assert found["verdict"] == "supported", found
assert found["measurement"] == "3 of 3 runs at 0.1 learned.", found
assert found["prediction"] == "Every planned run at 0.1 learns."
""",
    "data format": """
import numpy as np
from pathlib import Path
from lrbench.data.formats import GIVE
from lrbench.data.manifest import dataset_manifest

images, labels = np.zeros((6, 2, 2), np.uint8), np.array([0, 1, 2] * 2, np.uint8)
with open("data.npy", "wb") as file:
    for array in (images, labels, images[:3], labels[:3]):
        np.save(file, array)
manifest = dataset_manifest("data.npy", {"train_examples": None, "validation": {"protocol": "test", "examples": None}})
assert manifest["parts"]["train"]["class_counts"] == [2, 2, 2]
assert list(manifest["files"]) == ["data.npy"]
assert "a .npy file of four arrays" in GIVE
""",
    "figure": """
from pathlib import Path
from support import builders, pages
from lrbench.identity.provenance import read_json
from lrbench.reporting.figure_files import draw_figures
from lrbench.stages import STAGES, figure_ids

assert "best-accuracy" in figure_ids()
measured, folder = builders.measured(), Path("figures")
draw_figures(measured, pages.ALL_FIGURES, folder)
shown = [figure["id"] for figure in read_json(folder / "figures.json")["figures"]]
assert shown[:4] == ["loss", "accuracy", "best-accuracy", "first-epoch"], shown
page = pages.page(measured, folder)
assert '<li><a href="#best-accuracy">Best accuracy</a></li>' in page
assert ">The highest validation accuracy of any run is 97.0 % at 0.001</h2>" in page
digests = {name: stage.origin()["code"] for name, stage in STAGES.items()}
before = read_json("digests.json")
assert [name for name in digests if digests[name] != before[name]] == ["figures"]
""",
}


def test_the_sections_are_those_of_the_table():
    assert list(SECTIONS) == list(COUNTS) == list(SEEN)


@pytest.mark.parametrize("what", SEEN)
def test_what_is_added_as_described_works(what, tmp_path):
    shutil.copytree(PROJECT / "lrbench", tmp_path / "lrbench", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROJECT / "templates", tmp_path / "templates")
    digests = {name: stage.origin()["code"] for name, stage in STAGES.items()}
    (tmp_path / "digests.json").write_text(json.dumps(digests))
    files = FILE.findall(SECTIONS[what])
    assert len(files) == COUNTS[what]
    for name, content in files:
        assert not (tmp_path / name).exists()
        (tmp_path / name).write_text(content)
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{PROJECT / 'tests'}"}
    run = subprocess.run(
        [sys.executable, "-c", SEEN[what]], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
