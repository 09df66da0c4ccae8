"""What docs/extending.md says how to add works: put into a copy of the project, in as many files as it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.workspace import Workspace

PROJECT = Path(__file__).parents[1]
TEXT = (PROJECT / "docs" / "extending.md").read_text()
SECTIONS = dict(re.findall(r"^## (?:An?|The) ([^\n]*)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE))
COUNTS = {what: int(count) for what, count in re.findall(r"^\| (?:an?|the) ([^|]*?) \| (\d+) \|$", TEXT, re.MULTILINE)}
CHANGE = re.compile(r"```diff\n--- a/([\w/.]+)\n\+\+\+ b/\1\n@@\n(.*?)```", re.DOTALL)
TEST = re.compile(r"```python\n# tests/[\w/.]+\n(.*?)```", re.DOTALL)
FILE = re.compile(r"```\w+\n(?:# |\{# )((?:lrbench|workflow)/[\w/.]+)(?: #\})?\n(.*?)```", re.DOTALL)

SEEN = {
    "observation": """
from support.histories import experiment, flat
from lrbench.findings.observations import observe
from lrbench.stages import STAGES

analysis = experiment({0.1: [flat(0.9)] * 3, 0.01: [flat(0.8)] * 3}).analyse()
(found,) = [item for item in observe(analysis) if item["id"] == "best-score"]
assert found["statement"] == "The best mean score is that of 0.1: 90.0 %.", found["statement"]
assert found["evidence"][0]["column"] == "score_mean"
assert [item["id"] for item in observe(analysis)][-1] == "trust"
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
    "optimizer": """
import numpy as np
from lrbench.data.split import Examples, Parts, split
from lrbench.learning.settings import RunSettings
from lrbench.settings.config import Config
from lrbench.settings.optimizers import OPTIMIZERS

(nadam,) = [one for one in OPTIMIZERS if one.__name__ == "Nadam"]
settings = nadam(name="nadam").for_training()
assert settings["beta_1"] == 0.9 and settings["keras"] == {"class": "Nadam"}
from lrbench.learning.model import set_up_tensorflow

set_up_tensorflow(1)
from lrbench.learning.fused import learner
from lrbench.learning.training import TensorData, train

random = np.random.default_rng(0)
examples = Examples(random.integers(0, 256, (40, 3, 3)).astype(np.uint8), np.arange(40, dtype=np.uint8) % 4)
shared = {"model": {"hidden_units": [5]}, "optimizer": settings, "epochs": 2, "batch_size": 8, "threads": 1,
          "device": "cpu",
          "validation": {"protocol": "test", "examples": None}, "train_examples": None}
data = TensorData(split(Parts(examples, examples), shared))
run = RunSettings.of(shared, 0.01, 0)
history = train(run, data, learner(run, data), lambda line: None)
assert not np.array_equal(history.weights[0], history.initial_weights[0])
""",
    "schedule": """
from lrbench.learning.schedules import learning_rate, rate_at
from lrbench.learning.settings import RunSettings
from lrbench.settings.documents import schema_text, table_text
from lrbench.settings.problems import checked
from lrbench.settings.schedules import ASchedule

found, problems = checked({"name": "inverse_time", "half": 0.25}, ASchedule)
assert problems == []
shared = {"epochs": 4, "learning_rate_schedule": found.for_training()}
rate = learning_rate(RunSettings.of(shared, 0.2, 0), 10)
assert [round(rate_at(rate, step), 6) for step in (1, 11, 31)] == [0.2, 0.1, 0.05]
assert "inverse_time" in schema_text() and "`learning_rate_schedule.half`" in table_text()
""",
    "training setting": """
from pathlib import Path
from lrbench.learning.model import build_model
from lrbench.learning.settings import RunSettings
from lrbench.settings.arguments import Settings
from lrbench.settings.documents import schema_text, table_text
from lrbench.settings.experiment import read_experiments
from lrbench.settings.problems import checked

Path("data").mkdir()
required = "experiment: mine\\ndataset: {name: D, path: data}\\nlearning_rates: [0.1]\\nseeds: [0]\\n"
for text, name in ((required, "relu"), (required + "activation: tanh", "tanh")):
    Path("mine.yaml").write_text(text)
    settings = read_experiments(["mine.yaml"])["mine"].training_settings
    assert settings["activation"] == name
    assert checked(settings, Settings)[1] == []
    model = build_model((2, 2), 3, RunSettings.of(settings, 0.1, 0))
    assert model.layers[1].activation.__name__ == name
assert checked(settings | {"activation": "sine"}, Settings)[1] == [
    "activation is 'sine' but must be one of relu, tanh"
]
row = "| `activation` | what each hidden unit computes | `relu` or `tanh` | `relu` | the tutorial's |"
assert row in table_text().splitlines()
assert "activation:" in schema_text()
""",
    "measure of a run": """
from pathlib import Path
from support import pages, stage_files
from support.examples import THREE
from lrbench.reporting.figure_files import draw_figures

measured, conclusions = stage_files.report_inputs(THREE)
columns = [f"mean_train_loss_{name}" for name in ("mean", "sd", "median", "min", "max")]
assert set(columns) <= set(measured.rates.columns)
losses = measured.tables.evaluations.query("learning_rate == 0.01 and seed == 0 and epoch >= 1 and epoch % 1 == 0")
run = measured.runs.query("learning_rate == 0.01 and seed == 0")
assert abs(run["mean_train_loss"].item() - losses["train_loss"].mean()) < 1e-12
draw_figures(measured, pages.ALL_FIGURES, Path("figures"))
page = pages.page(measured, conclusions, Path("figures"))
assert '<a href="#def-mean-train-loss">Mean training loss</a>, median, nats</th>' in page
assert '<dt id="def-mean-train-loss">Mean training loss</dt><dd>Mean of the training loss over the ends' in page
from lrbench.wording import rounded
median = measured.rates.set_index("learning_rate")["mean_train_loss_median"][0.01]
assert f"<td>{rounded(median)}</td>" in page
""",
    "probe": """
from pathlib import Path
from support.workspace import Workspace

workspace = Workspace(Path.cwd(), project=Path.cwd(), search=[str(Path.cwd())])
trained, plain = workspace.trained(), Path("reports/tiny.html").read_text()
workspace.configure(probes=["first_weights", "backpropagation", "mistakes"])
assert workspace.jobs() == {"figures": 1, "measure_first_weights": 1, "report": 1}, workspace.jobs()
workspace.snakemake()
assert workspace.trained() == trained
assert workspace.jobs() == {}
page = Path("reports/tiny.html").read_text()
lengths = [row["length"] for row in workspace.read("results/tiny/first_weights.json")["seeds"]]
assert len(lengths) == 2
from lrbench.wording import exact
low, high = map(exact, sorted(lengths))
assert f'id="first_weights-heading">The first weights have lengths from {low} to {high}</h2>' in page
assert '<li><a href="#first_weights">First weights</a></li>' in page
assert 'href="../results/tiny/first_weights.json"' in page
assert "first_weights" not in plain
assert '<section id="backpropagation"' in plain and '<section id="backpropagation"' in page
workspace.configure(probes=["first_weight"])
refused = workspace.snakemake(status=2)
known = "backpropagation, first_weights, mistakes, range_test, step_budget"
assert f"'first_weight' but must be one of {known} (did you mean first_weights?)" in refused
""",
    "figure": """
from pathlib import Path
from support import pages, stage_files
from support.examples import THREE
from lrbench.reporting.figure_files import draw_figures
from lrbench.stages import figure_ids

assert "best-seeds" in figure_ids()
measured, conclusions = stage_files.report_inputs(THREE)
draw_figures(measured, pages.ALL_FIGURES, Path("figures"))
page = pages.page(measured, conclusions, Path("figures"))
assert 'id="best-seeds-heading">The best score of a seed is that of ' in page
assert 'href="#best-seeds"' in page
assert "figures/best-seeds.csv" in page
""",
}


