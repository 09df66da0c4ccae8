"""Range tests on the page: where suggestions lie, the verdict, and the sentences in every case."""

from __future__ import annotations

import copy
import dataclasses
import math

import numpy as np
import pytest
from support import pages, stage_files
from support.examples import EXAMPLES, THREE
from support.ranged import range_test

from lrbench.errors import InputError
from lrbench.identity.provenance import write_sealed
from lrbench.probes.range_test.judgement import (
    CONTRADICTED,
    INCONCLUSIVE,
    MIXED,
    NOT_TESTED,
    SUPPORTED,
    edges_of,
    judged,
    stands_for,
    verdict_of,
)
from lrbench.probes.range_test.loss_curve import rising_rates
from lrbench.probes.range_test.section import content
from lrbench.registry import probe_files
from lrbench.reporting.inputs import Measured


def measured(valley=(), make=THREE, **changes) -> Measured:
    """A made experiment whose valley rule suggested these rates, a seed each; `changes` of its range test."""
    found = stage_files.measured(make)
    test = found.probes["range_test"]
    for one, value in zip(test["seeds"], valley, strict=False):
        one["suggestions"] = one["suggestions"] | {"valley": value}
    test.update(changes)
    return found


def with_choice(found: Measured, tied: list[float], plateau: list[float]) -> Measured:
    """The experiment with other tied rates and another plateau."""
    across = found.across | {"plateau": found.across["plateau"] | {"rates": plateau}}
    return dataclasses.replace(found, recommendation=found.recommendation | {"tied": tied}, across=across)


def of_valley(found: Measured):
    return judged(found)[0]


def test_a_suggestion_stands_for_the_nearest_rate_on_a_logarithmic_scale():
    grid = [0.001, 0.01, 0.02]
    assert edges_of(grid) == pytest.approx([0.001 / 10**0.5, 0.001 * 10**0.5, 0.01 * 2**0.5, 0.02 * 2**0.5])
    found = [stands_for(rate, grid) for rate in (3.2e-4, 0.003, 0.0033, 0.013, 0.015, 0.028)]
    assert found == [0.001, 0.001, 0.01, 0.01, 0.02, 0.02]
    assert [stands_for(rate, grid) for rate in (3.1e-4, 0.029)] == [None, None]


@pytest.mark.parametrize(
    ("valley", "verdict", "said"),
    [
        (
            (0.0011, 0.0009, 0.002),
            SUPPORTED,
            "the suggestion stands for a practically tied rate in 3 of 3 seeds; suggested rates from 0.00090 to "
            "0.0020, a factor of 2.2.",
        ),
        (
            (0.001, 0.0001, 0.0001),
            INCONCLUSIVE,
            "the suggestion stands for a practically tied rate in 1 of 3 seeds and stands for another rate of the "
            "plateau in 2; suggested rates from 0.00010 to 0.0010, a factor of 10.",
        ),
        (
            (0.02, 0.5, 0.001),
            CONTRADICTED,
            "the suggestion stands for a practically tied rate in 1 of 3 seeds and lies outside the plateau in 2; "
            "suggested rates from 0.0010 to 0.50, a factor of 500.",
        ),
        (
            (0.001, None, 0.001),
            INCONCLUSIVE,
            "the suggestion stands for a practically tied rate in 2 of 3 seeds and is missing in 1; the suggested rate "
            "is 0.0010.",
        ),
        ((None,) * 3, NOT_TESTED, "no suggestion in any of 3 seeds."),
    ],
)
def test_suggestions_are_counted_by_seed_and_judged(valley, verdict, said):
    one = of_valley(with_choice(measured(valley), [0.001], [0.0001, 0.001]))
    assert (one.verdict, one.sentence) == (verdict, f"Valley (fastai): {said}")


def test_beyond_the_grid_nothing_is_known_where_it_ends_on_the_plateau():
    row = ["Valley (fastai)", "0.020", "0.0010 to 0.50", "500", "1"]
    found = measured((0.5, 0.02, 0.001))
    assert content(with_choice(found, [0.001], [0.001]))["rows"][0] == [*row, "0", "2", "0", "0"]
    open_end = with_choice(found, [0.001], [0.001, 0.01])
    assert content(open_end)["heading"].endswith("tied rate in 1 of 3 seeds, for another of the plateau in 1")
    assert content(open_end)["rows"][0] == [*row, "1", "0", "1", "0"]
    assert (
        "in 1 of 3 seeds, stands for another rate of the plateau in 1 and lies beyond the end of the grid, which is on "
        "the plateau, in 1; suggested"
    ) in of_valley(open_end).sentence
    assert of_valley(with_choice(measured((0.5, 0.5, 0.001)), [0.001], [0.001, 0.01])).verdict == INCONCLUSIVE


