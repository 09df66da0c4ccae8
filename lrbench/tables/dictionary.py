"""The data dictionary: every column of every table with its meaning and unit, from the contracts alone.

`python -m lrbench.tables.dictionary` writes it to docs/tables.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from lrbench.identity.provenance import write_text
from lrbench.places import PROJECT
from lrbench.tables.analysis import ANALYSIS_TABLES
from lrbench.tables.format import TableFormat
from lrbench.tables.names import ANALYSIS, STUDY, TABLES
from lrbench.tables.study import STUDY_TABLES
from lrbench.tables.training import EXPERIMENT_TABLES, RUN_TABLES

DOCUMENT = PROJECT / "docs" / "tables.md"
HEAD = """\
# Tables

<!-- written by make documents from lrbench/tables; edit it there -->

Every column of every table that lrbench writes. [metrics.md](metrics.md) has the formulas, [glossary.md](glossary.md)
the words, [notebook.md](notebook.md) how to read the tables in Python. `lrbench export csv` writes the same list as a
table, `columns.csv`, beside the others.

CSV files have a line of names, then a row a line; Parquet files hold the same types. What is not available, or not a
number, is `NaN`; what is infinite is `inf`. Losses are mean cross-entropies in nats, accuracies and skills shares from
0 to 1, steps updates of the weights. Columns in **bold** are a table's key: together they name a row, and rows are
sorted by them.
"""
TYPES = {
    "float64": "number",
    "float32": "number, single precision",
    "int64": "whole number",
    "int32": "whole number",
    "uint16": "whole number",
    "bool": "`True` or `False`",
    "str": "text",
}


def documented_tables() -> Iterator[tuple[str, TableFormat]]:
    """Every table with the path of its file."""
    for names, tables, folder in (
        (TABLES, EXPERIMENT_TABLES, "<experiment>"),
        (ANALYSIS, ANALYSIS_TABLES, "<experiment>"),
        (STUDY, STUDY_TABLES, "<study>"),
    ):
        for name, table in tables.items():
            yield f"results/{folder}/{names[name]}", table
    yield "results/runs/<run key>/predictions.parquet", RUN_TABLES["predictions"]


def dictionary_text() -> str:
    """The document, in Markdown."""
    return "\n".join([HEAD, *(_section(path, table) for path, table in documented_tables())])


def _section(path: str, table: TableFormat) -> str:
    rows = [
        f"| {f'**`{name}`**' if name in table.key else f'`{name}`'} | {column.meaning} | {column.unit or '–'} "
        f"| {TYPES[column.kind]} |"
        for name, column in table.described.items()
    ]
    head = ["| column | meaning | unit | type |", "| --- | --- | --- | --- |"]
    return "\n".join([f"## {table.name}", "", f"`{path}`: a row for {table.about}.", "", *head, *rows, ""])


def main() -> None:
    """Write the document."""
    write_text(DOCUMENT, dictionary_text())


if __name__ == "__main__":
    main()