OF_A_FINISHED_RUN = ("probe",)


def test_the_sections_are_those_of_the_table():
    assert list(SECTIONS) == list(COUNTS)
    assert set(SECTIONS) == set(SEEN)


@pytest.mark.parametrize("what", SEEN)
def test_what_is_added_as_described_works(what, tmp_path, request):
    if what in OF_A_FINISHED_RUN:
        shutil.copytree(request.getfixturevalue("base").folder, tmp_path, dirs_exist_ok=True)
    Workspace(tmp_path).take_project()
    files, changes = FILE.findall(SECTIONS[what]), CHANGE.findall(SECTIONS[what])
    assert len(files) + len(changes) == COUNTS[what]
    for name, change in changes:
        file = tmp_path / name
        before = "".join(f"{line[1:]}\n" for line in change.splitlines() if line[0] != "+")
        after = "".join(f"{line[1:]}\n" for line in change.splitlines() if line[0] != "-")
        assert file.read_text().count(before) == 1
        file.write_text(file.read_text().replace(before, after))
    for name, content in files:
        assert not (tmp_path / name).exists()
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    tests = "\n".join(TEST.findall(SECTIONS[what]))
    calls = "\n".join(f"{name}()" for name in re.findall(r"^def (test_\w+)", tests, re.MULTILINE))
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{PROJECT / 'tests'}"}
    run = subprocess.run(
        [sys.executable, "-c", "\n".join([SEEN[what], tests, calls])],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
