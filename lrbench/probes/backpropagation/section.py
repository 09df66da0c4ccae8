"""The section on backpropagation: one step of training in words, looked up in what was worked through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lrbench.probes.backpropagation import ID, path_picture
from lrbench.probes.backpropagation.loss_course import course, loss_after
from lrbench.reporting.inputs import Measured
from lrbench.reporting.sections.section import Section
from lrbench.wording import EXACT_DIGITS, class_label, counted, exact, listed, rate_label, rounded

MOST_RATES = 5  # as many losses as a sentence holds
LOSS_DIGITS = 13  # digits of losses whose difference is taken


def section(measured: Measured) -> Section:
    """The section on backpropagation, as the page has it."""
    return Section(
        ID, "Backpropagation", "one step of training worked through, every number of its section", content(measured)
    )


def content(measured: Measured) -> dict[str, Any]:
    """What the section shows: the worked step itself, its drawings, and its sentences."""
    worked = measured.probes[ID]
    label = worked["example"]["label"]
    names = [class_label(row["class"], measured.dataset["class_names"]) for row in worked["output"]]
    optimizer = worked["optimizer"]["name"]
    lines = {(line["along"], line["of"]): line for line in worked["lines"]}
    steps = [("plain", "plain")] if optimizer == "sgd" else [("plain", "plain"), ("optimizer", optimizer)]
    return {
        "worked": worked,
        "names": names,
        "numbered": measured.dataset["class_names"] is None,
        "truth": worked["output"][label],
        "picture": path_picture.picture(worked, names[label]),
        "picture_notes": _picture_notes(worked),
        "diagram": path_picture.diagram(worked, names[label]),
        "optimizer": optimizer,
        "steps": steps,
        "batch": lines["gradient", "batch"],
        "single": lines["gradient", "example"],
        "heading": _heading(worked, names),
        "noun": path_picture.noun(worked),
        "zeros": _zeros(worked),
        "too_large": _too_large(lines["optimizer", "batch"], worked),
        "path": _path(worked),
        "weight": _weight(worked, names),
        "difference": _difference(worked),
        "alone": _alone(lines["optimizer", "example"], optimizer),
    }


def _heading(worked: Mapping[str, Any], names: Sequence[str]) -> str:
    label = worked["example"]["label"]
    zeros = worked["gradient_zeros"]
    gradient = f"0 for {zeros['zero_entries']:,} of {zeros['entries']:,} weights and biases"
    if not zeros["zero_entries"]:
        gradient = f"nowhere 0 among {zeros['entries']:,} weights and biases"
    return (
        f"Backpropagation: at first, class {names[label]} gets a probability of "
        f"{exact(worked['output'][label]['probability'])}, and the gradient is {gradient}"
    )


def _zeros(worked: Mapping[str, Any]) -> str:
    """For how many weights the gradient is exactly 0, and what a plain step does with it."""
    zeros = worked["gradient_zeros"]
    if not zeros["zero_entries"]:
        return (
            f"It has an entry other than 0 for each of the {zeros['entries']:,} weights and biases. A plain step of "
            "gradient descent changes each of them against its entry, by the learning rate times that entry."
        )
    noun = path_picture.noun(worked)
    dead = f"the {noun} before them is 0"
    if worked["hidden_units"]:
        dead = (
            f"what enters them is 0 ({_a(noun)} that is 0 or a unit that is not active), or because no path of active "
            "units leads on from them"
        )
    return (
        f"For this example it is exactly 0 for {zeros['zero_entries']:,} of the {zeros['entries']:,} weights and "
        f"biases, because {dead}. A plain step of gradient descent leaves those as they are, and changes each of the "
        "others against its entry, by the learning rate times that entry."
    )


def _too_large(line: Mapping[str, Any], worked: Mapping[str, Any]) -> str:
    """What "too large" means, for the first batch and the experiment's optimizer."""
    optimizer = worked["optimizer"]["name"]
    at_rates = [
        f"{loss_after(point)} at {rate_label(point['learning_rate'])}" for point in line["at_rates"][:MOST_RATES]
    ]
    more = ", and so on in the table under the figure" if len(line["at_rates"]) > MOST_RATES else ""
    text = (
        f"On the first batch of seed {worked['seed']}, of {counted(line['examples'], 'example')}, the loss is "
        f"{exact(line['loss'])} before the first step of {optimizer}, and after it "
        f"{', '.join(at_rates) if more else listed(at_rates)}{more}. As the rate grows, it "
        f"{course(line, EXACT_DIGITS)}. "
    )
    if line["worse"]["step"] is not None:
        text += (
            "For this one step and these examples, a rate at which the loss ends above its start is too large; other "
            "examples may lose where these gain. "
        )
    return text + _moved(line, optimizer)


