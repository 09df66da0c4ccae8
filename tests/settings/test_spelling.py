"""Numbers and truth values as people write them, in a config and on the command line."""

from __future__ import annotations

import pytest

from lrbench.settings.spelling import Spelled, spelled_number, spelled_truth
from lrbench.settings.yaml_files import read_yaml


@pytest.mark.parametrize(
    ("spelled", "number"),
    [
        ("1e-3", 0.001),
        ("1E-3", 0.001),
        ("1.e-3", 0.001),
        ("+1e-3", 0.001),
        (".5", 0.5),
        ("2e1", 20.0),
        ("10", 10),
        ("1.0e-3", 0.001),
    ],
)
def test_numbers_mean_what_their_writer_meant(project, spelled, number):
    (project / "config.yaml").write_text(f"learning_rates: [{spelled}]\n")
    assert read_yaml(project / "config.yaml") == {"learning_rates": [number]}
    assert spelled_number(Spelled(spelled)) == number


@pytest.mark.parametrize("text", ["1e", "e3", "1-3", "--1", "1e-3x", "0x10", "v1", "", "-", "1" * 5000])
def test_text_that_spells_no_number_stays_text(text):
    assert spelled_number(Spelled(text)) == text


def test_only_text_of_the_command_line_spells_anything():
    assert [spelled_number("3"), spelled_truth("true")] == ["3", "true"]
    assert [spelled_truth(Spelled(text)) for text in ("true", "False", "yes")] == [True, False, "yes"]
