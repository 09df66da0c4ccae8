"""The budget of steps against closed forms: a quadratic loss, noise that is known, momentum by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lrbench.probes.step_budget.moments import END, EPOCH, HALF, HUNDREDTH, QUARTER, TENTH, moments, remembers, stops
from lrbench.probes.step_budget.terms import (
    eaten,
    gradient_moments,
    noise_scale,
    of_one_state,
    of_window,
)

HESSIAN = np.array([[3.0, 1.0], [1.0, 2.0]])
STATE = np.array([1.0, -2.0])
MEAN = np.array([-0.3, 0.1])
NOISE = np.array([[0.2, 0.0], [-0.1, 0.3], [-0.1, -0.3]])  # of three minibatches; adds up to nothing
COST_OF_NOISE = float(np.mean([deviation @ HESSIAN @ deviation for deviation in NOISE]) / 2)


def loss(weights):
    return weights @ HESSIAN @ weights / 2


def measured(changes):
    """First and second order and the change itself of steps from the state."""
    changes = np.array(changes)
    first, second = changes @ HESSIAN @ STATE, changes @ HESSIAN @ changes.T
    return first, second, np.array([loss(STATE + change) - loss(STATE) for change in changes])


def test_of_a_quadratic_loss_each_term_is_exact_and_unbiased():
    """Over all draws of four of three minibatches the means of the terms are those of the minibatches themselves."""
    found = [of_one_state(*measured(MEAN + NOISE[list(draw)])) for draw in itertools.product(range(3), repeat=4)]
    means = {name: np.mean([getattr(one, name)[0] for one in found]) for name in ("gain", "curvature", "noise", "cost")}
    assert means == pytest.approx(
        {
            "gain": -(STATE @ HESSIAN @ MEAN),
            "curvature": MEAN @ HESSIAN @ MEAN / 2,
            "noise": COST_OF_NOISE,
            "cost": MEAN @ HESSIAN @ MEAN / 2 + COST_OF_NOISE,
        }
    )
    for one in found:
        assert one.predicted[0] == pytest.approx(one.measured[0])
        assert one.predicted[0] == pytest.approx(one.curvature[0] + one.noise[0] - one.gain[0])
        assert one.difference == pytest.approx((0, 0), abs=1e-12)


def test_errors_of_means_are_those_of_independent_draws():
    first, second, change = measured(MEAN + NOISE)
    one = of_one_state(first, second, change)
    for value, values in ((one.gain, -first), (one.measured, change), (one.cost, np.diagonal(second) / 2)):
        assert value == pytest.approx((values.mean(), values.std(ddof=1) / 3**0.5))
    assert one.uphill == pytest.approx(1 / 3)  # of −0.4, −1.6 and 0.2


def test_errors_of_curvature_and_noise_are_the_spread_over_draws():
    """The jackknife's error, over many draws of 40 steps, beside the standard deviation of what it is the error of."""
    random = np.random.default_rng(0)
    found = [of_one_state(*measured(MEAN + NOISE[random.integers(0, 3, 40)])) for _ in range(400)]
    for name in ("curvature", "noise"):
        values, errors = np.array([getattr(one, name) for one in found]).T
        assert np.mean(errors) == pytest.approx(values.std(), rel=0.1)


def test_momentum_by_hand():
    """θ = 1, L = θ²/2, β = ½, η = 1: steps −1, −½ and ¼; a minibatch adds ±1 to the gradient, and so to each step."""
    changes, states, velocity, place = [], [], 0.0, 1.0
    for _ in range(3):
        velocity = velocity / 2 - place
        changes.append(velocity)
        states.append(place)
        place += velocity
    assert changes == [-1.0, -0.5, 0.25]
    assert states == [1.0, 0.0, -0.5]
    own = np.array([[change + 1, change - 1] for change in changes])  # with either minibatch
    first = np.array(states)[:, None] * own
    cross = np.stack([own[:, 0] * own[:, 0], own[:, 0] * own[:, 1], own[:, 1] * own[:, 0], own[:, 1] * own[:, 1]])
    second = np.stack([own[:, 0] ** 2, own[:, 0] ** 2, own[:, 1] ** 2, own[:, 1] ** 2])
    firsts = np.stack([first[:, 0], first[:, 0], first[:, 1], first[:, 1]])
    values = np.array([loss_of(place) for place in states])
    end = loss_of(states[-1] + changes[-1])
    found = []
    for order, product, crossed in zip(firsts, second, cross, strict=True):
        change = order + product / 2
        losses = np.append(values[:-1], values[0] + change.sum() - change[-1])  # as if these steps led on
        found.append(of_window(order, product, crossed, change, losses, 3))
    assert end == values[0] + np.mean(first + own**2 / 2, axis=1).sum() - 3 * 0.5  # noise adds ½ to each
    means = {name: np.mean([getattr(one, name)[0] for one in found]) for name in ("gain", "curvature", "noise")}
    assert means == pytest.approx(
        {"gain": (1 + 0 + 0.125) / 3, "curvature": (1 + 0.25 + 0.0625) / 6, "noise": 0.5}  # ½ · 1²
    )
    assert found[0].difference == (0, 0)
    assert found[0].uphill == pytest.approx(0)  # 1 · 0, 0 · ½ and −½ · 1¼


