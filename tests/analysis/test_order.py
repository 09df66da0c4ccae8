"""Lists begin with the recommended rate and those next to it."""

from __future__ import annotations

import pytest

from lrbench.analysis.order import by_importance


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (0.01, [0.01, 0.001, 0.1, 0.0001, 1.0]),
        (1.0, [1.0, 0.1, 0.01, 0.001, 0.0001]),
        (0.0001, [0.0001, 0.001, 0.01, 0.1, 1.0]),
        (None, [0.0001, 0.001, 0.01, 0.1, 1.0]),
    ],
)
def test_from_the_recommended_rate_outwards(chosen, expected):
    assert by_importance([1.0, 0.0001, 0.01, 0.001, 0.1], chosen) == expected
