"""The report: one HTML file that needs nothing beside itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from lrbench.errors import InputError, WorkError
from lrbench.identity.provenance import digest
from lrbench.identity.regular_files import refuse_special
from lrbench.reporting import content, path_picture, words, worked
from lrbench.reporting.inputs import FIGURE_FILES, FIGURES_INDEX, Conclusions, Measured
from lrbench.reporting.svg import inline_svg, theme_rules
from lrbench.tables.index import read_index
from lrbench.wording import at_most_points, rate_label, target_label

MAX_BYTES = 1_500_000
IN_SECTIONS = ("loss-along-step",)  # figures that are shown in the section they belong to
INDEX_SHAPE = {
    "figures": [{"alt": str, "caption": str, "columns": [str], "id": str, "note": str, "rows": [[str]], "title": str}],
    "made_from": dict,
    "rates": [{"learning_rate": float, "marker": str}],
}


def render(
    measured: Measured,
    conclusions: Conclusions,
    experiment: Mapping[str, Any],
    figures: Path,
    templates: Mapping[str, str],
) -> str:
    """The report of an experiment, as HTML.

    Parameters
    ----------
    experiment : `name`, `title`, `dataset_name` and `config`, the config file's path in the project
    figures : folder that `draw_figures` wrote
    templates : text by path in the folder of templates, as `read_templates` gives them

    Raises
    ------
    InputError
        Where a figure or a template is missing or is something else, or the figures show another analysis.
    WorkError
        Where the page would be larger than 1.5 MB; names the largest figure.
    """
    index, pictures = read_index(figures / FIGURES_INDEX, FIGURE_FILES, INDEX_SHAPE)
    if index["made_from"] != measured.made_from:
        raise InputError(f"{figures / FIGURES_INDEX}: is of another analysis; delete it and run snakemake again.")
    drawn = index["figures"]
    count = len(measured.learning_rates)
    for place, figure in enumerate(drawn):
        svg = _text_of(pictures[figure["id"]], "<svg ")
        figure["svg"] = inline_svg(svg, f"f{place}", figure["alt"], count)
    script = _template(templates, "theme.js").strip()
    marks = list(dict.fromkeys(look["marker"] for look in index["rates"]))
    try:
        page = (
            environment(templates)
            .get_template("report.html.j2")
            .render(
                experiment=experiment,
                dataset=measured.dataset,
                origin=measured.tables.origin,
                figures=[figure for figure in drawn if figure["id"] not in IN_SECTIONS],
                marks=marks,
                looks={
                    look["learning_rate"]: (place, marks.index(look["marker"]))
                    for place, look in enumerate(index["rates"])
                },
                numbers=content.numbers(measured.recommendation),
                thresholds=measured.thresholds,
                uneven=bool(measured.rates["n"].nunique() > 1),
                chance=measured.accuracy(measured.across["chance"]),
                verdicts=content.verdict_rows(measured),
                recommendation=measured.recommendation,
                across=content.across_facts(measured),
                observations=content.grouped_observations(conclusions),
                claims=conclusions.claims["claims"],
                roles=conclusions.claims["roles"],
                step=worked.section(measured)
                | {"figures": [figure for figure in drawn if figure["id"] in IN_SECTIONS]},
                trust=content.trust(measured),
                downloads=content.downloads(measured, experiment["name"]),
                single_runs=len(measured.runs) <= content.MANY_RUNS,
                css=Markup(_template(templates, "report.css")),
                theme=theme_rules(count),
                script=Markup(script),
                script_hash=Markup(base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()),
            )
        )
    except jinja2.TemplateNotFound as error:
        raise _missing(str(error.name)) from error
    except jinja2.TemplateError as error:
        name = getattr(error, "name", None) or "report.html.j2"
        line = f", line {error.lineno}" if isinstance(error, jinja2.TemplateSyntaxError) else ""
        raise InputError(
            f"templates/{name}{line}: cannot be filled in ({error.message}); restore the templates, "
            "or delete the tables and run snakemake again."
        ) from error
    size = len(page.encode())
    if size > MAX_BYTES:
        largest = max(drawn, key=lambda figure: len(figure["svg"]))
        raise WorkError(
            f"the report would have {size} bytes, over its limit of {MAX_BYTES}; its largest figure is "
            f"{largest['id']} with {len(largest['svg'])}: give the experiment fewer learning rates, seeds or targets."
        )
    return page


def _text_of(path: Path, holding: str = "") -> str:
    try:
        refuse_special(path)
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise InputError(f"{path}: cannot be read ({reason}); make it with snakemake.") from error
    if holding not in text:
        raise InputError(f"{path}: has no {holding.strip()} in it; delete it and run snakemake again.")
    return text


def read_templates(folder: Path, expected: str | None = None) -> dict[str, str]:
    """Every template with the stylesheet and the script: text by path in their folder.

    expected : the `files_digest` of all files as the workflow took it; None where nobody said

    Raises InputError where one cannot be read, and WorkError where they are not the expected ones.
    """
    texts, contents = {}, []
    for path in sorted((path for path in folder.rglob("*") if path.is_file()), key=Path.as_posix):
        try:
            raw = path.read_bytes()
            texts[path.relative_to(folder).as_posix()] = raw.decode("utf-8")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not text"
            raise InputError(f"{path}: cannot be read ({reason}); restore the templates.") from error
        contents.append([path.name, hashlib.sha256(raw).hexdigest()])
    if expected is not None and digest(contents) != expected:
        raise WorkError(
            f"{folder}: a template changed since snakemake began: nothing was written; leave templates alone while "
            "snakemake runs, and run snakemake again."
        )
    return texts


def _template(templates: Mapping[str, str], name: str) -> str:
    if name not in templates:
        raise _missing(name)
    return templates[name]


def _missing(template: str) -> InputError:
    return InputError(f"templates/{template}: is missing; restore the templates and run snakemake again.")


def environment(templates: Mapping[str, str]) -> jinja2.Environment:
    """Where templates are found, and the few filters that they use. Everything is escaped; nothing may be undefined."""
    made = jinja2.Environment(
        loader=jinja2.DictLoader(templates),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(
        rate=rate_label, number=words.number, evidence_value=words.evidence_value, row_name=words.row_name
    )
    made.filters.update(points=at_most_points, share=target_label)
    made.filters["exact"] = lambda value, digits=path_picture.DIGITS: words.number(value, digits)
    return made
