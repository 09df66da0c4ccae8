import pytest
from support import builders

from lrbench.reporting.sections.trust import trust


@pytest.mark.parametrize(
    ("made", "said", "unsaid"),
    [
        ({}, ["3 pairs of rates", "held against the range", "corrected by Holm's method", "95 % intervals"], []),
        ({"learning_rates": (0.001, 0.0001)}, ["1 pair of rates", "held against the range"], ["Holm"]),
        ({"seeds": 1}, ["With one seed there is no interval, and nothing is told apart."], ["Holm", "%"]),
        ({"learning_rates": (0.001,)}, ["No pair of rates could be compared"], ["Holm", "%"]),
    ],
)
def test_comparisons_are_described_as_they_were_made(made, said, unsaid):
    text = dict(trust(builders.measured(**made)))["Comparisons"]
    assert all(part in text for part in said)
    assert not any(part in text for part in unsaid)
