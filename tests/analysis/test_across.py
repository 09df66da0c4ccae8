"""Measures over all rates, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from support.histories import experiment, flat, run

from lrbench.analysis.across import learning_rate_sensitivity
from lrbench.identity.provenance import canonical_json


def test_sensitivity_by_hand():
    # excess over the best, 0.1: 0, 0.2 and, clipped and not finite, 2.2 and 2.2; the mean of four is 1.15
    losses = {1.0: [math.nan], 0.1: [9.9], 0.01: [0.1, 0.1], 0.001: [0.2, 0.4]}
    arrays = {rate: np.array(values) for rate, values in losses.items()}
    assert learning_rate_sensitivity(arrays, 2.3) == pytest.approx((0 + 0.2 + 2.2 + 2.2) / 4)


def test_across_of_three_rates():
    runs = {
        1.0: [flat(0.1, epochs=2, loss=5.0)] * 2,
        0.1: [run([0.85, 0.95]), run([0.85, 0.94])],
        0.01: [run([0.7, 0.94]), run([0.7, 0.93])],
    }

    found = experiment(runs, targets=(0.8,)).analyse().across
    canonical_json(found)
    assert found["initial_val_loss"] == 2.3
    # final losses: 2.3 (clipped), (.05 + .06) / 2, (.06 + .07) / 2
    assert found["sensitivity"] == pytest.approx((2.3 + 0.055 + 0.065) / 3 - 0.055)
    assert found["plateau"]["high"] == 0.1
    shares = {row["learning_rate"]: row["shares"] for row in found["performance_profiles"]["rates"]}
    assert found["performance_profiles"]["factors"][:3] == [1, 1.5, 2]
    assert shares[0.1][:3] == [1, 1, 1]  # at step 10
    assert shares[0.01][:3] == [0, 0, 1]  # at step 20
    assert shares[1.0] == [0] * 6
    assert found["best_score"] == pytest.approx(0.945)
    assert found["resolution"] == pytest.approx(math.sqrt(0.945 * 0.055 / 10000))
    assert found["unsteadiness_measure"] == "largest_rise"


def test_the_plateau_is_of_neighbours():
    runs = {1.0: 0.95, 0.1: 0.9, 0.01: 0.955, 0.001: 0.95, 0.0001: 0.94}
    found = experiment({rate: [flat(accuracy)] for rate, accuracy in runs.items()}).analyse().across["plateau"]
    assert found["rates"] == [0.001, 0.01]
    assert found["decades"] == pytest.approx(1)


def test_one_rate_and_one_seed():
    found = experiment({0.1: [flat(0.9)]}).analyse().across
    assert found["sensitivity"] == 0
    assert found["accuracy_decimals"] == 1  # a standard error of .3 points


def test_digits_of_an_accuracy_are_those_that_the_validation_set_supports():
    few = experiment({0.1: [flat(0.9)]}, class_counts=(10,) * 10).analyse().across
    assert few["accuracy_decimals"] == 0  # a standard error of 3 points
