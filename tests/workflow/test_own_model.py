"""A model of one's own from config to page, by real snakemake: trained once, trained again where its source changes."""

from __future__ import annotations

import pytest

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
def own(workspace):
    folder = workspace.folder / "my models"
    folder.mkdir()
    (folder / "mine.py").write_text(MODEL)
    (folder / "parts.py").write_text(PARTS)
    workspace.configure(model={"file": "my models/mine.py", "build": "make"})
    return workspace


def test_a_model_of_ones_own_is_trained_and_trained_again_only_where_its_source_changes(own):
    own.snakemake()
    page = (own.folder / "reports/tiny.html").read_text()
    assert "built by the function <code>make</code> of the experiment's own file" in page
    assert 'id="backpropagation"' not in page
    runs = own.trained()
    assert own.jobs() == {}
    (own.folder / "my models/unused.py").write_text("x = 1\n")
    assert own.jobs() == {}
    (own.folder / "my models/parts.py").write_text("UNITS = 6\n")
    assert own.jobs()["train"] == 2
    own.snakemake()
    assert len(own.trained()) == len(runs) + 4
    (own.folder / "my models/parts.py").write_text(PARTS)
    own.snakemake()
    assert len(own.trained()) == len(runs) + 4  # the first ones were kept
    printed = own.snakemake("verify")
    assert "came out the same: every weight" in printed


def test_a_model_that_cannot_be_trained_is_the_last_sentence_on_the_screen(own):
    (own.folder / "my models/mine.py").write_text(MODEL.replace('activation="softmax"', ""))
    before = own.trained()
    printed = own.snakemake(status=1)
    last = printed.strip().splitlines()[-1]
    assert "mine.py: make: its outputs are no probabilities" in last
    assert "end it with a softmax" in last
    assert own.trained() == before
