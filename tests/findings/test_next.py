"""What to train next: each rule proposes what it should where the truth is known, and nothing without a gain."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import COLLAPSED, DIVERGED, FAILED, LEARNED, course
from support.histories import experiment, flat, run
from support.observed import steady
from support.samples import BOUNDED
from support.statements import misplaced_evidence, unfounded_numbers

from lrbench.findings.next import what_next
from lrbench.identity.provenance import canonical_json
from lrbench.settings.config import Config
from lrbench.settings.limits import MOST_SEEDS, float32, new_rates, new_seeds, rounded_rate
from lrbench.tables.conclusions import NEXT
from lrbench.tables.contracts import check_shape

MISSING = "missing"
FINE = (0.0005, 0.001, 0.002)
ENOUGH = (-0.0004, -0.0002, 0.0, 0.0002, 0.0005)


def proposed(runs, **more):
    """The proposals by rule, and the rules that propose nothing with their reasons; every number is looked up."""
    analysis = experiment(runs, **more).analyse()
    found = what_next(analysis)
    check_shape(found, NEXT, "next")
    canonical_json(found)
    for one in (*found["proposals"], *found["settled"]):
        named = one.get("asks", {}).get("learning_rates", ())
        assert unfounded_numbers(one["reason"], one["evidence"], analysis, named=named) == [], one["reason"]
        assert misplaced_evidence(one["evidence"], analysis) == []
    return {one["rule"]: one for one in found["proposals"]}, {one["rule"]: one["reason"] for one in found["settled"]}


def peak(scores, rates=FINE, **more):
    return {rate: steady(score, seeds=ENOUGH, **more) for rate, score in zip(rates, scores, strict=True)}


def test_nothing_is_proposed_where_nothing_is_to_be_gained():
    found, settled = proposed(peak((0.95, 0.97, 0.95)))
    assert found == {}
    assert settled == {
        "beyond": "The recommended of 3 rates, 0.001, lies between 0.0005 and 0.002.",
        "between": "The neighbours of 0.001 are within a factor of 2, near enough.",
        "seeds": "5 seeds tell 0.001 from every other rate that learned each time.",
        "epochs": "No validation loss of the recommended rate, or of one that is clearly behind, was clearly still "
        "falling over the last 5 epochs.",
    }


@pytest.mark.parametrize(
    ("scores", "new", "side"),
    [((0.97, 0.95, 0.93), [0.00013, 0.00025], "smallest"), ((0.93, 0.95, 0.97), [0.004, 0.008], "largest")],
)
def test_rates_beyond_the_edge_continue_the_grid_by_its_own_step(scores, new, side):
    found, _ = proposed(peak(scores))
    assert found.keys() == {"beyond"}
    assert found["beyond"]["asks"] == {"learning_rates": sorted([*FINE, *new])}
    assert (found["beyond"]["runs"], found["beyond"]["epochs"]) == (10, 100)
    assert f"is the {side} of 3 tried" in found["beyond"]["reason"]


def test_the_tutorials_grid_continues_by_ten():
    found, _ = proposed(peak((0.93, 0.95, 0.97), (0.0001, 0.001, 0.01)))
    assert found["beyond"]["asks"]["learning_rates"] == [0.0001, 0.001, 0.01, 0.1, 1.0]
    assert found["beyond"]["title"] == "Try the learning rates 0.1 and 1"


def test_what_lies_between_the_recommended_rate_and_distant_neighbours_is_proposed():
    found, settled = proposed(peak((0.95, 0.97, 0.95), (0.0001, 0.001, 0.0015)))
    assert found.keys() == {"between"}
    assert found["between"]["asks"]["learning_rates"] == [0.0001, 0.0003, 0.001, 0.0015]
    assert found["between"]["reason"] == (
        "0.0001 and 0.001 are a factor of 10 apart. Whether a rate between does better than 0.001, the recommended, "
        "was not tried."
    )
    assert "beyond" in settled


def test_the_only_rate_tried_gets_neighbours_on_both_sides():
    found, settled = proposed({0.001: steady(0.96, seeds=ENOUGH)})
    assert found["beyond"]["asks"]["learning_rates"] == [1e-05, 0.0001, 0.001, 0.01, 0.1]
    assert settled.keys() == {"between", "seeds", "epochs"}


def test_peak_rates_are_proposed_under_a_schedule():
    found, _ = proposed(peak((0.93, 0.95, 0.97)), schedule={"name": "cosine"})
    assert found["beyond"]["title"] == "Try the peak learning rates 0.004 and 0.008"


def spread(accuracy, offsets):
    return [flat(accuracy + offset) for offset in offsets]


def test_seeds_are_proposed_by_the_power_of_the_paired_test():
    first = spread(0.97, (0.0, 0.006, -0.006, 0.003, -0.003))
    second = spread(0.9665, (0.006, -0.006, 0.003, -0.003, 0.0))
    found, _ = proposed({0.0005: spread(0.9, ENOUGH), 0.001: first, 0.002: second, 0.004: spread(0.9, ENOUGH)})
    (needed,) = {e["value"] for e in found["seeds"]["evidence"] if e["column"].endswith("seeds_needed")}
    assert 5 < needed < 60
    assert found["seeds"]["asks"] == {"seeds": list(range(needed))}
    assert found["seeds"]["runs"] == 4 * (needed - 5)
    assert found["seeds"]["title"] == f"Train with {needed - 5} seeds more"


def test_seeds_beyond_measure_are_not_worth_it():
    first = spread(0.97, (0.0, 0.03, -0.03, 0.02, -0.02))
    second = spread(0.9685, (0.03, -0.03, 0.02, -0.02, 0.0))
    _, settled = proposed({0.0005: spread(0.8, ENOUGH), 0.001: first, 0.002: second, 0.004: spread(0.8, ENOUGH)})
    assert "it would take more than 200 seeds a rate, which is not worth it" in settled["seeds"]


def test_seeds_are_not_worth_it_for_a_difference_that_does_not_matter():
    offsets = (0.0, 0.0004, -0.0004, 0.0002, -0.0002)
    runs = {0.001: spread(0.97, offsets), 0.002: spread(0.9698, offsets[::-1]), 0.0005: spread(0.9, offsets)}
    _, settled = proposed(runs | {0.004: spread(0.9, offsets)})
    assert settled["seeds"].endswith("too little to matter, so more seeds are not worth it.")


def test_with_one_seed_more_are_proposed_first_of_all_numbers():
    found, _ = proposed({0.0005: [flat(0.9)], 0.001: [flat(0.95)], 0.002: [flat(0.9)]}, seeds=[3])
    assert found["seeds"]["asks"] == {"seeds": [0, 1, 2, 3, 4]}


FALLING = (2 * 0.8 ** np.arange(10)).tolist()


def falling(accuracy, loss=FALLING):
    return [run([accuracy + offset] * 10, [value * (1 + offset) for value in loss]) for offset in ENOUGH]


def test_longer_training_is_proposed_where_the_recommended_rate_still_improves():
    found, _ = proposed({0.0005: steady(0.9, seeds=ENOUGH), 0.001: falling(0.96), 0.002: steady(0.9, seeds=ENOUGH)})
    assert found.keys() == {"epochs"}
    assert found["epochs"]["asks"] == {"epochs": 20}
    assert (found["epochs"]["runs"], found["epochs"]["epochs"]) == (15, 300)
    assert "of the recommended rate was still falling over the last 5 epochs: at 0.001, by" in found["epochs"]["reason"]


def test_longer_training_is_proposed_where_one_that_is_behind_still_improves():
    found, _ = proposed({0.0005: falling(0.9), 0.001: steady(0.96, seeds=ENOUGH), 0.002: steady(0.9, seeds=ENOUGH)})
    assert found.keys() == {"epochs"}
    assert "so with more epochs it may catch up" in found["epochs"]["reason"]


def test_a_rate_that_improves_and_is_not_behind_asks_for_nothing():
    runs = {0.0005: falling(0.9598), 0.001: steady(0.96, seeds=ENOUGH), 0.002: steady(0.9, seeds=ENOUGH)}
    assert "epochs" not in proposed(runs)[0]


DIVERGES = [run([0.1] * 10, [math.nan] * 10, finite=False) for _ in range(5)]
FAILS = [flat(0.1, loss=2.3) for _ in range(5)]


@pytest.mark.parametrize(
    ("runs", "new"),
    [
        ({0.1: DIVERGES, 1.0: DIVERGES}, [0.001, 0.01]),
        ({1e-6: FAILS, 1e-5: FAILS}, [1e-8, 1e-7, 1e-4, 1e-3]),
        ({1e-6: FAILS, 1.0: DIVERGES}, [0.001]),
    ],
)
def test_where_no_rate_learned_the_ends_say_where_to_look(runs, new):
    found, settled = proposed(runs)
    assert found["beyond"]["asks"] == {"learning_rates": sorted([*runs, *new])}
    assert settled.keys() == {"epochs"}


def test_a_missing_run_comes_first():
    found, settled = proposed({0.001: [flat(0.9), None], 0.01: [flat(0.9), flat(0.9)]})
    assert found == {}
    assert settled == {"missing": "1 planned run is missing; the same config, run again, trains it."}


def test_nothing_is_proposed_where_weights_are_carried_over():
    made = experiment(peak((0.93, 0.95, 0.97)))
    settings = made.origin["settings"] | {"initial_weights": {"name": "carried_over", "order": list(FINE)}}
    found = what_next(dataclasses.replace(made, origin=made.origin | {"settings": settings}).analyse())
    assert found["proposals"] == []
    assert [one["rule"] for one in found["settled"]] == ["weights"]
    assert found["statement"] == "Nothing is proposed where weights are carried over."


@pytest.mark.parametrize("edge", [2.0**-126, 1e6])
def test_no_rate_is_proposed_that_a_config_does_not_take(edge):
    rates = (edge, edge * 10, edge * 100) if edge < 1 else (edge / 100, edge / 10, edge)
    scores = (0.97, 0.95, 0.93) if edge < 1 else (0.93, 0.95, 0.97)
    _, settled = proposed(peak(scores, rates))
    assert settled["beyond"].endswith("A config's limits leave no further rate to ask for there.")


def test_new_rates_and_seeds_stay_within_the_limits():
    assert new_rates([0.1], [0.1 + 1e-12, 0.2, 0.2 + 1e-12, 1e-40, 1e7, math.inf]) == [0.2]
    assert new_rates([10.0**-power for power in range(99)], [2.0, 3.0]) == [2.0]
    assert new_seeds([1, 7], 5) == [0, 2, 3]
    assert len(new_seeds([5], 10**6)) == MOST_SEEDS - 1
    assert [rounded_rate(value, 3.0) for value in (0.00316, 0.0932, 0.01732)] == [0.003, 0.09, 0.017]


@st.composite
def made(draw):
    """Experiments of up to five rates and four seeds, anywhere in the range, with runs that go wrong or are missing."""
    positive = st.floats(2.0**-126, 1e6, allow_subnormal=False)
    near = st.sampled_from((0.0001, 0.0003, 0.001, 0.0011, 0.01, 0.1, 0.1000001))
    rates = draw(st.lists(st.one_of(near, positive), min_size=1, max_size=5, unique_by=float32))
    seeds, epochs = draw(st.integers(1, 4)), draw(st.sampled_from((1, 3, 9)))
    fates = st.sampled_from((LEARNED,) * 6 + (FAILED, COLLAPSED, DIVERGED))
    lost = draw(st.sampled_from((False,) * 5 + (True,)))
    runs = {rate: [course(draw(near), seed, epochs, draw(fates)) for seed in range(seeds)] for rate in rates}
    if lost and (len(rates) > 1 or seeds > 1):
        runs[rates[0]][0] = None
    names = draw(st.lists(st.integers(0, 2**32 - 1), min_size=seeds, max_size=seeds, unique=True))
    return runs, names


@settings(BOUNDED, max_examples=12)
@given(history=made())
def test_whatever_was_measured_the_proposals_are_valid(history):
    runs, names = history
    found, settled = proposed(runs, seeds=names)
    again, _ = proposed(dict(reversed(runs.items())), seeds=names)
    assert found == again
    assert found or settled
    config = {"experiment": "made", "dataset": {"name": "a", "path": "b"}, "seeds": sorted(names), "epochs": 9}
    for one in found.values():
        asked = config | {"learning_rates": sorted(runs)} | one["asks"]
        Config.model_validate(asked, strict=True, context={"config": True})
        assert set(runs) <= set(asked["learning_rates"])
        assert set(names) <= set(asked["seeds"])
        assert one["runs"] > 0 < one["epochs"]
        assert (set(asked["learning_rates"]), set(asked["seeds"])) != (set(runs), set(names)) or "epochs" in one["asks"]


def test_an_immense_step_is_said_in_words():
    found, _ = proposed(peak((0.93, 0.97), (1e-30, 1.0)))
    assert found["between"]["reason"].startswith("1e-30 and 1 are a factor of more than a million apart")
    assert found["between"]["asks"]["learning_rates"] == [1e-30, 1e-15, 1.0]
