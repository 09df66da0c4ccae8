import dataclasses
import re
import shutil

import builders
import pytest
import stage_files
from conclusions import conclusions

from lrbench.errors import InputError, WorkError
from lrbench.names import FIGURES
from lrbench.reporting import content, page
from lrbench.reporting.inputs import read_conclusions, read_measured

ANALYSIS = {"targets": [0.9], "thresholds": {"tie": 0.01}}
*PLAIN_FIGURES, LAST_FIGURE = FIGURES
WORKED = ["backpropagation", LAST_FIGURE]
SECTIONS = [
    "answer",
    "verdicts",
    "observations",
    *PLAIN_FIGURES,
    *WORKED,
    "claims",
    "trust",
    "method",
    "provenance",
    "downloads",
]


@pytest.fixture
def figures(report_of):
    return report_of("three") / "made" / "figures"


def html(figures, **changes):
    measured = builders.measured()
    return page.render(measured, conclusions(measured), builders.experiment(**changes), figures, builders.TEMPLATES)


def test_sections_stand_in_their_order(figures):
    assert re.findall(r'<section id="([^"]*)"', html(figures)) == SECTIONS


def test_the_default_experiment_is_small(report_of):
    assert (report_of("three") / "made.html").stat().st_size < 1_000_000


def test_two_builds_in_different_folders_are_the_same_bytes(figures, report_of, tmp_path):
    shutil.copytree(figures, tmp_path / "elsewhere")
    assert html(tmp_path / "elsewhere").encode() == (report_of("three") / "made.html").read_bytes()


def test_no_path_of_this_machine_is_in_the_page(figures):
    assert re.findall(r"/(?:tmp|home|root|usr|work)\b[^<\"]*", html(figures)) == []


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        r"$\frac$",
        "{{ 7 * 7 }}",
        "\u202eesrever",
        "w" * 500,
    ],
)
def test_hostile_text_is_shown_as_text(figures, text):
    written = html(figures, title=text, dataset_name=text)
    shown = re.search(r"<h1[^>]*>(.*?)</h1>", written, re.DOTALL)[1]
    assert shown == str(page.Markup.escape(text))
    assert written.count("<script>") == 1
    assert "<img" not in written


def test_a_page_that_is_too_large_names_the_largest_figure(figures, monkeypatch):
    monkeypatch.setattr(page, "MAX_BYTES", 1000)
    with pytest.raises(WorkError, match=r"over its limit of 1000; its largest figure is \S+ with \d+"):
        html(figures)


def test_the_first_screen_answers():
    measured = builders.measured()
    facts = content.answer(measured, conclusions(measured))
    assert [(fact.question, fact.value) for fact in facts] == [
        ("Which rate?", "0.001"),
        ("By how much?", "1.4 points"),
        ("Which are unstable?", "0.01"),
        ("How sure?", "high"),
    ]


def test_where_nothing_learned_the_first_screen_says_so():
    measured = builders.EXPERIMENTS["all-failed"]()
    facts = content.answer(measured, conclusions(measured))
    assert [fact.value for fact in facts] == ["none", "–", "none", "not assessable"]
    assert (
        facts[2].detail
        == "0.0001 fails to learn (3 of 3 runs); 0.001 fails to learn (3 of 3 runs); 0.01 fails to learn (3 of 3 runs)."
    )


def test_observations_are_grouped_findings_first():
    groups = content.grouped_observations(conclusions(builders.measured()))
    assert [(status, len(items)) for status, _, items in groups] == [
        ("finding", 2),
        ("inconclusive", 1),
        ("passed", 1),
        ("not applicable", 1),
    ]


def test_small_tables_travel_inside_and_large_ones_beside(monkeypatch):
    monkeypatch.setattr(content, "EMBEDDED_BYTES", 3000)
    inside = {file.name: file.href for file in content.downloads(builders.measured(), "made") if file.inside}
    assert "reach.csv" in inside
    assert "epochs.csv" not in inside
    assert inside["reach.csv"].startswith("data:text/csv;charset=utf-8,learning_rate,target,n,")


@pytest.fixture
def written(tmp_path):
    """A made experiment with its analysis on disk, and how to read it."""
    given = builders.measured()
    analysed, step = stage_files.write_analysis(given, tmp_path, ANALYSIS)
    return given, lambda **other: read_measured(
        **{
            "tables": given.tables,
            "analysed": analysed,
            "analysis": ANALYSIS,
            "dataset": given.dataset,
            "backpropagation": step,
        }
        | other
    )


def test_missing_analysis_is_said(written, tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.json: cannot be read"):
        written[1](analysed=tmp_path / "nowhere.json")
    (tmp_path / "across.json").unlink()
    with pytest.raises(InputError, match=r"across\.json: cannot be read"):
        read_conclusions(tmp_path / "analysis.json")


def test_an_analysis_of_other_settings_or_tables_is_refused(written):
    given, read = written
    assert read().chosen == given.chosen
    other = dataclasses.replace(given.tables, digest="0" * 64)
    for changed in ({"analysis": {"targets": [0.5]}}, {"tables": other}):
        with pytest.raises(InputError, match=r"analysis\.json: is of other settings or tables; delete it"):
            read(**changed)


def test_a_step_of_other_settings_or_data_is_refused(written):
    given, read = written
    origin = dict(given.tables.origin)
    for name, value in {"settings": {}, "plan": {}, "expected": {"data": "another"}}.items():
        other = dataclasses.replace(given.tables, origin=origin | {name: value})
        with pytest.raises(InputError, match=r"backpropagation\.json: is of other settings or data; delete it"):
            read(tables=other)


def test_figures_of_another_analysis_are_refused(report_of):
    folder = report_of("three")
    measured = builders.EXPERIMENTS["three"]()
    other = dataclasses.replace(measured, made_from=measured.made_from | {"analysis": "0" * 64})
    with pytest.raises(InputError, match=r"figures\.json: is of another analysis; delete it"):
        page.render(other, conclusions(other), builders.experiment(), folder / "made" / "figures", builders.TEMPLATES)


@pytest.mark.parametrize(("epochs", "measure"), [(2, "Largest rise"), (6, "Oscillation")])
def test_where_training_is_too_short_to_oscillate_the_largest_rise_stands_in(epochs, measure):
    assert content.verdict_rows(builders.measured(epochs=epochs))["fluctuation"] == measure


def test_fingerprints_that_would_fill_the_page_are_left_to_the_table_that_has_them(monkeypatch):
    asked = builders.measured()
    assert "fingerprints.csv" in [file.name for file in content.downloads(asked, "made")]
    monkeypatch.setattr(content, "FINGERPRINT_BYTES", 10)
    files = {file.name: file.about for file in content.downloads(asked, "made")}
    assert "fingerprints.csv" not in files
    assert "SHA-256" in files["tables.json"]


@pytest.mark.parametrize(
    ("hidden_units", "network"),
    [
        ([128, 64], "28 × 28 – 128 – 64 – 10, ReLU after each hidden layer, softmax at the end"),
        ([], "28 × 28 – 10, no hidden layer, softmax at the end"),
    ],
)
def test_the_network_is_described_with_the_layers_it_has(figures, hidden_units, network):
    measured = builders.measured()
    measured.tables.origin["settings"]["hidden_units"] = hidden_units
    whole = page.render(measured, conclusions(measured), builders.experiment(), figures, builders.TEMPLATES)
    assert f"<dt>Network</dt><dd>{network}</dd>" in whole
