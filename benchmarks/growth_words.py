"""How costs grow, in words and tables."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.growth import EXPLAINED, Curve, curves
from benchmarks.plots import AXES
from benchmarks.results import Results
from benchmarks.words import number, table

SETUPS = {
    "training": "*Training*: one training process; 1 seed, 2 epochs and 9,600 examples where these are not what grows.",
    "after training": (
        "*After training*: aggregate, analyse, figures and report together, of runs that are made up; 3 rates, 3 "
        "seeds and 6 epochs of 1,875 steps where these are not what grows."
    ),
    "worked step": "*Worked step*: backpropagation worked through, in a process of its own.",
    "workflow": (
        "*Workflow*: everything from data to report; 2 seeds, 2 epochs, 9,600 examples; a training job for each rate."
    ),
}


def growth(results: Results) -> Iterator[str]:
    """The section on growth."""
    found = list(curves(results))
    if not found:
        return
    yield "## How cost grows"
    whats = dict.fromkeys(curve.what for curve in found)
    yield " ".join(SETUPS[what] for what in whats) + (
        " Time is CPU seconds of all processes, memory the peak of the largest. Fitted is a fixed part and a power of "
        "the size, by least relative error, but no power above 1 where a straight line comes within 5 % of every "
        "point; the exponent is that of the part that grows. In the pictures, points are "
        "measured and lines fitted, both axes logarithmic."
    )
    for one in results.measurements("growth"):
        if one["record"].get("failed"):
            yield f"**{one['what'].capitalize()}, {one['n']} {one['axis']}: {one['record']['failed']}**"
    for axis in dict.fromkeys(curve.axis for curve in found):
        own = [curve for curve in found if curve.axis == axis]
        yield f"### {AXES[axis].capitalize()}"
        yield f"![Time and memory against the number of {AXES[axis]}](performance/growth-{axis}.svg)"
        yield table(
            ["cost", "at n =", "measured", "fitted", ""],
            [
                [
                    f"{curve.what}, {'CPU s' if curve.measure == 'seconds' else 'MB'}",
                    ", ".join(f"{size:,}" for size in curve.sizes),
                    ", ".join(map(number, curve.costs)),
                    _fitted(curve),
                    _verdict(curve),
                ]
                for curve in own
            ],
        )


def _fitted(curve: Curve) -> str:
    if curve.verdict == "flat":
        return f"grows {100 * (curve.growth - 1):.0f} % in all"
    fit = curve.fit
    fixed = f"{number(fit.base)} + " if fit.base else ""
    return f"{fixed}{fit.factor:.2g} · n^{fit.exponent:.2f}"


def _verdict(curve: Curve) -> str:
    words = {"flat": "flat", "linear": "linear or less", "unexplained": "**faster than linear, not explained**"}
    return words.get(curve.verdict) or f"faster than linear: {EXPLAINED[curve.what, curve.axis]}"
