"""Growth, drawn: a picture for each axis, time on the left and memory on the right."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from benchmarks.growth import Curve, curves
from benchmarks.results import Results
from lrbench.identity.provenance import write_text
from lrbench.reporting.drawing.style import RC, marker, rate_colours

AXES = {
    "rates": "learning rates",
    "seeds": "seeds",
    "epochs": "epochs",
    "examples": "training examples",
}
KINDS = ("training", "after training", "workflow", "worked step")
MEASURES = {"seconds": "seconds of CPU", "MB": "MB at the peak"}


def draw(results: Results, folder: Path) -> None:
    """Write a picture for each axis that was measured."""
    found = list(curves(results))
    for axis in dict.fromkeys(curve.axis for curve in found):
        with mpl.rc_context(RC):
            canvas = _picture([curve for curve in found if curve.axis == axis], axis)
            file = io.StringIO()
            canvas.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
        write_text(folder / f"growth-{axis}.svg", file.getvalue())


def _picture(found: list[Curve], axis: str) -> Figure:
    canvas = Figure(figsize=(8, 3.1), layout="constrained")
    panels = canvas.subplots(1, 2)
    for panel, (measure, title) in zip(panels, MEASURES.items(), strict=True):
        for curve in found:
            if curve.measure == measure:
                _line(panel, curve)
        sizes = sorted({size for curve in found for size in curve.sizes})
        panel.set(xscale="log", yscale="log", xlabel=AXES[axis], title=title)
        panel.set_xticks(sizes if len(sizes) < 8 else sizes[::2])
        panel.xaxis.set_minor_formatter(NullFormatter())
        panel.minorticks_off()
        _decades(panel, [cost for curve in found if curve.measure == measure for cost in curve.costs])
        for formatted in (panel.xaxis, panel.yaxis):
            formatted.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    panels[0].legend()
    return canvas


def _decades(panel: Any, costs: list[float]) -> None:
    """A y axis from a round number below the least cost to one above the largest."""
    ticks = [digit * 10.0**power for power in range(-3, 7) for digit in (1, 2, 5)]
    below = max(tick for tick in ticks if tick <= min(costs))
    above = min(tick for tick in ticks if tick >= max(costs))
    panel.set_yticks([tick for tick in ticks if below <= tick <= above])
    panel.set_ylim(below * 0.9, above * 1.1)


def _line(panel: Any, curve: Curve) -> None:
    place = KINDS.index(curve.what)
    colour = rate_colours(len(KINDS))[place][0]
    smooth = np.geomspace(min(curve.sizes), max(curve.sizes), 50)
    panel.plot(smooth, [curve.fit(size) for size in smooth], color=colour, linewidth=1)
    panel.plot(curve.sizes, curve.costs, marker(place), color=colour, markersize=5, label=curve.what)