def loss_of(place):
    return place**2 / 2


def test_the_gain_of_a_window_is_that_of_all_its_steps():
    """A walk of 640 steps whose loss goes up and down, of which every tenth is looked at, beside all of them."""
    random = np.random.default_rng(2)
    first = -0.001 + np.diff(random.normal(0, 1, 641))
    own = 0.002 + random.normal(0, 0.0001, 640)
    change = first + own / 2
    losses = 5 + np.concatenate([[0], np.cumsum(change)])
    every = np.unique(np.append(np.arange(0, 640, 10), 639))
    one = of_window(first[every], own[every], own[every], change[every], losses[every], 640)
    plain = -first[every].mean()
    assert one.gain[0] == pytest.approx(-first.mean(), abs=1e-5)
    assert abs(plain + first.mean()) > 0.01
    assert one.measured[0] == pytest.approx(change.mean())
    assert one.predicted[0] == pytest.approx(one.cost[0] - one.gain[0])
    assert one.measured[1] == pytest.approx(2**0.5 / 640, rel=0.2)  # both ends waver by 1
    assert one.difference == pytest.approx((0, 0), abs=1e-12)


def test_errors_of_a_sample_are_those_of_its_blocks():
    values = np.repeat([1.0, -1.0] * 4, 8)  # 64 steps: eight in one direction, eight in the other
    found = of_window(np.zeros(64), values, values / 2, np.zeros(64), np.zeros(64), 64)
    error = np.std([1, -1] * 4, ddof=1) / 8**0.5
    assert found.cost == (0, pytest.approx(error / 2))
    assert found.curvature == (0, pytest.approx(error / 4))


def test_the_share_eaten_is_a_ratio_with_the_error_of_one():
    random = np.random.default_rng(1)
    gains = 2 + random.normal(0, 0.1, (500, 100))
    costs = 1 + 0.5 * (gains - 2) + random.normal(0, 0.05, gains.shape)
    shares, errors = [], []
    for gain, cost in zip(gains, costs, strict=True):
        estimates = [(float(of.mean()), float(of.std(ddof=1) / 10)) for of in (gain, cost, cost - gain)]
        share, error = eaten(*estimates)
        shares.append(share)
        errors.append(error)
    assert np.mean(shares) == pytest.approx(0.5, rel=1e-3)
    assert np.mean(errors) == pytest.approx(np.std(shares), rel=0.1)
    assert eaten((0.0, 1.0), (1.0, 1.0), (1.0, 1.0)) is None


def test_the_noise_scale_is_unbiased_in_both_its_parts():
    """Of two draws of three gradients with mean (3, 4): ‖g‖² = 25, variance 0.14 + 0.04."""
    gradients = np.array([3.0, 4.0]) + NOISE
    found = [gradient_moments(gradients[list(draw)]) for draw in itertools.product(range(3), repeat=2)]
    variance = np.square(NOISE).sum() / 3
    assert np.mean(found, axis=0) == pytest.approx([variance, 25])
    assert noise_scale(0.5, 25.0, 32) == 0.64
    assert noise_scale(0.5, -0.1, 32) is None


def test_moments_of_a_long_and_of_a_short_run():
    assert moments(1875, 10) == {18: HUNDREDTH, 187: TENTH, 1875: EPOCH, 4687: QUARTER, 9375: HALF, 18750: END}
    assert moments(1000, 1) == {10: HUNDREDTH, 100: TENTH, 250: QUARTER, 500: HALF, 1000: EPOCH}
    assert moments(1, 1) == {1: EPOCH}
    assert moments(3, 2) == {1: QUARTER, 3: EPOCH, 6: END}


def test_stops_are_one_state_or_steps_of_a_window_up_to_a_moment():
    assert stops(1000, 1, 64, in_window=False) == {end: [end] for end in (10, 100, 250, 500, 1000)}
    found = stops(1000, 1, 8, in_window=True)
    assert (found[10], found[100], found[1000]) == ([1, 4, 7, 10], [11, 40, 70, 100], [873, 915, 957, 1000])
    assert stops(1000, 1, 64, in_window=True)[10] == list(range(1, 11))
    assert stops(3, 2, 64, in_window=True) == {3: [1, 2, 3], 6: [4, 5, 6]}


@pytest.mark.parametrize(
    ("optimizer", "remembered"),
    [
        ({"name": "adam", "beta_1": 0.9, "beta_2": 0.999}, True),
        ({"name": "adam", "beta_1": 0.0, "beta_2": 0.999}, False),
        ({"name": "nesterov", "momentum": 0.9}, True),
        ({"name": "sgd"}, False),
        ({"name": "rmsprop", "rho": 0.9}, False),
    ],
)
def test_optimizers_whose_steps_go_on_in_the_direction_of_those_before(optimizer, remembered):
    assert remembers(optimizer) == remembered
