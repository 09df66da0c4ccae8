"""The page's templates: read whole before anything else, and filled in strictly."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from lrbench.errors import InputError, WorkError
from lrbench.identity.provenance import digest
from lrbench.places import CITATION
from lrbench.wording import at_most_points, exact, rate_label, target_label

PAGE = "report.html.j2"
UNIT_AFTER_NUMBER = re.compile(r"(?<=\d) (?=(?:%|points?\b|nats?\b))")
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def read_templates(folder: Path, sections: Mapping[str, Path], expected: str | None = None) -> dict[str, str]:
    """Every template with stylesheet, scripts and CITATION.cff: text by path in their folder, or by name.

    sections : templates that lie elsewhere, by name
    expected : the `files_digest` of all files as the workflow took it; None where nobody said

    Raises InputError where one cannot be read, and WorkError where they are not the expected ones.
    """
    texts, contents = {}, []
    own = sorted((path for path in folder.rglob("*") if path.is_file()), key=Path.as_posix)
    named = [*((path.relative_to(folder).as_posix(), path) for path in own), *sections.items()]
    for name, path in [*named, (CITATION.name, CITATION)]:
        try:
            raw = path.read_bytes()
            texts[name] = raw.decode("utf-8")
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


def template_text(templates: Mapping[str, str], name: str) -> str:
    """The text of a template, a stylesheet or a script. Raises InputError where there is none of this name."""
    if name not in templates:
        raise _missing(name)
    return templates[name]


def fill_in(templates: Mapping[str, str], values: Mapping[str, Any], page: str = PAGE) -> str:
    """The page: its template, of this name, and those that it includes, filled in with values.

    Everything is escaped, nothing may be undefined, and no line breaks between a number of a value and its unit. Raises
    InputError where a template is missing or is not what these values are for.
    """
    try:
        return _environment(templates).get_template(page).render(values)
    except jinja2.TemplateNotFound as error:
        raise _missing(str(error.name)) from error
    except jinja2.TemplateError as error:
        name = getattr(error, "name", None) or page
        line = f", line {error.lineno}" if isinstance(error, jinja2.TemplateSyntaxError) else ""
        raise InputError(
            f"{_place(name)}{line}: cannot be filled in ({error.message}); if you added something to the page, give it "
            "that; otherwise restore the templates, or delete the tables and run snakemake again."
        ) from error


def _place(name: str) -> str:
    """Where a template lies, in the project."""
    if name == CITATION.name:
        return name
    return f"lrbench/{name}" if name.startswith("probes/") else f"templates/{name}"


def _missing(template: str) -> InputError:
    return InputError(f"{_place(template)}: is missing; restore the templates and run snakemake again.")


def _environment(templates: Mapping[str, str]) -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.DictLoader(templates),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_with_units_kept,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(
        rate=rate_label,
        evidence_value=_evidence_value,
        row_name=_row_name,
        points=at_most_points,
        share=target_label,
        exact=exact,
    )
    return made


def _with_units_kept(value: Any) -> Any:
    """A value of the page; in text, with a no-break space between a number and its unit: %, points or nats.

    Files and the terminal have plain spaces: a page alone is broken into lines where its reader's screen ends.
    """
    if isinstance(value, str) and not isinstance(value, Markup):
        return UNIT_AFTER_NUMBER.sub(NO_BREAK_SPACE, value)
    return value


def _evidence_value(item: Mapping[str, Any]) -> str:
    """The value of an item of evidence as it was found, to six digits; what JSON cannot hold, in words."""
    value = item["value"]
    if value is None:
        return str(item.get("status", "not available"))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}".replace("-", "−")
    return str(value)


def _row_name(row: Mapping[str, Any]) -> str:
    """A row of a table, named by its key."""
    parts = []
    for key, value in row.items():
        text = rate_label(value) if isinstance(value, float) else str(value)
        parts.append(f"{key.replace('_', ' ')} {text}")
    return ", ".join(parts)
