"""Which rates play the high, the default and the low learning rate of the claims, and what is said of it."""

from __future__ import annotations

import math

import pytest
from support.histories import experiment, flat, run

from lrbench.findings.claims import FACTOR, Roles, check_claims, roles_of

FAILED = flat(0.1)


def roles(accuracies: dict[float, float], optimizer: str = "adam") -> Roles:
    """The roles in an experiment of three seeds a rate, each rate at one accuracy; one of 0.1 fails to learn."""
    runs = {rate: [flat(accuracy)] * 3 for rate, accuracy in accuracies.items()}
    return roles_of(experiment(runs, optimizer=optimizer).analyse())


def played(found: Roles) -> tuple[float | None, float | None, float | None, str]:
    """The three rates, from high to low, and where they are from."""
    return found.high, found.default, found.low, found.source


def test_the_tutorials_rates_belong_to_adam():
    found = roles({0.1: 0.1, 0.01: 0.97, 0.003: 0.98, 0.001: 0.975, 0.0001: 0.9})
    assert played(found) == (0.01, 0.001, 0.0001, "tutorial")
    assert (found.statement, found.missing) == (
        "As in the tutorial, which uses Adam, 0.01 is the high rate, 0.001 the default and 0.0001 the low one.",
        {},
    )


@pytest.mark.parametrize("optimizer", ["adamw", "sgd", "momentum", "nesterov", "rmsprop"])
def test_the_tutorials_rates_belong_to_no_other_optimizer(optimizer):
    found = roles({0.01: 0.1, 0.001: 0.9, 0.0001: 0.98}, optimizer)
    assert played(found) == (0.001, 0.0001, None, "sweep")


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_claims_of_constant_rates_are_not_tested_where_a_schedule_shapes_them(optimizer):
    runs = {rate: [flat(accuracy)] * 3 for rate, accuracy in {0.01: 0.9, 0.001: 0.98, 0.0001: 0.8}.items()}
    found = check_claims(experiment(runs, optimizer=optimizer, schedule={"name": "linear_warmup"}).analyse())
    assert found["roles"]["from"] == "none"
    assert found["roles"]["statement"] == (
        "The tutorial's claims are about constant learning rates; here the linear warmup schedule shapes them."
    )
    assert len(found["claims"]) == 6
    for claim in found["claims"]:
        assert claim["verdict"] == "not tested"
        assert claim["measurement"] == (
            "Not tested. The claim is about constant rates, and the linear warmup schedule shapes them here."
        )


def test_the_sweep_decides_with_another_optimizer():
    # Within 0.01 of the best, 0.98 at 0.1, lies 0.03 alone. 0.3 is three times 0.1, though not quite in binary.
    found = roles({1: 0.1, 0.3: 0.965, 0.1: 0.98, 0.03: 0.975, 0.01: 0.94}, "sgd")
    assert played(found) == (0.3, 0.1, 0.01, "sweep")
    assert found.statement == (
        "The tutorial's rates, 0.01, 0.001 and 0.0001, are meant for Adam, and the optimizer here is sgd, so the sweep "
        "decides: the default is 0.1, the recommended rate. The high rate is 0.3, the next tried rate above the "
        "plateau "
        "(0.03 to 0.1, neighbouring rates within 1 percentage point of the best score) that is at least 3 times the "
        "default. The low rate is 0.01, the next tried rate below the plateau that is at most 1/3 of the default."
    )


def test_a_rate_that_is_too_near_to_the_default_or_on_the_plateau_plays_no_role():
    # The plateau is 0.05 to 0.1; 0.2 lies beyond it, at only twice the default, and so does 0.04 on the other side.
    found = roles({0.4: 0.9, 0.2: 0.95, 0.1: 0.98, 0.05: 0.975, 0.04: 0.95, 0.02: 0.9}, "sgd")
    assert played(found) == (0.4, 0.1, 0.02, "sweep")


