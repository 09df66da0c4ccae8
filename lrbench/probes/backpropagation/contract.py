"""One step of training worked through: the contract of `backpropagation.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrbench.tables.probes import Contract

SHAPE = {
    "agreement": dict,
    "example": {
        "image": list,
        "label": int,
        "place": int,
        "scale": ({"largest": float, "smallest": float}, type(None)),
    },
    "gradient_norm": float,
    "gradient_zeros": {"entries": int, "zero_entries": int},
    "hidden_units": [int],
    "initial_weights": str,
    "layers": [{"entries": int, "layer": int, "units": int, "zero_entries": int}],
    "lines": [
        {
            "along": str,
            "at_rates": [{"learning_rate": float, "moved": int}],
            "gradient_zeros": {"entries": int, "zero_entries": int},
            "of": str,
            "points": list,
            "tolerance": float,
            "turn": dict,
            "worse": dict,
        }
    ],
    "loss": float,
    "optimizer": {"name": str},
    "output": [{"class": int, "error": float, "logit": float, "probability": float}],
    "path": {"carried": float, "pixel": dict, "units": list},
    "seed": int,
    "updates": [{"learning_rate": float, "optimizer": dict, "plain": dict}],
    "weight": {"finite_difference": dict, "gradient": float, "terms": list},
}


def _other_weights(worked: Mapping[str, Any], origin: Mapping[str, Any], _: Mapping[str, Any]) -> str:
    """Whether the runs of its seed begin with other weights than those it was worked through with."""
    begun = {run["weights"]["initial"] for run in origin["runs"] if run["seed"] == worked["seed"]}
    return "begins with other weights than the runs" if begun - {worked["initial_weights"]} else ""


CONTRACT = Contract(SHAPE, _other_weights)
