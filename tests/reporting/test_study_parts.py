"""The parts of a study's page: rows of its tables, its figures of odd variants, and its limit."""

from __future__ import annotations

import math

import pytest
from support.histories import experiment, run
from support.studies import asked_of, compared, results, sweep

from lrbench.errors import WorkError
from lrbench.places import TEMPLATES
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.figure_files import draw_figures, drawing_settings
from lrbench.reporting.study import page as study_page
from lrbench.reporting.study.figures import accuracy_by_rate, figures
from lrbench.reporting.study.inputs import ComparedVariants
from lrbench.reporting.templates import read_templates
from lrbench.studies.conclusions import conclude
from lrbench.studies.next import what_next

LOW = {0.01: 0.95, 0.1: 0.90, 1.0: 0.80}
HIGH = {0.01: 0.80, 0.1: 0.95, 1.0: 0.10}
LOST = {rate: [run([0.1, 0.1])] * 3 for rate in LOW}


def shown(*variants, axis=None):
    """A comparison as its page reads it."""
    study = compared(*variants, axis=axis)
    asked = asked_of(*variants, axis=axis)
    tables = {name: getattr(study, name) for name in ("variants", "curves", "pairs", "transfers")}
    found = {"findings": conclude(study), "next": what_next(study, asked)}
    return ComparedVariants(asked=asked, made_from={"study": "0" * 64}, **found, **tables)


def cells(rows):
    return [[text for text, _ in row["cells"]] for row in rows]


def test_the_regret_matrix_and_the_factors_are_those_of_the_table():
    read = shown(results(sweep(LOW), "adam"), results(sweep(HIGH), "sgd"))
    assert cells(study_page.transfer_rows(read)) == [
        ["its own", "15.00 (told apart)"],
        ["5.00 (told apart)", "its own"],
    ]
    assert study_page.transfer_rows(read)[0]["cells"][1][1].startswith("14.")  # its interval
    assert cells(study_page.factor_rows(read)) == [["×1", "×10"], ["×0.10", "×1"]]
    assert study_page.factor_rows(read)[0]["cells"][1][1] == "10 to 10"
    assert study_page.exponent_rows(read) == []


def test_what_a_cost_is_not_known_for_is_said():
    gone = experiment(
        {rate: [run([0.4, score]), None if rate == 0.01 else run([0.4, score])] for rate, score in LOW.items()}
    )
    read = shown(
        results(sweep(LOW), "whole"),
        results(gone, "gone"),
        results(sweep({0.02: 0.9, 0.2: 0.8}), "other"),
        results(experiment(LOST), "lost"),
    )
    assert cells(study_page.transfer_rows(read)) == [
        ["its own", "runs are missing", "not among its rates", "no best rate here"],
        ["5.00 (told apart)", "its own", "not among its rates", "no best rate here"],
        ["not among its rates", "not among its rates", "its own", "not among its rates"],
        ["–", "–", "–", "its own"],
    ]


def test_verdicts_are_those_of_the_reports():
    read = shown(results(sweep(LOW), "adam"), results(sweep(HIGH), "sgd"))
    assert [row["verdicts"] for row in study_page.variant_rows(read)] == [
        "behind: 1, 0.1; recommended: 0.01",
        "fails to learn: 1; recommended: 0.1; behind: 0.01",
    ]


def test_the_exponent_is_held_against_each_rule():
    def variant(size, best):
        scores = {0.001 * 2**place: 0.95 - 0.02 * abs(place - best) for place in range(7)}
        return results(sweep(scores, seeds=3), str(size), float(size), batch_size=size)

    sizes = [16 * 2**place for place in range(5)]
    read = shown(*(variant(size, place + 1) for place, size in enumerate(sizes)), axis="batch_size")
    (term, fitted), *rules = study_page.exponent_rows(read)
    assert term == "Exponent against batch size"
    assert fitted.startswith("1.00 (95 % interval 0.")
    assert [text for _, text in rules] == ["outside of the interval", "outside of the interval", "within the interval"]
    two = shown(variant(16, 1), variant(32, 2), axis="batch_size")
    assert [text for _, text in study_page.exponent_rows(two)[1:]] == ["cannot be told"] * 3


def test_a_band_is_drawn_where_runs_learned_and_ends_where_they_did_not():
    scores = {0.001: 0.9, 0.01: 0.95, 0.1: 0.1, 1.0: 0.9, 10.0: 0.9}
    read = shown(results(sweep(scores), "one"), results(sweep(LOW), "other"))
    with drawing_settings():
        drawing = accuracy_by_rate.draw(read, Rates(read.learning_rates))
    for axes in drawing.canvas.axes:
        assert len(axes.patches) == 3  # two stretches of one variant, one of the other
        assert [len(patch.get_xy()) for patch in axes.patches] == [5, 5, 7]
    bottom, top = drawing.canvas.axes[0].get_ylim()  # of the error; the best score is at the top
    assert 0.2 < bottom < 0.3  # what did not learn does not flatten the rest
    assert 0 < top < 0.05
    assert drawing.canvas.axes[0].get_yscale() == "log"
    (box,) = drawing.canvas.legends
    assert [text.get_text() for text in box.get_texts()] == ["one", "other", "not every planned run learned"]
    assert "A cross marks" in drawing.caption


def test_crosses_are_explained_only_where_there_are_some():
    read = shown(results(sweep(LOW), "one"), results(sweep(LOW), "other"))
    with drawing_settings():
        drawing = accuracy_by_rate.draw(read, Rates(read.learning_rates))
    assert [text.get_text() for text in drawing.canvas.legends[0].get_texts()] == ["one", "other"]
    assert "cross" not in drawing.caption


@pytest.mark.parametrize("axis", [None, "batch_size"])
def test_odd_variants_have_a_page(tmp_path, axis):
    endless = experiment({rate: [run([0.4, 0.9], val_loss=[0.5, math.nan]), run([0.4, 0.9])] for rate in LOW})
    made = [sweep(LOW), experiment(LOST), sweep({0.5: 0.9}), sweep(LOW, seeds=1), endless]
    read = shown(*(results(one, f"v{place}", float(place + 1)) for place, one in enumerate(made)), axis=axis)
    draw_figures(read, figures(), tmp_path)
    page = study_page.render_study(read, "s.yaml", tmp_path, read_templates(TEMPLATES, {}))
    assert "V1 learned at no rate in all planned runs" in page
    assert "v2 has one rate alone" in page
    assert "some variant has 1 seed" in page.lower()
    assert "nan" not in page.lower().replace("finan", "")


def test_a_page_that_is_too_large_is_refused(tmp_path, monkeypatch):
    read = shown(results(sweep(LOW), "adam"), results(sweep(HIGH), "sgd"))
    draw_figures(read, figures(), tmp_path)
    monkeypatch.setattr(study_page, "MAX_BYTES", 10_000)
    with pytest.raises(WorkError, match=r"over its limit of 10000; give it fewer variants"):
        study_page.render_study(read, "s.yaml", tmp_path, read_templates(TEMPLATES, {}))