def test_other_rates_of_adam_are_judged_by_the_sweep():
    # The default is 0.005, a third of it 0.00166…: 0.002 is too near.
    found = roles({0.1: 0.9, 0.02: 0.972, 0.005: 0.98, 0.002: 0.96})
    assert played(found) == (0.1, 0.005, None, "sweep")
    assert found.statement == (
        "The tutorial's rates, 0.01, 0.001 and 0.0001, were not all tried, so the sweep decides: the default is 0.005, "
        "the recommended rate. The high rate is 0.1, the next tried rate above the plateau (0.005 to 0.02, "
        "neighbouring "
        "rates within 1 percentage point of the best score) that is at least 3 times the default. There is no "
        "low rate: "
        "no tried rate below the plateau is at most 1/3 of the default."
    )
    assert found.missing == {
        "low": "No tried rate below the plateau (0.005 to 0.02, neighbouring rates within 1 percentage point of "
        "the best "
        "score) is at most 1/3 of the default, 0.005; try 0.0016 or lower."
    }


def test_one_rate_is_the_default_and_what_to_try_is_said():
    found = roles({0.001: 0.98})
    assert played(found) == (None, 0.001, None, "sweep")
    assert found.missing == {
        "high": "No tried rate above the plateau (0.001 alone) is at least 3 times the default, 0.001; try 0.003 or "
        "higher.",
        "low": "No tried rate below the plateau (0.001 alone) is at most 1/3 of the default, 0.001; try 0.00033 "
        "or lower.",
    }


def test_beyond_a_wide_plateau_its_edge_says_what_to_try():
    # All three are practically alike, the smallest is taken; three times 0.001 lies inside of the plateau.
    found = roles({0.01: 0.98, 0.003: 0.98, 0.001: 0.98})
    assert (found.default, found.missing["high"].rpartition("; ")[2]) == (0.001, "try higher than 0.01.")


def test_two_rates():
    assert played(roles({0.1: 0.98, 0.01: 0.9}, "sgd")) == (None, 0.1, 0.01, "sweep")
    assert played(roles({0.1: 0.1, 0.01: 0.9}, "sgd")) == (0.1, 0.01, None, "sweep")


@pytest.mark.parametrize("rate", [0.001, 0.0045, 0.007, 0.1, 0.3, 2.5])
def test_a_suggested_rate_would_play_the_role(rate):
    missing = roles({rate: 0.98}, "sgd").missing
    high, low = (float(missing[role].rpartition("; try ")[2].split(" or ")[0]) for role in ("high", "low"))
    assert played(roles({high: 0.9, rate: 0.98, low: 0.9}, "sgd")) == (high, rate, low, "sweep")
    assert (high <= 1.1 * FACTOR * rate, low >= rate / FACTOR / 1.1) == (True, True)


def test_without_a_rate_that_learned_there_is_no_default():
    found = roles({1: 0.1, 0.1: 0.1}, "sgd")
    assert played(found) == (1, None, None, "none")
    assert found.statement == (
        "The tutorial's rates, 0.01, 0.001 and 0.0001, are meant for Adam, and the optimizer here is sgd; no "
        "rate learned "
        "in all its planned runs, so none can be called the default. All that can be checked of a high rate is whether "
        "training diverges at 1, the largest rate tried."
    )
    assert set(found.missing.values()) == {
        "No rate learned in all its planned runs, so none can be called the default; try rates at which training "
        "succeeds."
    }


def test_a_planned_rate_without_a_run_plays_no_role():
    made = experiment({1: [None] * 3, 0.1: [flat(0.98)] * 3, 0.01: [flat(0.9)] * 3}, optimizer="sgd")
    assert played(roles_of(made.analyse())) == (None, 0.1, 0.01, "sweep")


def test_the_roles_stand_beside_the_claims_once():
    diverged = run([0.1] * 2, [math.nan] * 2, finite=False)
    made = experiment({1: [diverged] * 3, 0.1: [flat(0.98, 2)] * 3}, optimizer="sgd")
    found = check_claims(made.analyse())["roles"]
    assert {name: value for name, value in found.items() if name != "statement"} == {
        "high": 1.0,
        "default": 0.1,
        "low": None,
        "from": "sweep",
    }
    assert found["statement"].endswith(
        "There is no low rate: no tried rate below the plateau is at most 1/3 of the default."
    )
