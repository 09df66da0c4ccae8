"""Steps to targets on the page: first reached and kept, how many runs, and where a target comes from."""

from __future__ import annotations

import pytest
from support import pages, stage_files
from support.examples import EXAMPLES, THREE
from support.histories import flat, run
from support.observed import of

from lrbench.reporting.sections.verdicts import verdict_rows
from lrbench.reporting.target_rule import target_rule

RELATIVE = {"accuracies": [0.95, 0.97], "best": 0.9808, "best_is": "score", "rule": "relative", "shares": [0.96, 0.99]}


def drawing_of(make):
    return pages.drawing("steps-to-target", stage_files.measured(make))


def reaching(*accuracies):
    """A rate's runs, by their validation accuracies at the ends of six epochs of ten steps each."""
    return [run(one) for one in accuracies]


TARGETS = (0.95, 0.97)
SLOW = [0.5, 0.6, 0.8, 0.9, 0.96, 0.96]  # 95 % for good by step 50
TWICE = [0.9, 0.96, 0.9, 0.96, 0.96, 0.96]  # first by step 20, for good by step 40
LOST = [0.9, 0.96, 0.9, 0.9, 0.9, 0.9]
FAST = [[0.96] * 6, [0.96] * 6, [0.96] * 5 + [0.98]]  # by step 10; one run 97 % by step 60


def test_first_reached_and_kept_have_marks_of_their_own():
    drawing = drawing_of(THREE)
    (kept, first, _) = next(
        [line for line in axes.lines if line.get_linestyle() == "None" and line.get_marker() != "x"][:3]
        for axes in drawing.canvas.axes
    )
    assert (kept.get_markerfacecolor() == "none", first.get_markerfacecolor()) == (False, "none")
    assert first.get_markersize() > kept.get_markersize()
    labels = [text.get_text() for text in drawing.canvas.legends[0].get_texts()]
    assert labels == ["first reached", "reached and kept", "not kept, or not reached"]
    assert "an open circle at the first evaluation that saw the target, a filled mark" in drawing.caption


def test_a_set_that_no_run_reaches_leaves_no_empty_panels():
    figure = drawing_of(EXAMPLES["all-failed"])
    said = (
        "No run reached 95 % or 97 %; the highest validation accuracy was 37.9 %. Set `targets` in the config to lower "
        "ones."
    )
    assert figure.canvas.axes == []
    assert [text.get_text() for text in figure.canvas.texts] == [said]
    assert figure.caption.endswith(said)
    assert figure.alt == f"A notice in place of plots: {said}"


def test_a_target_that_no_run_reaches_has_no_panel():
    figure = drawing_of(of({0.01: reaching(TWICE, TWICE, LOST), 0.001: reaching(SLOW, SLOW, SLOW)}, targets=TARGETS))
    assert [axes.get_title() for axes in figure.canvas.axes] == ["95 % validation accuracy"]
    assert "No run reached 97 %; the highest validation accuracy was 96.0 %" in figure.caption
    assert "Set `targets`" not in figure.caption


def test_without_targets_the_figure_says_why():
    guessing = of({rate: [flat(0.1)] * 3 for rate in (0.01, 0.1)}, targets={"relative": [0.9]})
    assert drawing_of(guessing).title == "There are no target accuracies, because no rate gets above chance"
    assert verdict_rows(stage_files.measured(guessing))["target"] is None


def relative(*shares):
    """Targets that come from the best rate: its score is 96 % where chance is 10 %."""
    return of({0.001: [flat(0.96)] * 3, 0.01: [flat(0.93)] * 3}, targets={"relative": shares})


def test_the_caption_says_where_a_target_comes_from():
    assert "way from chance" not in drawing_of(THREE).caption
    # 0.1 + 0.96 * 0.86 = 0.9256 and 0.1 + 0.99 * 0.86 = 0.9514
    assert drawing_of(relative(0.96, 0.99)).caption.endswith(
        "92.5 % is 96 % of the way from chance to the best rate's score, rounded down. 95.1 % is 99 % of the way from "
        "chance to the best rate's score, rounded down."
    )


def test_the_title_names_first_reached_and_kept_of_the_first_and_the_last_rate():
    kept_by_two = reaching(TWICE, TWICE, [*TWICE[:5], 0.9])
    figure = drawing_of(
        of({0.0001: reaching(SLOW, SLOW, SLOW), 0.001: reaching(*FAST), 0.01: kept_by_two}, targets=TARGETS)
    )
    assert figure.title == (
        "By the median over runs, 95 % is reached at 0.001 by step 10 for good; at no other rate sooner; "
        "1 of 3 runs at 0.01 do not reach and keep it"
    )
    assert figure.alt.endswith(
        "By the median over runs: 97 %: no rate reaches it. 95 %: at 0.001 by step 10 for good; at 0.01 by step 20, "
        "for good by 40 (kept by 2 of 3 runs); at 0.0001 by step 50 for good."
    )


