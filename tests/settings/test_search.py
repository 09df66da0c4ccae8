"""The settings of a search: what may stand beside it, its limits, and what an experiment makes of it."""

from __future__ import annotations

import pytest
from support.configs import config, refusal

from lrbench.settings.arguments import Analysis, Plan
from lrbench.settings.experiment import block_files, read_experiments
from lrbench.settings.problems import checked

WITHOUT = {"learning_rates": None, "seeds": None}


@pytest.mark.parametrize(
    ("search", "problem"),
    [
        ("3", "search is 3 but must be a mapping"),
        ("{rates: {from: 1}}", "search.rates goes from 1 to 1, but must rise; write a lower `from` or a higher `to`"),
        (
            "{rates: {low: 1}}",
            "search.rates.low is no known key; remove it or use one of at_most, from, resolution, to",
        ),
        ("{rates: {resolution: 1}}", "search.rates.resolution is 1 but must be 1.05 or more"),
        ("{rates: {at_most: 1}}", "search.rates.at_most is 1 but must be 2 or more"),
        ("{seeds: {first: 13}}", "search.seeds.first is 13 but must be at most search.seeds.at_most, 12"),
        ("{rounds: 51}", "search.rounds is 51 but must be 50 or less"),
        ("{level: 1}", "search.level is 1 but must be less than 1"),
    ],
)
def test_what_is_wrong_with_a_search_is_said_in_a_sentence(project, search, problem):
    (project / "config.yaml").write_text(config(search=search, **WITHOUT))
    assert refusal(project) == f"config.yaml: {problem}."


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        (
            "learning_rates",
            "[0.1]",
            "learning_rates is given beside search, which chooses the rates between search.rates.from and "
            "search.rates.to; remove one",
        ),
        (
            "seeds",
            "[0]",
            "seeds is given beside search, which gives each rate the seeds it needs, up to search.seeds.at_most; "
            "remove one",
        ),
        (
            "seeds_per_job",
            "3",
            "seeds_per_job is given beside search, whose jobs have search.seeds.first seeds; remove one",
        ),
        (
            "initial_weights",
            "carried_over",
            "search is given, but weights are carried over in the order of listed rates; remove one",
        ),
    ],
)
def test_what_a_search_decides_cannot_be_given_beside_it(project, key, value, problem):
    (project / "config.yaml").write_text(config(search="{}", **(WITHOUT | {key: value})))
    assert refusal(project) == f"config.yaml: {problem}."


def read(project, search: str = "{}"):
    (project / "config.yaml").write_text(config(search=search, **WITHOUT))
    (experiment,) = read_experiments(["config.yaml"]).values()
    return experiment


def test_a_search_has_its_share_of_the_level_in_each_round(project):
    settings = read(project, "{rounds: 4, level: 0.02}").analysis_settings
    assert settings["thresholds"]["significance"] == 0.005
    assert settings["search"] == {
        "rates": {"from": 1e-5, "to": 1.0, "at_most": 12, "resolution": 2.0},
        "seeds": {"first": 3, "at_most": 12},
        "rounds": 4,
        "level": 0.02,
    }
    assert checked(settings, Analysis)[1] == []


def test_a_block_has_the_seeds_by_which_a_rate_grows(project):
    experiment = read(project, "{seeds: {first: 3, at_most: 8}}")
    assert experiment.blocks() == {0: (0, 1, 2), 1: (3, 4, 5), 2: (6, 7)}
    plan = {"learning_rates": [0.01, 0.1], "seeds": [0, 1, 2, 3, 4, 5], "first_seeds": [3, 6]}
    assert block_files("t", plan, experiment.seeds_per_job) == [
        "t/lr-0.01/block-0.json",
        "t/lr-0.1/block-0.json",
        "t/lr-0.1/block-1.json",
    ]


def test_a_search_that_has_not_ended_has_no_runs_yet_and_its_limits_are_its_rates(project):
    experiment = read(project)
    assert experiment.plan == {"learning_rates": [], "seeds": []}
    assert experiment.learning_rates == (1e-5, 1.0)
    assert (len(experiment.largest_plan["learning_rates"]), len(experiment.largest_plan["seeds"])) == (12, 12)


@pytest.mark.parametrize(
    ("plan", "problem"),
    [
        ({"first_seeds": [1]}, "first_seeds has 1 numbers for 2 rates; give one for each"),
        ({"first_seeds": [1, 3]}, "first_seeds has more than the 2 seeds; name them in seeds"),
    ],
)
def test_a_plan_says_of_each_rate_how_many_of_its_seeds_it_has(plan, problem):
    listed = {"learning_rates": [0.1, 0.2], "seeds": [0, 1]}
    assert checked(listed | {"first_seeds": [1, 2]}, Plan)[1] == []
    assert checked(listed | plan, Plan)[1] == [problem]
