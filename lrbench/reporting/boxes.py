"""Many runs of a rate as one mark: a line over all of them, a bar over the middle half, their number where lost."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrbench.reporting import style
from lrbench.reporting.drawing import Rates
from lrbench.reporting.inputs import Measured
from lrbench.wording import counted

MANY_SEEDS = 40  # a rate, above which runs are not drawn one by one
MANY_MARKS = 1000  # runs in a figure, above which they are not either


def boxed(measured: Measured) -> bool:
    """Whether runs are so many that a figure shows where they lie instead of each."""
    return measured.seeds > MANY_SEEDS or len(measured.learning_rates) * measured.seeds > MANY_MARKS


def draw_box(axes: Any, rates: Rates, rate: float, values: np.ndarray, place: float, upright: bool = False) -> None:
    """A thin line from the lowest to the highest finite value, a thick one over the middle half; none where none is.

    place : where the box stands on the other axis
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return
    ends = np.quantile(finite, [0.0, 1.0, 0.25, 0.75])
    for span, width in ((ends[:2], 0.9), (ends[2:], 4.0)):
        across = np.full(2, place)
        line = (across, span) if upright else (span, across)
        rates.tag(
            axes.plot(*line, color=rates.colour(rate), linewidth=width, solid_capstyle="butt")[0],
            rate,
        )


def draw_count(axes: Any, rates: Rates, rate: float, count: int, place: tuple[float, float], transform: Any) -> None:
    """A cross with how many runs it stands for, if any."""
    if not count:
        return
    look = {"marker": "x", "markersize": 4, "markeredgewidth": 1.1, "linestyle": "none", "clip_on": False}
    (cross,) = axes.plot(*place, color=rates.colour(rate), transform=transform, scalex=False, scaley=False, **look)
    rates.tag(cross, rate)
    text = axes.annotate(
        str(count), place, xycoords=transform, xytext=(4, 0), textcoords="offset points", va="center", fontsize=6,
        color=style.INK, annotation_clip=False,
    )  # fmt: skip
    rates.tag(text, rate)


def box_caption(measured: Measured) -> str:
    """What is drawn of a rate's runs, with n."""
    return (
        f"Thin lines reach from the lowest to the highest run (n = {counted(measured.seeds, 'seed')} a rate), "
        "thick ones over the middle half"
    )
