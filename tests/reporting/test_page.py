import dataclasses
import re
import shutil
from html import unescape

import pytest
from markupsafe import Markup
from support import builders, pages
from support.conclusions import conclusions
from support.histories import THRESHOLDS

from lrbench.errors import InputError, WorkError
from lrbench.reporting import page
from lrbench.reporting.sections.all_rates import across_facts
from lrbench.reporting.sections.trust import trust

FIGURES = ["loss", "accuracy", "first-epoch", "sweep", "steps-to-target", "stability", "gradients", "differences"]
WORKED = ["backpropagation", "loss-along-step"]
SECTIONS = [
    "answer",
    "verdicts",
    "observations",
    *FIGURES,
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
    return pages.page(builders.measured(), figures, **changes)


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
    assert shown == str(Markup.escape(text))
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


def test_figures_of_another_analysis_are_refused(report_of):
    folder = report_of("three")
    measured = builders.EXPERIMENTS["three"]()
    other = dataclasses.replace(measured, made_from=measured.made_from | {"analysis": "0" * 64})
    with pytest.raises(InputError, match=r"figures\.json: is of another analysis; delete it"):
        pages.page(other, folder / "made" / "figures")


def test_thresholds_and_not_their_defaults_stand_in_sentences(report_of):
    changed = dict.fromkeys(THRESHOLDS, 0.07) | {"tie": 0.002, "significance": 0.1, "plateau": 0.03}
    measured = dataclasses.replace(builders.measured(), thresholds=changed)
    facts = dict(across_facts(measured))
    assert "within 3 points of" in facts["Plateau"]
    assert facts["Too small to matter"].startswith("0.2 points:")
    assert "90 % intervals" in dict(trust(measured))["Comparisons"]
    figures = report_of("three") / "made" / "figures"
    whole = pages.page(measured, figures)
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
    whole = pages.page(measured, figures, concluded=given)
    assert "The first 100 of 130 numbers; the downloads have them all." in whole
    assert "<tr><td>99</td>" in whole
    assert "<tr><td>100</td>" not in whole


def test_a_page_that_would_be_too_large_shows_fewer_of_the_numbers(figures, monkeypatch):
    measured = builders.measured()
    found = conclusions(measured)
    first = found.observations[0]
    many = [first["evidence"][0] | {"value": float(number)} for number in range(130)]
    given = dataclasses.replace(found, observations=(dict(first) | {"evidence": many}, *found.observations[1:]))
    whole = pages.page(measured, figures, concluded=given)
    monkeypatch.setattr(page, "MAX_BYTES", len(whole.encode()) - 1)
    assert "The first 20 of 130 numbers; the downloads have them all." in pages.page(measured, figures, concluded=given)


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
    whole = pages.page(measured, figures, concluded=given)
    assert "<td><code>lrbench.findings.numbers.delta</code>: A margin</td>" in whole


@pytest.mark.parametrize(
    ("hidden_units", "network"),
    [
        ([128, 64], "28 × 28 – 128 – 64 – 10, ReLU after each hidden layer, softmax at the end"),
        ([], "28 × 28 – 10, no hidden layer, softmax at the end"),
    ],
)
def test_the_network_is_described_with_the_layers_it_has(figures, hidden_units, network):
    measured = builders.measured()
    measured.tables.origin["settings"]["model"] = {"hidden_units": hidden_units}
    whole = pages.page(measured, figures)
    assert f"<dt>Network</dt><dd>{network}</dd>" in whole
