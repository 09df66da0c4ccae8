"""The figures of the report, one module each; each is found by its file.

A module has NAME, what the page calls the figure; PLACE, by which figures are ordered; and
`draw(measured, rates)`, which returns its `Drawing`. Its id is the module's name with dashes.
"""

from __future__ import annotations

from lrbench.identity.discovery import modules_of
from lrbench.reporting.drawing.report_figure import ReportFigure, figures_of


def figures() -> list[ReportFigure]:
    """Every figure of the report, in the order of the page."""
    return figures_of(modules_of(__name__))
