"""Forward and backward pass of one example as backpropagation.json has them: layers, output and strongest path."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from lrbench.probes.backpropagation import chain_rule
from lrbench.probes.backpropagation.chain_rule import Arrays, Backward, Forward

STRONGEST = 5


def gradient_zeros(gradient: Arrays) -> dict[str, int]:
    """How many weights and biases a gradient has an entry for, and how many of its entries are exactly 0."""
    entries = sum(part.size for part in gradient)
    return {"entries": entries, "zero_entries": entries - sum(int(np.count_nonzero(part)) for part in gradient)}


def layers(passed: Forward, back: Backward) -> list[dict[str, Any]]:
    """Each dense layer in a few numbers, hidden ones with their strongest units."""
    records = []
    for place, (inputs, z, delta) in enumerate(zip(passed.inputs, passed.pre_activations, back.deltas, strict=True)):
        hidden = place < len(passed.inputs) - 1
        active = np.maximum(z[0], 0)
        strongest: Any = np.argsort(-active, kind="stable")[:STRONGEST] if hidden else ()
        records.append(
            {
                "layer": place + 1,
                "kind": "hidden" if hidden else "output",
                "inputs": inputs.shape[1],
                "units": len(z[0]),
                "active": int((z[0] > 0).sum()) if hidden else None,
                "smallest_pre_activation": float(z[0].min()),
                "mean_pre_activation": float(z[0].mean()),
                "largest_pre_activation": float(z[0].max()),
                "delta_norm": chain_rule.norm([delta]),
                **gradient_zeros(back.gradient[2 * place : 2 * place + 2]),
                "weight_gradient_norm": chain_rule.norm([back.gradient[2 * place]]),
                "bias_gradient_norm": chain_rule.norm([back.gradient[2 * place + 1]]),
                "strongest": [
                    {
                        "unit": int(unit),
                        "pre_activation": float(z[0, unit]),
                        "activation": float(active[unit]),
                        "delta": float(delta[0, unit]),
                    }
                    for unit in strongest
                ],
            }
        )
    return records


def output(passed: Forward, back: Backward, label: int) -> list[dict[str, Any]]:
    """What the output layer says of each class."""
    return [
        {
            "class": place,
            "logit": float(passed.pre_activations[-1][0, place]),
            "probability": float(passed.probabilities[0, place]),
            "target": int(place == label),
            "error": float(back.deltas[-1][0, place]),
        }
        for place in range(passed.probabilities.shape[1])
    ]


def path_of(
    weights: Arrays, passed: Forward, back: Backward, path: Sequence[int], picture: np.ndarray, of_pixels: bool
) -> dict[str, Any]:
    """The strongest path: the pixel, and what each unit after it gets from the one before and gives back to it.

    of_pixels : whether the example has pixels, of a brightness from 0 to 255, or other numbers, which have none
    """
    where = [int(index) for index in np.unravel_index(path[0], picture.shape)]
    units = []
    for layer, (start, end) in enumerate(itertools.pairwise(path)):
        value, delta = float(passed.inputs[layer][0, start]), float(back.deltas[layer][0, end])
        unit: dict[str, Any] = {
            "layer": layer + 1,
            "unit": end,
            "weight": float(weights[2 * layer][start, end]),
            "input": value,
            "pre_activation": float(passed.pre_activations[layer][0, end]),
            "delta": delta,
            "weight_gradient": value * delta,
        }
        if layer < len(path) - 2:
            after = back.deltas[layer + 1][0]
            shares = weights[2 * layer + 2][end] * after
            unit |= {
                "activation": float(passed.inputs[layer + 1][0, end]),
                "slope": int(passed.pre_activations[layer][0, end] > 0),
                "back_along_path": float(shares[path[layer + 2]]),
                "back_by_others": float(np.delete(shares, path[layer + 2]).sum()),
                "others": len(shares) - 1,
            }
        units.append(unit)
    carried = chain_rule.carried(weights, passed, path)
    return {
        "pixel": {
            "index": path[0],
            "row": where[0],
            "column": where[1],
            "channel": where[2] if len(where) > 2 else None,
            "brightness": int(picture[tuple(where)]) if of_pixels else None,
            "brightest": 255 if of_pixels else None,
            "value": float(passed.inputs[0][0, path[0]]),
        },
        "units": units,
        "carried": carried,
        "status": "carries" if carried else "silent",
    }
