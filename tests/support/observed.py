"""Observations of made experiments: what is said, and whether every number of it has its evidence.

    check(best_at_edge, of({0.1: steady(0.9), 0.01: steady(0.95)}), "not applicable", "With 2 rates tried, …")

An experiment is given as a function that makes it, so that a list of cases costs nothing until its tests run.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from support.histories import Made, Run, experiment, flat, run
from support.statements import misplaced_evidence, unfounded_numbers

from lrbench.analysis.pipeline import Analysis

SEEDS = (-0.0004, 0.0, 0.0005)  # what a seed does to an accuracy
FALLING = np.linspace(0.5, 0.05, 10).tolist()
TURNS_UP = [0.3, 0.2, 0.2, 0.2, 0.25, 0.3, 0.3, 0.3, 0.3, 0.3]
SLOWLY = [0.5] * 4 + [0.95] * 6


def steady(
    accuracy: float, epochs: int = 10, loss: float | None = None, seeds: Sequence[float] = SEEDS
) -> list[Run | None]:
    """Runs that are the same at every epoch's end."""
    return [flat(accuracy + offset, epochs, loss) for offset in seeds]


def runs_of(
    val_accuracy: Sequence[float],
    val_loss: Sequence[float] | None = None,
    train_loss: Sequence[float] | None = None,
    loss: Sequence[float] | None = None,
    seeds: Sequence[float] = SEEDS,
    early: Mapping[int, float] | None = None,
) -> list[Run | None]:
    """Runs of one course, each a little apart by its seed."""
    return [
        run(
            [value + offset for value in val_accuracy],
            None if val_loss is None else [value * (1 + 10 * offset) for value in val_loss],
            None if train_loss is None else [value * (1 + 10 * offset) for value in train_loss],
            loss,
            {step: {"train_loss": value * (1 + 10 * offset)} for step, value in (early or {}).items()},
        )
        for offset in seeds
    ]


def of(runs: Mapping[float, Sequence[Run | None]], **more: Any) -> Callable[[], Made]:
    """An experiment, made when it is needed."""
    return functools.partial(experiment, runs, **more)


def on_holdout(make: Callable[[], Made], test_examples: int = 10_000) -> Callable[[], Made]:
    """The same experiment, validated on a part of the training set, with a test set apart."""

    def made() -> Made:
        one = make()
        validation = {"protocol": "holdout", "examples": 1000}
        settings = one.origin["settings"] | {"validation": validation}
        split = one.dataset["split"] | {"validation": validation}
        part = {"class_counts": [test_examples // 10] * 10, "examples": test_examples}
        parts = one.dataset["parts"] | {"test": part}
        return dataclasses.replace(
            one, origin=one.origin | {"settings": settings}, dataset=one.dataset | {"parts": parts, "split": split}
        )

    return made


def without_targets(make: Callable[[], Made]) -> Analysis:
    """The analysis of an experiment that was asked for no target."""
    found = make().analyse()
    return dataclasses.replace(found, reach=found.reach.iloc[:0], targets=found.targets.iloc[:0], targets_asked=())


TWO = of({0.01: steady(0.93), 0.001: steady(0.96)})
TIED = of({0.01: steady(0.96), 0.001: steady(0.9602)})
ALONE = of({0.001: steady(0.96)})
ONE_SEED = of({0.01: [flat(0.93)], 0.001: [flat(0.96)]})
TWO_SEEDS = of({0.01: steady(0.93)[:2], 0.001: steady(0.96)[:2]})
ALL_FAIL = of({0.1: steady(0.11), 0.01: steady(0.1)})
DIVERGED = of({0.1: [flat(0.1, loss=float("nan"))] * 3, 0.01: steady(0.95)})
NO_RUN = of({0.1: [None] * 3, 0.01: steady(0.93), 0.001: steady(0.96)})  # of one planned rate
SHORT = of({0.01: steady(0.93, epochs=1), 0.001: steady(0.96, epochs=1)})


@functools.cache
def analysed(make: Callable[[], Made]) -> Analysis:
    """The analysis of an experiment, computed once."""
    return make().analyse()


def seen(function: Callable[[Analysis], Any], make: Callable[[], Made] | Analysis) -> tuple[str, str]:
    """Status and sentence of an observation; AssertionError where a number of it has no evidence, or a wrong one."""
    analysis = make if isinstance(make, Analysis) else analysed(make)
    found = function(analysis).as_dict()
    allowed = [*found["threshold"].values(), found["n"]]
    assert unfounded_numbers(found["statement"], found["evidence"], analysis, allowed) == [], found["statement"]
    assert misplaced_evidence(found["evidence"], analysis) == [], found["id"]
    return found["status"], found["statement"]
