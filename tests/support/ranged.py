"""Range tests of made-up experiments: losses that fall around the rate 0.01, and diverge beyond it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from support.histories import Made

from lrbench.identity.provenance import canonical_json
from lrbench.probes.range_test.loss_curve import ended, rising_rates, smoothed
from lrbench.probes.range_test.suggestions import suggestions

STEPS = 200


def course(rates: np.ndarray, seed: int) -> np.ndarray:
    """The loss of each step: it falls from 2.3 around 0.001 and rises beyond 0.1, with noise by seed."""
    random = np.random.default_rng(seed)
    distance = np.log10(rates) + 3
    falling = 2.3 / (1 + np.exp(2.5 * distance))
    return falling + 0.2 + np.clip(10 ** (distance - 2.5), 0, 50) + random.normal(0, 0.03, len(rates))


def range_test(seed: int, rates: np.ndarray, losses: np.ndarray, begun: str) -> dict[str, Any]:
    """A seed's test of these losses, as the measurement has it."""
    count, end = ended(losses, len(rates))
    return {
        "end": end,
        "initial_weights": begun,
        "losses": losses[:count].tolist(),
        "seed": seed,
        "suggestions": suggestions(rates, smoothed(losses[:count]), end),
    }


def ranged(made: Made) -> dict[str, Any]:
    """The content of range_test.json for a made experiment."""
    plan = made.origin["plan"]
    lowest, highest = min(plan["learning_rates"]) / 100, max(plan["learning_rates"]) * 100
    rates = rising_rates(lowest, highest, STEPS)
    begun = {run["seed"]: run["weights"]["initial"] for run in made.origin["runs"]}
    tests = [range_test(seed, rates, course(rates, seed), begun.get(seed, "i")) for seed in plan["seeds"]]
    content = {"highest": highest, "lowest": lowest, "seeds": tests, "steps": STEPS}
    return json.loads(canonical_json(content))
