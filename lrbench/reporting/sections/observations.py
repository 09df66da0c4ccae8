"""The section of observations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrbench.reporting.inputs import Conclusions

STATUSES = {
    "finding": "Findings",
    "inconclusive": "Inconclusive",
    "passed": "Looked for and not seen",
    "not applicable": "Not applicable here",
}


def grouped_observations(conclusions: Conclusions) -> list[tuple[str, str, list[Mapping[str, Any]]]]:
    """Status, its heading and its observations, in the order given; groups that hold none are left out."""
    groups = []
    for status, heading in STATUSES.items():
        own = [item for item in conclusions.observations if item["status"] == status]
        if own:
            groups.append((status, heading, own))
    return groups
