"""Every column of every table is described once, and docs/tables.md says what the contracts say."""

from __future__ import annotations

import pytest

from lrbench.tables.analysis import RATES, RUNS
from lrbench.tables.dictionary import DOCUMENT, dictionary_text, documented_tables
from lrbench.tables.format import TableFormat

TABLES = dict(documented_tables())


def test_the_document_is_that_of_the_contracts():
    assert DOCUMENT.read_text(encoding="utf-8") == dictionary_text(), "run make documents"


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_column_says_what_it_means(table: TableFormat):
    assert table.about
    for name, column in table.described.items():
        assert len(column.meaning) > 5, name
        assert "|" not in column.meaning + column.unit
    assert set(table.key) <= set(table.described)
    numbers = [name for name, column in table.described.items() if name.endswith(("loss", "accuracy", "score"))]
    assert [name for name in numbers if not table.described[name].unit] == []


def test_a_summary_has_the_unit_of_what_it_summarises():
    assert len(RATES.described) == 102
    assert RATES.described["oscillation_sd"].unit == RUNS.described["oscillation"].unit == "nats"
    assert RATES.described["score_median"].meaning == "median over runs of `score`"


def test_every_table_is_found_where_the_document_says():
    assert list(TABLES)[:3] == [
        f"results/<experiment>/{name}" for name in ("epochs.csv", "evaluations.csv", "steps.parquet")
    ]
    assert len(TABLES) == 13
