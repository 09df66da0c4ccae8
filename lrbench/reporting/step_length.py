"""The figure of the loss along one step: how long a step may be before it does harm."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lrbench.names import rate_label
from lrbench.reporting import style, words
from lrbench.reporting.drawing import Drawing, Figure, Rates, canvas, draw_dots, legend, log_ticks
from lrbench.reporting.inputs import Measured
from lrbench.wording import counted

LOOKS: Mapping[str, Mapping[str, Any]] = {
    "batch": {"linestyle": "-", "linewidth": 1.7},
    "example": {"linestyle": (0, (3.2, 1.6)), "linewidth": 1.2},
}
HIGHEST = 1.6  # times the loss before the step: what is above is off the axis
MANY_RATES = 12
BEYOND = 4.0  # how far the axis goes on after the last thing to see


def loss_along_step(measured: Measured, rates: Rates) -> Drawing:
    """The loss of the first example and of the first batch, along the gradient and along the optimizer's first step."""
    worked = measured.worked
    optimizer = worked["optimizer"]["name"]
    kinds = ["gradient", "optimizer"]
    if optimizer == "sgd":  # the same line twice
        kinds = ["gradient"]
    elif len(rates) > MANY_RATES:  # a page has its limits; the CSV has both
        kinds = ["optimizer"]
    titles = {"gradient": "Along the gradient: a plain step", "optimizer": f"Along the first step of {optimizer}"}
    lines = {(line["along"], line["of"]): line for line in worked["lines"]}
    top = HIGHEST * max(line["loss"] for line in worked["lines"])
    drawn = canvas(3.9)
    for axes, kind in zip(drawn.subplots(1, len(kinds), sharey=True, squeeze=False).flat, kinds, strict=True):
        shown = [lines[kind, part] for part in LOOKS]
        axes.set(title=titles[kind], xlabel="Step length (learning rate)", xscale="log", ylim=(-0.03 * top, top))
        for line in shown:
            _draw(axes, rates, line, top)
        axes.set_xlim(*_ends(shown, rates))
        _mark_turn(axes, shown[0], top)
        log_ticks(axes.xaxis, axes.get_xlim(), words.tick)
        if kind == kinds[0]:
            axes.set_ylabel("Loss after the step (nats)")
    batch = lines[kinds[-1], "batch"]
    names = {"batch": counted(batch["examples"], "example") + ", the first batch", "example": "the first example"}
    looks = [(names[part], {"color": style.INK, **look}) for part, look in LOOKS.items()]
    legend(drawn, rates, looks)
    data = _data(worked["lines"])
    figure = Figure(
        id="loss-along-step",
        title=_title(batch, optimizer),
        caption=(
            "Cross-entropy, in nats, after one step from the first weights of "
            f"seed {worked['seed']} (n = 1 seed), against the length of that step, on a logarithmic axis. A step of "
            "the experiment's optimizer grows with its learning rate. Marks: the experiment's rates; "
            "vertical line: where the loss of the batch no longer falls. "
            f"{'Marks' if rates.panelled else 'Crosses'} at the top: above the axis, or not finite."
        ),
        alt=(
            "Loss against step length, for the first example and the first batch. "
            + " ".join(_sentence(lines[kind, "batch"], titles[kind]) for kind in kinds)
        ),
        columns=["Learning rate", *(_column(lines[kind, part], optimizer) for kind in kinds for part in LOOKS)],
        rows=[["before the step", *(words.number(lines[kind, part]["loss"], 5) for kind in kinds for part in LOOKS)]]
        + [
            [rate_label(point["learning_rate"])]
            + [loss_after(lines[kind, part]["at_rates"][place]) for kind in kinds for part in LOOKS]
            for place, point in enumerate(batch["at_rates"])
        ],
        note="The CSV has every point of the lines.",
    )
    return Drawing(figure, drawn, data)


def _column(line: Mapping[str, Any], optimizer: str) -> str:
    way = "the gradient" if line["along"] == "gradient" else f"the first step of {optimizer}"
    return f"Loss of {counted(line['examples'], 'example')}, along {way}"


def loss_after(point: Mapping[str, Any]) -> str:
    """The loss at a point of a line, in words where it is not finite."""
    return "not finite" if point["loss"] is None else words.number(point["loss"], 5)


