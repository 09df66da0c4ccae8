"""A registry of quantities: functions of an analysis, by name, each with the sentence that says what it is."""

from __future__ import annotations

from collections.abc import Callable

Quantity = Callable[..., float]


class Quantities(dict[str, Quantity]):
    """Quantities by name.

    Called with a sentence, it is a decorator that registers a function under the function's own name. The sentence
    is data that evidence shows. A docstring would not do, because `python -OO` removes docstrings.
    """

    def __init__(self, *registries: Quantities) -> None:
        super().__init__()
        self.sentences: dict[str, str] = {}
        for registry in registries:
            self |= registry
            self.sentences |= registry.sentences

    def __call__(self, sentence: str) -> Callable[[Quantity], Quantity]:
        """A decorator that registers a function, and returns it unchanged."""

        def register(function: Quantity) -> Quantity:
            self[function.__name__] = function
            self.sentences[function.__name__] = sentence
            return function

        return register
