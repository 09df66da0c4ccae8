"""Pages and figures of made experiments, with all that the report and the probes bring."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support import builders
from support.conclusions import conclusions

from lrbench.registry import PROBES, probe_figures, section_templates, sections
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.figures import figures
from lrbench.reporting.inputs import Conclusions, Measured
from lrbench.reporting.page import render
from lrbench.reporting.templates import read_templates

TEMPLATES = read_templates(Path(__file__).parents[2] / "templates", section_templates(PROBES))
ALL_FIGURES = [*figures(), *probe_figures(PROBES)]
BY_ID = {figure.id: figure for figure in ALL_FIGURES}


def drawing(figure: str, measured: Measured) -> Drawing:
    """A figure of an experiment, by its id."""
    return BY_ID[figure].draw(measured, Rates(measured.learning_rates))


def page(
    measured: Measured,
    folder: Path,
    templates: Mapping[str, str] = TEMPLATES,
    concluded: Conclusions | None = None,
    **changes: Any,
) -> str:
    """The page of an experiment whose figures lie in a folder; `changes` of what `builders.experiment` says."""
    given = concluded or conclusions(measured)
    return render(measured, given, sections(measured), builders.experiment(**changes), folder, templates)
