"""How the loss goes along a step, in words: what the section and its figure share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrbench.wording import exact, rounded


def course(line: Mapping[str, Any], digits: int) -> str:
    """What a loss does as the learning rate of the step grows, as a predicate: `falls to … at …, then rises; …`."""
    turn, worse = line["turn"], line["worse"]
    end = rounded(line["points"][-1]["step"], digits)

    def at(place: Mapping[str, Any], key: str = "step") -> str:
        return rounded(place[key], digits)

    if turn["status"] in ("falls", "flat"):
        doing = "falls all the way" if turn["status"] == "falls" else "does not change beyond rounding"
        return f"{doing} to a rate of {end}, where the line ends"
    if turn["status"] == "vanishes":
        text = f"falls below {rounded(turn['below'], 1)} nats at a rate of {at(turn)}"
    elif turn["status"] == "turns":
        text = f"falls to {at(turn, 'loss')} at a rate of {at(turn)} and then rises"
        text += f"; it is lower still at {at(turn, 'lower_at')}" if turn["lower_at"] is not None else ""
    else:
        text = "rises from the start"
    if worse["step"] is None:
        return text
    above = "above its start" + " or not finite" * any(point["loss"] is None for point in line["points"])
    text += f"; it is {above} from {'there' if turn['status'] == 'rises' else at(worse)} on"
    if worse["better_at"] is not None:
        return f"{text}, and below it again at {at(worse, 'better_at')}"
    return f"{text}, as far as the line goes, to {end}"


def loss_after(point: Mapping[str, Any]) -> str:
    """The loss at a point of a line, in words where it is not finite."""
    return "not finite" if point["loss"] is None else exact(point["loss"])
