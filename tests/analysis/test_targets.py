"""Target accuracies: relative ones follow from the best rate by a rule, and each run's reach is timed."""

from __future__ import annotations

import math

import pytest
from support.histories import experiment, flat, run

from lrbench.analysis.across import Targets, relative_targets

SHARES = (0.95, 0.99)


def targets_of(runs, shares=SHARES, **more):
    return experiment(runs, targets={"relative": list(shares)}, **more).analyse()


@pytest.mark.parametrize(
    ("shares", "chance", "best", "expected"),
    [
        (SHARES, 0.1, 0.9, {0.95: 0.86, 0.99: 0.892}),
        (SHARES, 0.1, 0.8834, {0.95: 0.844, 0.99: 0.875}),  # 0.84423 and 0.875566, rounded down
        (SHARES, 0.955, 0.9899, {0.95: 0.9881, 0.99: 0.9895}),  # a way of 3.5 points: 0.988155 and 0.989551
        ((1.0,), 0.1, 0.8, {1.0: 0.8}),
        ((0.5,), 0.1, 0.1004, {0.5: 0.1002}),  # three decimals would give chance itself
        ((0.99, 0.95), 0.1, 0.9, {0.95: 0.86, 0.99: 0.892}),
        ((0.5,), 0.1, 0.9, {0.5: 0.5}),  # a multiple of a tenth of a point is not rounded away
        ((0.95, 0.9501), 0.1, 0.9, {0.95: 0.86, 0.9501: 0.86008}),  # 0.86 and 0.86008 meet in four decimals
        ((0.25, 0.75), 0.1, 0.1004, {0.25: 0.1001, 0.75: 0.1003}),  # three decimals would give chance itself
        ((0.95, 0.95 + 1e-13), 0.1, 0.9, {0.95: 0.86}),
        (SHARES, 0.1, 0.1, {}),
        (SHARES, 0.1, 0.09, {}),
        (SHARES, 0.1, math.nan, {}),
        (SHARES, 1.0, 1.0, {}),
    ],
)
def test_relative_targets(shares, chance, best, expected):
    assert relative_targets(shares, chance, best) == expected


def test_the_best_is_the_highest_mean_score_of_a_rate_that_learned_in_all_its_runs():
    runs = {0.1: [flat(0.99), flat(0.1)], 0.01: [flat(0.88), flat(0.9)], 0.001: [flat(0.85), flat(0.85)]}
    found = targets_of(runs)  # 0.1 has a better run, and one that failed
    assert found.targets_asked == (0.85, 0.882)  # best 0.89: 0.1 + 0.95 x 0.79 = 0.8505 and 0.1 + 0.99 x 0.79 = 0.8821


def test_no_rate_that_learned_leaves_the_highest_median_final_accuracy():
    found = targets_of({0.1: [flat(0.3), flat(0.3), flat(0.1)], 0.01: [flat(0.2), flat(0.2), flat(0.1)]})
    assert found.across["targets"] == {
        "rule": "relative",
        "shares": [0.95, 0.99],
        "accuracies": [0.29, 0.298],
        "best": 0.3,
        "best_is": "final accuracy",
    }


def test_nothing_above_chance_leaves_no_targets():
    found = targets_of({0.1: [flat(0.1)] * 2, 0.01: [flat(0.05)] * 2})
    assert (found.targets_asked, len(found.targets), len(found.reach)) == ((), 0, 0)
    assert found.across["targets"]["accuracies"] == []
    assert found.across["performance_profiles"] is None


def test_a_rate_whose_accuracy_is_not_a_number_is_not_the_best():
    found = targets_of({0.1: [run([math.nan] * 3)] * 2, 0.01: [flat(0.9, 3)] * 2})
    assert found.targets_asked == (0.86, 0.892)


def test_absolute_targets_stay_as_they_are():
    found = experiment({0.1: [flat(0.5)]}, targets=(0.97, 0.95)).analyse()
    assert found.targets_asked == (0.95, 0.97)
    expected = Targets("absolute", (), (0.95, 0.97))
    assert found.across["targets"] == expected.as_dict()
    assert expected.as_dict() == {
        "rule": "absolute",
        "shares": [],
        "accuracies": [0.95, 0.97],
        "best": None,
        "best_is": None,
    }


def test_tables_hold_the_accuracies():
    found = targets_of({0.1: [run([0.5, 0.86, 0.9])]})
    assert found.targets[["target", "first_at", "sustained_at"]].to_numpy().tolist() == [
        [0.86, 20, 20],
        [0.892, 30, 30],
    ]
    assert found.reach["target"].tolist() == [0.86, 0.892]


def test_a_worse_rate_more_changes_no_target():
    runs = {0.1: [flat(0.88), flat(0.9)], 0.01: [flat(0.95), flat(0.96)]}
    assert targets_of(runs).targets_asked == targets_of(runs | {1.0: [flat(0.1)] * 2}).targets_asked
