import dataclasses
import re
import shutil
from html import unescape

import pytest
from markupsafe import Markup
from support import pages, stage_files
from support.examples import THREE, example

from lrbench.errors import InputError, WorkError
from lrbench.reporting import page
from lrbench.reporting.sections.verdicts import numbers
from lrbench.reporting.svg.compact import compacted

FIGURES = ["loss", "accuracy", "first-epoch", "sweep", "steps-to-target", "stability", "gradients", "differences"]
OF_PROBES = ["backpropagation", "loss-along-step", "mistakes", "confusion", "range_test", "range-test"]
OF_PROBES += ["step_budget", "step-budget"]
SECTIONS = [
    "answer",
    *FIGURES[:2],
    "verdicts",
    "observations",
    *FIGURES[2:],
    *OF_PROBES,
    "claims",
    "next",
    "keras",
    "trust",
    "method",
    "provenance",
    "downloads",
]


@pytest.fixture
def figures(report_of):
    return report_of("three") / "made" / "figures"


def html(figures, **changes):
    return pages.page(*stage_files.report_inputs(THREE), figures, **changes)


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
    assert set(re.findall(r"<img [^>]{10}", written)) == {'<img src="data:'}


def test_a_page_that_is_too_large_names_the_largest_figure(figures, monkeypatch):
    monkeypatch.setattr(page, "MAX_BYTES", 1000)
    with pytest.raises(WorkError, match=r"over its limit of 1000; its largest figure is \S+ with \d+"):
        html(figures)


def shown_text(html):
    """A page's text as a reader sees it."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


def test_the_first_screen_shows_the_cards_of_the_analysis_as_they_are(figures):
    cards = stage_files.measured(THREE).recommendation["cards"]
    section = re.search(r'<dl class="facts">(.*?)</dl>', html(figures), re.DOTALL)[1]
    assert [card["question"] for card in cards] == [
        "Which rate?", "By how much?", "Which went wrong?", "How sure?",
    ]  # fmt: skip
    assert shown_text(section) == " ".join(f"{card['question']} {card['value']} {card['detail']}" for card in cards)


def test_figures_of_another_analysis_are_refused(report_of):
    folder = report_of("three")
    measured, conclusions = stage_files.report_inputs(THREE)
    other = dataclasses.replace(measured, made_from=measured.made_from | {"analysis": "0" * 64})
    with pytest.raises(InputError, match=r"figures\.json: is of another analysis; delete it"):
        pages.page(other, conclusions, folder / "made" / "figures")


def shown_numbers(html):
    """Of every table of numbers behind a sentence that was cut short: how many it shows and has, as the page says."""
    return [
        (table.count("<tr><td>"), *map(int, said))
        for table, *said in re.findall(
            r'<table class="small evidence">(.*?)</table>\s*</div>\s*'
            r'<p class="note">The first (\d+) of (\d+) numbers; the downloads have them all.</p>',
            html,
            re.DOTALL,
        )
    ]


MANY_RATES = example([round(0.0001 * 1.3**power, 6) for power in range(16)], epochs=2)


def test_of_many_numbers_of_a_sentence_the_page_shows_a_hundred_and_says_so(tmp_path):
    count = len(numbers(stage_files.measured(MANY_RATES).recommendation))
    assert count > 100
    assert shown_numbers(pages.page_without_figures(MANY_RATES, tmp_path)) == [(100, 100, count)]


def test_a_page_that_would_be_large_shows_fewer_of_the_numbers(tmp_path, monkeypatch):
    whole = pages.page_without_figures(THREE, tmp_path)
    assert shown_numbers(whole) == []
    monkeypatch.setattr(page, "LARGE", len(whole.encode()) - 1)
    assert {shown[:2] for shown in shown_numbers(pages.page_without_figures(THREE, tmp_path))} == {(20, 20)}


def test_a_page_that_would_be_large_is_compacted_first(figures, monkeypatch):
    whole = html(figures)
    monkeypatch.setattr(page, "LARGE", len(whole.encode()) - 1)
    assert html(figures) == compacted(whole) != whole


def test_a_number_that_a_function_computes_is_shown_with_what_it_computes(figures):
    items = [item for item in numbers(stage_files.measured(THREE).recommendation) if item["table"] == "computed"]
    assert items
    whole = html(figures)
    assert [item for item in items if f"<td><code>{item['column']}</code>: {item['from']}</td>" not in whole] == []


@pytest.mark.parametrize(
    ("hidden_units", "network"),
    [
        ([128, 64], "28 × 28 – 128 – 64 – 10, ReLU after each hidden layer, softmax at the end"),
        ([], "28 × 28 – 10, no hidden layer, softmax at the end"),
    ],
)
def test_the_network_is_described_with_the_layers_it_has(figures, hidden_units, network):
    measured, conclusions = stage_files.report_inputs(THREE)
    measured.tables.origin["settings"]["model"] = {"hidden_units": hidden_units}
    whole = pages.page(measured, conclusions, figures)
    assert f"<dt>Network</dt><dd>{network}</dd>" in whole
