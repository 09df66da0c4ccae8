"""Thresholds of the config on the page: those asked for stand wherever it names one, and the defaults nowhere."""

import functools
import re
from html import unescape

import pytest
from support import pages, stage_files
from support.examples import example
from support.histories import THRESHOLDS

CHANGED = {
    "relative_skill": 0.37,
    "exploded_ratio": 3.7,
    "backtrack": 0.43,
    "oscillation": 0.023,
    "overfit": 0.083,
    "improvement": 0.071,
    "tie": 0.0023,
    "significance": 0.1,
    "plateau": 0.017,
    "slower": 2.7,
    "rising_epochs": 0.17,
}
RATES = (0.0003, 0.003, 0.03)
LEFT_OUT = r'<section id="(?:backpropagation|provenance|downloads)".*?</section>|<(table|svg|style).*?</\1>'
# by threshold: what stands before and after its value, and how the default and the changed one are written there, None
# where the page of this experiment has no such sentence
NAMED = {
    "relative_skill": [("relative skill", "", "0.25", "0.37"), ("skill is at least", "of the median", "25 %", "37 %")],
    "exploded_ratio": [("exploded ratio", "", "2.0", "3.7"), ("loss was at least", "times that", "2.0", "3.7")],
    "backtrack": [("backtrack", "", "0.2", "0.43"), ("backtrack is at least", "and the", "0.2", "0.43")],
    "oscillation": [("oscillation", "", "0.01", "0.023"), ("rise\\) at least", "nats", "0.01", "0.023")],
    "overfit": [
        ("overfit", "", "0.05", "0.083"),
        ("a log ratio of", "or more", "0.05", "0.083"),
        ("than chance explains and by", "or more", "5 %", "8.3 %"),
    ],
    "improvement": [
        ("improvement", "", "0.05", "0.071"),
        ("whether it falls by more than", "", "0.05", "0.071"),
        ("validation loss falls by more than", "and", "0.05", "0.071"),
        ("half of the epochs by", "or more", "5 %", "7.1 %"),
        ("still falls, by at least", ", and ends", "5 %", "7.1 %"),
    ],
    "tie": [("tie", "", "0.001", "0.0023"), ("The mean score is within", "of the best", "0.1 points", "0.23 points")],
    "significance": [
        ("significance", "", "0.05", "0.1"),
        ("(?:\\(|their |Their )", "intervals?", "95 %", "90 %"),
        ("binomial test at", "divided", "0.05", "0.1"),
        ("corrected p below", "", "0.05", "0.1"),
    ],
    "plateau": [
        ("plateau", "", "0.01", "0.017"),
        ("neighbouring rates within", "percentage", None, "1.7"),
        ("of one accuracy is above", "", "1 point", "1.7 points"),
        ("score within", "of the best", None, "1.7 points"),
        ("comes within", "of it", "1 point", None),
    ],
    "slower": [("and needs at least", "times the steps", "2", "2.7")],
    "rising_epochs": [("fails to fall in at most", "of the", "10 %", "17 %")],
}
# how a default may be written in a place that is not thought of here; no other number of this experiment is written so
DEFAULTS = (
    "0.25", "25 %", "2.0 times", "2 times", "0.2", "20 %", "0.01", "0.05", "5 %", "0.001", "0.1 points", "95 %",
    "1 point", "1 percentage point", "10 %",
)  # fmt: skip
ALWAYS = ("The tutorial's rates, 0.01, 0.001 and 0.0001,", "10 % of the first epoch")


@pytest.fixture(scope="module")
def prose(tmp_path_factory):
    """The text of a page and its figures with thresholds, without tables, which hold numbers of every kind."""

    @functools.cache
    def text(changed: bool) -> str:
        make = example(RATES, epochs=8, targets=(0.9,), thresholds=CHANGED if changed else THRESHOLDS)
        html = pages.page_without_figures(make, tmp_path_factory.mktemp("figures"))
        shown = unescape(re.sub(r"<[^>]+>", " ", re.sub(LEFT_OUT, " ", html, flags=re.DOTALL)))
        drawings = [pages.drawing(figure.id, stage_files.measured(make)) for figure in pages.ALL_FIGURES]
        words = [word for one in drawings for word in (one.title, one.caption, one.alt, *one.columns)]
        found = re.sub(r"\s+", " ", " ".join([shown, *words]))
        return functools.reduce(lambda said, phrase: said.replace(phrase, ""), ALWAYS, found)

    return text


def test_every_threshold_is_changed_and_looked_for():
    assert set(CHANGED) == set(THRESHOLDS) == set(NAMED)
    assert [name for name, value in CHANGED.items() if value == THRESHOLDS[name]] == []


@pytest.mark.parametrize("changed", [False, True])
@pytest.mark.parametrize("name", NAMED)
def test_the_threshold_asked_for_stands_wherever_the_page_names_one(prose, name, changed):
    number = r"(\d[\d.]*\d|\d)((?: %| points?)?)(?![\d.]*\d)"
    for before, after, *values in NAMED[name]:
        found = re.findall(rf"(?<!\w){before}\s?{number}\s?{after}", prose(changed))
        assert {value + unit for value, unit in found} == {values[changed]} - {None}, before


@pytest.mark.parametrize("default", DEFAULTS)
def test_a_default_that_was_changed_stands_nowhere(prose, default):
    pattern = rf"(?<![\d.,]){re.escape(default)}(?!\d|\.\d)"
    assert re.findall(rf".{{40}}{pattern}.{{10}}", prose(True)) == []
