"""Pages and figures of made experiments, with all that the report and the probes bring."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from support import builders
from support.conclusions import conclusions

from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.inputs import Conclusions, Measured
from lrbench.reporting.page import render
from lrbench.reporting.templates import read_templates
from lrbench.stages import FIGURES, SECTIONS

TEMPLATES = read_templates(Path(__file__).parents[2] / "templates")
ALL_FIGURES = [figure for package in FIGURES for figure in import_module(package).figures()]
BY_ID = {figure.id: figure for figure in ALL_FIGURES}


def drawing(figure: str, measured: Measured) -> Drawing:
    """A figure of an experiment, by its id."""
    return BY_ID[figure].draw(measured, Rates(measured.learning_rates))


def page(
    measured: Measured,
    figures: Path,
    templates: Mapping[str, str] = TEMPLATES,
    concluded: Conclusions | None = None,
    **changes: Any,
) -> str:
    """The page of an experiment whose figures lie in a folder; `changes` of what `builders.experiment` says."""
    sections = [import_module(name).section(measured) for name in SECTIONS]
    given = concluded or conclusions(measured)
    return render(measured, given, sections, builders.experiment(**changes), figures, templates)
