"""The section on backpropagation: one step of training in words, looked up in what was worked through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrbench.names import rate_label
from lrbench.reporting import path_picture, words
from lrbench.reporting.inputs import Measured
from lrbench.reporting.path_picture import number
from lrbench.reporting.step_length import loss_after
from lrbench.wording import counted, listed

EXACT = 13  # digits of losses whose difference is taken


def section(measured: Measured) -> dict[str, Any]:
    """What the section shows: the worked step itself, its drawings, and its sentences."""
    worked = measured.worked
    label = worked["example"]["label"]
    optimizer = worked["optimizer"]["name"]
    lines = {(line["along"], line["of"]): line for line in worked["lines"]}
    return {
        "worked": worked,
        "truth": worked["output"][label],
        "picture": path_picture.picture(worked),
        "diagram": path_picture.diagram(worked),
        "optimizer": optimizer,
        "batch": lines["gradient", "batch"],
        "single": lines["gradient", "example"],
        "heading": _heading(worked),
        "too_large": _too_large(lines["optimizer", "batch"], optimizer),
        "path": _path(worked),
        "weight": _weight(worked),
        "difference": _difference(worked["weight"]["finite_difference"]),
        "alone": _alone(lines["optimizer", "example"], optimizer),
    }


def _heading(worked: Mapping[str, Any]) -> str:
    label = worked["example"]["label"]
    return (
        f"Backpropagation: at first, class {label} gets a probability of "
        f"{number(worked['output'][label]['probability'])}, and every weight is told which way to go"
    )


def _too_large(line: Mapping[str, Any], optimizer: str) -> str:
    """What "too large" means, for the first batch and the experiment's optimizer."""
    turn, worse = line["turn"], line["worse"]
    begun = (
        f"On the batch of {line['examples']} that the run begins with, the loss is {number(line['loss'])} "
        f"before the first step of {optimizer}. "
    )
    at_rates = "After it: " + listed(
        f"{loss_after(point)} at {rate_label(point['learning_rate'])}" for point in line["at_rates"][:5]
    )
    if len(line["at_rates"]) > 5:
        at_rates += ", and so on in the table under the figure"
    ends = {
        "turns": f" Up to a rate of {number(turn['step'])} a longer step helps more; beyond it, it helps less",
        "vanishes": f" The loss falls to nothing: at a rate of {number(turn['step'])} the batch is known by heart",
        "falls": " The loss falls as far as the step was followed",
        "rises": " The loss rises from the start, at whatever rate",
    }[turn["status"]]
    harm = ""
    if worse["step"] is not None and turn["status"] != "rises":
        harm = (
            f", and from {number(worse['step'])} on the step does harm: the loss ends higher than it began. "
            "That is what too large means, for this step"
        )
    return f"{begun}{at_rates}.{ends}{harm}."


def _alone(line: Mapping[str, Any], optimizer: str) -> str:
    turn = line["turn"]
    ends = {
        "turns": f"stops falling at a step length of {number(turn['step'])}",
        "vanishes": f"falls to nothing at a step length of {number(turn['step'])}: one example is soon known by heart",
        "falls": "falls as far as it was followed",
        "rises": "rises from the start",
    }[turn["status"]]
    return (
        f"For this example alone, the loss along the first step of {optimizer} {ends}. In training a step has to suit "
        "every example of its batch; how long it may be then is in the figure."
    )


def _path(worked: Mapping[str, Any]) -> str:
    path = worked["path"]
    logit = worked["output"][worked["example"]["label"]]["logit"]
    if path["status"] == "silent":
        return "No path carries anything from a pixel to the true class: every one meets a 0 on its way."
    factors = " × ".join([number(path["pixel"]["value"]), *(number(unit["weight"]) for unit in path["units"])])
    return (
        f"Of all paths to the true class this one carries most, in size: {factors} = {number(path['carried'])} "
        f"of its z of {number(logit)}."
    )


def _weight(worked: Mapping[str, Any]) -> str:
    """Which weight the chain rule is multiplied out for."""
    weight = worked["weight"]
    pixel = worked["path"]["pixel"]
    start = (
        f"the pixel in row {pixel['row']}, column {pixel['column']}"
        if weight["layer"] == 1
        else f"unit {weight['from']} of hidden layer {weight['layer'] - 1}"
    )
    end = f"unit {weight['to']} of hidden layer {weight['layer']}" if weight["terms"] else f"class {weight['to']}"
    return f"The weight from {start} to {end} is {number(weight['weight'])}."


def _difference(found: Mapping[str, Any]) -> str:
    """The same derivative without calculus."""
    above, below = (words.number(found[name], EXACT) for name in ("loss_above", "loss_below"))
    step = words.number(found["step"], 1)
    text = (
        f"Without calculus: make this one weight larger and smaller by h = {step}, run the network forward both times "
        f"and take (L₊ − L₋) / 2h = ({above} − {below}) / (2 × {step}) = {number(found['difference'])}. "
        f"The difference from the gradient is {words.number(found['error'], 2)}. "
    )
    if found["status"] == "kink":
        return text + (
            f"A ReLU switches between the two sides ({counted(found['units_switched'], 'unit')}), so the loss has "
            "a kink there and the two need not agree."
        )
    return text + "No ReLU switches on or off in between, so there is no kink in the way."
