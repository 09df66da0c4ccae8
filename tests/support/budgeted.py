"""Step budgets of made-up experiments: a share of the gain is eaten that grows with the rate and along training."""

from __future__ import annotations

import json
import math
from typing import Any

from support.histories import Made

from lrbench.identity.provenance import canonical_json
from lrbench.probes.step_budget.moments import moments

STEPS_PER_EPOCH = 200


def estimate(value: float, error: float | None = None) -> dict[str, float]:
    """A value as JSON has it, with a standard error of a twentieth where none is given."""
    return {"error": abs(value) / 20 if error is None else error, "value": value}


def terms(size: float, share: float, **changes: Any) -> dict[str, Any]:
    """The terms of steps that gain so much, of which curvature and noise eat a share, curvature three parts of four."""
    gain, cost = size, size * share
    return {
        "cost": estimate(cost),
        "curvature": estimate(0.75 * cost),
        "difference": estimate(0.0, gain / 1000),
        "gain": estimate(gain),
        "measured": estimate(cost - gain),
        "noise": estimate(0.25 * cost),
        "predicted": estimate(cost - gain, math.hypot(cost, gain) / 20),  # as of gain and cost that vary apart
        "uphill": min(share / 4, 1.0),
    } | changes


def budgeted(made: Made, at_most: int = 3) -> dict[str, Any]:
    """The content of step_budget.json for a made experiment; a run that diverged is lost from half of training on."""
    plan, epochs = made.origin["plan"], made.origin["settings"]["epochs"]
    ended = {(run["learning_rate"], run["seed"]): run["weights"] for run in made.origin["runs"]}
    runs = []
    for seed in sorted(plan["seeds"])[:at_most]:
        for rate in plan["learning_rates"]:
            weights = ended.get((rate, seed), {"initial": "i", "final": "f", "finite": True})
            shown = []
            for place, (step, name) in enumerate(moments(STEPS_PER_EPOCH, epochs).items()):
                lost = not weights["finite"] and place > 2
                shown.append(
                    {
                        "learning_rate_now": rate,
                        "loss": None if lost else 2.3 / (1 + place),
                        "name": name,
                        "noise_scale": None if lost else 100.0 * (1 + place),
                        "sharpness": None,
                        "states": 1,
                        "step": step,
                        "terms": None if lost else terms(rate / (1 + place), 0.2 * (1 + place) * (rate / 0.003) ** 0.5),
                    }
                )
            runs.append(
                {
                    "final_weights": weights["final"],
                    "initial_weights": weights["initial"],
                    "learning_rate": rate,
                    "moments": shown,
                    "seed": seed,
                }
            )
    content = {
        "batch": 32,
        "held_out": 512,
        "refused": "",
        "runs": runs,
        "steps": 64,
        "steps_per_epoch": STEPS_PER_EPOCH,
    }
    return json.loads(canonical_json(content))
