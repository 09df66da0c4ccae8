import dataclasses
import re
import shutil
from html import unescape

import pytest
from support import builders, stage_files
from support.conclusions import conclusions
from support.histories import THRESHOLDS, experiment, flat, run

from lrbench.errors import InputError, WorkError
from lrbench.reporting import content, page, words
from lrbench.reporting.inputs import read_conclusions, read_measured
from lrbench.tables.names import FIGURES

ANALYSIS = {"targets": [0.9], "thresholds": THRESHOLDS | {"tie": 0.01}}
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


def shown_text(html):
    """A page's text as a reader sees it."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


def test_the_first_screen_shows_the_cards_of_the_analysis_as_they_are(figures):
    measured = builders.measured()
    section = re.search(r'<dl class="facts">(.*?)</dl>', html(figures), re.DOTALL)[1]
    cards = measured.recommendation["cards"]
    assert [card["question"] for card in cards] == [
        "Which rate?", "By how much?", "Which went wrong?", "How sure?",
    ]  # fmt: skip
    assert shown_text(section) == " ".join(f"{card['question']} {card['value']} {card['detail']}" for card in cards)


def test_numbers_of_cards_are_among_those_that_can_be_looked_up():
    recommendation = builders.measured().recommendation
    found = content.numbers(recommendation)
    assert all(item in found for card in recommendation["cards"] for item in card["evidence"])
    assert len(found) == len({repr(item) for item in found}) > len(recommendation["evidence"])


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


@pytest.mark.parametrize(("epochs", "measure"), [(2, "Largest rise, median"), (8, "Oscillation (RMS)")])
def test_unsteadiness_is_the_number_that_sentences_go_by(epochs, measure):
    measured = builders.measured(epochs=epochs)
    table = content.verdict_rows(measured)
    assert table["unsteadiness"] == measure
    known = {one["learning_rate"]: one["unsteadiness"] for one in measured.across["unsteadiness"]}
    assert [row["unsteadiness"] for row in table["rows"]] == [words.number(known[rate]) for rate in builders.TUTORIAL]


def columns_of(measured):
    table = content.verdict_rows(measured)
    return {name for name in ("final", "balanced", "test") if table[name]}


def test_a_column_is_there_where_it_says_something():
    assert columns_of(builders.measured()) == set()
    assert columns_of(builders.measured(class_counts=(2000, 1000), holdout=True)) == {"test"}
    assert columns_of(builders.measured(class_counts=(2001, 1000))) == {"balanced"}


def test_a_final_accuracy_far_from_the_score_stands_beside_it():
    late = [0.7] * 7 + [0.72, 0.73, 0.98]  # the score is the mean of the last two: 85.5 %
    made = builders.drawn_from(experiment({0.01: [run(late)] * 3, 0.1: [flat(0.8)] * 3}))
    table = content.verdict_rows(made)
    assert columns_of(made) == {"final"}
    assert [(row["accuracy"], row["final"]) for row in table["rows"]] == [
        ("85.5 ± 0.00", "98.0 ± 0.00"), ("80.0 ± 0.00", "80.0 ± 0.00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("made", "said", "unsaid"),
    [
        ({}, ["3 pairs of rates", "held against the range", "corrected by Holm's method", "95 % intervals"], []),
        ({"learning_rates": (0.001, 0.0001)}, ["1 pair of rates", "held against the range"], ["Holm"]),
        ({"seeds": 1}, ["With one seed there is no interval, and nothing is told apart."], ["Holm", "%"]),
        ({"learning_rates": (0.001,)}, ["No pair of rates could be compared"], ["Holm", "%"]),
    ],
)
def test_comparisons_are_described_as_they_were_made(made, said, unsaid):
    text = dict(content.trust(builders.measured(**made)))["Comparisons"]
    assert all(part in text for part in said)
    assert not any(part in text for part in unsaid)


def test_thresholds_and_not_their_defaults_stand_in_sentences(report_of):
    changed = dict.fromkeys(THRESHOLDS, 0.07) | {"tie": 0.002, "significance": 0.1, "plateau": 0.03}
    measured = dataclasses.replace(builders.measured(), thresholds=changed)
    facts = dict(content.across_facts(measured))
    assert "within 3 points of" in facts["Plateau"]
    assert facts["Too small to matter"].startswith("0.2 points:")
    assert "90 % intervals" in dict(content.trust(measured))["Comparisons"]
    figures = report_of("three") / "made" / "figures"
    whole = page.render(measured, conclusions(measured), builders.experiment(), figures, builders.TEMPLATES)
    method = shown_text(re.search(r'<section id="method".*?</section>', whole, re.DOTALL)[0])
    for text in (
        "at least 7 % of the median skill",
        "corrected p below 0.1.",
        "is above 3 points",
        "within 0.2 points of the best",
    ):
        assert text in method


def test_of_many_numbers_of_a_sentence_the_page_shows_a_hundred_and_says_so(figures):
    measured = builders.measured()
    found = conclusions(measured)
    first = found.observations[0]
    many = [first["evidence"][0] | {"value": float(number)} for number in range(130)]
    observations = (dict(first) | {"evidence": many}, *found.observations[1:])
    given = dataclasses.replace(found, observations=observations)
    whole = page.render(measured, given, builders.experiment(), figures, builders.TEMPLATES)
    assert "The first 100 of 130 numbers; the downloads have them all." in whole
    assert "<tr><td>99</td>" in whole
    assert "<tr><td>100</td>" not in whole


def test_a_number_that_a_function_computes_is_shown_with_what_it_computes(figures):
    measured = builders.measured()
    found = conclusions(measured)
    item = {
        "value": 0.5,
        "table": "computed",
        "column": "lrbench.findings.numbers.delta",
        "row": {},
        "from": "A margin",
    }
    given = dataclasses.replace(found, observations=(dict(found.observations[0]) | {"evidence": [item]},))
    whole = page.render(measured, given, builders.experiment(), figures, builders.TEMPLATES)
    assert "<td><code>lrbench.findings.numbers.delta</code>: A margin</td>" in whole


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
