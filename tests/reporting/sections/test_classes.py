"""What the page says of classes: their names in the data, and their sizes where these are unequal."""

from __future__ import annotations

import dataclasses

import pytest
from support import pages, stage_files
from support.examples import THREE

from lrbench.probes.backpropagation.section import content
from lrbench.reporting.sections.classes import classes


def of(names=None, train=(32,) * 10, validation=(1000,) * 10):
    measured = stage_files.measured(THREE)
    parts = {
        name: {"class_counts": list(counts), "examples": sum(counts)}
        for name, counts in (("train", train), ("validation", validation))
    }
    dataset = measured.dataset | {"class_names": names, "classes": len(train), "parts": parts}
    return dataclasses.replace(measured, dataset=dataset)


def test_labels_that_are_the_numbers_of_equal_classes_need_no_word():
    found = classes(of())
    assert (found.names, found.counts, found.note) == ("", [], "")


def test_every_name_is_told_by_its_number_up_to_twenty():
    assert classes(of(list("klmnopqrst"))).names.startswith("0: k; 1: l; 2: m; ")
    many = [f"n{place}" for place in range(1022)]
    found = classes(of(many, (1,) * 1022, (1,) * 1022))
    assert found.names.endswith("; 19: n19; and 1,002 more, in the data set's manifest.json")


def test_classes_of_unequal_size_are_counted_and_the_share_of_the_largest_is_said():
    measured = of(["cat", "dog"], (300, 149), (30, 20))
    found = classes(dataclasses.replace(measured, across=measured.across | {"chance": 0.6}))
    assert found.counts == [["cat", "300", "30"], ["dog", "149", "20"]]
    assert found.note == "Largest in the validation data is cat: always naming it is right for 60.0 % of them."
    assert classes(of(["cat", "dog"], (300, 150), (30, 20))).counts == []


@pytest.mark.parametrize(("place", "row"), [(0, "99"), (9, "90"), (10, "9"), (19, "0")])
def test_of_many_classes_the_largest_and_the_smallest_are_counted(place, row):
    sizes = tuple(range(1, 101))
    assert classes(of(None, sizes, sizes)).counts[place][0] == row


def test_the_page_and_the_worked_step_use_the_names(report_of):
    names = [f"kind {letter}" for letter in "abcdefghi"] + ["<b>"]
    measured = of(names, (32,) * 9 + (99,))
    page = pages.page(measured, stage_files.report_inputs(THREE)[1], report_of("three") / "made" / "figures")
    assert "<dt>Classes</dt><dd>0: kind a; 1: kind b;" in page
    assert '<tr><th scope="row" class="label">&lt;b&gt;</th><td>99</td><td>1,000</td></tr>' in page
    step = content(measured)
    label = measured.probes["backpropagation"]["example"]["label"]
    assert f"at first, class {names[label]} gets a probability" in step["heading"]
    assert f"class {names[label]}" in step["diagram"]
