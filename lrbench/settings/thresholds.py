"""The thresholds at which a measure becomes a statement. Each stands in the config with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from lrbench.errors import InputError


@dataclass(frozen=True)
class Thresholds:
    """Thresholds by name; config/README.md gives the reason of each."""

    relative_skill: float  # a run failed whose final skill is below this share of the best rate's median skill
    exploded_ratio: float  # training loss over that of step 0
    backtrack: float  # share of the training loss's moves that go up
    oscillation: float  # nats
    overfit: float  # log ratio of validation losses, last window to least
    improvement: float  # relative fall of val_loss over the last half
    tie: float  # least difference of accuracy that matters
    significance: float  # level of tests and, as 1 - level, of intervals
    plateau: float  # accuracy within which rates count as one plateau
    slower: float  # times slower before "much slower" is said
    rising_epochs: float  # share of epochs in which a steady loss may rise

    @classmethod
    def named(cls, values: Any) -> Thresholds:
        """Thresholds from a mapping of all their names; InputError where one is missing, unknown or no number."""
        names = {field.name for field in fields(cls)}
        if not isinstance(values, Mapping) or set(values) != names:
            found = set(values) if isinstance(values, Mapping) else set()
            wrong = ", ".join(sorted(map(str, found ^ names)))
            raise InputError(
                f"the thresholds lack or do not know {wrong}; give each of {', '.join(sorted(names))} once."
            )
        for name, value in values.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InputError(f"the threshold {name} is {value!r}, which is no number; give one.")
        return cls(**{name: float(value) for name, value in values.items()})
