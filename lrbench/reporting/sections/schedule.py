"""The learning-rate schedule of an experiment, in words and as a small picture of the rates in force."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape

from lrbench.reporting.inputs import Measured
from lrbench.training_words import schedule_name, schedule_text, scheduled
from lrbench.wording import percent

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 340, 150, 58, 10, 10, 36  # in units of the picture; the last four are margins


def schedule(measured: Measured) -> dict[str, Any] | None:
    """The schedule's name, text and picture, and what the picture shows; None where the rate is constant.

    Every rate has the same shape, so the picture shows shares of the peak, once.
    """
    settings = measured.tables.origin["settings"]
    if not scheduled(settings):
        return None
    evaluations = measured.tables.evaluations
    first = evaluations.iloc[0]
    run = evaluations[(evaluations["learning_rate"] == first["learning_rate"]) & (evaluations["seed"] == first["seed"])]
    shares = (run["learning_rate_now"] / first["learning_rate"]).tolist()
    epochs = run["epoch"].tolist()
    least, last = min(shares), shares[-1]
    return {
        "name": schedule_name(settings),
        "text": schedule_text(settings),
        "picture": _picture(epochs, shares),
        "caption": (
            f"The rate in force as a share of the peak rate, at each of the {len(shares)} evaluations of a run: "
            f"that of the last step, and before training that of the first. It begins at {percent(shares[0], 1)} of "
            f"the peak, is {percent(least, 1)} at the least and ends at {percent(last, 1)}. Lines only join the dots."
        ),
    }


def _picture(epochs: list[float], shares: list[float]) -> Markup:
    across, down = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    points = [
        (LEFT + across * epoch / epochs[-1], TOP + down * (1 - share))
        for epoch, share in zip(epochs, shares, strict=True)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2"/>' for x, y in points)
    grid = "".join(
        f'<path class="grid" d="M{LEFT} {TOP + down * (1 - share):.1f}H{WIDTH - RIGHT}"/>'
        f'<text x="{LEFT - 8}" y="{TOP + down * (1 - share) + 4:.1f}" text-anchor="end">{label}</text>'
        for share, label in ((0, "0"), (0.5, "½ peak"), (1, "peak"))
    )
    ends = "".join(
        f'<text x="{LEFT + across * part:.1f}" y="{HEIGHT - 18}" text-anchor="{anchor}">{epochs[-1] * part:g}</text>'
        for part, anchor in ((0, "start"), (0.5, "middle"), (1, "end"))
    )
    axis = f'<text x="{LEFT + across / 2:.1f}" y="{HEIGHT - 3}" text-anchor="middle">epoch</text>'
    alt = "Learning rate in force, as a share of the peak rate, against epochs."
    return Markup(  # noqa: S704 - our own markup around numbers
        f'<svg class="schedule" role="img" aria-label="{escape(alt)}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'{grid}{ends}{axis}<polyline points="{line}"/>{dots}</svg>'
    )
