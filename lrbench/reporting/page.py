"""The report: one HTML file that needs nothing beside itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from lrbench.errors import WorkError
from lrbench.reporting.citation import bibtex
from lrbench.reporting.inputs import Conclusions, Measured
from lrbench.reporting.sections.all_rates import across_facts
from lrbench.reporting.sections.classes import classes
from lrbench.reporting.sections.contrast import contrast as shown_contrast
from lrbench.reporting.sections.downloads import downloads
from lrbench.reporting.sections.figures import leading_figures, read_figures
from lrbench.reporting.sections.keras_lines import keras_lines
from lrbench.reporting.sections.observations import grouped_observations
from lrbench.reporting.sections.schedule import schedule
from lrbench.reporting.sections.search import search as shown_search
from lrbench.reporting.sections.section import Section
from lrbench.reporting.sections.trust import fit_known, trust
from lrbench.reporting.sections.verdicts import numbers, verdict_rows
from lrbench.reporting.sections.what_next import what_next
from lrbench.reporting.svg.compact import compacted
from lrbench.reporting.svg.inline import theme_rules
from lrbench.reporting.templates import fill_in, template_text
from lrbench.tables.names import ANALYSIS_INDEX

MAX_BYTES = 1_500_000
LARGE = 1_000_000  # bytes of a page, above which it is compacted, and if need be shows fewer numbers
SCRIPTS = ("theme.js", "copy.js")
SHOWN_NUMBERS = (100, 20, 5)  # of the numbers behind a sentence, at most: the first with which the page is not large


def render(
    measured: Measured,
    conclusions: Conclusions,
    sections: Sequence[Section],
    experiment: Mapping[str, Any],
    figures: Path,
    templates: Mapping[str, str],
    fit: Mapping[str, Any] | None = None,
    contrast: Mapping[str, Any] | None = None,
    search: Sequence[Mapping[str, Any]] = (),
) -> str:
    """The report of an experiment, as HTML.

    Parameters
    ----------
    sections : those of probes, in the order of the page
    experiment : `name`, `title`, `dataset_name`; `config`, the config file's path in the project; `yaml`, the text of
        a config that asks for this experiment alone
    figures : folder that `draw_figures` wrote
    templates : text by path in the folder of templates, as `read_templates` gives them
    search : what was decided after each round of a search (`lrbench.tables.search`); empty where rates are listed
    fit : what `verify --fit` found of one of its runs (`lrbench.tables.fit`); None where none was checked

    Raises
    ------
    InputError
        Where a figure or a template is missing or is something else, or the figures show another analysis.
    WorkError
        Where the page would be larger than 1.5 MB; names the largest figure.
    """
    shown, looks = read_figures(figures, measured.made_from, len(measured.learning_rates))
    leading, further = leading_figures([figure for figure in shown if figure["section"] is None], measured)
    made_from = measured.made_from["analysis"]
    values = {
        **frame(templates, looks, measured.recommendation["statement"], made_from),
        "experiment": experiment,
        "cite": bibtex(templates, experiment["name"], f"{experiment['name']}/{ANALYSIS_INDEX}", made_from),
        "dataset": measured.dataset,
        "origin": measured.tables.origin,
        "leading_figures": leading,
        "further_figures": further,
        "figure_names": {figure["id"]: figure["name"] for figure in shown},
        "numbers": numbers(measured.recommendation),
        "thresholds": measured.thresholds,
        "uneven": bool(measured.rates["n"].nunique() > 1),
        "chance": measured.accuracy(measured.across["chance"]),
        "verdicts": verdict_rows(measured),
        "recommendation": measured.recommendation,
        "across": across_facts(measured),
        "observations": grouped_observations(conclusions),
        "claims": conclusions.claims["claims"],
        "roles": conclusions.claims["roles"],
        "rate_heading": measured.rate_heading,
        "schedule": schedule(measured),
        "sections": [(one, [figure for figure in shown if figure["section"] == one.id]) for one in sections],
        "classes": classes(measured),
        "search": shown_search(search),
        "seeds_a_rate": measured.seeds_a_rate,
        "next": what_next(conclusions.next, experiment),
        "keras": keras_lines(measured, experiment),
        "contrast": shown_contrast(measured, contrast),
        "trust": [*trust(measured), ("model.fit", fit_known(fit))],
        "fit_checked": fit is not None,
        "downloads": downloads(measured, sections, experiment),
        "single_runs": measured.single_runs,
    }
    for most in SHOWN_NUMBERS:
        page = fill_in(templates, values | {"shown_numbers": most})
        if len(page.encode()) > LARGE:
            page = compacted(page)
        size = len(page.encode())
        if size <= LARGE:
            break
    if size > MAX_BYTES:
        largest = max(shown, key=lambda figure: len(figure["svg"]))
        raise WorkError(
            f"the report would have {size} bytes, over its limit of {MAX_BYTES}; its largest figure is "
            f"{largest['id']} with {len(largest['svg'])}: give the experiment fewer learning rates, seeds or targets."
        )
    return page


def frame(
    templates: Mapping[str, str], looks: Sequence[Mapping[str, Any]], description: str, made_from: str = ""
) -> dict[str, Any]:
    """What every page has, by name: stylesheet, theme, script, the outlines of the markers, and what it is made from.

    looks : of each rate, or each variant of a study, its number and its marker, as the index of the figures has them
    description : the page in a sentence, which search engines and previews show
    made_from : SHA-256 of the index that seals what the page shows; empty where there is none
    """
    script = ";\n".join(template_text(templates, name).strip() for name in SCRIPTS)
    marks = list(dict.fromkeys(look["marker"] for look in looks))
    return {
        "description": description,
        "made_from": made_from,
        "marks": marks,
        "looks": {look["learning_rate"]: (place, marks.index(look["marker"])) for place, look in enumerate(looks)},
        "css": Markup(template_text(templates, "report.css")),
        "theme": theme_rules(len(looks)),
        "script": Markup(script),
        "script_hash": Markup(base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()),
    }
