"""Weights carried over from rate to rate, by real snakemake: the chain of jobs, its pages, and what is done again."""

from __future__ import annotations

import html
import json
import re

import pytest

from lrbench.identity.provenance import write_sealed

CHANGES = {"initial_weights": "carried_over", "learning_rates": [0.01, 0.1], "probes": ["mistakes"]}


@pytest.fixture(scope="module")
def chain(base, tmp_path_factory):
    workspace = base.copied(tmp_path_factory.mktemp("chain"))
    workspace.configure(**CHANGES)
    workspace.snakemake()
    return workspace


def weights(workspace, experiment: str) -> dict[tuple[float, int], dict]:
    runs = workspace.read(f"results/{experiment}/tables.json")["runs"]
    return {(run["learning_rate"], run["seed"]): run for run in runs}


def test_each_rate_begins_where_the_one_before_ended_and_the_first_with_the_runs_that_both_have(chain):
    carried, fresh = (weights(chain, name) for name in ("tiny", "tiny-fresh"))
    for seed in (0, 1):
        assert carried[0.1, seed]["weights"]["initial"] == carried[0.01, seed]["weights"]["final"]
        assert carried[0.01, seed]["run_key"] == fresh[0.01, seed]["run_key"]
        assert carried[0.1, seed]["run_key"] != fresh[0.1, seed]["run_key"]
    # the base experiment had fresh weights at both rates: of four runs here, two were not in the store
    logs = "".join(path.read_text() for path in (chain.folder / "logs/tiny/train").rglob("*.log"))
    assert "learning rate 0.01: 2 of 2 runs are in the store" in logs
    assert "learning rate 0.1: 0 of 2 runs are in the store" in logs


def test_the_page_says_at_the_top_what_it_is(chain):
    page = (chain.folder / "reports/tiny.html").read_text()
    assert re.findall(r'<section id="([^"]*)"', page)[:2] == ["contrast", "answer"]
    assert '<a href="tiny-fresh.html">tiny-fresh</a>; the runs at 0.01 are the same in both.' in page
    shown = html.unescape(page).replace("\N{NO-BREAK SPACE}", " ")
    for statement in chain.read("results/tiny/contrast.json")["statements"]:
        assert statement in shown
    assert 'id="contrast"' not in (chain.folder / "reports/tiny-fresh.html").read_text()
    assert "same batches; at every rate but the first of the order, the weights that the rate before ended with" in page


def test_nothing_is_left_to_do_and_what_was_kept_of_a_run_may_go(chain):
    assert chain.jobs() == {}
    kept = list((chain.folder / "results/runs").glob("*.npz"))
    assert len(kept) == 2  # those of the first rate, with which the other began
    for path in kept:
        path.unlink()
    assert chain.jobs() == {}


def test_verify_computes_page_and_runs_again(chain):
    said = chain.up_to("verify")
    assert said.count("what the page of tiny") == 2
    assert "came out the same" in said


@pytest.mark.long
def test_verify_computes_the_contrast_from_the_tables_of_both(chain, tmp_path):
    copy = chain.copied(tmp_path)
    path = copy.folder / "results/tiny/contrast.json"
    found = json.loads(path.read_text())
    found["rates"][1]["n"] = 7
    write_sealed(path, {key: value for key, value in found.items() if key != "seal"})
    said = copy.up_to("verify", status=1)
    assert "results/tiny/contrast.json: differs from what comes out of the tables of both experiments now" in said
