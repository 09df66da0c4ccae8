"""What analysis leaves on disk: its tables, its conclusions, and last the index that says what they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lrbench.findings.claims import check_claims
from lrbench.findings.observations import observe
from lrbench.findings.pipeline import Analysis
from lrbench.identity.provenance import canonical_json, write_json
from lrbench.tables.analysis import ANALYSIS_TABLES
from lrbench.tables.conclusions import SHAPES
from lrbench.tables.contracts import check_shape
from lrbench.tables.format import write_csv
from lrbench.tables.index import write_index


def write_analysis(
    analysis: Analysis, settings: Mapping[str, Any], tables: str, files: Mapping[str, Path], index: Path
) -> None:
    """Write an analysis, each table and conclusion to its file. Nothing is written unless everything can be.

    Parameters
    ----------
    settings : targets and thresholds
    tables : digest of the tables that were analysed
    files : where to write, by name of table or conclusion
    index : analysis.json, beside them
    """
    conclusions = {
        "across": analysis.across,
        "claims": check_claims(analysis),
        "observations": {"observations": observe(analysis)},
        "recommendation": analysis.recommendation,
    }
    for name, table in ANALYSIS_TABLES.items():
        table.check(getattr(analysis, name), files[name])
    for name, value in conclusions.items():
        check_shape(value, SHAPES[name], name)
        canonical_json(value)
    for name, table in ANALYSIS_TABLES.items():
        write_csv(getattr(analysis, name), table, files[name])
    for name, value in conclusions.items():
        write_json(files[name], value)
    write_index(index, files, {"settings": dict(settings), "tables": tables})
