"""The figures of a study's page, each a module of this package, which finds them by itself."""

from __future__ import annotations

from lrbench.identity.discovery import modules_of
from lrbench.reporting.drawing.report_figure import ReportFigure, figures_of


def figures() -> list[ReportFigure]:
    """The figures of a study's page, in its order."""
    return figures_of(modules_of(__name__))
