"""What a config says of its data set, against what the data set's names say: options, parts, validation."""

from __future__ import annotations

import numpy as np
import pytest
from support.configs import config, refusal
from support.samples import arrays, idx_folder

from lrbench.settings.experiment import read_experiments


@pytest.fixture
def data(here):
    """Data sets of two parts and of three, by names that hold nothing else."""
    idx_folder(here / "data")
    np.savez("two.npz", **arrays())
    names = [f"{part}_{what}" for part in ("train", "val", "test") for what in ("images", "labels")]
    np.savez("three.npz", **dict.fromkeys(names, np.zeros(1)))
    return here


def experiment(folder, dataset):
    (folder / "config.yaml").write_text(config(dataset=dataset))
    return read_experiments(["config.yaml"])["mine"]


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        ("{name: D, path: two.npz}", {"protocol": "test", "examples": None}),
        ("{name: D, path: data, validation: test}", {"protocol": "test", "examples": None}),
        ("{name: D, path: three.npz}", {"protocol": "own", "examples": None}),
        ("{name: D, path: three.npz, validation: test}", {"protocol": "test", "examples": None}),
        (
            "{name: D, path: three.npz, validation: holdout, holdout_examples: 3}",
            {"protocol": "holdout", "examples": 3},
        ),
        (
            "{name: D, path: two.npz, validation: holdout, holdout_share: 0.25}",
            {"protocol": "holdout", "examples": None, "share": 0.25},
        ),
    ],
)
def test_validation_is_resolved_by_the_parts_that_there_are(data, dataset, expected):
    found = experiment(data, dataset)
    assert found.config.dataset.validation == expected["protocol"]
    assert found.training_settings["validation"] == found.split_settings["validation"] == expected


@pytest.mark.parametrize(
    ("options", "expected"), [("", None), (", transpose: false", None), (", transpose: true", {"transpose": True})]
)
def test_only_options_that_are_given_reach_training(data, options, expected):
    settings = experiment(data, f"{{name: D, path: data{options}}}").training_settings
    assert settings.get("data_options") == expected
    assert ("data_options" in settings) == (expected is not None)


REFUSED = {
    "{name: D, path: two.npz, validation: own}": (
        "dataset.validation is own but two.npz has no validation part; set it to holdout, with "
        "dataset.holdout_examples or dataset.holdout_share"
    ),
    "{name: D, path: two.npz, transpose: true}": (
        "dataset.transpose is given but two.npz is an .npz file, which has no such option; remove it"
    ),
}


@pytest.mark.parametrize(("dataset", "problem"), REFUSED.items())
def test_what_a_data_set_does_not_have_is_refused(data, dataset, problem):
    (data / "config.yaml").write_text(config(dataset=dataset))
    assert refusal(data) == f"config.yaml: {problem}."


def test_an_npz_without_training_arrays_is_refused_for_that_before_a_holdout_is_asked_for(here):
    np.savez("mine.npz", x=np.zeros((4, 2)), y=np.arange(4))
    (here / "config.yaml").write_text(config(dataset="{name: D, path: mine.npz}"))
    assert refusal(here).endswith(
        "config.yaml: dataset.path: mine.npz: lacks x_train, y_train and has x, y; give an .npz with x_train, y_train."
    )
