"""Forward and backward pass written out by hand, in numpy and float64: the chain rule, layer by layer.

Weights are a list as Keras orders them: kernel (inputs, units) and bias (units,) of the first dense layer, then of the
next. Every dense layer but the last is followed by ReLU, whose slope at 0 is taken as 0; the last by softmax.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Arrays = list[np.ndarray]
DIFFERENCE_STEPS = (1e-5, 1e-6, 1e-7)


@dataclass(frozen=True)
class Forward:
    """One pass through the network.

    inputs : what each dense layer takes, (n, inputs); the first is the images
    pre_activations : z = inputs · kernel + bias of each, (n, units)
    probabilities : softmax of the last, (n, classes)
    losses : cross-entropy of each example, (n,), in nats
    """

    inputs: Arrays
    pre_activations: Arrays
    probabilities: np.ndarray
    losses: np.ndarray

    @property
    def loss(self) -> float:
        """The mean over the examples."""
        return float(self.losses.mean())


@dataclass(frozen=True)
class Backward:
    """The gradient of the mean loss.

    deltas : that by each layer's pre-activations, (n, units)
    gradient : that by each weight, in the order of the weights
    """

    deltas: Arrays
    gradient: Arrays


def forward(weights: Arrays, images: np.ndarray, labels: np.ndarray) -> Forward:
    """The network's answer to images (n, pixels) whose classes are `labels` (n,)."""
    inputs, pre_activations = [images], []
    for kernel, bias in zip(weights[::2], weights[1::2], strict=True):
        pre_activations.append(inputs[-1] @ kernel + bias)
        inputs.append(np.maximum(pre_activations[-1], 0))
    logits = pre_activations[-1]
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    return Forward(inputs[:-1], pre_activations, probabilities, _cross_entropies(logits, labels))


