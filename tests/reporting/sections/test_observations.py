from support import stage_files
from support.examples import THREE

from lrbench.reporting.sections.observations import grouped_observations


def test_observations_are_grouped_findings_first():
    conclusions = stage_files.report_inputs(THREE)[1]
    groups = grouped_observations(conclusions)
    assert [status for status, _, _ in groups] == ["finding", "inconclusive", "passed", "not applicable"]
    assert [[item["id"] for item in items] for _, _, items in groups] == [
        [item["id"] for item in conclusions.observations if item["status"] == status] for status, _, _ in groups
    ]
    assert sum(len(items) for _, _, items in groups) == len(conclusions.observations)
