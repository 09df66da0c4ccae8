"""The learning-rate range test: the contract of `range_test.json`."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import Any

from lrbench.tables.probes import Contract

RATE = (float, NoneType)
SHAPE = {
    "highest": float,
    "lowest": float,
    "seeds": [
        {
            "end": str,
            "initial_weights": str,
            "losses": [float],  # of the batch of each step that counts, before that step
            "seed": int,
            "suggestions": {"lightning": RATE, "minimum": RATE, "steepest": RATE, "valley": RATE},
        }
    ],
    "steps": int,  # of an epoch
}


def _other_weights(found: Mapping[str, Any], origin: Mapping[str, Any], _: Mapping[str, Any]) -> str:
    """Whether a run begins with other weights than the test of its seed."""
    begun = {one["seed"]: one["initial_weights"] for one in found["seeds"]}
    if all(begun.get(run["seed"]) == run["weights"]["initial"] for run in origin["runs"]):
        return ""
    return "begins with other weights than the runs"


CONTRACT = Contract(SHAPE, _other_weights)
