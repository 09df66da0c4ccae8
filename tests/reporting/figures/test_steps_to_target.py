"""Steps to targets on the page: first reached and kept, how many runs, and where a target comes from."""

from __future__ import annotations

import dataclasses

import pytest
from support import builders, pages

from lrbench.reporting.sections.verdicts import verdict_rows
from lrbench.reporting.target_rule import target_rule
from lrbench.tables.analysis import ANALYSIS_TABLES

RELATIVE = {"accuracies": [0.95, 0.97], "best": 0.9808, "best_is": "score", "rule": "relative", "shares": [0.96, 0.99]}
INF = float("inf")


def drawing_of(measured):
    return pages.drawing("steps-to-target", measured)


def with_reach(measured, *rows):
    """The same with other rows of `reach`: rate, target, n, runs that reach and that keep it, steps of each."""
    names = ["learning_rate", "target", "n", "first_reached", "sustained_reached", "first_at", "sustained_at"]
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    columns |= {"first_after": columns["first_at"], "sustained_after": columns["sustained_at"]}
    frame = ANALYSIS_TABLES["reach"].frame({name: list(columns[name]) for name in ANALYSIS_TABLES["reach"].columns})
    return dataclasses.replace(measured, reach=frame)


def test_first_reached_and_kept_have_marks_of_their_own():
    measured = builders.measured()
    (kept, first, _) = next(
        [line for line in axes.lines if line.get_linestyle() == "None" and line.get_marker() != "x"][:3]
        for axes in drawing_of(measured).canvas.axes
    )
    assert (kept.get_markerfacecolor() == "none", first.get_markerfacecolor()) == (False, "none")
    assert first.get_markersize() > kept.get_markersize()
    labels = [text.get_text() for text in drawing_of(measured).canvas.legends[0].get_texts()]
    assert labels == ["first reached", "reached and kept", "not kept, or not reached"]
    assert "an open circle at the first evaluation that saw the target, a filled mark" in (drawing_of(measured).caption)


def test_a_set_that_no_run_reaches_leaves_no_empty_panels():
    figure = drawing_of(builders.EXPERIMENTS["all-failed"]())
    said = (
        "No run reached 95 % or 97 %; the highest validation accuracy was 37.9 %. Set `targets` in the config to lower "
        "ones."
    )
    assert figure.canvas.axes == []
    assert [text.get_text() for text in figure.canvas.texts] == [said]
    assert figure.caption.endswith(said)
    assert figure.alt == f"A notice in place of plots: {said}"


def test_a_target_that_no_run_reaches_has_no_panel():
    measured = builders.measured()
    targets = measured.targets.copy()
    above = targets["target"] == 0.97
    targets.loc[above, ["first_after", "first_at", "sustained_after", "sustained_at"]] = INF
    figure = drawing_of(dataclasses.replace(measured, targets=targets))
    assert [axes.get_title() for axes in figure.canvas.axes] == ["95 % validation accuracy"]
    assert "No run reached 97 %; the highest validation accuracy was 9" in figure.caption
    assert "Set `targets`" not in figure.caption


def relative(measured):
    """The same with targets that come from the best rate."""
    return dataclasses.replace(measured, across={**measured.across, "targets": RELATIVE})


def test_without_targets_the_figure_says_why():
    measured = builders.measured()
    rule = RELATIVE | {"accuracies": [], "shares": [], "best": 0.1}
    empty = {
        "targets": measured.targets.iloc[:0],
        "reach": measured.reach.iloc[:0],
        "across": {**measured.across, "targets": rule},
    }
    bare = dataclasses.replace(measured, **empty)
    assert drawing_of(bare).title == "There are no target accuracies, because no rate gets above chance"
    assert verdict_rows(bare)["target"] is None


def test_the_caption_says_where_a_target_comes_from():
    measured = builders.measured()
    assert "way from chance" not in drawing_of(measured).caption
    assert drawing_of(relative(measured)).caption.endswith(
        "95 % is 96 % of the way from chance to the best rate's score, rounded down. 97 % is 99 % of the way from "
        "chance to the best rate's score, rounded down."
    )


def test_the_title_names_first_reached_and_kept_of_the_first_and_the_last_rate():
    measured = with_reach(
        builders.measured(),
        (0.0001, 0.95, 3, 3, 3, 9375.0, 9375.0),
        (0.001, 0.95, 3, 3, 3, 1875.0, 1875.0),
        (0.01, 0.95, 3, 3, 2, 3750.0, 7500.0),
        (0.0001, 0.97, 3, 0, 0, INF, INF),
        (0.001, 0.97, 3, 1, 1, INF, INF),
        (0.01, 0.97, 3, 0, 0, INF, INF),
    )
    figure = drawing_of(measured)
    assert figure.title == (
        "By the median over runs, 95 % is reached first at 0.001 by step 1,875 for good, and last at 0.0001 by step "
        "9,375 for good, with 0.01 between; 1 of 3 runs at 0.01 do not reach and keep it"
    )
    assert figure.alt.endswith(
        "97 %: by the median over runs no rate keeps it. 95 %: at 0.001 by step 1,875 for good; at 0.01 by step "
        "3,750, for good by 7,500 (kept by 2 of 3 runs); at 0.0001 by step 9,375 for good."
    )


def test_the_verdict_table_has_first_and_kept_and_how_many_runs():
    measured = with_reach(
        builders.measured(),
        (0.0001, 0.95, 3, 0, 0, INF, INF),
        (0.001, 0.95, 3, 3, 3, 1875.0, 1875.0),
        (0.01, 0.95, 3, 2, 1, 3750.0, INF),
        (0.0001, 0.97, 3, 0, 0, INF, INF),
        (0.001, 0.97, 3, 1, 1, INF, INF),
        (0.01, 0.97, 3, 0, 0, INF, INF),
    )
    table = verdict_rows(relative(measured))
    assert (table["target"], table["target_source"]) == (
        "95 %",
        "96 % of the way from chance to the best rate's score, rounded down",
    )
    assert [(row["first"], row["kept"]) for row in table["rows"]] == [
        ("never", "never"),
        ("1,875 (3 of 3)", "1,875 (3 of 3)"),
        ("3,750 (2 of 3)", "1 of 3 runs"),
    ]


def test_the_verdict_table_has_no_column_of_a_target_that_no_run_reaches():
    assert verdict_rows(builders.EXPERIMENTS["all-failed"]())["target"] is None


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


def test_the_page_says_where_targets_come_from_and_shows_first_and_kept(report_of):
    figures = report_of("three") / "made" / "figures"
    measured = relative(builders.EXPERIMENTS["three"]())
    html = pages.page(measured, figures)
    assert "median (runs)</th>" in html
    assert "95 % is\n96 % of the way from chance to the best rate&#39;s score" in html
    assert "<td>first 3,750 (3 of 3)<br>kept 9,375 (2 of 3)</td>" in html
    assert "The targets, 95 % and 97 %, are 96 % and 99 % of the way from chance (11.3 %" in html