def _draw(axes: Any, rates: Rates, line: Mapping[str, Any], top: float) -> None:
    points = [point for point in line["points"] if point["step"] > 0]
    steps = np.array([point["step"] for point in points])
    losses = np.array([math.nan if point["loss"] is None else point["loss"] for point in points])
    losses[losses > 10 * top] = np.nan
    axes.plot(steps, losses, color=style.MUTED, **LOOKS[line["of"]])
    axes.axhline(line["loss"], color=style.GRID, linewidth=0.9, zorder=0)
    for point in line["at_rates"]:
        rate, loss = point["learning_rate"], point["loss"]
        if rate not in rates.values:
            continue
        beyond = loss is None or loss > top
        if rates.panelled:  # many rates: small marks, on the batch's line only
            if line["of"] == "batch":
                draw_dots(axes, rates, rate, np.array([rate]), np.array([top if beyond else loss]), 5, many=True)
            continue
        look = rates.look(rate, linestyle="none", markersize=6, zorder=3, clip_on=False)
        look |= {"marker": "x", "markersize": 5} if beyond else {}
        if line["of"] == "example" and not beyond:
            look |= {"markerfacecolor": style.PAPER}
        rates.tag(axes.plot([rate], [top if beyond else loss], **look)[0], rate)


def _ends(lines: Sequence[Mapping[str, Any]], rates: Rates) -> tuple[float, float]:
    """Where the axis begins and ends: around the rates, and around where the loss turns and is worse."""
    marks = [*rates, *(line[mark]["step"] for line in lines for mark in ("turn", "worse"))]
    marks = [mark for mark in marks if mark]
    return min(marks) / BEYOND, max(marks) * BEYOND


def _mark_turn(axes: Any, line: Mapping[str, Any], top: float) -> None:
    turn = line["turn"]
    if turn["status"] != "turns":
        return
    axes.axvline(turn["step"], color=style.INK, linewidth=0.9, linestyle=(0, (1, 1.5)))
    left = np.log(turn["step"] / axes.get_xlim()[0]) > np.log(axes.get_xlim()[1] / turn["step"])
    axes.annotate(
        f"falls no more\nfrom {words.number(turn['step'], 3)} on",
        (turn["step"], top),
        xytext=(-4 if left else 4, -3),
        textcoords="offset points",
        ha="right" if left else "left",
        va="top",
        fontsize=8,
        color=style.INK,
    )


def _sentence(line: Mapping[str, Any], name: str) -> str:
    turn, worse = line["turn"], line["worse"]
    ends = {
        "turns": f"it falls to {words.number(turn['loss'], 3)} at a step of {words.number(turn['step'], 3)}",
        "vanishes": "it falls to nothing",
        "falls": "it falls as far as it was followed",
        "rises": "it rises from the start",
    }[turn["status"]]
    after = f" and is above its start from {words.number(worse['step'], 3)} on" if worse["step"] is not None else ""
    return f"{name}, the batch's loss starts at {words.number(line['loss'], 3)}; {ends}{after}."


def _title(batch: Mapping[str, Any], optimizer: str) -> str:
    """What the first batch says of step lengths."""
    turn, worse = batch["turn"], batch["worse"]
    step = f"the first step of {optimizer}"
    if turn["status"] == "turns":
        title = f"{step} lowers the first batch's loss less and less beyond a rate of {words.number(turn['step'], 2)}"
        if worse["step"] is not None:
            title += f", and raises it from {words.number(worse['step'], 2)} on"
    elif turn["status"] == "rises":
        title = f"{step} raises the first batch's loss at any rate"
    else:
        title = f"{step} lowers the first batch's loss at every rate that was tried"
    return title[0].upper() + title[1:]


def _data(lines: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    rows = [
        {
            "along": line["along"],
            "of": line["of"],
            "examples": line["examples"],
            "step": point["step"],
            "learning_rate": point.get("learning_rate"),
            "loss": point["loss"],
        }
        for line in lines
        for point in [*line["points"], *line["at_rates"]]
    ]
    frame = pd.DataFrame(rows).astype({"learning_rate": float, "loss": float})
    return frame.sort_values(["along", "of", "step"], kind="stable", ignore_index=True)
