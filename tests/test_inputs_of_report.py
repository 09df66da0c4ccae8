"""Figures, conclusions and templates that the report reads, wrong or of something else: one sentence, status 2."""

from __future__ import annotations

import json

import pytest
from support import stage_files
from support.commands import arguments, complaint, made_from, one_run

from lrbench.identity.provenance import write_sealed

FIGURE = {
    "alt": "a",
    "caption": "c",
    "columns": [],
    "id": "loss",
    "name": "Loss",
    "note": "",
    "rows": [],
    "section": None,
}
FIGURE |= {"title": "t"}


def pictures(tables):
    """The index of figures drawn from this analysis; the pictures are beside it."""
    return stage_files.write_pictures(tables / "figures", made_from(tables))


def test_without_figures_there_is_no_report(tables, capsys):
    assert complaint(tables, capsys, arguments("report")) == (
        "lrbench: figures/figures.json: cannot be read (No such file or directory); make it with snakemake.\n"
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"figures": ["loss"]}, "holds something else under figures than this stage writes"),
        ({"made_from": {"analysis": "0"}}, "is of another analysis"),
    ],
)
def test_a_foreign_index_of_figures_is_refused(tables, capsys, change, problem):
    index = pictures(tables)
    write_sealed(index, json.loads(index.read_text()) | change)
    assert complaint(tables, capsys, arguments("report")) == (
        f"lrbench: figures/figures.json: {problem}; delete it and run snakemake again.\n"
    )


@pytest.mark.parametrize(
    ("svg", "sealed", "problem"),
    [
        (None, False, "cannot be read (No such file or directory); run snakemake again"),
        (b"<svg ", False, "has changed since figures/figures.json was written; delete it and run snakemake again"),
        (b"\xff", True, "cannot be read (not text); make it with snakemake"),
        (b"picture", True, "has no <svg in it; delete it and run snakemake again"),
    ],
)
def test_foreign_figures_are_refused(tables, capsys, svg, sealed, problem):
    index = pictures(tables)
    shown = {"figures": [FIGURE]}
    write_sealed(index, json.loads(index.read_text()) | shown)
    (tables / "figures" / "loss.svg").unlink()
    if svg is not None:
        (tables / "figures" / "loss.svg").write_bytes(svg)
    if sealed:
        stage_files.seal(index)
    assert complaint(tables, capsys, arguments("report")) == f"lrbench: figures/loss.svg: {problem}.\n"


def test_a_figure_without_files_is_refused(tables, capsys):
    index = pictures(tables)
    stage_files.seal(index, figures=[FIGURE | {"id": "another"}])
    assert complaint(tables, capsys, arguments("report")) == (
        "lrbench: figures/figures.json: has no another.svg, another.png, another.pdf, another.csv among its files; "
        "delete it and run snakemake again.\n"
    )


RESTORE = (
    "; if you added something to the page, give it that; otherwise restore the templates, or delete the tables and run "
    "snakemake again."
)


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        (None, ": is missing; restore the templates and run snakemake again."),
        ("{{ 1 +", f", line 1: cannot be filled in (unexpected 'end of template'){RESTORE}"),
        ("{{ nobody }}", f": cannot be filled in ('nobody' is undefined){RESTORE}"),
    ],
)
def test_a_broken_template_is_refused(tables, capsys, template, problem):
    pictures(tables)
    (tables / "templates").mkdir()
    for name in ("report.css", "theme.js", "copy.js"):
        (tables / "templates" / name).touch()
    if template is not None:
        (tables / "templates" / "report.html.j2").write_text(template)
    error = complaint(tables, capsys, arguments("report", templates="templates"))
    assert error == f"lrbench: templates/report.html.j2{problem}\n"


CONCLUDED = stage_files.report_inputs(one_run)[1]
OBSERVATION, CLAIM = CONCLUDED.observations[0], CONCLUDED.claims["claims"][0]


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("across", {"grid": "0.1"}, "grid"),
        ("recommendation", {"tied": None}, "tied"),
        ("recommendation", {"statement": None}, "statement"),
        ("recommendation", {"evidence": [5]}, "evidence"),
        ("observations", {"observations": [5]}, "observations"),
        ("observations", {"observations": [{"id": "one"}]}, "observations"),
        ("observations", {"observations": [OBSERVATION | {"threshold": 5}]}, "observations"),
        ("claims", {"claims": [{"parts": 5}]}, "claims"),
        ("claims", {"claims": [CLAIM | {"figure": []}]}, "claims"),
        ("claims", {"roles": {"statement": None}}, "roles"),
        ("next", {"proposals": [{"title": "Try"}]}, "proposals"),
    ],
)
def test_foreign_conclusions_are_refused(tables, capsys, name, content, key):
    path = tables / "analysis" / f"{name}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | content))
    stage_files.seal(tables / "analysis" / "analysis.json")
    assert complaint(tables, capsys, arguments("report")) == (
        f"lrbench: analysis/{name}.json: holds something else under {key} than this stage writes; "
        "delete it and run snakemake again.\n"
    )
