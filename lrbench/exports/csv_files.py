"""Every table of an experiment as CSV, and a table of what the columns mean."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lrbench.api.experiment import Results
from lrbench.identity.provenance import write_text
from lrbench.tables.analysis import ANALYSIS_TABLES
from lrbench.tables.format import write_csv
from lrbench.tables.training import EXPERIMENT_TABLES

COLUMNS = "columns.csv"


def export(results: Results, output: str) -> str:
    """Write the tables to a folder, those that are kept as Parquet too; a sentence that says so."""
    folder, tables = Path(output), {**EXPERIMENT_TABLES, **ANALYSIS_TABLES}
    described = [
        {
            "table": name,
            "column": column,
            "key": column in table.key,
            "type": about.kind,
            "unit": about.unit,
            "meaning": about.meaning,
        }
        for name, table in tables.items()
        for column, about in table.described.items()
    ]
    for name, table in tables.items():
        write_csv(getattr(results, name), table, folder / f"{name}.csv")
    write_text(folder / COLUMNS, pd.DataFrame(described).to_csv(index=False, lineterminator="\n"))
    return f"{folder}: {len(tables)} tables of {results.name} as CSV; {COLUMNS} says what each column means."
