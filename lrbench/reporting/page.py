"""The report: one HTML file that needs nothing beside itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup

from lrbench.errors import InputError, WorkError
from lrbench.experiment import rate_label
from lrbench.provenance import read_json
from lrbench.reporting import style
from lrbench.reporting.figures import INDEX
from lrbench.tables.experiment import ExperimentTables

MAX_BYTES = 1_500_000
INDEX_SHAPE = {"figures": [{"alt": str, "caption": str, "id": str, "title": str}]}


def render(
    tables: ExperimentTables,
    experiment: Mapping[str, Any],
    dataset: Mapping[str, Any],
    figures: Path,
    templates: Path,
) -> str:
    """The report of an experiment, as HTML.

    Parameters
    ----------
    tables : the experiment's measurements
    experiment : `name`, `title`, `dataset_name`, `config`
    dataset : manifest of the data set
    figures : folder that `draw_figures` wrote
    templates : folder with report.html.j2 and report.css

    Raises
    ------
    InputError
        Where a figure or a template is missing or is something else.
    WorkError
        Where the page would be larger than 1.5 MB; names the largest figure.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(rate=rate_label, fixed=fixed)
    drawn = read_json(figures / INDEX, INDEX_SHAPE)["figures"]
    for figure in drawn:
        figure["svg"] = inline_svg(_text_of(figures / f"{figure['id']}.svg", "<svg "), figure)
    try:
        page = environment.get_template("report.html.j2").render(
            experiment=experiment,
            dataset=dataset,
            figures=drawn,
            final=final_values(tables.epochs),
            origin=tables.origin,
            css=Markup(_text_of(templates / "report.css", "")),
            theme=Markup(theme_variables()),
        )
    except jinja2.TemplateError as error:
        line = f", line {error.lineno}" if isinstance(error, jinja2.TemplateSyntaxError) else ""
        raise InputError(
            f"{templates / 'report.html.j2'}{line}: cannot be filled in ({error.message}); restore the templates, "
            "or delete the tables and run snakemake again."
        ) from error
    size = len(page.encode())
    if size > MAX_BYTES:
        largest = max(drawn, key=lambda figure: len(figure["svg"]))
        raise WorkError(
            f"the report would have {size} bytes, over its limit of {MAX_BYTES}; its largest figure is "
            f"{largest['id']} with {len(largest['svg'])}: draw fewer points there."
        )
    return page


def _text_of(path: Path, holding: str) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise InputError(f"{path}: cannot be read ({reason}); make it with snakemake.") from error
    if holding not in text:
        raise InputError(f"{path}: has no {holding.strip()} in it; delete it and run snakemake again.")
    return text


def final_values(epochs: pd.DataFrame) -> list[dict[str, Any]]:
    """One row a rate, highest first: mean and sample standard deviation over seeds at the last epoch.

    Where a seed's value is not finite, the mean is not either: no run is left out.
    """
    last = epochs[epochs["epoch"] == epochs["epoch"].max()]
    rows = []
    for rate, own in sorted(last.groupby("learning_rate"), reverse=True):
        row: dict[str, Any] = {"learning_rate": rate, "n": len(own)}
        for column in ("loss", "val_loss", "accuracy", "val_accuracy"):
            values = own[column].to_numpy()
            with np.errstate(invalid="ignore"):
                row[column] = (float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else None)
        rows.append(row)
    return rows


def fixed(value: float | None, digits: int = 4) -> str:
    """A number with so many decimals; what is no number is said in words."""
    if value is None:
        return "–"
    return f"{value:.{digits}f}" if np.isfinite(value) else "not finite"


def inline_svg(svg: str, figure: Mapping[str, str]) -> Markup:
    """An SVG file as an element of a page: its ids its own, its colours the theme's, its alt text said."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>", "", svg, flags=re.DOTALL)
    prefix = f"{figure['id']}-"
    svg = re.sub(r'\bid="', f'id="{prefix}', svg)
    svg = re.sub(r"url\(#", f"url(#{prefix}", svg)
    svg = re.sub(r'href="#', f'href="#{prefix}', svg)
    for colour, variable in style.VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    label = Markup.escape(figure["alt"])
    svg = re.sub(
        r'<svg [^>]*?viewBox="([^"]+)"[^>]*>',
        lambda found: (
            f'<svg class="figure" role="img" aria-label="{label}" viewBox="{found[1]}" '
            'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        ),
        svg,
        count=1,
    )
    return Markup(svg)


def theme_variables() -> str:
    """CSS that gives each figure colour its light and its dark value."""
    dark = {style.INK: "#e6eaf0", style.MUTED: "#a4aebb", style.GRID: "#333b46", style.PAPER: "#161b22"}
    dark |= dict(zip(style.LIGHT_RATES, style.DARK_RATES, strict=True))
    return "".join(f"{name}:light-dark({colour},{dark[colour]});" for colour, name in style.VARIABLES.items())
