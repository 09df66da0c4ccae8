"""Pages and figures of made experiments, with all that the report and the probes bring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from support.histories import Made
from support.stage_files import report_inputs, write_pictures

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
    conclusions: Conclusions,
    figures: Path,
    templates: Mapping[str, str] = TEMPLATES,
    **changes: str,
) -> str:
    """The page of an experiment whose figures lie in a folder; `changes` of what the report is told beside results."""
    experiment = {
        "config": "config/config.yaml",
        "dataset_name": "MNIST",
        "name": "made",
        "title": "Three learning rates",
        "yaml": "experiment: made\nlearning_rates: [0.1, 0.01]\n",
    }
    return render(measured, conclusions, sections(measured), experiment | changes, figures, templates)


def page_without_figures(make: Callable[[], Made], folder: Path, **changes: str) -> str:
    """The page of an experiment with every section but the figures, of which the folder gets an empty index."""
    measured, conclusions = report_inputs(make)
    write_pictures(folder, dict(measured.made_from))
    return page(measured, conclusions, folder, **changes)
