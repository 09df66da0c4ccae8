"""Observations of speed: who reaches which accuracy after how many steps, and who keeps it."""

from __future__ import annotations

import pytest
from histories import flat
from observed import ALL_FAIL, ALONE, SLOWLY, TWO, of, runs_of, seen, steady, without_targets

from lrbench.analysis.observations_targets import reached_not_kept, speed, targets_not_reached


@pytest.mark.parametrize(
    ("function", "made", "status"),
    [
        (targets_not_reached, of({0.01: steady(0.85), 0.001: steady(0.96)}), "finding"),
        (targets_not_reached, of({0.01: [flat(0.85), flat(0.91)]}), "finding"),
        (targets_not_reached, TWO, "passed"),
        (speed, of({0.01: runs_of(SLOWLY), 0.001: steady(0.96)}), "finding"),
        (speed, TWO, "passed"),
        (speed, of({0.01: runs_of(SLOWLY)[:1], 0.001: steady(0.96)[:1]}), "inconclusive"),
        (speed, ALONE, "not applicable"),
        (speed, ALL_FAIL, "not applicable"),
        (reached_not_kept, of({0.01: runs_of([0.95] * 9 + [0.7])}), "finding"),
        (reached_not_kept, TWO, "passed"),
        (reached_not_kept, ALL_FAIL, "not applicable"),
    ],
)
def test_status(function, made, status):
    assert seen(function, made)[0] == status


@pytest.mark.parametrize("function", [targets_not_reached, speed, reached_not_kept])
def test_without_targets_nothing_applies(function):
    assert seen(function, without_targets(TWO))[0] == "not applicable"


def test_the_ratio_of_steps_is_that_of_their_intervals():
    _, statement = seen(speed, of({0.01: runs_of(SLOWLY), 0.001: runs_of([0.5] + [0.96] * 9)}))
    assert "needs 2.0 to 5.0 times as many steps" in statement
