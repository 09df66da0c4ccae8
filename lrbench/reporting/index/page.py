"""The index page: one HTML file that leads to every report and study of a working directory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lrbench.errors import WorkError
from lrbench.reporting.index.lines import A_STUDY, EXPERIMENT, Line
from lrbench.reporting.index.settings import split_settings
from lrbench.reporting.page import MAX_BYTES, frame
from lrbench.reporting.templates import fill_in
from lrbench.wording import listed

PAGE = "index.html.j2"
TITLE = "Experiments and studies"


def render_index(lines: Sequence[Line], templates: Mapping[str, str]) -> str:
    """The index page, as HTML: studies, then experiments, each in the order of `lines`.

    templates : as for `lrbench.reporting.page.render`

    Raises InputError where a template is missing or is something else, WorkError where the page would be over 1.5 MB.
    """
    experiments = [line for line in lines if line.kind == EXPERIMENT]
    shared, differing = split_settings([line.settings for line in experiments if line.settings])
    values = {
        **frame(templates, [], _statement(lines)),
        "experiment": {"name": "index", "title": TITLE},
        "statement": _statement(lines),
        "studies": [_row(line, list(line.settings)) for line in lines if line.kind == A_STUDY],
        "experiments": [_row(line, differing) for line in experiments],
        "shared": list(shared.items()),
    }
    page = fill_in(templates, values, PAGE)
    size = len(page.encode())
    if size > MAX_BYTES:
        raise WorkError(
            f"the index page would have {size} bytes, over its limit of {MAX_BYTES}; remove experiments that are no "
            "longer of use (lrbench clean --experiment NAME), or run others in another working directory."
        )
    return page


def _row(line: Line, settings: Sequence[str]) -> dict[str, Any]:
    told = [f"{name} {line.settings[name]}".strip() for name in settings if name in line.settings]
    return {
        "id": f"{line.kind}-{line.name}",
        "name": line.name,
        "title": line.title,
        "page": line.page,
        "answer": line.answer,
        "problem": line.problem,
        "settings": "; ".join(told),
    }


def _statement(lines: Sequence[Line]) -> str:
    counts = [(sum(line.kind == kind for line in lines), kind) for kind in (A_STUDY, EXPERIMENT)]
    plurals = {A_STUDY: "studies", EXPERIMENT: "experiments"}
    said = [f"{count} {kind if count == 1 else plurals[kind]}" for count, kind in counts if count]
    without = sum(not line.answer for line in lines)
    doubt = "" if not without else f", {without} of {len(lines)} without an answer"
    return f"{listed(said)}{doubt}." if said else "There is no experiment here yet."
