"""Examples for figures and pages, by name: learning rates around a best one, as made-up experiments."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from support.histories import STEPS_PER_EPOCH, Made, Run, experiment, run
from support.observed import of, on_holdout, steady

TUTORIAL = (0.0001, 0.001, 0.01)
LEARNED, FAILED, COLLAPSED, DIVERGED = "learned", "failed", "collapsed", "diverged"
EARLY_STEPS = (1, 2, 5)
MNIST_CLASSES = (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)  # examples of each in the test set


def course(learning_rate: float, seed: int, epochs: int = 6, fate: str = LEARNED, test: bool = False) -> Run:
    """A run whose loss falls fastest to its end at 0.001, slower below it and less steadily above it.

    fate : FAILED, the loss stays where it began; COLLAPSED, it is back there after the first epoch; DIVERGED, no loss
    after the first is finite
    test : whether the run has a test accuracy too, 0.4 points below its last validation accuracy
    """
    if fate in (FAILED, COLLAPSED):
        accuracy = [0.379 if fate == COLLAPSED else 0.1, *[0.1] * (epochs - 1)]
        return run(accuracy, [2.34] * epochs, [2.35] * epochs)
    if fate == DIVERGED:
        nan = [math.nan] * epochs
        return run([0.098] * epochs, nan, finite=False, gradient_norm=nan)
    distance = math.log10(learning_rate) + 3
    random = np.random.default_rng([seed, round(1e6 * (distance + 30))])
    ends = STEPS_PER_EPOCH * np.arange(1, epochs + 1)
    steps = np.array([*EARLY_STEPS, *ends])
    noise = 1 + random.normal(0, 0.04 + 0.12 * max(distance - 0.5, 0), len(steps))
    loss = (0.05 + 0.06 * distance**2 + 2.25 / (1 + 1.25 * steps * 10 ** (0.7 * distance))) * np.abs(noise)
    accuracy = np.clip(1 - 0.38 * np.minimum(loss, 2.35) - random.normal(0, 0.002, len(steps)), 0.08, 0.999)
    first = len(EARLY_STEPS)
    early = {
        step: {"train_loss": 0.8 * loss[place], "val_loss": loss[place], "val_accuracy": accuracy[place]}
        for place, step in enumerate(EARLY_STEPS)
    }
    return run(
        accuracy[first:].tolist(),
        loss[first:].tolist(),
        (0.8 * loss[first:]).tolist(),
        (0.9 * loss[first:]).tolist(),
        early=early,
        gradient_norm=(0.7 * loss[first:]).tolist(),
        test={"accuracy": float(accuracy[-1]) - 0.004, "loss": float(loss[-1])} if test else None,
    )


def example(
    learning_rates: Sequence[float] = TUTORIAL,
    seeds: int = 3,
    epochs: int = 6,
    fate: Mapping[float, str] | None = None,
    holdout: bool = False,
    **more: Any,
) -> Callable[[], Made]:
    """An experiment of courses, made when it is needed.

    fate : of rates whose runs do not learn; holdout : whether a test set takes no part in the choice
    more : arguments of `histories.experiment`
    """

    def made() -> Made:
        runs = {
            rate: [course(rate, seed, epochs, (fate or {}).get(rate, LEARNED), holdout) for seed in range(seeds)]
            for rate in learning_rates
        }
        return experiment(runs, **{"targets": (0.95, 0.97), "class_counts": MNIST_CLASSES} | more)

    return on_holdout(made) if holdout else made


def _between(low: float, high: float, count: int, digits: int) -> tuple[float, ...]:
    return tuple(float(f"{rate:.{digits}g}") for rate in np.geomspace(low, high, count))


THREE = example()
THIRTY = _between(1e-5, 3.0, 30, 3)
EXAMPLES = {
    "three": THREE,
    "near": of({0.0009: steady(0.96), 0.001: steady(0.9603), 0.0011: steady(0.9606)}),
    "holdout": example(class_counts=(5000, 2000, 1000), holdout=True),
    "one-seed": example(seeds=1),
    "one-rate": example((0.001,)),
    "all-failed": example(fate={0.0001: FAILED, 0.001: FAILED, 0.01: COLLAPSED}),
    "diverged": example((0.001, 0.01, 10.0), fate={10.0: DIVERGED, 0.01: FAILED}),
    "all-diverged": example(fate=dict.fromkeys(TUTORIAL, DIVERGED)),
    "eight": example(_between(1e-4, 0.3, 8, 2)),
    "thirty": example(
        THIRTY, seeds=20, epochs=10, fate=dict(zip(THIRTY[-3:], (FAILED, FAILED, DIVERGED), strict=True))
    ),
}
