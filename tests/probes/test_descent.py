"""Where the loss along a line stops falling and rises above its start, for losses whose places are known."""

from __future__ import annotations

import math

import pytest

from lrbench.identity.provenance import canonical_json
from lrbench.probes.backpropagation.descent import TOLERANCE, follow


def parabola(length: float) -> float:
    return (length - 2) ** 2 + 1


def waves(length: float) -> float:
    """Troughs next to 0.84, 2.84, ...; each wave is 0.2 higher than the one before."""
    return 5 + math.cos(math.pi * length + 0.5) + 0.1 * length


def waves_down(length: float) -> float:
    """Troughs next to 0.84, 2.84, ...; each wave is 0.2 lower than the one before."""
    return 5 + math.cos(math.pi * length + 0.5) - 0.1 * length


@pytest.mark.parametrize(
    ("loss", "turn", "worse"),
    [
        (parabola, ("turns", 2.0), ("worse", 4.0)),
        (lambda t: math.exp(-t), ("vanishes", 27.6310211159), ("never", None)),  # ln 1e12
        (lambda t: math.exp(-t) if t < 60 else 2.0, ("vanishes", 27.6310211159), ("worse", 60.0)),
        (lambda t: 1 + t, ("rises", 0.0), ("worse", 0.0)),
        (lambda t: 1 + 1 / (1 + t), ("falls", None), ("never", None)),
        (lambda t: 3.0, ("flat", None), ("never", None)),
        (lambda t: 2 - t if t < 1 else math.nan, ("turns", 1.0), ("worse", 1.0)),
    ],
    ids=["parabola", "vanishes", "vanishes, then rises", "uphill", "no end", "flat", "breaks off"],
)
def test_where_a_step_becomes_too_long(loss, turn, worse):
    found = follow(loss, (0.01, 0.1, 10.0))
    assert (found["turn"]["status"], found["worse"]["status"]) == (turn[0], worse[0])
    for name, expected in (("turn", turn[1]), ("worse", worse[1])):
        assert found[name]["step"] == (None if expected is None else pytest.approx(expected, rel=1e-6, abs=1e-9))
    assert found["points"][0]["step"] == 0
    assert found["points"][-1]["step"] >= 100
    canonical_json(found)


@pytest.mark.parametrize("rates", [(1e-12, 1e6), (1e-3,), (1.99, 2.0, 2.01), (50.0, 70.0), (1e9,)])
def test_a_place_does_not_depend_on_the_rates(rates):
    found = follow(parabola, rates)
    assert (found["turn"]["status"], found["turn"]["step"]) == ("turns", pytest.approx(2.0, rel=TOLERANCE))
    assert (found["worse"]["status"], found["worse"]["step"]) == ("worse", pytest.approx(4.0, rel=TOLERANCE))


def test_a_loss_below_the_bound_is_reached_there_and_not_before():
    def loss(length: float) -> float:
        return 2 * math.exp(-3 * length)

    place = follow(loss, (0.01, 0.1))["turn"]
    assert place["below"] == 1e-12
    assert place["loss"] == loss(place["step"])
    assert loss(place["step"]) < 1e-12 <= loss(place["step"] * (1 - 2 * TOLERANCE))


def test_steps_that_change_the_loss_by_no_more_than_rounding_are_no_rise():
    assert follow(parabola, (1e-18, 1e-17))["turn"]["status"] == "flat"


def test_what_comes_after_the_first_minimum_is_looked_at():
    higher, lower = follow(waves, (0.1, 1.0)), follow(waves_down, (0.1, 1.0))
    assert 0.8 < higher["turn"]["step"] < 0.9
    assert higher["turn"]["lower_at"] is None
    assert 1.5 < higher["worse"]["step"] < 2.0  # the first crest is above the start
    assert 2.0 < higher["worse"]["better_at"] < 3.0
    assert waves(higher["worse"]["better_at"]) < waves(0)
    assert 0.8 < lower["turn"]["step"] < 0.9
    assert 4.0 < lower["turn"]["lower_at"] < 5.0  # between the line's points, the second trough is passed over
    assert waves_down(lower["turn"]["lower_at"]) < lower["turn"]["loss"]
    assert lower["worse"] == {"status": "never", "step": None, "better_at": None}


def test_a_rate_between_two_points_counts_for_where_the_loss_rises():
    """A spike of the loss that lies at a learning rate alone."""
    found = follow(lambda length: 9.0 if length == 0.123 else math.exp(-length), (0.01, 0.123))
    assert found["worse"]["step"] == pytest.approx(0.123, rel=1e-6)
