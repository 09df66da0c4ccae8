"""A registry of quantities: functions of an analysis, by name."""

from __future__ import annotations

from collections.abc import Callable


class Quantities(dict[str, Callable[..., float]]):
    """Quantities by name; as a decorator it takes in a function under the function's own name."""

    def __call__(self, function: Callable[..., float]) -> Callable[..., float]:
        """The function, now in the registry."""
        self[function.__name__] = function
        return function
