"""How far and how fast: measures of single histories, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lrbench.analysis.course import (
    NEVER,
    Reached,
    Reaching,
    first_epoch_at,
    first_reached,
    is_faster,
    is_faster_to,
    late_log_change,
    overfitting,
    score,
    score_epochs,
    skill,
    sustained_reached,
)
from lrbench.analysis.statistics import t_interval

STEP = np.array([0, 10, 20, 50, 100])


def test_skill_is_accuracy_beyond_the_largest_class():
    assert skill(0.55, 0.1) == pytest.approx(0.5)
    assert skill(0.1, 0.1) == 0
    assert skill(1.0, 0.3) == 1
    assert skill(0.0, 0.5) == -1
    assert math.isnan(skill(1.0, 1.0))


@pytest.mark.parametrize(("epochs", "last"), [(1, 1), (4, 1), (5, 1), (10, 2), (24, 4), (25, 5), (1000, 5)])
def test_the_score_averages_a_fifth_of_the_epochs_one_to_five_of_them(epochs, last):
    assert score_epochs(epochs) == last


def test_score():
    assert score(np.array([0.1] * 8 + [0.8, 0.9])) == pytest.approx(0.85)
    assert math.isnan(score(np.array([0.9, math.nan])))


def test_a_target_is_reached_between_two_evaluations():
    accuracy = np.array([0.1, 0.5, 0.9, 0.7, 0.8])
    assert first_reached(STEP, accuracy, 0.7) == Reached(10, 20)
    assert sustained_reached(STEP, accuracy, 0.7) == Reached(10, 20)
    assert first_reached(STEP, accuracy, 0.8) == Reached(10, 20)
    assert sustained_reached(STEP, accuracy, 0.8) == Reached(50, 100)
    assert first_reached(STEP, accuracy, 0.9) == Reached(10, 20)
    assert sustained_reached(STEP, accuracy, 0.9) == NEVER
    assert first_reached(STEP, accuracy, 0.95) == NEVER


def test_an_accuracy_that_is_not_a_number_is_below_any_target():
    accuracy = np.array([0.1, 0.9, math.nan, 0.9, 0.9])
    assert first_reached(STEP, accuracy, 0.8) == Reached(0, 10)
    assert sustained_reached(STEP, accuracy, 0.8) == Reached(20, 50)


def test_a_target_met_before_training():
    assert first_reached(STEP, np.full(5, 0.9), 0.8) == sustained_reached(STEP, np.full(5, 0.9), 0.8) == Reached(0, 0)


@pytest.mark.parametrize(
    ("one", "other", "faster"),
    [
        (Reached(10, 20), Reached(20, 50), True),  # by 20 at the latest, and after 20
        (Reached(10, 20), Reached(10, 20), False),
        (Reached(10, 50), Reached(20, 50), False),
        (Reached(10, 30), Reached(20, 50), False),  # either may have been first
        (Reached(10, 20), NEVER, True),
        (NEVER, NEVER, False),
        (NEVER, Reached(10, 20), False),
        (Reached(0, 0), Reached(0, 0), False),
        (Reached(0, 0), Reached(0, 1), True),
    ],
)
def test_faster_is_said_of_disjoint_intervals_only(one, other, faster):
    assert is_faster(one, other) is faster


def test_overfitting_is_measured_from_the_window_of_least_loss():
    # windows of 3: means 3, 2, 1, 2 (least the third, of epochs 3 to 5), last 4
    val_loss = np.array([[4.0, 3, 2, 1, 0.0001, 5, 7]] * 3)
    found = overfitting(val_loss, np.array([[7.0, 6, 5, 4, 3, 2, 1]] * 3))
    means = np.array([9, 6, 3.0001, 6.0001, 12.0001]) / 3
    assert found.onset == 4
    assert found.rise == pytest.approx([math.log(means[4] / means[2])] * 3)
    assert found.training_change == pytest.approx([-2] * 3)  # means of 4 and 2


def test_each_run_is_measured_from_the_least_loss_of_the_others():
    # windows of 3: 1, 4/3, 5/3 and 2, 5/3, 4/3; the first is least at the first window, the second at the last
    found = overfitting(np.array([[1.0, 1, 1, 2, 2], [2.0, 2, 2, 1, 1]]), np.ones((2, 5)))
    assert found.rise == pytest.approx([0, math.log(2 / 3)])


def test_a_rise_together_with_the_training_loss_is_not_overfitting():
    val_loss = np.array([[4.0, 3, 2, 1, 2, 3, 4]] * 3)
    assert overfitting(val_loss, val_loss).training_change == pytest.approx([3 - 5 / 3] * 3)


def test_a_loss_that_is_least_at_the_end_has_no_onset():
    found = overfitting(np.array([[5.0, 4, 3, 2, 1]]), np.array([[5.0, 4, 3, 2, 1]]))
    assert math.isnan(found.onset)
    assert found.rise == pytest.approx([0])


@pytest.mark.parametrize(
    "val_loss", [[[1.0, 2, 3]], [[1.0, 2, math.nan, 3, 4]], [[1.0, 2, math.inf, 3, 4]], [[0.0] * 5]]
)
def test_overfitting_of_short_or_broken_histories_is_unknown(val_loss):
    found = overfitting(np.array(val_loss), np.array(val_loss))
    assert math.isnan(found.onset)
    assert np.isnan(found.rise).all()


def test_a_flat_noisy_validation_loss_is_hardly_ever_overfitting():
    generator = np.random.default_rng(0)
    training = np.tile(np.linspace(1, 0.1, 10), (5, 1))
    named = 0
    for _ in range(400):
        rise = overfitting(0.1 * (1 + 0.1 * generator.standard_normal((5, 10))), training).rise
        interval = t_interval(rise, 0.05)
        named += interval.low > 0 and interval.mean >= 0.05
    assert named <= 20  # 10 are expected where the interval is right


def test_late_change_of_an_exponential_fall():
    # a tenth less each epoch; the last half of ten epochs spans four steps
    assert late_log_change(0.9 ** np.arange(10)) == pytest.approx(4 * math.log(0.9))
    assert late_log_change(np.full(10, 0.3)) == pytest.approx(0)
    assert late_log_change(np.array([1.0, 0.5, 0.25])) == pytest.approx(2 * math.log(0.5))


@pytest.mark.parametrize("loss", [[1.0, 0.5], [1.0, 0.5, math.nan], [1.0, 0.5, math.inf], [1.0, 0.5, 0.0]])
def test_late_change_that_cannot_be_told(loss):
    assert math.isnan(late_log_change(np.array(loss)))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (((0, 10), (0, 10)), ((20, 30), (20, 30)), True),
        (((0, 10), (0, 10)), ((10, 20), (10, 20)), True),  # intervals that touch do not overlap
        (((0, 10), (90, 100)), ((20, 30), (20, 30)), False),  # first, but not for good
        (((0, 30), (0, 30)), ((20, 40), (40, 50)), False),  # for good, but not first
        (((0, 10), (0, 10)), ((0, 10), (0, 10)), False),
        (((20, 30), (20, 30)), ((0, 10), (0, 10)), False),
        (((0, 10), (0, 10)), ((20, 30), (math.inf, math.inf)), True),
        (((math.inf, math.inf), (math.inf, math.inf)), ((math.inf, math.inf), (math.inf, math.inf)), False),
    ],
)
def test_faster_to_a_target_is_faster_first_and_for_good(one, other, expected):
    one, other = (Reaching(Reached(*first), Reached(*kept)) for first, kept in (one, other))
    assert is_faster_to(one, other) is expected


@pytest.mark.parametrize(
    ("level", "expected"), [(0.7, 1.0), (0.9, 2.0), (0.95, 4.0), (0.96, math.inf), (0.9 + 1e-15, 2.0)]
)
def test_first_epoch_at_a_level(level, expected):
    assert first_epoch_at(np.array([0.8, 0.9, math.nan, 0.95]), level) == expected
