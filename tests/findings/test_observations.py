"""All observations together: their order, that they are data, and what holds of every one of them."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from support import observed
from support.histories import experiment
from support.observed import FALLING, TWO, runs_of, steady
from support.statements import misplaced_evidence

from lrbench.analysis.pipeline import Analysis
from lrbench.findings.observations import observations, observe
from lrbench.tables.analysis import ANALYSIS_TABLES
from lrbench.tables.format import read_csv, write_csv
from lrbench.tables.training import EXPERIMENT_TABLES

FIRST = ["test-accuracy", "failures", "unstable-rates", "separated-pairs", "practically-tied", "one-seed-decides"]
EARLY_LEAD = {
    0.01: runs_of([0.95] * 10, train_loss=[0.4] * 10, early={2: 0.5, 5: 0.5}),
    0.001: runs_of([0.95] * 10, train_loss=[0.2] * 10, early={2: 1.0, 5: 0.9}),
}


def without_runs() -> Analysis:
    """An analysis to which no run belongs."""
    found = TWO().analyse()
    return dataclasses.replace(found, runs=found.runs.iloc[:0], rates=found.rates.iloc[:0])


def test_the_most_useful_come_first_and_trust_last():
    ids = [found["id"] for found in observe(observed.analysed(TWO))]
    assert ids[: len(FIRST)] == FIRST
    assert ids[-1] == "trust"
    assert len(set(ids)) == len(ids) == len(observations())


@pytest.mark.parametrize("function", observations())
def test_without_runs_nothing_applies(function):
    found = function(without_runs()).as_dict()
    assert (found["status"], found["statement"]) == ("not applicable", "There are no runs.")


@pytest.mark.parametrize("made", [observed.TWO, observed.TIED, observed.DIVERGED])
def test_the_evidence_stands_in_the_files(made, tmp_path):
    analysis = observed.analysed(made)
    tables = {}
    for name, table in (ANALYSIS_TABLES | EXPERIMENT_TABLES).items():
        if name != "steps":
            write_csv(getattr(analysis, name), table, tmp_path / f"{name}.csv")
            tables[name] = read_csv(tmp_path / f"{name}.csv", table)
    again = dataclasses.replace(analysis, **tables)
    for found in observe(analysis):
        assert misplaced_evidence(found["evidence"], again) == [], found["id"]


@pytest.mark.parametrize("name", ["TWO", "ONE_SEED", "ALL_FAIL", "DIVERGED", "SHORT", "ALONE", "NO_RUN"])
def test_all_are_data_for_json_and_sentences_with_evidence(name):
    analysis = observed.analysed(getattr(observed, name))
    found = observe(analysis)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    for function in observations():
        _, statement = observed.seen(function, analysis)
        assert statement.endswith(".")
        assert "nan" not in statement
        assert "inf " not in statement


def test_order_of_rows_changes_nothing():
    made = experiment(EARLY_LEAD | {0.0001: runs_of([0.9] * 10, FALLING, loss=FALLING), 0.1: steady(0.5)})
    assert observe(made.shuffled(np.random.default_rng(0)).analyse()) == observe(made.analyse())
