"""Pairs of rates: which are told apart, with numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from support.histories import experiment, flat

from lrbench.analysis.choice import compare_rates, comparison, told_apart
from lrbench.analysis.pairs import difference_sd, usual_variance
from lrbench.analysis.statistics import range_p
from lrbench.findings.conclusions import recommend

GRID = [1e-4, 1e-3, 1e-2]


def table_of(scores, chosen, n_validation=10_000, significance=0.05):
    """The comparisons of made-up scores, one column of seeds for each rate; losses are 1 - score."""
    rows = [
        {"learning_rate": rate, "seed": seed, "score": score, "final_val_loss": 1 - score}
        for rate, own in scores.items()
        for seed, score in enumerate(own)
    ]
    return compare_rates(pd.DataFrame(rows), sorted(scores), chosen, n_validation, significance)


def pair(table, one, other, measure="score"):
    row = comparison(table, measure, one, other)
    assert row is not None
    return row


def test_usual_variance_is_twice_the_median_of_the_rates():
    values = np.array([[0.0, 0.0, 0.0], [2.0, 20.0, 4.0]])  # variances 2, 200, 8
    assert usual_variance(values) == 16
    assert math.isnan(usual_variance(values[:1]))


def test_a_small_deviation_is_drawn_towards_the_usual_one_and_a_large_one_stays():
    # three seeds, two degrees of freedom: (2 x 0 + 2 x 4) / 4 = 2; variance 9 stays
    differences = np.array([[0.0, -3.0], [0.0, 0.0], [0.0, 3.0]])
    assert difference_sd(differences, 4.0, 0.1) == pytest.approx([math.sqrt(2), 3])
    assert difference_sd(differences[:, :1], 0.0, 0.1) == pytest.approx([0.1])


def test_a_pair_by_hand():
    # differences .02, .03, .04: mean .03, sd .01; both rates vary by sd .005 and .005, the usual variance is 5e-5
    scores = {0.01: [0.900, 0.905, 0.910], 0.1: [0.920, 0.935, 0.950]}
    usual = 2 * np.median([0.005**2, 0.015**2])
    sd = math.sqrt(max(0.01**2, (2 * 0.01**2 + 2 * usual) / 4))
    row = pair(table_of(scores, 0.1), 0.1, 0.01)
    assert (row["difference"], row["sd"]) == (pytest.approx(0.03), pytest.approx(sd))
    t = 0.03 / (sd / math.sqrt(3))
    assert row["p"] == pytest.approx(2 * stats.t.sf(t, 2))
    assert row["p_corrected"] == pytest.approx(row["p"])  # of two rates there is one pair
    assert row["high"] - 0.03 == pytest.approx(4.302653 * sd / math.sqrt(3), rel=1e-6)
    assert (row["higher_ahead"], row["lower_ahead"], row["family"]) == (3, 0, "chosen")
    loss = pair(table_of(scores, 0.1), 0.1, 0.01, "val_loss")
    assert (loss["difference"], loss["higher_ahead"]) == (pytest.approx(-0.03), 3)  # a lower loss is better


def test_the_pair_that_stands_out_is_held_against_the_range_of_all_and_the_next_against_fewer():
    generator = np.random.default_rng(1)
    scores = {
        rate: (mean + 0.001 * generator.standard_normal(5)).tolist()
        for rate, mean in zip(GRID, (0.90, 0.95, 0.94), strict=True)
    }
    table = table_of(scores, 1e-3)
    for rate, means in ((1e-4, 3), (1e-2, 2)):
        row = pair(table, 1e-3, rate)
        t = abs(row["difference"]) / (row["sd"] / math.sqrt(5))
        assert row["p_corrected"] == pytest.approx(range_p(t, means, 4))
        assert row["separated"]
    other = pair(table, 1e-2, 1e-4)
    assert (other["family"], other["p_corrected"]) == ("others", pytest.approx(other["p"]))


def test_a_corrected_p_is_never_below_that_of_the_pair_alone():
    generator = np.random.default_rng(3)
    for rates in (2, 3, 7):
        scores = {10.0**-place: (0.95 + 0.01 * generator.standard_normal(4)).tolist() for place in range(rates)}
        scores[0.5] = scores[1.0][::-1]  # the same mean: a difference of 0, or of rounding
        table = table_of(scores, 1.0)
        assert (table["p_corrected"] >= table["p"]).all()


def test_an_unsteady_rate_with_the_worst_mean_hides_no_other():
    scores = {1e-4: [0.70, 0.95, 0.72, 0.94, 0.71], 1e-3: [0.95] * 5, 1e-2: [0.920, 0.921, 0.920, 0.919, 0.920]}
    table = table_of(scores, 1e-3)
    assert not told_apart(table, "score", 1e-3, 1e-4)
    assert told_apart(table, "score", 1e-3, 1e-2)


def test_a_pair_that_is_not_told_apart_ends_the_steps():
    # t of 4.1 against three means needs 5.9; t of 4.4 would be enough against two, but is not asked
    scores = {1e-4: [0.940, 0.946, 0.938], 1e-3: [0.950, 0.951, 0.949], 1e-2: [0.9430, 0.9485, 0.9430]}
    table = table_of(scores, 1e-3)
    one, other = pair(table, 1e-3, 1e-4), pair(table, 1e-2, 1e-3)
    strong, weak = sorted((one, other), key=lambda row: row["p"])
    assert not strong["separated"]
    assert not weak["separated"]
    assert weak["p_corrected"] >= strong["p_corrected"] > 0.05


def test_a_rate_above_the_chosen_one_is_in_the_same_family():
    scores = {1e-4: [0.90, 0.91, 0.90], 1e-3: [0.950, 0.951, 0.950], 1e-2: [0.9505, 0.9512, 0.9508]}
    row = pair(table_of(scores, 1e-3), 1e-3, 1e-2)
    assert (row["family"], row["difference"] > 0) == ("chosen", True)


def test_intervals_leave_out_zero_where_and_only_where_a_pair_is_told_apart():
    generator = np.random.default_rng(7)
    for _ in range(40):
        scores = {
            rate: generator.normal(0.9 + 0.01 * generator.random(), 0.004, 4).tolist() for rate in (*GRID, 0.1, 1.0)
        }
        best = max(scores, key=lambda rate: np.mean(scores[rate]))
        table = table_of(scores, best)
        assert (table["separated"] == ((table["low"] > 0) | (table["high"] < 0))).all()


def test_the_level_is_the_one_of_the_config():
    scores = {0.01: [0.900, 0.905, 0.910], 0.1: [0.915, 0.925, 0.935]}
    strict, lax = (pair(table_of(scores, 0.1, significance=level), 0.1, 0.01) for level in (0.001, 0.3))
    assert (strict["separated"], lax["separated"]) == (False, True)
    assert strict["high"] - strict["low"] > lax["high"] - lax["low"]


def comparisons(runs, measure="score", **settings):
    table = experiment(runs, **settings).analyse().comparisons
    return table[table["measure"] == measure]


def test_two_rates_with_the_same_difference_in_every_seed_have_no_p_of_zero():
    row = comparison(comparisons({0.1: [flat(0.9)] * 3, 0.01: [flat(0.92)] * 3}), "score", 0.01, 0.1)
    assert row["difference"] == pytest.approx(-0.02)
    assert row["sd"] == pytest.approx(1e-4)  # one example of 10,000
    assert row["p"] > 0
    assert row["separated"]


def test_two_seeds_with_clear_differences_are_not_separated():
    row = comparisons({0.1: [flat(0.9)] * 2, 0.01: [flat(0.99)] * 2}).iloc[0]
    assert row["n"] == 2
    assert row["p_corrected"] < 0.05
    assert not row["separated"]


def test_one_seed_has_a_difference_and_no_interval():
    row = comparisons({0.1: [flat(0.9)], 0.01: [flat(0.99)]}).iloc[0]
    assert row["difference"] == pytest.approx(-0.09)
    assert np.isnan(row[["sd", "low", "high", "p", "p_corrected"]].astype(float)).all()
    assert not row["separated"]


def test_twenty_equal_rates_are_not_told_apart():
    generator = np.random.default_rng(3)
    runs = {10.0**-k: [flat(float(x)) for x in 0.95 + 0.003 * generator.standard_normal(5)] for k in range(20)}
    table = comparisons(runs)
    assert len(table) == 190
    assert (table["p"] < 0.05).any()  # chance finds some ...
    assert not table["separated"].any()  # ... and the correction takes them back


def test_a_rate_that_is_clearly_worse_is_told_apart_among_eleven():
    generator = np.random.default_rng(5)
    runs = {10.0**-k: [flat(float(x)) for x in 0.95 + 0.010 * generator.standard_normal(5)] for k in range(10)}
    runs[3.0] = [flat(float(x)) for x in 0.90 + 0.010 * generator.standard_normal(5)]
    analysis = experiment(runs).analyse()
    assert told_apart(analysis.comparisons, "score", 3.0, recommend(analysis)["chosen"])


def test_rates_of_which_a_run_failed_or_is_missing_are_not_compared():
    runs = {0.1: [flat(0.9), flat(0.1), flat(0.8)], 0.01: [flat(0.95), flat(0.95), None], 1.0: [flat(0.1)] * 3}
    assert comparisons(runs).empty
    whole = comparisons(runs | {0.001: [flat(0.9)] * 3, 0.0001: [flat(0.91)] * 3})
    assert [(row.higher, row.lower, row.n) for row in whole.itertuples()] == [(0.001, 0.0001, 3)]


def test_a_difference_that_is_not_found_is_not_told_apart():
    table = comparisons({0.1: [flat(0.9)] * 3, 0.01: [flat(0.92)] * 3})
    assert comparison(table, "score", 0.1, 5.0) is None
    assert not told_apart(table, "score", 0.1, 5.0)
