from support import builders
from support.conclusions import conclusions

from lrbench.reporting.sections.observations import grouped_observations


def test_observations_are_grouped_findings_first():
    groups = grouped_observations(conclusions(builders.measured()))
    assert [(status, len(items)) for status, _, items in groups] == [
        ("finding", 2),
        ("inconclusive", 1),
        ("passed", 1),
        ("not applicable", 1),
    ]
