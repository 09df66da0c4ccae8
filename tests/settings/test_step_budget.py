"""The settings of the probe of step budgets: defaults, ranges, and that none of them trains a run again."""

from __future__ import annotations

import pytest
from support.configs import CONFIG, refusal

from lrbench.settings.experiment import read_experiments

DEFAULTS = {"at_most": 3, "steps": 64}


def read(folder, text):
    (folder / "config.yaml").write_text(text)
    return read_experiments([folder / "config.yaml"], folders=[folder])["mine"]


@pytest.mark.parametrize(
    ("written", "options"), [("", DEFAULTS), ("step_budget: {at_most: 1, steps: 16}\n", {"at_most": 1, "steps": 16})]
)
def test_three_seeds_and_64_steps_unless_told_otherwise(project, written, options):
    asked, plain = read(project, CONFIG + "probes: [step_budget]\n" + written), read(project, CONFIG)
    assert asked.probe_options("step_budget") == options
    assert (asked.training_settings, asked.plan) == (plain.training_settings, plain.plan)
    assert "step_budget" not in plain.probes


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("step_budget: {at_most: 1}\n", "step_budget is given but probes does not have step_budget; add it there"),
        ("probes: [step_budget]\nstep_budget: {at_most: 0}\n", "step_budget.at_most is 0 but must be"),
        ("probes: [step_budget]\nstep_budget: {steps: 4}\n", "step_budget.steps is 4 but must be"),
        ("probes: [step_budget]\nstep_budget: {seeds: 4}\n", "step_budget.seeds is no known key"),
    ],
)
def test_a_step_budget_that_cannot_be_is_refused(project, written, problem):
    (project / "config.yaml").write_text(CONFIG + written)
    assert problem in refusal(project)
