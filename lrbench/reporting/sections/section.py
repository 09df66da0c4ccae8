"""A section that a probe brings to the page, from outside the reporting wing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lrbench.tables.probes import section_template


@dataclass(frozen=True)
class Section:
    """A section of the page, ready to be filled in.

    Its template is `section.html.j2` in the probe's folder, and is given `section`, this object, and `section_figures`.

    id : its anchor, the probe's name; figures whose index names it as their section are shown in it
    name : what the contents call it
    holds : what the probe's JSON file holds, as the downloads say
    content : what its template shows
    """

    id: str
    name: str
    holds: str
    content: Mapping[str, Any]

    @property
    def template(self) -> str:
        """The name of its template among those of the page."""
        return section_template(self.id)
