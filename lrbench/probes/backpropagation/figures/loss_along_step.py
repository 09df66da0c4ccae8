"""The figure of the loss along one step: how long a step may be before it does harm."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lrbench.probes.backpropagation import ID
from lrbench.probes.backpropagation.loss_course import course, loss_after
from lrbench.reporting.drawing import style
from lrbench.reporting.drawing.marks import draw_dots
from lrbench.reporting.drawing.panels import canvas, legend
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.drawing.ticks import log_ticks, tick
from lrbench.reporting.inputs import Measured
from lrbench.wording import counted, exact, rate_label, rounded

NAME = "Loss along a step"
PLACE = 10
LOOKS: Mapping[str, Mapping[str, Any]] = {
    "batch": {"linestyle": "-", "linewidth": 1.7},
    "example": {"linestyle": (0, (3.2, 1.6)), "linewidth": 1.2},
}
HIGHEST = 1.6  # times the loss before the step: what is above is off the axis
MANY_RATES = 12
DIGITS = 3
BEYOND = 4.0  # how far the axis goes on after the last thing to see


def draw(measured: Measured, rates: Rates) -> Drawing:
    """The loss of the first example and of the first batch, along the gradient and along the optimizer's first step."""
    worked = measured.probes[ID]
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
        axes.set(title=titles[kind], xlabel="Learning rate of the step", xscale="log", ylim=(-0.03 * top, top))
        for line in shown:
            _draw_line(axes, rates, line, top)
        axes.set_xlim(*_ends(shown, rates))
        _mark_turn(axes, shown[0], top)
        log_ticks(axes.xaxis, axes.get_xlim(), tick)
        if kind == kinds[0]:
            axes.set_ylabel("Loss after the step (nats)")
    batch = lines[kinds[-1], "batch"]
    names = {"batch": counted(batch["examples"], "example") + ", the first batch", "example": "the first example"}
    looks = [(names[part], {"color": style.INK, **look}) for part, look in LOOKS.items()]
    legend(drawn, rates, looks)
    return Drawing(
        canvas=drawn,
        data=_data(worked["lines"]),
        title=_title(batch, optimizer),
        caption=(
            "Cross-entropy, in nats, after one step from the first weights of "
            f"seed {worked['seed']} (n = 1 seed), against the learning rate of that step, on a logarithmic axis; "
            "the change of every weight is proportional to that rate. "
            + _conventions([lines[kind, part] for kind in kinds for part in LOOKS], rates, top)
        ),
        alt=(
            "Loss against the learning rate of one step, for the first example and the first batch. "
            + " ".join(
                f"{titles[kind]}, the batch's loss starts at {rounded(lines[kind, 'batch']['loss'], DIGITS)} and "
                f"{course(lines[kind, 'batch'], DIGITS)}."
                for kind in kinds
            )
        ),
        columns=["Learning rate", *(_column(lines[kind, part], optimizer) for kind in kinds for part in LOOKS)],
        rows=[["before the step", *(exact(lines[kind, part]["loss"]) for kind in kinds for part in LOOKS)]]
        + [
            [rate_label(point["learning_rate"])]
            + [loss_after(lines[kind, part]["at_rates"][place]) for kind in kinds for part in LOOKS]
            for place, point in enumerate(batch["at_rates"])
        ],
        note=(
            "The CSV has every point of the lines. Where a loss stops falling, is above its start or falls below a "
            f"bound was searched between two points, to {rounded(batch['tolerance'], 1)} of the learning rate."
        ),
    )


def _column(line: Mapping[str, Any], optimizer: str) -> str:
    way = "the gradient" if line["along"] == "gradient" else f"the first step of {optimizer}"
    return f"Loss of {counted(line['examples'], 'example')}, along {way}"


def _draw_line(axes: Any, rates: Rates, line: Mapping[str, Any], top: float) -> None:
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


def _conventions(lines: Sequence[Mapping[str, Any]], rates: Rates, top: float) -> str:
    """What marks and straight lines mean, as far as the figure has any."""
    marked = [line for line in lines if line["of"] == "batch" or not rates.panelled]
    losses = [point["loss"] for line in marked for point in line["at_rates"]]
    filled = "on the line of the batch" if rates.panelled else "filled for the batch and open for the example"
    text = f"Marks: the experiment's rates, {filled}. Horizontal lines: the losses before the step. "
    if any(line["turn"]["status"] == "turns" for line in lines if line["of"] == "batch"):
        text += "Vertical line: where the loss of the batch stops falling. "
    if any(loss is None or loss > top for loss in losses):
        text += f"{'Marks' if rates.panelled else 'Crosses'} at the top: above the axis, or not finite."
    return text.rstrip()


def _mark_turn(axes: Any, line: Mapping[str, Any], top: float) -> None:
    turn = line["turn"]
    if turn["status"] != "turns":
        return
    axes.axvline(turn["step"], color=style.INK, linewidth=0.9, linestyle=(0, (1, 1.5)))
    left = np.log(turn["step"] / axes.get_xlim()[0]) > np.log(axes.get_xlim()[1] / turn["step"])
    axes.annotate(
        f"stops falling\nat {rounded(turn['step'], DIGITS)}",
        (turn["step"], top),
        xytext=(-4 if left else 4, -3),
        textcoords="offset points",
        ha="right" if left else "left",
        va="top",
        fontsize=8,
        color=style.INK,
    )


def _title(batch: Mapping[str, Any], optimizer: str) -> str:
    """What the first batch says of step lengths."""
    turn, worse = batch["turn"], batch["worse"]
    end, at = (rounded(step, DIGITS) for step in (batch["points"][-1]["step"], turn["step"]))
    loss = "the first batch's loss"
    title = {
        "turns": f"lowers {loss} more at a higher rate up to {at}, and less just beyond it",
        "vanishes": f"brings {loss} below {rounded(turn.get('below'), 1)} nats at a rate of {at}",
        "falls": f"lowers {loss} more, the higher the rate, all the way to {end}",
        "flat": f"changes {loss} by no more than rounding, all the way to {end}",
        "rises": f"raises {loss} already at the lowest rates",
    }[turn["status"]]
    if turn["status"] == "turns" and turn["lower_at"] is None:
        title = f"lowers {loss} most at a rate of {at}"
    if worse["step"] is not None and turn["status"] != "rises":
        start = rounded(worse["step"], DIGITS)
        at_least = f"at every higher rate, up to {end}" if worse["better_at"] is None else "at some higher rates"
        title += (
            f"; from a rate of {start} on it raises it, {at_least}"
            if worse["better_at"] is None
            else (f"; it first raises it at a rate of {start}")
        )
    return f"The first step of {optimizer} {title}"


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
