"""One step of training worked through on a made batch, by a model whose weights are drawn."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np

from lrbench.identity.provenance import canonical_json
from lrbench.probes.backpropagation import chain_rule
from lrbench.probes.backpropagation.measurement import RULE, worked_step


class HandModel:
    """A small network in numpy with what a model of the learning wing has for a worked step: no TensorFlow needed."""

    def __init__(self, sizes: tuple[int, ...], seed: int = 0) -> None:
        random = np.random.default_rng(seed)
        self.weights: list[np.ndarray] = []
        for inputs, units in itertools.pairwise(sizes):
            limit = np.sqrt(6 / (inputs + units))
            self.weights += [random.uniform(-limit, limit, (inputs, units)), np.zeros(units)]

    def _slopes(self, weights: list[np.ndarray], images: np.ndarray, labels: np.ndarray) -> tuple[float, Any]:
        passed = chain_rule.forward(weights, images.reshape(len(images), -1), labels)
        return passed.loss, chain_rule.backward(weights, passed, labels).gradient

    def gradient(self, images: np.ndarray, labels: np.ndarray) -> tuple[float, list[np.ndarray]]:
        return self._slopes(self.weights, images, labels)

    def curvature(self, images: np.ndarray, labels: np.ndarray, direction: list[np.ndarray]) -> float:
        step = 1e-6 / chain_rule.norm(direction)
        ends = [
            chain_rule.dot(self._slopes(chain_rule.moved(self.weights, direction, way), images, labels)[1], direction)
            for way in (-step, step)
        ]
        return (ends[1] - ends[0]) / (2 * step)

    def first_step(self, optimizer: Any, learning_rate: float, gradient: list[np.ndarray]) -> list[np.ndarray]:
        adaptive = optimizer["name"] == "adam"
        return [-learning_rate * (part / (np.abs(part) + 1e-7) if adaptive else part) for part in gradient]


def worked(
    learning_rates: tuple[float, ...],
    hidden: tuple[int, ...] = (12, 8),
    optimizer: str = "adam",
    shape: tuple[int, ...] = (28, 28),
    dark: bool = False,
    numbers: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """One step of training worked through on a made batch: of bytes, or of fractions between two `numbers`."""
    random = np.random.default_rng(5)
    pictures = np.zeros((16, *shape), np.uint8)
    if not dark:
        pictures[:, 6:22, 8:20] = random.integers(0, 256, (16, 16, 12, *shape[2:]))
    if numbers is not None:
        low, high = numbers
        pictures = (low + pictures / 255 * (high - low)).astype(np.float32)
    model = HandModel((int(np.prod(shape)), *hidden, 10))
    record = worked_step(model, pictures, np.arange(16) % 10, {"name": optimizer}, sorted(learning_rates))
    made = {
        **record,
        "example": {**record["example"], "place": 48123, "rule": RULE},
        "hidden_units": list(hidden),
        "initial_weights": "5eed" * 16,
        "optimizer": {"name": optimizer},
        "seed": 0,
    }
    return json.loads(canonical_json(made))
