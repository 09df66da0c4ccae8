"""Configs whose weights are carried over, and the experiments that they are set against."""

from __future__ import annotations

import pytest
from support.configs import config, refusal

from lrbench.errors import InputError
from lrbench.settings.companions import with_companions
from lrbench.settings.experiment import read_experiments


def test_what_speaks_against_carrying_weights_over(project):
    (project / "config.yaml").write_text(
        config(initial_weights="carried_over", learning_rates="[0.1]", experiment="x" * 60, probes="[backpropagation]")
    )
    said = refusal(project)
    for words in (
        "initial_weights is 'carried_over', but learning_rates has fewer than 2; list them in their order",
        f"experiment is '{'x' * 60}', but with initial_weights 'carried_over' it may have at most 58 characters, since "
        "-fresh is added for the one it is set against",
        "probes has backpropagation, which works through a step from fresh weights; leave it out, since "
        "initial_weights is 'carried_over'",
    ):
        assert words in said


def test_carried_over_weights_keep_the_order_of_the_rates_and_bring_the_experiment_to_be_set_against(project):
    text = config(initial_weights="carried_over", learning_rates="[0.1, 0.001, 0.01]")
    (project / "config.yaml").write_text(text)
    both = with_companions(read_experiments([project / "config.yaml"]))
    assert list(both) == ["mine", "mine-fresh"]
    carried, fresh = both.values()
    assert (carried.order, fresh.order) == ((0.1, 0.001, 0.01), ())
    assert carried.training_settings["initial_weights"] == {"order": [0.1, 0.001, 0.01]}
    assert fresh.training_settings == {
        name: value for name, value in carried.training_settings.items() if name != "initial_weights"
    }
    assert [carried.rate_before(rate) for rate in (0.1, 0.001, 0.01)] == [None, 0.1, 0.001]
    assert (carried.probes, fresh.probes) == (("mistakes",), ("backpropagation", "mistakes"))
    assert carried.plan == fresh.plan
    assert fresh.companion_of == "mine"


def test_the_experiment_to_be_set_against_takes_no_name_that_another_has(project):
    (project / "config.yaml").write_text(config(initial_weights="carried_over"))
    (project / "other.yaml").write_text(config(experiment="mine-fresh"))
    for files in (["config.yaml", "other.yaml"], ["other.yaml", "config.yaml"]):
        with pytest.raises(InputError, match="is set against one of the name mine-fresh, which another config has"):
            with_companions(read_experiments([project / file for file in files]))
