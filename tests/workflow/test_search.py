"""A search by real snakemake: rounds that follow from each other, and nothing trained twice."""

from __future__ import annotations

import os
import signal
import time

import pytest

from lrbench.tables.plan import seeds_by_rate

pytestmark = pytest.mark.workflow
TABLES = "results/tiny/tables.json"
SEARCH = {
    "rates": {"from": 0.01, "to": 0.1, "at_most": 2, "resolution": 10},
    "seeds": {"first": 1, "at_most": 3},
    "rounds": 2,
}


def searching(workspace, **changes):
    """The workspace with a config that searches between the rates that it has trained already."""
    lists = dict.fromkeys(("learning_rates", "seeds", "seeds_per_job"))
    workspace.configure(**lists, search=SEARCH | changes, thresholds={"tie": 0})
    config = workspace.folder / "config.yaml"
    config.write_text("".join(line for line in config.read_text().splitlines(True) if ": null" not in line))
    return workspace


@pytest.fixture(scope="module")
def searched(base, tmp_path_factory):
    workspace = searching(base.copied(tmp_path_factory.mktemp("search")))
    workspace.keep()
    workspace.first = workspace.jobs(TABLES)
    workspace.up_to(TABLES)
    return workspace


def test_a_dry_run_shows_the_first_round_alone(searched):
    assert searched.first == {"train": 2, "decide": 1, "aggregate": 1}


def test_each_round_trains_what_the_one_before_asked_for_and_nothing_twice(searched):
    first, second = (searched.read(f"results/tiny/search/round-{number}.json") for number in (1, 2))
    assert seeds_by_rate(first["plan"]) == {0.01: (0,), 0.1: (0,)}
    assert first["next"] == second["plan"]
    assert seeds_by_rate(second["plan"]) == {0.01: (0, 1, 2), 0.1: (0, 1, 2)}
    assert (second["next"], second["ends"] in ("settled", "rounds")) == (None, True)
    assert searched.read(TABLES)["plan"] == second["plan"]
    stored = searched.trained()
    assert {run: stored[run] for run in searched.kept} == searched.kept
    assert len(stored) == len(searched.kept) + 2


def test_a_search_that_has_ended_has_nothing_to_do_and_its_runs_are_in_use(searched):
    assert searched.jobs(TABLES) == {}
    assert searched.lrbench("prune", "--dry-run").stdout == "nothing to remove\n"


def test_a_larger_budget_decides_again_and_trains_only_what_is_new(searched, tmp_path):
    copy = searched.copied(tmp_path)
    assert searching(copy, rounds=3).jobs(TABLES) == {"decide": 1, "aggregate": 1}


@pytest.mark.long
def test_a_search_that_was_killed_ends_at_the_same_files(base, searched, tmp_path):
    whole, killed = searched.copied(tmp_path / "whole"), searching(base.copied(tmp_path / "killed"))
    whole.snakemake()
    process = killed.start(start_new_session=True)
    while not (killed.folder / "results/tiny/search/round-1.json").exists():
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    killed.snakemake("--unlock")
    killed.snakemake()
    files = ["reports/tiny.html", "results/tiny/analysis.json", "results/tiny/search/round-2.json"]
    assert all((whole.folder / file).read_bytes() == (killed.folder / file).read_bytes() for file in files)
    assert "came out the same" in whole.up_to("verify")
