"""Statistics for few seeds, by hand and from tables."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrbench.analysis.statistics import (
    corrected,
    holm,
    median,
    performance_profile,
    probability_best,
    summary,
    t_interval,
)


def test_t_interval_by_the_table():
    found = t_interval(np.array([1.0, 2.0, 3.0]), 0.05)
    assert (found.n, found.mean, found.sd) == (3, 2, 1)
    assert found.high - 2 == pytest.approx(4.302653 / math.sqrt(3), rel=1e-6)  # t of 2 degrees of freedom
    assert found.p == pytest.approx(0.0741799, rel=1e-5)  # t = 3.4641


def test_one_value_has_no_interval_and_none_is_no_value():
    one = t_interval(np.array([1.0]), 0.05)
    assert (one.n, one.mean) == (1, 1)
    assert all(map(math.isnan, (one.sd, one.low, one.high, one.p)))
    assert t_interval(np.array([]), 0.05).n == 0


def test_a_value_that_is_not_a_number_is_never_averaged_away():
    assert math.isnan(t_interval(np.array([1.0, math.nan, 2.0]), 0.05).mean)


def test_equal_differences_give_no_certainty():
    found = t_interval(np.full(3, 0.001), 0.05, least_sd=0.001)
    assert found.sd == 0.001
    assert found.p == pytest.approx(2 * 0.112702, rel=1e-4)  # t = sqrt 3 with 2 degrees of freedom


def test_holm_by_hand():
    # sorted .01 .02 .03 .04 -> x4 .04, x3 .06, x2 .06, x1 .06 (never falling)
    assert holm(np.array([0.04, 0.01, 0.03, 0.02])) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm(np.array([0.5, 0.9])) == pytest.approx([1.0, 1.0])
    adjusted = holm(np.array([0.01, math.nan]))
    assert adjusted[0] == 0.01
    assert math.isnan(adjusted[1])


@pytest.mark.parametrize(
    ("values", "middle"),
    [([10, 10, math.inf], 10), ([10, math.inf], math.inf), ([math.inf] * 2, math.inf), ([1, 2], 1.5)],
)
def test_median_of_what_may_never_happen(values, middle):
    assert median(np.array(values, dtype=float)) == middle


def test_summary_counts_what_is_not_finite_as_worst():
    loss = summary(np.array([1.0, math.nan, 3.0]), larger_is_worse=True)
    assert (loss["median"], loss["min"]) == (3, 1)
    assert all(math.isnan(loss[name]) for name in ("mean", "sd", "max"))
    accuracy = summary(np.array([0.5, math.nan, 0.7]), larger_is_worse=False)
    assert (accuracy["median"], accuracy["max"]) == (0.5, 0.7)
    assert math.isnan(accuracy["min"])


def test_performance_profile_by_hand():
    steps = np.array([[10.0, 40.0, math.inf], [20.0, 20.0, math.inf]])  # nobody solves the third
    assert performance_profile(steps, (1, 2, 4)) == pytest.approx(np.array([[1, 2, 2], [1, 2, 2]]) / 3)


def test_probability_of_being_best():
    apart = np.column_stack([np.full(5, 0.5), np.full(5, 0.9)])
    assert probability_best(apart, [0.01, 0.1], 0.001) == {0.01: 0, 0.1: 1}
    same = np.column_stack([np.linspace(0.8, 0.9, 5)] * 2)
    even = probability_best(same, [0.01, 0.1], 0.001)
    assert even[0.1] == pytest.approx(0.5, abs=0.02)
    assert sum(even.values()) == pytest.approx(1)
    assert probability_best(apart[:4], [0.01, 0.1], 0.001) == {}
    assert probability_best(apart[:, :1], [0.01], 0.001) == {}


def test_probability_of_being_best_looks_at_differences_within_a_seed():
    seeds = np.array([0.80, 0.84, 0.88, 0.92, 0.96])  # spread far more than the rates differ, at both alike
    found = probability_best(np.column_stack([seeds, seeds + 0.01]), [0.01, 0.1], 0.0001)
    assert found[0.1] > 0.999


def test_corrected_trends_by_hand():
    # p of (1, 2, 3) is .0742, of (3, 3.1, 3.2) .000347: x2 is .0007, x1 .0742, so the second alone is found
    weak, strong = corrected([np.array([1.0, 2.0, 3.0]), np.array([3.0, 3.1, 3.2])], 0.05)
    assert (weak.found, strong.found) == (False, True)
    assert weak.interval.p == pytest.approx(0.0741799, rel=1e-5)
    assert strong.interval.p == pytest.approx(2 * 0.00034668, rel=1e-4)
    # the strong one's interval is at the level 1 - .05 / 2: t of 2 degrees is 6.205347
    assert strong.interval.low == pytest.approx(3.1 - 6.205347 * 0.1 / math.sqrt(3), rel=1e-6)


def test_an_interval_leaves_out_zero_only_where_the_correction_lets_it():
    one, other = corrected([np.array([0.1, 0.2, 0.3])] * 2, 0.2)  # p = .0742 each, x2 = .148: both are found
    assert (one.found, other.found) == (True, True)
    one, other = corrected([np.array([0.1, 0.2, 0.3])] * 2, 0.1)  # .148 is above the level
    assert (one.found, other.found) == (False, False)
    assert one.interval.low <= 0
    assert other.interval.low <= 0
    assert not corrected([np.array([0.1, 0.2])], 0.9)[0].found  # two seeds never find anything
    nothing = corrected([np.array([1.0, math.nan]), np.array([])], 0.05)
    assert [trend.found for trend in nothing] == [False, False]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_never_makes_a_p_smaller_and_keeps_their_order(values):
    p = np.array(values)
    adjusted = holm(p)
    assert (adjusted >= p).all()
    assert (adjusted <= 1).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(adjusted[order]) >= 0).all()
