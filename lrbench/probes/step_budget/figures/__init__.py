"""The figures of this probe, one module each, shown in its section; see lrbench.reporting.figures."""

from __future__ import annotations

from lrbench.identity.discovery import modules_of
from lrbench.probes.step_budget import ID
from lrbench.reporting.drawing.report_figure import ReportFigure, figures_of


def figures() -> list[ReportFigure]:
    """Every figure of this probe, in the order of its section."""
    return figures_of(modules_of(__name__), ID)
