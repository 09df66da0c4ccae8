"""The results of an experiment in Python: what is loaded, what is shown, and what is refused."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from justhtml import JustHTML
from matplotlib.figure import Figure
from support.examples import EXAMPLES
from support.results import write_results
from support.shared import made_once
from support.stage_files import seal

import lrbench
from lrbench.api.findings import evidence_of
from lrbench.api.html import answer_html
from lrbench.errors import InputError
from lrbench.identity.provenance import file_digest, read_json
from lrbench.stages import figure_ids
from lrbench.tables.analysis import ANALYSIS_TABLES
from lrbench.tables.training import EXPERIMENT_TABLES

NAME = "tutorial"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Results that no test changes."""
    example = next(iter(EXAMPLES))
    return made_once(
        tmp_path_factory, f"results of {example}/{NAME}", lambda path: write_results(EXAMPLES[example](), path)
    )


@pytest.fixture(scope="module")
def results(folder):
    return lrbench.load(folder)


@pytest.fixture
def copy(folder, tmp_path) -> Path:
    return shutil.copytree(folder, tmp_path / NAME)


def test_importing_lrbench_loads_nothing_that_takes_long():
    code = "import sys, lrbench; assert {'load', 'load_study'} <= set(dir(lrbench)); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "lrbench" in loaded
    assert not loaded & {"tensorflow", "keras", "matplotlib", "pandas", "numpy", "pydantic", "jinja2"}
    assert "lrbench.api" not in done.stdout


def test_loading_results_and_showing_them_loads_neither_tensorflow_nor_matplotlib(folder):
    code = f"import sys, lrbench; lrbench.load({str(folder)!r})._repr_html_(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {name.split(".")[0] for name in done.stdout.split()} & {"tensorflow", "keras", "matplotlib"}


def test_what_lrbench_does_not_have_is_no_attribute():
    with pytest.raises(AttributeError, match="module 'lrbench' has no attribute 'lode'"):
        lrbench.lode  # noqa: B018


@pytest.mark.parametrize(
    "table", [*EXPERIMENT_TABLES.values(), *ANALYSIS_TABLES.values()], ids=lambda table: table.name
)
def test_every_table_has_the_columns_of_its_contract(results, table):
    frame = getattr(results, table.name)
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == table.columns
    assert len(frame) > 0


def test_the_tables_are_those_on_disk(results, folder):
    assert results.name == NAME
    assert results.rates["learning_rate"].tolist() == [0.0001, 0.001, 0.01]
    assert len(results.rates.columns) == 102
    assert len(results.steps) == len(results.runs) * results.steps["step"].nunique()
    assert (results.folder, repr(results)[: len("<results of tutorial: ")]) == (folder, "<results of tutorial: ")


def test_findings_are_objects_with_their_evidence(results, folder):
    written = {name: read_json(folder / f"{name}.json") for name in ("recommendation", "observations", "claims")}
    assert results.recommendation.learning_rate == written["recommendation"]["chosen"] == 0.001
    assert results.recommendation.statement == written["recommendation"]["statement"]
    assert [one.learning_rate for one in results.recommendation.others] == [0.0001, 0.01]
    told = written["observations"]["observations"]
    assert [(one.id, one.statement, one.threshold) for one in results.observations] == [
        (one["id"], one["statement"], one["threshold"]) for one in told
    ]
    assert [len(one.evidence) for one in results.observations] == [len(one["evidence"]) for one in told]
    claims = written["claims"]["claims"]
    assert [(one.id, one.verdict, len(one.parts)) for one in results.claims] == [
        (one["id"], one["verdict"], len(one["parts"])) for one in claims
    ]
    evidence = results.recommendation.evidence[0]
    frame = getattr(results, evidence.table)
    row = frame[np.logical_and.reduce([frame[key] == value for key, value in evidence.row.items()])]
    assert row[evidence.column].item() == evidence.value


def test_evidence_says_why_a_value_is_missing_and_what_is_computed():
    (never, ratio) = evidence_of(
        [
            {"table": "reach", "row": {"target": 0.9}, "column": "first_at", "value": None, "status": "never"},
            {"table": "computed", "row": {}, "column": "f", "value": 2, "from": "A ratio."},
        ]
    )
    assert (never.value, never.status, never.definition) == (None, "never", None)
    assert (ratio.value, ratio.status, ratio.definition) == (2, None, "A ratio.")


