"""What the workflow wrote can be checked: every number in a sentence against the tables on disk."""

from __future__ import annotations

import pytest
from support.histories import THRESHOLDS
from support.statements import misplaced_evidence, unfounded_numbers

from lrbench.analysis.pipeline import Analysis, analyse
from lrbench.findings.conclusions import recommend
from lrbench.tables.analysis import ANALYSIS_TABLES
from lrbench.tables.experiment import read_tables
from lrbench.tables.format import read_csv

pytestmark = pytest.mark.workflow
SETTINGS = {
    "targets": [0.6],
    "thresholds": THRESHOLDS,
}


@pytest.fixture(scope="module")
def answers(base):
    """The analysis as it stands on disk, and every sentence with its evidence."""
    folder = base.folder / "results/tiny"
    origin = base.read("results/tiny/tables.json")
    tables = read_tables(folder / "tables.json", origin["settings"], origin["plan"])
    computed = analyse(tables, base.read("results/tiny/dataset/manifest.json"), SETTINGS)
    stored = {name: read_csv(folder / f"{name}.csv", table) for name, table in ANALYSIS_TABLES.items()}
    on_disk = {"across": base.read("results/tiny/across.json")}
    analysis = Analysis(**{**vars(computed), **stored, **on_disk})
    recommendation = base.read("results/tiny/recommendation.json")
    statements = [(recommendation["statement"], recommendation["evidence"])]
    statements += [(other["reason"], other["evidence"]) for other in recommendation["others"]]
    for observed in base.read("results/tiny/observations.json")["observations"]:
        statements.append((observed["statement"], observed["evidence"] + told(observed["threshold"])))
    for claim in base.read("results/tiny/claims.json")["claims"]:
        statements += [(part["statement"], part["evidence"]) for part in claim["parts"]]
    return analysis, statements


def told(thresholds) -> list[dict]:
    """A rule's thresholds, which its sentence may name."""
    return [{"value": value} for value in (thresholds or {}).values()]


def test_there_are_answers(answers):
    analysis, statements = answers
    assert len(statements) > 20
    assert recommend(analysis)["statement"].startswith(("Train with", "No rate", "No learning rate"))


def test_every_evidence_value_stands_where_it_says(answers):
    analysis, statements = answers
    assert [
        wrong
        for _, evidence in statements
        for wrong in misplaced_evidence((item for item in evidence if "table" in item), analysis)
    ] == []


def test_every_number_in_a_sentence_is_one_of_its_evidence(answers):
    analysis, statements = answers
    named = (0.01, 0.001, 0.0001)
    unfounded = {
        sentence: numbers
        for sentence, evidence in statements
        if (numbers := unfounded_numbers(sentence, evidence, analysis, named=named))
    }
    assert unfounded == {}
