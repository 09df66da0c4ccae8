"""The studentized range against Student's t, published tables, scipy and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from lrbench.analysis.statistics import UNLIKELIEST, range_critical, range_p


@pytest.mark.parametrize("freedom", [1, 2, 4, 19])
@pytest.mark.parametrize("t", [0.1, 1.0, 3.0, 8.0])
def test_the_range_of_two_means_is_student_s_t(t, freedom):
    assert range_p(t, 2, freedom) == pytest.approx(2 * stats.t.sf(t, freedom), rel=1e-8)


@pytest.mark.parametrize("freedom", [1, 2, 4, 50, 999])
@pytest.mark.parametrize("t", [1e-6, 1e-3, 0.01, 0.1, 0.5])
def test_a_small_difference_has_a_p_that_is_never_below_that_of_its_pair_alone(t, freedom):
    assert range_p(t, 2, freedom) == pytest.approx(2 * stats.t.sf(t, freedom), rel=1e-8)
    assert range_p(t, 11, freedom) >= range_p(t, 2, freedom)


@pytest.mark.parametrize(
    ("means", "freedom", "q"),
    [(3, 4, 5.040), (3, 10, 3.877), (5, 10, 4.654), (10, 4, 7.826), (10, 20, 5.008), (20, 10, 6.467)],
)
def test_critical_values_of_published_tables(means, freedom, q):
    """Upper 5 % points of the studentized range, as statistics books print them to three decimals."""
    assert range_critical(0.05, means, freedom) * math.sqrt(2) == pytest.approx(q, abs=6e-4)


@pytest.mark.parametrize(("t", "means", "freedom"), [(2.0, 3, 4), (5.0, 11, 4), (3.5, 30, 9), (6.0, 100, 2)])
def test_agrees_with_scipy(t, means, freedom):
    expected = stats.studentized_range.sf(t * math.sqrt(2), means, freedom)
    assert range_p(t, means, freedom) == pytest.approx(expected, rel=1e-7)


def test_agrees_with_simulation():
    generator = np.random.default_rng(0)
    values = generator.standard_normal((200_000, 5))
    deviation = np.sqrt(generator.chisquare(6, 200_000) / 6)
    share = float(np.mean(np.ptp(values, axis=1) / deviation > 3.0 * math.sqrt(2)))
    assert range_p(3.0, 5, 6) == pytest.approx(share, abs=0.002)


def test_ends_of_the_scale():
    assert range_p(0.0, 5, 4) == 1.0
    assert range_p(math.inf, 5, 4) == 0.0
    assert math.isnan(range_p(math.nan, 5, 4))
    assert range_p(1e6, 3, 50) == UNLIKELIEST
    assert range_p(-2.0, 3, 4) == range_p(2.0, 3, 4)
    with pytest.raises(ValueError, match="significance"):
        range_critical(0.0, 3, 4)
