"""A section that is brought to the page from outside the reporting wing, as by a probe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Section:
    """A section of the page, ready to be filled in.

    id : its anchor; figures whose index names it as their section are shown in it
    name : what the contents call it
    template : path in the folder of templates; it is given `section`, this object, and `section_figures`
    content : what its template shows
    """

    id: str
    name: str
    template: str
    content: Mapping[str, Any]
