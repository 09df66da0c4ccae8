"""The section that shows a search: its rounds, what they cost, and the grid that it spared."""

from __future__ import annotations

from support import pages
from support.searched import ended, searched
from support.stage_files import report_inputs, write_pictures

from lrbench.registry import sections
from lrbench.reporting.page import render
from lrbench.reporting.sections.search import search
from lrbench.tables.plan import planned_runs

EXPERIMENT = {"config": "config/search.yaml", "dataset_name": "MNIST", "name": "made", "title": "A search", "yaml": ""}


def test_without_a_search_there_is_no_section():
    assert search(()) is None


def test_the_section_counts_what_each_round_added_and_sets_it_against_the_full_grid():
    rounds = searched()[1]
    shown = search(rounds)
    assert shown is not None
    runs = planned_runs(rounds[-1]["plan"])
    assert shown["rounds"][0]["runs"] == 12
    assert sum(one["runs"] for one in shown["rounds"]) == runs
    assert shown["cost"] == f"{runs} runs, {10 * runs} epochs, in {len(rounds)} rounds"
    assert shown["grid"] == (
        "99 runs, 990 epochs: 11 rates from 0.0001 to 0.1, a factor of 2 or less apart, with 9 seeds each"
    )
    assert shown["share"] == f"{100 * runs / 99:.0f} %"
    assert (shown["level"], shown["intervals"]) == ("1 %", "99 %")
    assert shown["rounds"][0]["asks"] == ["0.0001, 0.001, 0.01, 0.1: spread between the limits, with 3 seeds each."]
    assert shown["rounds"][1]["asks"] == [reason["sentence"] for reason in rounds[0]["reasons"]]


def test_the_page_of_a_search_shows_it_and_says_how_many_seeds_a_rate_has(tmp_path):
    measured, conclusions = report_inputs(ended)
    write_pictures(tmp_path, dict(measured.made_from))
    rounds = searched()[1]
    page = render(measured, conclusions, sections(measured), EXPERIMENT, tmp_path, pages.TEMPLATES, search=rounds)
    assert page.index('id="search"') < page.index('id="verdicts"')
    assert page.count('id="search-round-') == len(rounds)
    assert "3 to 9 seeds a rate" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert 'id="search"' not in pages.page_without_figures(ended, tmp_path)
