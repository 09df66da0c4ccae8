"""Lists begin with the recommended rate and those next to it."""

from __future__ import annotations

import pytest
from support.histories import experiment, flat

from lrbench.findings.conclusions import recommend
from lrbench.findings.phrases import by_importance


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
    runs = {rate: [flat(0.95 if rate == chosen else 0.5)] for rate in (1.0, 0.0001, 0.01, 0.001, 0.1)}
    if chosen is None:
        runs = {rate: [flat(0.1)] for rate in runs}
    analysis = experiment(runs).analyse()
    assert recommend(analysis)["chosen"] == chosen
    assert by_importance(analysis, runs) == expected
    assert by_importance(analysis, expected[2:]) == expected[2:]
