"""The report: one HTML file that needs nothing beside itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from lrbench.errors import WorkError
from lrbench.experiment import rate_label
from lrbench.provenance import read_json
from lrbench.reporting import content, words
from lrbench.reporting.figures_index import INDEX
from lrbench.reporting.inputs import Conclusions, Measured
from lrbench.reporting.svg import inline_svg, theme_rules

MAX_BYTES = 1_500_000


def render(
    measured: Measured,
    conclusions: Conclusions,
    experiment: Mapping[str, Any],
    figures: Path,
    templates: Path,
    backpropagation: Mapping[str, Any] | None = None,
) -> str:
    """The report of an experiment, as HTML.

    Parameters
    ----------
    experiment : `name`, `title`, `dataset_name` and `config`, the config file's path in the project
    figures : folder that `draw_figures` wrote
    templates : folder with report.html.j2, its partials, report.css and theme.js
    backpropagation : one step of training worked through, where there is one; its section is left out otherwise

    Raises
    ------
    WorkError
        Where the page would be larger than 1.5 MB; names the largest figure.
    """
    index = read_json(figures / INDEX, ("figures", "rates"))
    drawn = index["figures"]
    count = len(measured.learning_rates)
    for place, figure in enumerate(drawn):
        svg = (figures / f"{figure['id']}.svg").read_text(encoding="utf-8")
        figure["svg"] = inline_svg(svg, f"f{place}", figure["alt"], count)
    script = (templates / "theme.js").read_text(encoding="utf-8").strip()
    page = (
        environment(templates)
        .get_template("report.html.j2")
        .render(
            experiment=experiment,
            dataset=measured.dataset,
            origin=measured.tables.origin,
            figures=drawn,
            looks={look["learning_rate"]: (place, look["marker"]) for place, look in enumerate(index["rates"])},
            answer=content.answer(measured, conclusions),
            verdicts=content.verdict_rows(measured),
            recommendation=conclusions.recommendation,
            across=content.across_facts(conclusions.across),
            observations=content.grouped_observations(conclusions),
            claims=conclusions.claims,
            backpropagation=backpropagation,
            trust=content.trust(measured),
            downloads=content.downloads(measured, experiment["name"]),
            single_runs=len(measured.runs) <= content.MANY_RUNS,
            css=Markup((templates / "report.css").read_text(encoding="utf-8")),
            theme=theme_rules(count),
            script=Markup(script),
            script_hash=Markup(base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()),
        )
    )
    size = len(page.encode())
    if size > MAX_BYTES:
        largest = max(drawn, key=lambda figure: len(figure["svg"]))
        raise WorkError(
            f"the report would have {size} bytes, over its limit of {MAX_BYTES}; its largest figure is "
            f"{largest['id']} with {len(largest['svg'])}: give the experiment fewer learning rates or seeds."
        )
    return page


def environment(templates: Path) -> jinja2.Environment:
    """Where templates are found, and the few filters that they use. Everything is escaped; nothing may be undefined."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(
        rate=rate_label, number=words.number, evidence_value=words.evidence_value, row_name=words.row_name
    )
    return made
