"""Every observation, most useful first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lrbench.analysis.results import Analysis
from lrbench.findings.evidence import Observation
from lrbench.findings.observations_accuracy import best_disagreement, practically_tied, separated_pairs
from lrbench.findings.observations_classes import unequal_classes
from lrbench.findings.observations_end import collapse_at_the_end, peak_before_the_end, when_to_stop
from lrbench.findings.observations_generalisation import (
    generalisation_gap,
    loss_worsens_accuracy_does_not,
    overfitting,
    test_accuracy,
)
from lrbench.findings.observations_grid import best_at_edge, plateau_width, price_of_erring, range_that_trains
from lrbench.findings.observations_lead import lead_lost
from lrbench.findings.observations_noise import one_seed_decides, seed_spread, seeds_needed, validation_resolution
from lrbench.findings.observations_targets import reached_not_kept, speed, targets_not_reached
from lrbench.findings.observations_time import equal_accuracy_sooner
from lrbench.findings.observations_training import failures, still_improving, unstable_rates
from lrbench.findings.observations_trust import trust

OBSERVATIONS: tuple[Callable[[Analysis], Observation], ...] = (
    test_accuracy,
    failures,
    unstable_rates,
    separated_pairs,
    practically_tied,
    one_seed_decides,
    best_disagreement,
    when_to_stop,
    price_of_erring,
    range_that_trains,
    seeds_needed,
    overfitting,
    collapse_at_the_end,
    peak_before_the_end,
    unequal_classes,
    still_improving,
    targets_not_reached,
    speed,
    equal_accuracy_sooner,
    reached_not_kept,
    lead_lost,
    loss_worsens_accuracy_does_not,
    plateau_width,
    best_at_edge,
    generalisation_gap,
    seed_spread,
    validation_resolution,
    trust,
)


def observe(analysis: Analysis) -> list[dict[str, Any]]:
    """All observations of an experiment as plain data, in the order of `OBSERVATIONS`."""
    return [function(analysis).as_dict() for function in OBSERVATIONS]
