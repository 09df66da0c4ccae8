"""A model of one's own from config to page, by real snakemake: trained once, trained again where its source changes."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from support.shared import made_once
from support.workspace import Workspace

from lrbench.learning.model import set_up_tensorflow
from lrbench.learning.training import weights_fingerprint

pytestmark = pytest.mark.workflow

PARTS = "UNITS = 5\n"
MODEL = """
import keras
from keras import layers
from parts import UNITS


def make(input_shape, classes):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dense(UNITS),
            layers.BatchNormalization(),
            layers.Dropout(0.1),
            layers.Dense(classes, activation="softmax"),
        ]
    )
"""


@pytest.fixture
def own(base, tmp_path, tmp_path_factory):
    """A copy of the tiny experiment after it has run with a model of one's own as well."""

    def run(folder):
        workspace = Workspace(shutil.copytree(base.folder, folder, dirs_exist_ok=True))
        models = folder / "my models"
        models.mkdir()
        (models / "mine.py").write_text(MODEL)
        (models / "parts.py").write_text(PARTS)
        workspace.configure(model={"file": "my models/mine.py", "build": "make"}, learning_rates=[0.1])
        workspace.snakemake()

    return Workspace(made_once(tmp_path_factory, "own model", run)).copied(tmp_path)


def test_a_model_of_ones_own_is_trained_and_trained_again_only_where_its_source_changes(own):
    page = (own.folder / "reports/tiny.html").read_text()
    assert "built by the function <code>make</code> of the experiment's own file" in page
    assert 'id="backpropagation"' not in page
    assert 'id="mistakes"' in page
    runs = own.trained()
    assert own.jobs() == {}
    (own.folder / "my models/unused.py").write_text("x = 1\n")
    assert own.jobs() == {}
    assert "came out the same: every weight" in own.snakemake("--cores", "1", "verify")
    assert re.search(
        r"is the same as model\.fit trains it: all of its \d+ weights", own.snakemake("--cores", "1", "verify_fit")
    )
    (own.folder / "my models/parts.py").write_text("UNITS = 6\n")
    assert own.jobs()["train"] == 1
    own.up_to("results/tiny/tables.json")
    assert len(own.trained()) == len(runs) + 2
    (own.folder / "my models/parts.py").write_text(PARTS)
    own.up_to("results/tiny/tables.json")
    assert len(own.trained()) == len(runs) + 2  # the first ones were kept


def test_the_trained_model_is_taken_home(own):
    asked = ["export", "keras", "config.yaml", "home/best.keras"]
    assert own.lrbench(*asked, "--rate", "0.1", "--seed", "1").returncode == 0
    set_up_tensorflow(threads=1)
    import keras

    loaded = keras.models.load_model(own.folder / "home/best.keras")
    runs = json.loads((own.folder / "results/tiny/tables.json").read_text())["runs"]
    (final,) = [run["weights"]["final"] for run in runs if (run["learning_rate"], run["seed"]) == (0.1, 1)]
    assert weights_fingerprint(loaded.get_weights()) == final
    assert [path.name for path in (own.folder / "home").iterdir()] == ["best.keras"]
    refused = own.lrbench(*asked, "--rate", "0.7")
    assert refused.returncode == 2
    assert "has no run of rate 0.7 and seed" in refused.stderr.splitlines()[-1]
    named = own.lrbench("export", "keras", "config.yaml", "best.h5")
    assert "give such a name" in named.stderr.splitlines()[-1]


def test_check_builds_the_model_and_says_how_long_it_takes(own):
    plain, built = own.lrbench("check", "config.yaml"), own.lrbench("check", "--build", "config.yaml")
    assert len(plain.stdout.splitlines()) == 1
    assert re.search(r"^  BatchNormalization +\(None, 5\) +20$", built.stdout, re.MULTILINE)
    assert "of them trained; the exact engine" in built.stdout
    assert re.search(r"ms a step here, one process alone; .* steps a run, 2 runs: about .* of one core", built.stdout)


def test_a_model_that_cannot_be_trained_is_the_last_sentence_on_the_screen(own):
    (own.folder / "my models/mine.py").write_text(MODEL.replace('activation="softmax"', ""))
    before = own.trained()
    printed = own.snakemake(status=1)
    last = printed.strip().splitlines()[-1]
    assert "mine.py: make: its outputs are no probabilities" in last
    assert "end it with a softmax" in last
    assert own.trained() == before
