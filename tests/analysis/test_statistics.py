"""Statistics for few seeds, by hand and from tables."""

from __future__ import annotations

import math

import numpy as np
import pytest
from histories import experiment, flat
from hypothesis import given
from hypothesis import strategies as st

from lrbench.analysis.statistics import (
    comparison,
    holm,
    median,
    performance_profile,
    probability_best,
    summary,
    t_interval,
    variance_shares,
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


def test_variance_shares_by_hand():
    # rates 1 and 3, seeds -1 and +1 around them: of 8 the rates have 4, the seeds 4
    assert variance_shares(np.array([[0.0, 2.0], [2.0, 4.0]])) == pytest.approx((0.5, 0.5))
    assert variance_shares(np.array([[1.0, 1.0], [3.0, 3.0]])) == pytest.approx((1, 0))
    assert variance_shares(np.full((2, 3), 0.7)) is None  # whose mean is not 0.7, as computers count
    assert variance_shares(np.array([[1.0, 2.0]])) is None
    assert variance_shares(np.array([[1.0], [2.0]])) is None


def test_performance_profile_by_hand():
    steps = np.array([[10.0, 40.0, math.inf], [20.0, 20.0, math.inf]])  # nobody solves the third
    assert performance_profile(steps, (1, 2, 4)) == pytest.approx(np.array([[1, 2, 2], [1, 2, 2]]) / 3)


def test_probability_of_being_best():
    found = probability_best({0.1: np.full(5, 0.9), 0.01: np.full(5, 0.5)}, 0.001)
    assert found == {0.01: 0, 0.1: 1}
    even = probability_best({0.1: np.linspace(0.8, 0.9, 5), 0.01: np.linspace(0.8, 0.9, 5)}, 0.001)
    assert even[0.1] == pytest.approx(0.5, abs=0.02)
    assert sum(even.values()) == pytest.approx(1)
    assert probability_best({0.1: np.full(4, 0.9)}, 0.001) == {}


def pairs(runs, measure="score", **settings):
    table = experiment(runs, **settings).analyse().comparisons
    return table[table["measure"] == measure]


def test_two_rates_with_the_same_difference_in_every_seed_have_no_p_of_zero():
    row = comparison(pairs({0.1: [flat(0.9)] * 3, 0.01: [flat(0.92)] * 3}), "score", 0.01, 0.1)
    assert row["difference"] == pytest.approx(-0.02)
    assert row["sd"] == pytest.approx(1e-4)  # one example of 10,000
    assert row["p"] > 0
    assert row["separated"]


def test_two_seeds_with_clear_differences_are_not_separated():
    row = pairs({0.1: [flat(0.9)] * 2, 0.01: [flat(0.99)] * 2}).iloc[0]
    assert row["n"] == 2
    assert row["p_holm"] < 0.05
    assert not row["separated"]


def test_one_seed_has_a_difference_and_no_interval():
    row = pairs({0.1: [flat(0.9)], 0.01: [flat(0.99)]}).iloc[0]
    assert row["difference"] == pytest.approx(-0.09)
    assert np.isnan(row[["sd", "low", "high", "p", "p_holm"]].astype(float)).all()
    assert not row["separated"]


def test_twenty_equal_rates_are_not_told_apart():
    generator = np.random.default_rng(3)
    runs = {10.0**-k: [flat(float(x)) for x in 0.95 + 0.003 * generator.standard_normal(5)] for k in range(20)}
    table = pairs(runs)
    assert len(table) == 190
    assert (table["p"] < 0.05).any()  # chance finds some ...
    assert not table["separated"].any()  # ... and the correction takes them back


def test_pairs_share_the_seeds_in_which_both_learned():
    runs = {0.1: [flat(0.9), flat(0.1), flat(0.8)], 0.01: [flat(0.95), flat(0.95), None], 1.0: [flat(0.1)] * 3}
    table = pairs(runs)
    assert [(row.higher, row.lower, row.n) for row in table.itertuples()] == [(0.1, 0.01, 1)]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_never_makes_a_p_smaller_and_keeps_their_order(values):
    p = np.array(values)
    adjusted = holm(p)
    assert (adjusted >= p).all()
    assert (adjusted <= 1).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(adjusted[order]) >= 0).all()
