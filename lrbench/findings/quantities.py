"""Numbers that no table holds and that a sentence needs: each by name, a pure function of an analysis.

An item of evidence names the quantity and its arguments, so whoever reads it can compute it again.
A `statistic` is the mean over seeds, or the low or high end of its t interval.
"""

from __future__ import annotations

from lrbench.findings import (
    quantities_accuracy,
    quantities_claims,
    quantities_end,
    quantities_experiment,
    quantities_generalisation,
    quantities_grid,
    quantities_lead,
    quantities_targets,
    quantities_time,
    quantities_training,
)
from lrbench.findings.registry import Quantities

THEMES = (
    quantities_experiment,
    quantities_accuracy,
    quantities_grid,
    quantities_training,
    quantities_end,
    quantities_lead,
    quantities_generalisation,
    quantities_targets,
    quantities_time,
    quantities_claims,
)
QUANTITIES = Quantities(*(theme.quantity for theme in THEMES))
