"""One step of training worked through: the contract of `backpropagation.json`."""

from __future__ import annotations

WORKED = {
    "agreement": dict,
    "example": {"image": list, "label": int, "place": int},
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
    "made_from": {"data": str, "plan": dict, "settings": dict},
    "optimizer": {"name": str},
    "output": [{"class": int, "error": float, "logit": float, "probability": float}],
    "path": {"carried": float, "pixel": dict, "units": list},
    "seed": int,
    "updates": [{"learning_rate": float, "optimizer": dict, "plain": dict}],
    "weight": {"finite_difference": dict, "gradient": float, "terms": list},
}
