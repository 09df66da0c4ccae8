"""Names of what stages write, for workflow files too, which import no table."""

from __future__ import annotations

# What analysis writes beside an experiment's tables: tables as CSV, conclusions as JSON. Workflow files read the
# tables' names here, since they import no table; a test holds them equal to those of lrbench.tables.analysis.
ANALYSIS_TABLES = ("runs", "targets", "reach", "rates", "comparisons")
CONCLUSIONS = ("across", "recommendation", "observations", "claims")
# The report's figures, in the order in which it shows them; each is drawn as SVG and PNG, with its data as CSV.
FIGURES = (
    "loss",
    "accuracy",
    "first-epoch",
    "sweep",
    "steps-to-target",
    "stability",
    "gradients",
    "differences",
    "loss-along-step",
)
