"""Names of the files that stages write, for the workflow's rules too, which import no table."""

from __future__ import annotations

# What aggregation writes, by name of the table, and the index of those.
TABLES = {"epochs": "epochs.csv", "evaluations": "evaluations.csv", "steps": "steps.parquet"}
TABLES_INDEX = "tables.json"
# What analysis writes beside them: tables as CSV, conclusions as JSON, and the index of those. A test holds the tables
# equal to those of lrbench.tables.analysis.
ANALYSIS_TABLES = ("runs", "targets", "reach", "rates", "comparisons")
CONCLUSIONS = ("across", "recommendation", "observations", "claims", "next")
ANALYSIS = {name: f"{name}.csv" for name in ANALYSIS_TABLES} | {name: f"{name}.json" for name in CONCLUSIONS}
ANALYSIS_INDEX = "analysis.json"
CONTRAST = "contrast.json"  # with fresh weights, where an experiment carries weights over
FIT = "fit.json"  # of a run that `lrbench verify --fit` trained; beside them where there is one
# What the comparison of a study writes into results/<study>/, and the index of that.
STUDY_TABLES = ("variants", "curves", "pairs", "transfers")
STUDY = {name: f"{name}.csv" for name in STUDY_TABLES} | {"findings": "findings.json", "next": "proposals.json"}
STUDY_INDEX = "study.json"
STUDY_FIGURES = ("accuracy-by-rate", "best-rates")