def test_under_three_seeds_the_verdict_is_open():
    one = measured((0.001,), EXAMPLES["one-seed"])
    assert of_valley(with_choice(one, [0.001], [0.001])).verdict == INCONCLUSIVE


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        ([SUPPORTED, SUPPORTED], SUPPORTED),
        ([SUPPORTED, CONTRADICTED, NOT_TESTED], MIXED),
        ([INCONCLUSIVE, CONTRADICTED], CONTRADICTED),
        ([SUPPORTED, NOT_TESTED], INCONCLUSIVE),
        ([NOT_TESTED, NOT_TESTED], NOT_TESTED),
    ],
)
def test_the_claim_has_the_verdict_of_its_rules(verdicts, verdict):
    from lrbench.findings.claims import combined

    class Rule:
        def __init__(self, verdict):
            self.verdict = verdict

    assert verdict_of([Rule(one) for one in verdicts]) == combined(verdicts) == verdict


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("one-rate", "The sweep has one learning rate, so there is nothing to hold the suggestions against."),
        (
            "all-failed",
            "No rate of the sweep learned in every planned run, so there is nothing to hold the suggestions against.",
        ),
    ],
)
def test_without_a_sweep_to_hold_against_nothing_is_judged(name, place):
    shown = content(measured(make=EXAMPLES[name]))
    assert (shown["places"], shown["verdict"]) == (place, NOT_TESTED)
    assert {row[4] for row in shown["rows"]} == {"–"}
    assert shown["heading"].startswith("Range test: suggested rates from ")


def of_losses(losses, steps, seeds=3) -> Measured:
    """A made experiment whose range tests all had these losses."""
    rates = rising_rates(1e-6, 1.0, steps)
    tests = [range_test(seed, rates, np.array(losses), "i") for seed in range(seeds)]
    return measured(seeds=tests, steps=steps, lowest=1e-6, highest=1.0)


def test_an_epoch_of_few_steps_is_said_to_be_one():
    few = content(of_losses(2 - 0.01 * np.arange(40), 40))
    assert few["few"] == (
        "An epoch has 40 steps here; range tests of fastai and Lightning take 100. Smoothing averages over "
        "about 50 steps, so suggestions are rough."
    )
    none = content(of_losses([2.3], 1))
    assert none["heading"] == "Range test: too few steps to suggest a rate"
    assert none["few"].endswith("fewer than two are left, so no rate is suggested.")
    assert (
        "the only step of an epoch has the learning rate 1e-06, from which it would rise to 1, with" in none["method"]
    )
    assert not none["suggested"]
    assert content(measured())["few"] == ""


def test_how_tests_end_is_said_with_their_rates():
    lost = of_losses([2.3, 2.3, math.nan], 100)
    assert content(lost)["ends"] == "Of 3 tests, 3 met a loss that is not finite, at 1.1e−6."
    assert pages.drawing("range-test", lost).rows[0][1:3] == ["2 of 100", "not finite"]
    at_once = of_losses([math.nan], 100)
    assert pages.drawing("range-test", at_once).title == "In no range test is the loss of a step finite"
    diverged = of_losses([2.3] * 50 + [5000.0], 100, seeds=1)
    assert content(diverged)["ends"] == "Of 1 test, 1 stopped by that rule, at 0.0011."


def test_the_state_of_the_optimizer_is_spoken_of():
    found = measured()
    for name, words in (("sgd", "keeps no state"), ("adam", "Adam's moving averages"), ("nesterov", "velocity")):
        found.tables.origin["settings"]["optimizer"] = {"name": name}
        assert words in content(found)["state"]


def test_a_test_that_begins_with_other_weights_is_refused(tmp_path):
    found = stage_files.measured(THREE)
    written = copy.deepcopy(found.probes["range_test"])
    for one in written["seeds"]:
        one["initial_weights"] = "other"
    write_sealed(tmp_path / "range_test.json", written)
    file = probe_files({"range_test": tmp_path / "range_test.json"})["range_test"]
    with pytest.raises(InputError, match=r"range_test\.json: begins with other weights than the runs; delete it"):
        file.read(found.tables.origin, found.recommendation)
