"""The figures as the page shows them: read from their index, each SVG made a part of the page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lrbench.errors import InputError
from lrbench.identity.regular_files import refuse_special
from lrbench.reporting.inputs import Measured
from lrbench.reporting.svg.inline import inline_svg
from lrbench.tables.figures import FIGURES_INDEX, INDEX, figure_files
from lrbench.tables.index import read_index

Figures = list[dict[str, Any]]
Rates = list[dict[str, Any]]
CURVES = ("loss", "accuracy")
MANY_RATES = 5


def read_figures(folder: Path, made_from: Mapping[str, str], rates: int) -> tuple[Figures, Rates]:
    """What the index says of each figure, with the figure as `svg`, and of each rate, with its marker.

    folder : that `draw_figures` wrote
    made_from : digests of what the page is made from
    rates : how many learning rates there are

    Raises InputError where a figure is missing or is something else, or the figures show another analysis.
    """
    path = folder / FIGURES_INDEX
    index, files = read_index(path, None, INDEX)
    if index["made_from"] != made_from:
        raise InputError(f"{path}: is of another analysis; delete it and run snakemake again.")
    figures: Figures = index["figures"]
    for place, figure in enumerate(figures):
        lacking = [name for name in figure_files(figure["id"]) if name not in files]
        if lacking:
            raise InputError(f"{path}: has no {', '.join(lacking)} among its files; delete it and run snakemake again.")
        svg = _svg_of(files[figure_files(figure["id"])[0]])
        figure["svg"] = inline_svg(svg, f"f{place}", figure["alt"], rates)
    return figures, index["rates"]


def leading_figures(figures: Figures, measured: Measured) -> tuple[Figures, Figures]:
    """The figures that stand right below the answer, and those that come after the observations.

    First stand the two plots that a tutorial draws. With many rates their curves are hard to tell apart: then the sweep
    comes before them, which has a point a rate.
    """
    first = ("sweep", *CURVES) if len(measured.learning_rates) > MANY_RATES else CURVES
    by_id = {figure["id"]: figure for figure in figures}
    return [by_id[name] for name in first if name in by_id], [one for one in figures if one["id"] not in first]


def _svg_of(path: Path) -> str:
    try:
        refuse_special(path)
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise InputError(f"{path}: cannot be read ({reason}); make it with snakemake.") from error
    if "<svg " not in text:
        raise InputError(f"{path}: has no <svg in it; delete it and run snakemake again.")
    return text
