"""Step budgets on the page: verdicts, forecasts, where the quadratic picture fails, and what is refused."""

from __future__ import annotations

import dataclasses

import pytest
from support import pages, stage_files
from support.budgeted import estimate, terms
from support.examples import EXAMPLES, THREE

from lrbench.probes.step_budget.judgement import LOST, budgets
from lrbench.probes.step_budget.section import budget_sentence, content
from lrbench.reporting.inputs import Measured

RATES = (0.0001, 0.001, 0.01)


def measured(make=THREE, **changes) -> Measured:
    """A made experiment; `changes` of what the probe has."""
    found = stage_files.measured(make)
    found.probes["step_budget"].update(changes)
    return found


def with_shares(shares, make=THREE, name="epoch", **changes) -> Measured:
    """A made experiment in which such shares of the gain are eaten in a moment, by rate, at every seed."""
    found = measured(make)
    for run in found.probes["step_budget"]["runs"]:
        for moment in run["moments"]:
            if moment["name"] == name:
                moment["terms"] = terms(0.001, shares[run["learning_rate"]], **changes)
    return found


def with_plateau(found: Measured, rates: list[float]) -> Measured:
    return dataclasses.replace(found, across=found.across | {"plateau": found.across["plateau"] | {"rates": rates}})


def test_the_share_eaten_is_said_with_what_follows_from_it():
    shown = content(with_shares(dict(zip(RATES, (0.06, 0.7, 1.15), strict=True))))
    eaten = "after epoch 1, curvature and noise eat"
    assert shown["budgets"] == [
        f"At 0.0001, {eaten} 6.0 % (standard error 0.24 %) of what a step gains: steps could be longer; 1.5 % of the "
        "steps point uphill.",
        f"At 0.001, {eaten} 70 % (standard error 2.9 %) of what a step gains: steps pay, and shorter ones would gain "
        "more; 17 % of the steps point uphill.",
        f"At 0.01, {eaten} 115 % (standard error 4.7 %) of what a step gains: the steps from there raise the "
        "loss; 29 % of the steps point uphill.",
    ]
    assert shown["heading"] == (
        "What a step gains: after epoch 1, curvature and noise eat 6.0 % at 0.0001, 70 % at 0.001 and 115 % at 0.01"
    )


def test_a_gain_that_cannot_be_told_from_nothing_has_no_share():
    found = with_shares(dict.fromkeys(RATES, 0.5), gain=estimate(0.001, 0.0012), uphill=0.47)
    assert content(found)["budgets"][0] == (
        "At 0.0001, after epoch 1, what a step gains cannot be told from nothing (0.0010 ± 0.0007 nats, where "
        "curvature and noise cost 0.00050); 47 % of the steps point uphill."
    )
    lost = with_shares(dict.fromkeys(RATES, 0.5), gain=estimate(-0.001, 0.0006))
    assert "cannot be told from nothing" in content(lost)["budgets"][0]
    assert content(lost)["heading"] == "What a step gains: after epoch 1, nothing that can be told from noise"
    assert {row[2] for row in content(lost)["rows"]} == {"–"}
    assert content(with_plateau(lost, [0.001]))["forecast"] == (
        "No rate has a forecast of the rate up to which steps pay. 3 rates have no forecast."
    )


@pytest.mark.parametrize(
    ("plateau", "said"),
    [
        (
            [0.0001, 0.001],
            "is within a factor of 2 of the highest rate on the sweep's plateau, 0.001, for 2 of 3 rates.",
        ),
        (
            [0.01],
            "is within a factor of 2 of the highest rate on the sweep's plateau, 0.01, for 1 of 3 rates. It is the "
            "highest rate that was tried, so the largest useful one may lie beyond it.",
        ),
    ],
)
def test_forecasts_are_held_against_the_sweep(plateau, said):
    """0.0001 / 0.06 = 0.0017, 0.001 / 0.7 = 0.0014, and 0.01 / 1.15 = 0.0087."""
    found = with_plateau(with_shares(dict(zip(RATES, (0.06, 0.7, 1.15), strict=True))), plateau)
    shown = content(found)
    assert shown["forecast"].endswith(said)
    assert [row[2] for row in shown["rows"]] == ["0.0017", "0.0014", "0.0087"]
    assert [row[4] for row in shown["rows"]].count("yes") == int(said.partition("for ")[2][0])


def test_without_a_rate_that_learned_nothing_is_held_against_the_sweep():
    shown = content(measured(EXAMPLES["all-failed"]))
    assert shown["forecast"].startswith("No rate of the sweep learned in every planned run")
    assert shown["others"] == ""


