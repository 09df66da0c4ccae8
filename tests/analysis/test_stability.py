"""How steadily a training loss fell, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lrbench.analysis.course import (
    backtrack,
    exploded,
    largest_rise,
    largest_spike,
    oscillation,
    warm_up,
)

UP_AND_DOWN = np.array([3.0, 2.0, 2.5, 1.0, 1.5])  # moves -1, +0.5, -1.5, +0.5


def test_backtrack_is_the_share_of_the_way_that_led_up():
    assert backtrack(UP_AND_DOWN) == pytest.approx(1 / 3.5)
    assert backtrack(np.array([3.0, 2, 1])) == 0
    assert backtrack(np.array([1.0, 2, 3])) == 1
    assert backtrack(np.array([1.0, 1, 1])) == 0


def test_largest_rise_and_spike():
    assert largest_rise(UP_AND_DOWN) == 0.5
    assert largest_spike(UP_AND_DOWN) == 0.5
    assert largest_rise(np.array([1.0, 2, 4, 3])) == 2
    assert largest_spike(np.array([1.0, 2, 4, 3])) == 3
    assert largest_rise(np.array([3.0, 2])) == largest_spike(np.array([3.0, 2])) == 0


def test_oscillation_leaves_out_the_first_descent_and_any_slope():
    assert [warm_up(epochs) for epochs in (8, 10, 11, 20, 100)] == [3, 3, 4, 6, 30]
    line = np.concatenate([[9.0, 7, 5], np.linspace(1, 0.4, 7)])
    assert oscillation(line) == pytest.approx(0, abs=1e-15)
    # after three epochs 1, 2, 1, 2, 1: third differences 4, -4 -> sqrt(16 / 20)
    assert oscillation(np.array([9.0, 7, 5, 1, 2, 1, 2, 1])) == pytest.approx(math.sqrt(16 / 20))


def test_a_smooth_convex_fall_does_not_oscillate():
    parabola = (np.arange(10) - 12.0) ** 2 / 100
    assert oscillation(parabola) == pytest.approx(0, abs=1e-15)
    # e^(-t/2): its second differences of up to .03 nats are curvature; little of that is left in the third
    assert oscillation(np.exp(-np.arange(10) / 2)) < 0.0025


def test_oscillation_of_independent_noise_is_its_standard_deviation():
    noise = np.random.default_rng(0).standard_normal(200_000)
    assert oscillation(0.3 * noise) == pytest.approx(0.3, rel=0.01)


def test_under_eight_epochs_there_is_no_oscillation():
    assert math.isnan(oscillation(np.ones(7)))
    assert oscillation(np.ones(8)) == 0


@pytest.mark.parametrize("measure", [backtrack, oscillation, largest_rise, largest_spike])
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_is_never_lost(measure, bad):
    loss = np.linspace(2, 1, 10)
    loss[4] = bad
    assert math.isnan(measure(loss))


def test_one_epoch_has_no_moves():
    assert math.isnan(backtrack(np.ones(1)))
    assert math.isnan(largest_rise(np.ones(1)))


def test_exploded_at_twice_the_first_loss_whatever_came_later():
    assert exploded(np.array([2.0, 4.0, 0.1]), 2)
    assert not exploded(np.array([2.0, 3.9, 0.1]), 2)
    assert exploded(np.array([2.0, math.inf, math.nan]), 2)
    assert not exploded(np.array([2.0, math.nan]), 2)
