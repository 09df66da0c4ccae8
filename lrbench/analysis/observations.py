"""Every observation, most useful first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lrbench.analysis.evidence import FINDING, PASSED, Ledger, Observation, Outcome, observation
from lrbench.analysis.observations_accuracy import (
    best_at_edge,
    best_disagreement,
    plateau_width,
    practically_tied,
    separated_pairs,
)
from lrbench.analysis.observations_generalisation import generalisation_gap, loss_worsens_accuracy_does_not, overfitting
from lrbench.analysis.observations_noise import seed_spread, validation_resolution
from lrbench.analysis.observations_targets import reached_not_kept, speed, targets_not_reached
from lrbench.analysis.observations_time import equal_accuracy_sooner
from lrbench.analysis.observations_training import failures, lead_lost, still_improving, unstable_rates
from lrbench.analysis.results import Analysis
from lrbench.analysis.series import MINIMUM_SEEDS
from lrbench.wording import counted


@observation(
    rule="concerns: validation on the test set, fewer than 3 seeds, missing runs; beside them, the comparisons made",
    table="rates",
)
def trust(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say what the reader should know before relying on the numbers."""
    seeds, missing = ledger.computed("fewest_seeds"), ledger.computed("missing_runs")
    planned = ledger.computed("total", table="rates", column="planned")
    concerns = []
    if analysis.origin["settings"]["validation"]["protocol"] == "test":
        concerns.append("validation ran on the test set, so no accuracy here is an independent test of the rate chosen")
    if seeds < MINIMUM_SEEDS:
        concerns.append(
            f"with {counted(seeds, 'seed')} at some rate, what the seed does cannot be told from what the rate does"
        )
    if missing:
        concerns.append(f"{missing} of {planned} planned runs {'is' if missing == 1 else 'are'} missing")
    pairs = ledger.computed("rows", table="comparisons", measure="score")
    least = "" if seeds == ledger.computed("most_seeds") else "at least "
    facts = [f"{least}{counted(seeds, 'seed')} at each rate"]
    if not missing:
        facts.insert(0, f"all {planned} planned runs are present")
    if pairs:
        facts.append(f"{counted(pairs, 'pair')} of rates compared, with p values corrected for that")
    text = "; ".join(facts)
    if concerns:
        return Outcome(FINDING, f"Before relying on this: {'; '.join(concerns)}. Otherwise: {text}.")
    return Outcome(
        PASSED, f"Nothing speaks against relying on this: {text}, and validation examples kept apart from the test set."
    )


OBSERVATIONS: tuple[Callable[[Analysis], Observation], ...] = (
    practically_tied,
    separated_pairs,
    best_disagreement,
    failures,
    unstable_rates,
    targets_not_reached,
    speed,
    equal_accuracy_sooner,
    reached_not_kept,
    lead_lost,
    overfitting,
    loss_worsens_accuracy_does_not,
    still_improving,
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
