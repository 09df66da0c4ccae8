"""Scales and ticks that can be read: plain numbers, as many digits as tell them apart, none on top of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import (
    FixedLocator,
    Formatter,
    FuncFormatter,
    LogLocator,
    NullFormatter,
    NullLocator,
    SymmetricalLogLocator,
)
from matplotlib.transforms import Bbox

from lrbench.wording import rate_label, rounded, target_label

DIGITS = range(3, 16)  # significant ones of a tick: as few as tell neighbours apart
NEGLIGIBLE = 1e-9  # of the largest tick: what floating point leaves of a zero
ROOM = 3.0  # pixels between two labels
HIGH_SHARE, WIDE_SPAN = 0.8, 0.5  # of accuracies from where a linear axis flattens them
ERROR_TICKS = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999)
LEAST_ERROR = 1e-4
MOST_STEPS = 8  # ticks of a scale that is linear near 0 and logarithmic beyond


def tick(value: float, digits: int = 3) -> str:
    """A number beside an axis: as short as it can be said with so many significant digits."""
    size, sign, exponent = rounded(value, digits).partition("e")
    return (size.rstrip("0").rstrip(".") if "." in size else size) + sign + exponent


class Plain(Formatter):
    """Texts of ticks without exponent, offset or mathematics where they can be said so: 0.25, 1,000, 1e−9."""

    def __init__(self, text: Callable[[float, int], str] = tick) -> None:
        self.text = text

    def __call__(self, value: float, pos: int | None = None) -> str:  # noqa: ARG002 - matplotlib's own signature
        """The text of one value."""
        return self.format_ticks([value])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """The texts of all ticks of an axis, with as few digits as tell them apart."""
        largest = max((abs(value) for value in values if np.isfinite(value)), default=0.0)
        cleaned = [0.0 if abs(value) < NEGLIGIBLE * largest else float(value) for value in values]
        texts: list[str] = []
        for digits in DIGITS:
            texts = [self.text(value, digits) for value in cleaned]
            if len(set(texts)) == len(set(cleaned)):
                break
        return texts


def plain_ticks(axis: Any) -> None:
    """Plain numbers on a linear axis."""
    axis.set_major_formatter(Plain())
    axis.set_minor_formatter(NullFormatter())


def percent_ticks(axis: Any) -> None:
    """Percentages on an axis of shares: 98 %, 97.5 %."""
    axis.set_major_formatter(FuncFormatter(lambda share, _: target_label(share)))


def flattened(shares: np.ndarray) -> bool:
    """Whether some accuracies are so low that a linear axis would press those near 1 together."""
    finite = shares[np.isfinite(shares)]
    return bool(finite.size and finite.max() >= HIGH_SHARE and np.ptp(finite) >= WIDE_SPAN)


def error_scale(axes: Any, shares: np.ndarray) -> None:
    """Make a y axis of accuracies logarithmic in the error, 1 less the accuracy; no error counts as half the least."""
    finite = shares[np.isfinite(shares)]
    errors = 1 - finite
    least = errors[errors > 0].min() / 2 if (errors > 0).any() else LEAST_ERROR

    def height(share: np.ndarray) -> np.ndarray:
        return -np.log10(np.maximum(1 - np.asarray(share), least))

    axes.set_yscale("function", functions=(height, lambda place: 1 - 10.0 ** -np.asarray(place)))
    low, high = height(finite.min()), height(finite.max())
    margin = 0.04 * (high - low)
    bottom, top = 1 - 10 ** (margin - low), 1 - 10 ** -(high + margin)
    axes.set_ylim(bottom, min(top, 1 - least / 2))
    axes.yaxis.set_major_locator(FixedLocator([share for share in ERROR_TICKS if bottom <= share <= top]))
    axes.yaxis.set_minor_locator(NullLocator())
    percent_ticks(axes.yaxis)


def symlog_ticks(axis: Any, threshold: float) -> None:
    """Few ticks, in plain numbers, for an axis that is linear below a threshold and logarithmic above it."""
    locator = SymmetricalLogLocator(base=10, linthresh=threshold)
    locator.set_params(numticks=MOST_STEPS)
    axis.set_major_locator(locator)
    axis.set_minor_locator(NullLocator())
    plain_ticks(axis)


def scale_for(values: np.ndarray) -> dict[str, Any]:
    """Keywords of `set_yscale` under which all finite values can be told apart: linear, or logarithmic if they must."""
    finite = values[np.isfinite(values)]
    if not finite.size or (finite < 0).any() or finite.max() <= 0:
        return {"value": "linear"}
    positive = finite[finite > 0]
    if positive.max() / positive.min() < 60:
        return {"value": "linear"}
    if positive.size == finite.size:
        return {"value": "log"}
    return {"value": "symlog", "linthresh": float(positive.min())}


def log_ticks(axis: Any, ends: tuple[float, float], text: Callable[[float], str], few: bool = False) -> None:
    """Ticks for a logarithmic axis: only powers of ten where there are enough, else 2 and 5 as well."""
    low, high = ends
    decades = np.log10(high / low) if low > 0 and np.isfinite(high) else np.inf
    subs = (1.0,) if decades >= (1.2 if few else 2.2) else (1.0, 2.0, 5.0) if decades >= 0.5 else tuple(range(1, 10))
    axis.set_major_locator(LogLocator(10, subs=subs, numticks=4 if few else 8))
    axis.set_major_formatter(FuncFormatter(lambda value, _: text(value)))
    axis.set_minor_locator(NullLocator())


def rate_ticks(axis: Any, rates: Sequence[float]) -> None:
    """A tick at each learning rate, each with its label as far as there is room (see `leave_out_overlaps`)."""
    axis.set_minor_locator(NullLocator())
    axis.set_ticks(list(rates), [rate_label(rate) for rate in rates])


def leave_out_overlaps(drawn: Canvas) -> None:
    """Leave out each label of a tick that would stand on one before it; its grid line stays.

    Call it when all else is drawn. It fixes ticks and labels of the axes where it left one out.
    """
    if not drawn.axes:
        return
    engine = drawn.get_layout_engine()
    if engine is not None:
        engine.execute(drawn)
    renderer = drawn._get_renderer()  # type: ignore[attr-defined]  # what draws, for the size of texts
    taken: list[Bbox] = []
    for axes in drawn.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            axis.get_majorticklabels()  # brings ticks up to date
            labels, places = [tick.label1 for tick in axis.get_major_ticks()], list(axis.get_majorticklocs())
            left_out = set()
            for number, (place, label) in enumerate(zip(places, labels, strict=True)):
                if not label.get_visible() or not label.get_text() or not low <= place <= high:
                    continue
                box = label.get_window_extent(renderer).padded(ROOM / 2)
                if any(box.overlaps(other) for other in taken):
                    left_out.add(number)
                else:
                    taken.append(box)
            if left_out:
                texts = ["" if number in left_out else label.get_text() for number, label in enumerate(labels)]
                interval = axis.get_view_interval()
                axis.set_ticks(places, texts)
                axis.set_view_interval(*interval, ignore=True)
