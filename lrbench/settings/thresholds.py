"""The thresholds at which a measure becomes a statement: of the config, and of the analysis that uses them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrbench.errors import InputError
from lrbench.settings.sections import Number, Section, setting


class Thresholds(Section):
    """From where on a measure is worth a word. Changing one redoes the analysis, never the training."""

    relative_skill: Number = setting(
        0.25,
        ge=0,
        le=1,
        meaning="a run failed below this share of the best rate's median skill, (accuracy − c)/(1 − c), c the largest "
        "class's share; and when it is no better than guessing",
        why="a quarter of what the network can do here; above that a rate learned, and may be behind",
    )
    exploded_ratio: Number = setting(
        2.0,
        gt=1,
        le=1_000_000,
        meaning="a run exploded when its training loss reached so many times that before training",
        unit="times",
        why="an untrained model's loss is what ignorance costs; twice that is no noise",
    )
    backtrack: Number = setting(
        0.2,
        ge=0,
        le=1,
        meaning="a rate is unstable from this share of upward movement of the training loss on (median run), and …",
        unit="share",
        why="set after looking at runs of this network: most steady ones stay below it",
    )
    oscillation: Number = setting(
        0.01,
        ge=0,
        le=1_000_000,
        meaning="… from this oscillation (or largest rise) of the training loss on",
        unit="nats",
        why="a loss near zero may wobble without mattering",
    )
    overfit: Number = setting(
        0.05,
        ge=0,
        le=1_000_000,
        meaning="a rate overfits from this mean log ratio of validation losses, last to least, on",
        unit="log ratio",
        why="less is within what one lucky epoch does",
    )
    improvement: Number = setting(
        0.05,
        ge=0,
        le=1,
        meaning="a rate is still improving from this relative fall of validation loss over the last half on",
        unit="share",
        why="a slower fall is hardly worth more epochs",
    )
    tie: Number = setting(
        0.001,
        ge=0,
        le=1,
        meaning="accuracies closer than this are practically tied: the difference is too small to matter; nor does one "
        "that the validation set cannot resolve",
        unit="accuracy",
        why="few would choose a rate for less",
    )
    significance: Number = setting(
        0.05,
        gt=0,
        lt=1,
        meaning="level of tests; intervals have 1 − level",
        unit="probability",
        why="the usual one",
    )
    plateau: Number = setting(
        0.01,
        ge=0,
        le=1,
        meaning="rates within this accuracy of the best form the plateau",
        unit="accuracy",
        why="what rough tuning may cost",
    )
    slower: Number = setting(
        2.0,
        ge=1,
        le=1_000_000,
        meaning='"much slower" begins at so many times the steps',
        unit="times",
        why="beyond the doubt of when each run got there",
    )
    rising_epochs: Number = setting(
        0.1,
        ge=0,
        le=1,
        meaning='a training loss "falls gradually" while it rises in no larger share of epochs',
        unit="share",
        why="one epoch in ten",
    )

    @classmethod
    def named(cls, values: Any) -> Thresholds:
        """Thresholds from a mapping of all their names; InputError where one is missing, unknown or no number."""
        names = set(cls.model_fields)
        if not isinstance(values, Mapping) or set(values) != names:
            found = set(values) if isinstance(values, Mapping) else set()
            wrong = ", ".join(sorted(map(str, found ^ names)))
            raise InputError(
                f"the thresholds lack or do not know {wrong}; give each of {', '.join(sorted(names))} once."
            )
        for name, value in values.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InputError(f"the threshold {name} is {value!r}, which is no number; give one.")
        numbers: Any = {name: float(value) for name, value in values.items()}
        return cls.model_construct(**numbers)