def test_every_figure_of_the_report_is_drawn(results):
    assert sorted(results.figures) == sorted(figure_ids())
    before = dict(mpl.rcParams)
    figure = results.figure("loss")
    assert isinstance(figure, Figure)
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert dict(mpl.rcParams) == before
    assert isinstance(results.figure("range-test"), Figure)


def test_figures_of_probes_that_were_not_measured_are_not_there(copy):
    (copy / "range_test.json").unlink()
    results = lrbench.load(copy)
    assert "range-test" not in results.figures
    with pytest.raises(InputError, match=re.escape("'range-test' is no figure of tutorial; its figures are ")):
        results.figure("range-test")


def test_a_probe_that_was_not_measured_of_these_runs_is_refused_where_it_is_drawn(copy):
    file = copy / "range_test.json"
    file.write_text(file.read_text().replace("0", "1", 1))
    results = lrbench.load(copy)
    assert isinstance(results.figure("loss"), Figure)
    with pytest.raises(InputError, match=re.escape(f"{file}: ")):
        results.figure("range-test")


def test_a_notebook_shows_the_answer_and_the_verdicts(results):
    html = results._repr_html_()
    page = JustHTML(html, fragment=True)
    assert page.query("p")[1].to_text() == results.recommendation.statement
    rows = [[cell.to_text() for cell in row.query("th, td")] for row in page.query("tr")]
    assert [row[0] for row in rows] == ["Learning rate", "0.01", "0.001", "0.0001"]
    assert [row[1].split(" (")[0] for row in rows[1:]] == results.rates["verdict"].tolist()[::-1]
    assert not re.search(r"<(script|style|link|img)|style=|color|on\w+=", html)


def test_what_a_notebook_shows_is_escaped():
    html = answer_html("<script>", "a < b & c", ["<b>"], [["<i>", "x"]], "<i>")
    assert JustHTML(html, fragment=True).query("script, b, i") == []
    assert "a &lt; b &amp; c" in html


@pytest.mark.parametrize(
    ("file", "complaint"),
    [
        ("epochs.csv", "has changed since"),
        ("steps.parquet", "has changed since"),
        ("rates.csv", "has changed since"),
        ("claims.json", "has changed since"),
        ("tables.json", "has changed since it was written"),
        ("analysis.json", "has changed since it was written"),
        ("dataset/manifest.json", "has changed since it was written"),
    ],
)
def test_damage_is_said_in_one_sentence(copy, file, complaint):
    path = copy / file
    content = path.read_bytes()
    place = content.index(b"0") if b"0" in content else 0
    path.write_bytes(content[:place] + b"1" + content[place + 1 :])
    with pytest.raises(InputError) as caught:
        lrbench.load(copy)
    assert str(caught.value).startswith(f"{path}: ")
    assert complaint in str(caught.value)
    path.unlink()
    with pytest.raises(InputError, match=r"cannot be read|has no tables\.json") as caught:
        lrbench.load(copy)
    assert "\n" not in str(caught.value)


def test_tables_of_another_experiment_are_refused(copy):
    seal(copy / "analysis.json", tables="0" * 64)
    with pytest.raises(InputError, match="is of other settings or tables"):
        lrbench.load(copy)


def test_steps_that_changed_after_loading_are_refused(copy):
    results = lrbench.load(copy)
    assert file_digest(copy / "steps.parquet")
    (copy / "steps.parquet").write_bytes(b"x")
    with pytest.raises(InputError, match="has changed since"):
        results.steps  # noqa: B018


@pytest.mark.parametrize(
    ("folder", "complaint"),
    [
        ("nowhere", "nowhere: is no folder; give the folder of an experiment's results, such as results/tutorial."),
        (".", ".: has no tables.json, so no results of an experiment are finished there."),
        (None, "None is no path of a folder; give one such as 'results/tutorial'."),
    ],
)
def test_what_is_no_experiment_is_refused(here, folder, complaint):
    with pytest.raises(InputError) as caught:
        lrbench.load(folder)
    assert str(caught.value) == complaint
