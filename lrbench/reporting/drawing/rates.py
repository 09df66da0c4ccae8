"""The learning rates of an experiment as figures show them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lrbench.reporting.drawing import style


@dataclass
class Rates:
    """The learning rates of an experiment, ascending, each with its colour and marker.

    heading : what they are called; under a schedule they are peak rates
    """

    values: list[float]
    heading: str = "Learning rate"
    _count: Iterator[int] = field(default_factory=itertools.count)

    def __len__(self) -> int:
        """How many rates there are."""
        return len(self.values)

    def __iter__(self) -> Iterator[float]:
        """From the lowest to the highest."""
        return iter(self.values)

    @property
    def panelled(self) -> bool:
        """Whether there are too many to tell apart in one panel."""
        return len(self) >= style.PANELS_FROM

    def index(self, rate: float) -> int:
        """Place of a rate, the lowest being 0."""
        return self.values.index(rate)

    def colour(self, rate: float) -> str:
        """The colour of a rate in the light theme."""
        return style.rate_colours(len(self))[self.index(rate)][0]

    def marker(self, rate: float) -> str:
        """The marker of a rate."""
        return style.marker(self.index(rate))

    def tag(self, artist: Any, rate: float) -> Any:
        """Name what is drawn of a rate, so that the page can show and hide it; returns the artist."""
        artist.set_gid(f"rate-{self.index(rate)}.{next(self._count)}")
        return artist

    def look(self, rate: float, **changes: Any) -> dict[str, Any]:
        """Colour and marker of a rate as keywords of `plot`."""
        return {
            "color": self.colour(rate),
            "marker": self.marker(rate),
            "markersize": 4.5,
            "markeredgewidth": 0.9,
            **changes,
        }
