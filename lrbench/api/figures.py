"""A figure of the report as a matplotlib Figure that a notebook shows."""

from __future__ import annotations

import io
from functools import partial

from matplotlib.figure import Figure

from lrbench.reporting.drawing.marks import points_as_marks
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawable, ReportFigure
from lrbench.reporting.drawing.ticks import leave_out_overlaps
from lrbench.reporting.figure_files import drawing_settings


def drawn(figure: ReportFigure, measured: Drawable) -> Figure:
    """A figure, drawn with the report's settings whatever those of this process are.

    Notebooks show a Figure by themselves only after pyplot was imported; this one brings its own picture.
    """
    with drawing_settings():
        canvas = figure.draw(measured, Rates(measured.learning_rates)).canvas
        leave_out_overlaps(canvas)
        points_as_marks(canvas)
    vars(canvas)["_repr_png_"] = partial(_as_png, canvas)
    return canvas


def _as_png(canvas: Figure) -> bytes:
    """The figure as notebooks show it."""
    png = io.BytesIO()
    with drawing_settings():
        canvas.savefig(png, format="png", dpi=100)
    return png.getvalue()