def test_the_title_names_two_rates_where_the_first_to_reach_a_target_is_not_the_first_to_keep_it():
    quick_but_lost = reaching(*[[0.95, *[0.9] * 5]] * 3)
    figure = drawing_of(of({0.001: reaching(SLOW, SLOW, SLOW), 0.01: quick_but_lost}, targets=[0.95]))
    assert figure.title == (
        "By the median over runs, 95 % is reached first at 0.01, by step 10, and for good first at 0.001, by 50; 3 of "
        "3 runs at 0.01 do not reach and keep it"
    )


def test_rates_that_are_at_a_target_by_the_same_steps_are_named_together():
    figure = drawing_of(of({0.01: reaching(SLOW, SLOW, SLOW), 0.001: reaching(SLOW, SLOW, SLOW)}, targets=[0.95]))
    assert (
        figure.title
        == "By the median over runs, 95 % is reached at 0.001 and 0.01 by step 50 for good; at no other rate sooner"
    )


def test_the_title_counts_each_rate_once_where_many_do_not_keep_a_target():
    never = reaching(*[[0.9] * 6] * 3)
    made = {0.1: never, 0.01: reaching(LOST, LOST, TWICE), 0.001: reaching(*FAST), 0.0001: never}
    figure = drawing_of(of(made, targets=[0.95]))
    assert figure.title.endswith("; every run reaches and keeps it at 1 of 4 rates")


def test_the_verdict_table_has_first_and_kept_and_how_many_runs():
    kept_by_one = reaching(TWICE, LOST, [0.9] * 6)
    make = of({0.0001: [flat(0.8, 6)] * 3, 0.001: reaching(*FAST), 0.01: kept_by_one}, targets=TARGETS)
    table = verdict_rows(stage_files.measured(make))
    assert (table["target"], table["target_source"]) == ("95 %", "")
    assert [(row["first"], row["kept"]) for row in table["rows"]] == [
        ("never", "never"),
        ("10 (3 of 3)", "10 (3 of 3)"),
        ("20 (2 of 3)", "1 of 3 runs"),
    ]


def test_the_verdict_table_says_where_its_target_comes_from():
    table = verdict_rows(stage_files.measured(relative(0.96)))
    assert (table["target"], table["target_source"]) == (
        "92.5 %",
        "96 % of the way from chance to the best rate's score, rounded down",
    )


def test_the_verdict_table_has_no_column_of_a_target_that_no_run_reaches():
    assert verdict_rows(stage_files.measured(EXAMPLES["all-failed"]))["target"] is None


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, "The targets, 95 % and 97 %, are 96 % and 99 % of the way from chance (11.4 %, always naming the largest "
         "class) to the best rate's score (98.1 %), rounded down."),
        ({"accuracies": [0.4], "shares": [0.96], "best_is": "final accuracy", "best": 0.412},
         "The target, 40 %, is 96 % of the way from chance (11.4 %, always naming the largest class) to the highest "
         "median final accuracy of a rate (41.2 %), rounded down."),
        ({"rule": "absolute", "shares": [], "best": None, "best_is": None},
         "The targets, 95 % and 97 %, stand in the config."),
        ({"rule": "absolute", "accuracies": [0.9], "shares": [], "best": None, "best_is": None},
         "The target, 90 %, stands in the config."),
        ({"accuracies": [], "shares": [], "best": 0.1},
         "There are no targets, because no rate gets above chance (11.4 %, always naming the largest class)."),
    ],
)  # fmt: skip
def test_where_targets_come_from_in_one_sentence(rule, expected):
    assert target_rule(RELATIVE | rule, 0.1139, 1) == expected


def test_the_page_says_where_targets_come_from_and_shows_first_and_kept(tmp_path):
    twice = [*TWICE[:5], 0.9]  # not kept at the end
    make = of({0.01: reaching(TWICE, TWICE, twice), 0.001: [flat(0.96, 6)] * 3}, targets={"relative": [0.99]})
    html = pages.page_without_figures(make, tmp_path).replace("\N{NO-BREAK SPACE}", " ")
    assert "median (runs)</th>" in html
    assert "95.1 % is\n99 % of the way from chance to the best rate&#39;s score" in html
    assert "<td>first 20 (3 of 3)<br>kept 40 (2 of 3)</td>" in html
    assert "The target, 95.1 %, is 99 % of the way from chance (10.0 %" in html
