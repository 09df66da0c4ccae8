"""In which order sentences name learning rates, so that what matters most is never left to "and others"."""

from __future__ import annotations

from collections.abc import Iterable


def by_importance(learning_rates: Iterable[float], chosen: float | None) -> list[float]:
    """The rates from the recommended one outwards: it, the tried rates next to it, then those farther away.

    Of two as many tried rates away, the lower one is first. Ascending where no rate is recommended.

    learning_rates : those of the grid, in any order
    """
    ascending = sorted(map(float, learning_rates))
    if chosen is None:
        return ascending
    centre = ascending.index(chosen)
    return [ascending[place] for place in sorted(range(len(ascending)), key=lambda place: (abs(place - centre), place))]