def _moved(line: Mapping[str, Any], optimizer: str) -> str:
    """How many weights the first step changes."""
    zeros = line["gradient_zeros"]
    counts = sorted({point["moved"] for point in line["at_rates"]})
    moved = f"{counts[0]:,}" if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,}, depending on the rate"
    return (
        f"This batch's gradient is exactly 0 for {zeros['zero_entries']:,} of the {zeros['entries']:,} weights and "
        f"biases. In single precision, in which runs keep their weights, the first step of {optimizer} changes {moved}."
    )


def _alone(line: Mapping[str, Any], optimizer: str) -> str:
    return (
        f"As the learning rate grows, the loss of this example alone after the first step of {optimizer} "
        f"{course(line, EXACT_DIGITS)}. In training, a step is taken for a whole batch; the figure shows both."
    )


def _picture_notes(worked: Mapping[str, Any]) -> str:
    """How the picture shows the example, and which of its pixels, or of its numbers, is outlined."""
    example, pixel, noun = worked["example"], worked["path"]["pixel"], path_picture.noun(worked)
    height, width, *channels = example["image_shape"]
    notes = _scale(example["scale"], in_colour=channels == [3])
    if channels and channels[0] not in (1, 3):
        notes += f"The picture is the mean of {channels[0]} channels. "
    coarse = path_picture.coarseness(height, width)
    if coarse > 1:
        notes += f"A square of it is the mean of up to {coarse} by {coarse} {noun}s. "
    value, bright = f"x = {exact(pixel['value'])}", ""
    if pixel["brightness"] is not None:
        bright = f"{pixel['brightness']} of {pixel['brightest']} bright, which is "
    return f"{notes}Outlined: the {noun} in {path_picture.where(pixel)}, {bright}{value}."


def _scale(scale: Mapping[str, float] | None, in_colour: bool) -> str:
    """What ink and colours of the picture mean; `scale` has the numbers that it shows as darkest and brightest."""
    if scale is None:
        return "" if in_colour else "The more ink, the brighter the pixel. "
    smallest, largest = exact(scale["smallest"]), exact(scale["largest"])
    if scale["smallest"] == scale["largest"]:
        return f"All its numbers are {smallest}. "
    if in_colour:
        return f"Each channel is as bright as its number is large, from {smallest} (dark) to {largest}. "
    return f"The more ink, the larger the number: none for {smallest}, full for {largest}. "


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _path(worked: Mapping[str, Any]) -> str:
    path = worked["path"]
    logit = worked["output"][worked["example"]["label"]]["logit"]
    if path["status"] == "silent":
        start = _a(path_picture.noun(worked))
        return f"No path carries anything from {start} to the true class: every one meets a 0 on its way."
    factors = " × ".join([exact(path["pixel"]["value"]), *(exact(unit["weight"]) for unit in path["units"])])
    return (
        f"Of all paths to the true class, this one carries most, in absolute value: {factors} = "
        f"{exact(path['carried'])}. With biases of 0, as before training, all paths together add up to z = "
        f"{exact(logit)}."
    )


def _weight(worked: Mapping[str, Any], names: Sequence[str]) -> str:
    """Which weight the chain rule is multiplied out for."""
    weight = worked["weight"]
    pixel = worked["path"]["pixel"]
    start = (
        f"the {path_picture.noun(worked)} in {path_picture.where(pixel)}"
        if weight["layer"] == 1
        else f"unit {weight['from']} of hidden layer {weight['layer'] - 1}"
    )
    end = (
        f"unit {weight['to']} of hidden layer {weight['layer']}" if weight["terms"] else f"class {names[weight['to']]}"
    )
    return f"The weight from {start} to {end} is {exact(weight['weight'])}."


def _difference(worked: Mapping[str, Any]) -> str:
    """The same derivative without calculus."""
    found = worked["weight"]["finite_difference"]
    above, below = (rounded(found[name], LOSS_DIGITS) for name in ("loss_above", "loss_below"))
    step = rounded(found["step"], 1)
    text = (
        f"Without calculus: make this one weight larger and smaller by h = {step}, run the network forward both times "
        f"and take (L₊ − L₋) / 2h = ({above} − {below}) / (2 × {step}) = {exact(found['difference'])}. "
        f"The difference from the gradient is {rounded(found['error'], 2)}."
    )
    if found["status"] == "kink":
        return text + (
            f" A ReLU switches between the two sides ({counted(found['units_switched'], 'unit')}), so the loss may "
            "have a kink there, and the two need not agree."
        )
    return text + " No ReLU switches on or off in between, so there is no kink in the way." * bool(
        worked["hidden_units"]
    )
