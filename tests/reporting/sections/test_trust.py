import pytest
from support import stage_files
from support.examples import EXAMPLES, example

from lrbench.reporting.sections.trust import trust


@pytest.mark.parametrize(
    ("make", "said", "unsaid"),
    [
        (
            EXAMPLES["three"],
            ["3 pairs of rates", "held against the range", "corrected by Holm's method", "95 % intervals"],
            [],
        ),
        (example((0.001, 0.0001)), ["1 pair of rates", "held against the range"], ["Holm"]),
        (EXAMPLES["one-seed"], ["With one seed there is no interval, and nothing is told apart."], ["Holm", "%"]),
        (EXAMPLES["one-rate"], ["No pair of rates could be compared"], ["Holm", "%"]),
    ],
)
def test_comparisons_are_described_as_they_were_made(make, said, unsaid):
    text = dict(trust(stage_files.measured(make)))["Comparisons"]
    assert all(part in text for part in said)
    assert not any(part in text for part in unsaid)