def test_where_the_quadratic_picture_fails_is_said():
    shares = dict.fromkeys(RATES, 0.5)
    assert "the change measured is the change predicted" in content(with_shares(shares))["fit"]
    small = with_shares(shares, difference=estimate(0.00009, 0.000001))
    assert "the change measured is the change predicted" in content(small)["fit"]
    unsure = with_shares(shares, difference=estimate(0.0002, 0.001))
    assert "the change measured is the change predicted" in content(unsure)["fit"]
    shown = content(with_shares(shares, difference=estimate(0.0002, 0.000001), measured=estimate(-0.0003)))
    assert shown["budgets"][0].endswith(
        "uphill. The quadratic picture fails there: the loss really changes by −0.00030 nats a step."
    )
    failed = shown["fit"]
    assert failed.startswith("The quadratic picture fails in 3 of ")
    assert "at 0.01, after epoch 1 (predicted −0.00050, measured −0.00030 nats a step)" in failed


def test_moments_that_are_lost_are_named_and_drawn():
    found = measured()
    for run in found.probes["step_budget"]["runs"]:
        if run["learning_rate"] == 0.01:
            for moment in run["moments"]:
                moment["terms"] = None
    (lost,) = [one for one in budgets(found.probes["step_budget"]) if (one.learning_rate, one.name) == (0.01, "epoch")]
    assert (lost.verdict, lost.forecast, lost.fails) == (LOST, None, False)
    assert budget_sentence(lost) == (
        "At 0.01, after epoch 1, the weights or the loss are not finite, so there is nothing to expand."
    )
    assert ["0.01", "after epoch 1", *["not finite"] * 6, "–", "–"] in pages.drawing("step-budget", found).rows


def test_in_how_many_seeds_a_moment_is_lost_is_said():
    found = measured()
    run = found.probes["step_budget"]["runs"][0]
    for moment in run["moments"]:
        moment["terms"] = None
    one = budgets(found.probes["step_budget"])[2]
    assert (one.learning_rate, one.seeds, one.lost) == (0.0001, 3, 1)
    assert budget_sentence(one).endswith(" In 1 of 3 seeds the weights or the loss are not finite.")


def test_a_replay_that_ended_otherwise_shows_nothing():
    found = measured()
    found.probes["step_budget"]["runs"][1]["final_weights"] = "other"
    run = found.probes["step_budget"]["runs"][1]
    shown = content(found)
    assert shown["heading"] == "What a step gains: not shown"
    assert shown["refusal"].startswith(
        f"The run of learning rate {run['learning_rate']} and seed {run['seed']} ended with"
    )
    assert pages.drawing("step-budget", found).title == "No step budget is shown"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"refused": "few"}, "There are too few training examples to hold some of them out"),
        ({"refused": "second derivative"}, "TensorFlow has no second derivative of an operation of this model"),
        ({"runs": []}, "Training has too few steps to look at"),
    ],
)
def test_what_cannot_be_measured_is_said(changes, said):
    assert content(measured(**changes))["refusal"].startswith(said)


@pytest.mark.parametrize(
    ("optimizer", "thresholds"),
    [
        ({"name": "sgd"}, {"2/η": "20,000"}),
        ({"name": "momentum", "momentum": 0.9}, {"2(1 − β)/η": "2,000", "2(1 + β)/η": "38,000"}),
    ],
)
def test_batch_sharpness_stands_beside_its_thresholds(optimizer, thresholds):
    found = measured()
    found.tables.origin["settings"]["optimizer"] = optimizer
    assert content(found)["sharpness"] is None
    for run in found.probes["step_budget"]["runs"]:
        for moment in run["moments"]:
            moment["sharpness"] = estimate(1500.0, 90.0)
    shown = content(found)["sharpness"]
    assert shown["columns"][3:] == list(thresholds)
    assert shown["rows"][0] == ["0.0001", "after 1 % of the first epoch", "1,500 ± 52", *thresholds.values()]


@pytest.mark.parametrize(
    ("name", "said"), [("three", "The runs of all 3 seeds were"), ("one-seed", "The runs of the only seed were")]
)
def test_whose_runs_were_replayed_is_said(name, said):
    assert content(measured(EXAMPLES[name]))["method"].startswith(said)


def test_how_steps_were_taken_depends_on_the_optimizer():
    found = measured()
    found.tables.origin["settings"]["optimizer"] = {"name": "sgd"}
    assert (
        "64 steps from the state before its last step, each with an independent minibatch" in content(found)["method"]
    )
    found.tables.origin["settings"]["optimizer"] = {"name": "momentum", "momentum": 0.9}
    assert "32 of the run's own last 1,024 steps up to it" in content(found)["method"]