def _cross_entropies(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """−log p of the true class, as log(1 + Σ exp(z − z_true)) over the others: exact where p is next to 1, too."""
    rows = np.arange(len(labels))
    leads = logits - logits[rows, labels][:, None]
    leads[rows, labels] = -np.inf
    top = np.maximum(leads.max(axis=1), 0)
    others = np.exp(leads - top[:, None]).sum(axis=1)
    return top + np.where(top > 0, np.log(np.exp(-top) + others), np.log1p(others))


def backward(weights: Arrays, passed: Forward, labels: np.ndarray) -> Backward:
    """The chain rule from the loss back to every weight.

    delta = (p − y) / n at the output; of a layer before, delta of the next · kernelᵀ of the next where z > 0, else 0.
    The gradient of a kernel is inputsᵀ · delta, that of a bias the sum of delta over the examples.
    """
    rows = np.arange(len(labels))
    error = passed.probabilities.copy()
    error[rows, labels] = 0
    error[rows, labels] = -error.sum(axis=1)  # p − 1, exact also where p is next to 1
    deltas = [error / len(labels)]
    for layer in range(len(passed.inputs) - 1, 0, -1):
        slopes = passed.pre_activations[layer - 1] > 0
        deltas.insert(0, deltas[0] @ weights[2 * layer].T * slopes)
    gradient = []
    for inputs, delta in zip(passed.inputs, deltas, strict=True):
        gradient += [inputs.T @ delta, delta.sum(axis=0)]
    return Backward(deltas, gradient)


def norm(arrays: Sequence[np.ndarray]) -> float:
    """The Euclidean length of all values together."""
    return float(np.sqrt(sum(float(np.square(array).sum()) for array in arrays)))


def dot(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> float:
    """The sum of products of all values of one with those of the other."""
    return sum(float((a * b).sum()) for a, b in zip(first, second, strict=True))


def moved(weights: Arrays, direction: Arrays, step: float = 1.0) -> Arrays:
    """Weights after a step along a direction."""
    return [weight + step * part for weight, part in zip(weights, direction, strict=True)]


def strongest_path(weights: Arrays, passed: Forward, label: int) -> list[int]:
    """Pixel, unit of each hidden layer and class of the path that carries most to a class, of the first example.

    A path carries pixel · weight · … · weight to the class's logit if all its units are active, and nothing otherwise;
    the strongest is the one whose product is largest in size. Found layer by layer, keeping the best path to each unit.
    """
    best = np.abs(passed.inputs[0][0])
    came_from = []
    for layer, z in enumerate(passed.pre_activations):
        carried = best[:, None] * np.abs(weights[2 * layer])
        came_from.append(carried.argmax(axis=0))
        best = carried.max(axis=0)
        if layer < len(passed.pre_activations) - 1:
            best = best * (z[0] > 0)
    path = [label]
    for previous in reversed(came_from):
        path.insert(0, int(previous[path[0]]))
    return path


def carried(weights: Arrays, passed: Forward, path: Sequence[int]) -> float:
    """What a path adds to the logit it ends in: pixel · weight · …, or 0 where a unit of it is not active."""
    product = float(passed.inputs[0][0, path[0]])
    for layer, (start, end) in enumerate(itertools.pairwise(path)):
        product *= float(weights[2 * layer][start, end])
        if layer < len(path) - 2:
            product *= float(passed.pre_activations[layer][0, end] > 0)
    return product


def weight_factors(weights: Arrays, passed: Forward, label: int, path: Sequence[int]) -> dict[str, Any]:
    """The derivative of the first example's loss by one weight of a path, in factors that multiply out to it.

    The weight leads into the path's last hidden unit, from where each class is one weight away: gradient = input ·
    slope of ReLU · Σ over classes of weight · (p − y). Without hidden layers it leads into the class: input · (p − y).
    """
    layers = len(weights) // 2
    layer = max(layers - 2, 0)
    start, end = path[layer], path[layer + 1]
    errors = [float(p) - (1.0 if place == label else 0.0) for place, p in enumerate(passed.probabilities[0])]
    value = float(passed.inputs[layer][0, start])
    hidden = layers > 1
    outgoing = [float(weight) for weight in weights[-2][end]] if hidden else []
    terms = [
        {"class": place, "weight": weight, "error": error, "product": weight * error}
        for place, (weight, error) in enumerate(zip(outgoing, errors, strict=False))
    ]
    total = sum(term["product"] for term in terms) if hidden else errors[label]
    slope = int(passed.pre_activations[layer][0, end] > 0) if hidden else 1
    return {
        "layer": layer + 1,
        "from": start,
        "to": end,
        "weight": float(weights[2 * layer][start, end]),
        "input": value,
        "slope": slope if hidden else None,
        "terms": terms,
        "sum": total,
        "delta": slope * total,
        "gradient": value * slope * total,
    }


def central_difference(
    weights: Arrays, images: np.ndarray, labels: np.ndarray, place: tuple[int, int, int], gradient: float
) -> dict[str, Any]:
    """How much the loss changes when one weight is made a little larger and a little smaller.

    Where a ReLU switches on or off in between, the loss has a kink there and the difference is no derivative; smaller
    steps are tried, and `status` says `kink` if they do not help. The error is that against `gradient`.

    Parameters
    ----------
    place : dense layer (from 1), input and unit of the weight
    """
    layer, start, end = place
    found: dict[str, Any] = {}
    for step in DIFFERENCE_STEPS:
        passes = []
        for change in (-step, 0.0, step):
            kernels = list(weights)
            kernels[2 * layer - 2] = kernels[2 * layer - 2].copy()
            kernels[2 * layer - 2][start, end] += change
            passes.append(forward(kernels, images, labels))
        below, _, above = passes
        switched = sum(
            int(((np.sign(low) != np.sign(high)) | (np.sign(low) != np.sign(middle))).sum())
            for low, middle, high in zip(*(one.pre_activations[:-1] for one in passes), strict=True)
        )
        difference = (above.loss - below.loss) / (2 * step)
        error = abs(difference - gradient)
        found = {
            "step": step,
            "loss_above": above.loss,
            "loss_below": below.loss,
            "difference": difference,
            "error": error,
            "relative_error": error / abs(gradient) if gradient else None,
            "units_switched": switched,
            "status": "kink" if switched else "smooth",
        }
        if not switched:
            break
    return found
