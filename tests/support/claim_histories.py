"""Made-up experiments for what claims say in words, whose numbers are worked out by hand.

With seeds that scale a difference d by 1 - s, 1 and 1 + s, its standard deviation is d s, and the half-width of its
95 % interval 4.303 d s / sqrt(3) = 2.484 d s.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from support.histories import Run, experiment, run

from lrbench.analysis.pipeline import Analysis
from lrbench.findings.claims import check_claims

EPOCHS = 10
SCALES = (0.98, 1.0, 1.02)
SMOOTH = [1.0, 0.8, 0.6, 0.5, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15]


def course(
    train_loss: Sequence[float], val_accuracy: float | Sequence[float] = 0.98, early: float | None = None
) -> list[Run]:
    """Runs of three seeds, each with a loss of its own scale, training and validation alike, and the same accuracy."""
    accuracies = [val_accuracy] * len(train_loss) if isinstance(val_accuracy, float) else val_accuracy
    return [
        run(
            accuracies,
            [scale * loss for loss in train_loss],
            [scale * loss for loss in train_loss],
            early=None if early is None else {1: {"train_loss": scale * early}},
        )
        for scale in SCALES
    ]


def said(analysis: Analysis, claim: str) -> tuple[str, list[str], str]:
    """A claim's verdict, those of its parts, and its measurement."""
    found = next(found for found in check_claims(analysis)["claims"] if found["id"] == claim)
    return found["verdict"], [part["verdict"] for part in found["parts"]], found["measurement"]


def of(high: list[Run], default: list[Run], low: list[Run], **more: object) -> Analysis:
    """The analysis of the tutorial's three rates with Adam."""
    return experiment({0.01: high, 0.001: default, 0.0001: low}, **more).analyse()


EXPLODED = course([9.2, 5.0] + [2.5] * 8, 0.1)
DIVERGED = [run([0.1] * EPOCHS, [0.3] * 9 + [math.nan], [0.3] * 9 + [math.nan], finite=False)] * 3


def sgd(**more: object) -> Analysis:
    """An experiment with SGD: of five rates, two fail at the high end."""
    runs = {1: DIVERGED, 0.3: EXPLODED, 0.1: course(SMOOTH), 0.03: course(SMOOTH, 0.975), 0.01: course(SMOOTH, 0.94)}
    return experiment(runs, optimizer="sgd", **more).analyse()
