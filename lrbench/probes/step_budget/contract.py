"""What steps gain and what eats it: the contract of `step_budget.json`."""

from __future__ import annotations

from types import NoneType

from lrbench.tables.probes import Contract

ESTIMATE = {"error": float, "value": float}
TERMS = {
    "cost": ESTIMATE,
    "curvature": ESTIMATE,
    "difference": ESTIMATE,
    "gain": ESTIMATE,
    "measured": ESTIMATE,
    "noise": ESTIMATE,
    "predicted": ESTIMATE,
    "uphill": float,
}
SHAPE = {
    "batch": int,  # examples of a minibatch
    "held_out": int,  # training examples on which changes of the loss are predicted and measured
    "refused": str,  # why nothing was measured: see `section`
    "runs": [
        {
            "final_weights": str,
            "initial_weights": str,
            "learning_rate": float,
            "moments": [
                {
                    "learning_rate_now": float,  # in force at the step
                    "loss": (float, NoneType),
                    "name": str,
                    "noise_scale": (float, NoneType),  # examples
                    "sharpness": (ESTIMATE, NoneType),
                    "states": int,
                    "step": int,
                    "terms": (TERMS, NoneType),  # of a state whose weights, losses and terms are finite
                }
            ],
            "seed": int,
        }
    ],
    "steps": int,  # minibatch steps of a moment
    "steps_per_epoch": int,
}

CONTRACT = Contract(SHAPE)
