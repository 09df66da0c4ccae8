"""What analysis and report write in the same way."""

import math

import pytest

from lrbench import wording
from lrbench.findings.claims.parts import beside_one
from lrbench.wording import (
    at_most_points,
    decimals_beside,
    nats,
    outcomes,
    plural_points,
    significant,
    spread,
)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [(1234.56, 1, "1,234.6"), (-0.04, 1, "0.0"), (-0.06, 1, "−0.1"), (math.nan, 1, "not finite"), (2.0, 0, "2")],
)
def test_number(value, decimals, expected):
    assert wording.number(value, decimals) == expected


@pytest.mark.parametrize(("value", "expected"), [(0.978, "97.8 %"), (-0.5, "−50.0 %"), (math.inf, "not finite")])
def test_percent(value, expected):
    assert wording.percent(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(0.95, "95 %"), (0.975, "97.5 %"), (0.9999, "99.99 %")])
def test_a_target_has_its_own_digits(value, expected):
    assert wording.target_label(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(0.0079, "0.8"), (0.0004, "0.04"), (0.0, "0.0"), (-0.012, "−1.2")])
def test_points(value, expected):
    assert wording.points(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(18750.0, "18,750"), (math.inf, "never"), (math.nan, "–")])
def test_steps(value, expected):
    assert wording.steps(value) == expected


@pytest.mark.parametrize(("count", "expected"), [(0, "0 seeds"), (1, "1 seed"), (1000, "1,000 seeds")])
def test_counted(count, expected):
    assert wording.counted(count, "seed") == expected


@pytest.mark.parametrize(
    ("parts", "expected"), [("", "none"), ("a", "a"), ("ab", "a and b"), ("abc", "a, b and c")], ids=repr
)
def test_listed(parts, expected):
    assert wording.listed(parts) == expected
    assert wording.listed(parts, "or") == expected.replace("and", "or")


def test_a_number_that_rounds_up_has_the_decimals_of_what_it_rounds_to():
    assert significant(0.9999999) == "1.0"
    assert significant(0.0996) == "0.10"
    assert significant(9.96) == "10"
    assert nats(0.00996) == "0.010"


def test_limits_are_rounded_up_and_points_have_their_number():
    assert at_most_points(0.001) == "0.1 points"
    assert at_most_points(0.01066, 0) == "2 points"
    assert at_most_points(0.01) == "1 point"
    assert plural_points(0.01, 0) == "1 point"
    assert plural_points(0.0107, 2) == "1.07 points"


@pytest.mark.parametrize(
    ("sizes", "margins", "decimals", "expected"),
    [
        ([0.0006], [0.001], 1, 2),  # 0.1 would read as the margin of 0.1
        ([0.0013], [0.001], 1, 2),
        ([0.00096], [0.001], 1, 3),  # 0.1, 0.10, 0.096
        ([0.0021], [0.00224], 1, 1),
        ([0.0024], [0.00224], 1, 2),  # 0.2 would read as below 0.224
        ([0.005, 0.002], [0.001], 1, 1),
        ([0.001], [0.001], 1, 1),  # it is the margin
        ([], [0.001], 0, 0),
    ],
)
def test_decimals_that_keep_a_difference_on_its_side_of_a_margin(sizes, margins, decimals, expected):
    assert decimals_beside(sizes, margins, decimals) == expected


@pytest.mark.parametrize(
    ("counts", "n", "expected"),
    [
        ([(1, "diverged")], 1, "the only run diverged"),
        ([(2, "diverged")], 2, "both runs diverged"),
        ([(3, "diverged")], 3, "all 3 runs diverged"),
        ([(1, "diverged")], 3, "1 of 3 runs diverged"),
        ([(3, "exploded"), (1, "failed to learn")], 3, "of 3 runs, all exploded and 1 failed to learn"),
    ],
)
def test_how_runs_ended(counts, n, expected):
    assert outcomes(counts, n) == expected


@pytest.mark.parametrize(
    ("sd", "expected"), [(0.00248, "0.25"), (0.002, "0.20"), (0.00001, "0.001"), (0.000035, "0.003"), (0.0, "0.00")]
)
def test_one_rounding_of_a_standard_deviation_of_accuracies(sd, expected):
    assert spread(100 * sd) == expected


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [(1.007, "1.01"), (0.996, "0.996"), (1.0003, "1.0003"), (1.0, "1.0"), (1.2, "1.2"), (1234.0, "1,234")],
)
def test_a_ratio_reads_as_on_its_side_of_one(ratio, expected):
    assert beside_one(ratio) == expected


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        (3.75, "3.7", "3.8"),
        (0.0375, "0.037", "0.038"),
        (10.01, "10", "11"),
        (2875.0, "2,800", "2,900"),
        (100.0, "100", "100"),
        (9.95, "9.9", "10"),
        (0.0, "0", "0"),
    ],
)
def test_a_bound_is_rounded_away_from_what_it_bounds(value, least, most):
    assert (wording.at_least(value), wording.at_most(value)) == (least, most)


def test_how_many_times_as_much_is_rounded_outwards():
    assert wording.times(3.75, 9.96) == "3.7 to 10"
    assert wording.times(3.75, math.inf) == "at least 3.7"


@pytest.mark.parametrize(
    ("shares", "decimals"),
    [((0.08, 0.0026, 0.17), 1), ((0.5, 0.1, 0.9), 0), ((0.08, 0.0004, 0.17), 2), ((0.0, 0.0, 0.3), 0)],
)
def test_an_interval_that_leaves_out_zero_never_shows_it(shares, decimals):
    assert wording.share_decimals(*shares) == decimals


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0789, "0.079"),
        (-0.0789, "−0.079"),
        (0.0, "0"),
        (12345.6, "12,346"),
        (2.3e7, "2.3e7"),
        (1.5e-6, "1.5e−6"),
        (math.nan, "not finite"),
        (math.inf, "not finite"),
        (None, "–"),
    ],
)
def test_significant_digits_with_an_exponent_where_it_is_shorter(value, expected):
    assert wording.rounded(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(0.12345, "0.1235"), (-0.00001, "0.0000"), (math.nan, "not finite"), (1e30, "1.00e30")]
)
def test_fixed(value, expected):
    assert wording.fixed(value) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.01], "0.01"),
        ([0.01, 0.001], "0.001 and 0.01"),
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], "6 rates from 0.1 to 0.6"),
    ],
)
def test_many_rates_are_said_by_their_range(values, expected):
    assert wording.rate_span(values) == expected


@pytest.mark.parametrize(("significance", "level"), [(0.05, "95 %"), (0.1, "90 %"), (0.001, "99.9 %")])
def test_the_level_of_an_interval_is_that_of_its_tests(significance, level):
    assert wording.interval_level(significance) == level
