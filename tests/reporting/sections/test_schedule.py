"""The learning-rate schedule on the page: peak rates, its parameters, and the picture of the rates in force."""

from __future__ import annotations

import re

import pytest
from support import stage_files
from support.histories import experiment, flat

from lrbench.reporting.sections.schedule import schedule
from lrbench.training_words import rate_heading, schedule_text


def cosine():
    return experiment({0.1: [flat(0.9)] * 3, 0.01: [flat(0.8)] * 3}, schedule={"name": "cosine", "warmup": 0.1})


def plain():
    return experiment({0.1: [flat(0.9)] * 3, 0.01: [flat(0.8)] * 3})


def test_a_constant_rate_has_no_section():
    measured = stage_files.measured(plain)
    assert schedule(measured) is None
    assert measured.rate_heading == "Learning rate"


def test_the_picture_has_a_dot_for_each_evaluation_of_one_run():
    found = schedule(stage_files.measured(cosine))
    assert found is not None
    assert (found["name"], found["text"]) == ("cosine", "cosine with floor 0 and warmup 0.1")
    assert len(re.findall("<circle", found["picture"])) == 11  # before training and after each of ten epochs
    assert found["caption"].endswith(
        "It begins at 100.0 % of the peak, is 10.0 % at the least and ends at 10.0 %. Lines only join the dots."
    )


def test_the_dots_fall_as_the_rates_do():
    found = schedule(stage_files.measured(cosine))
    assert found is not None
    heights = [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', found["picture"])]
    assert heights == sorted(heights)
    assert (heights[0], heights[-1]) == pytest.approx((10, 10 + 0.9 * 104))


def test_rates_are_called_peak_rates():
    settings = stage_files.measured(cosine).tables.origin["settings"]
    assert rate_heading(settings) == "Peak learning rate"
    assert schedule_text(
        {"learning_rate_schedule": {"name": "step", "epochs": [3, 6], "factor": 0.1, "keras": {}}}
    ) == ("step with epochs 3 and 6 and factor 0.1")
