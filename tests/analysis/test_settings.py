"""From the config to the analysis: thresholds, their defaults, and what is wrong with others."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import yaml
from support.histories import THRESHOLDS, experiment, flat

from lrbench.errors import InputError
from lrbench.settings.experiment import read_experiments
from lrbench.settings.thresholds import Thresholds

PROJECT = Path(__file__).parents[2]
SCHEMA = PROJECT / "workflow" / "schemas" / "config.schema.yaml"


def read(name, **overrides):
    (found,) = read_experiments([PROJECT / "config" / name], overrides, folders=(PROJECT,)).values()
    return found


def test_thresholds_left_out_have_the_schemas_defaults():
    assert "thresholds" not in yaml.safe_load((PROJECT / "config" / "quick.yaml").read_text())
    assert read("quick.yaml").analysis_settings == {"targets": [0.85, 0.9], "thresholds": THRESHOLDS}


def test_the_default_config_writes_the_default_targets_out():
    default = yaml.safe_load(SCHEMA.read_text())["properties"]["targets"]["default"]
    assert read("config.yaml").analysis_settings["targets"] == default == {"relative": [0.95, 0.99]}


def test_one_threshold_may_be_changed_alone():
    changed = read("quick.yaml", thresholds={"tie": 0.01}).analysis_settings["thresholds"]
    assert changed == THRESHOLDS | {"tie": 0.01}


def test_the_default_config_writes_every_threshold_out():
    written = yaml.safe_load((PROJECT / "config" / "config.yaml").read_text())["thresholds"]
    assert written == THRESHOLDS


def test_the_schema_describes_each_threshold():
    described = yaml.safe_load(SCHEMA.read_text())["properties"]["thresholds"]["properties"]
    assert set(described) == set(Thresholds.model_fields)
    assert all({"description", "type", "default"} <= set(rule) for rule in described.values())


def test_a_threshold_out_of_range_or_unknown_is_one_sentence():
    with pytest.raises(InputError, match=r"thresholds.significance is 1 but must be less than 1"):
        read("quick.yaml", thresholds={"significance": 1})
    with pytest.raises(InputError, match=r"thresholds.ties is no known key"):
        read("quick.yaml", thresholds={"ties": 1})


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"targets": [0.9]}, "the thresholds lack or do not know backtrack"),
        ({"targets": [0.9], "thresholds": {**THRESHOLDS, "ties": 1}}, "the thresholds lack or do not know ties"),
        ({"targets": [0.9], "thresholds": {**THRESHOLDS, "tie": "1"}}, "the threshold tie is '1', which is no number"),
        ({"thresholds": THRESHOLDS}, "the targets are None"),
        (
            {"targets": ["a"], "thresholds": THRESHOLDS},
            r"the targets are \['a'\]; give a list of validation accuracies",
        ),
        (
            {"targets": {"relative": [2]}, "thresholds": THRESHOLDS},
            r"the targets are \{'relative': \[2\]\}; give a list",
        ),
        ({"targets": {"share": [0.9]}, "thresholds": THRESHOLDS}, r"the targets are \{'share': \[0.9\]\}; give a list"),
    ],
)
def test_wrong_settings_are_one_sentence(settings, sentence):
    made = dataclasses.replace(experiment({0.1: [flat(0.9, 1)]}), settings=settings)
    with pytest.raises(InputError, match=sentence):
        made.analyse()
