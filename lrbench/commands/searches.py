"""The subcommand that decides after each round of a search, and the plan that a search came to."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrbench.stages import STAGES

if TYPE_CHECKING:
    from lrbench.settings.experiment import Experiment

Json = Mapping[str, Any]


def decide(
    settings: Json,
    analysis: Json,
    expect: Json,
    search_round: int,
    before: Sequence[Path],
    dataset: Path,
    store: Path,
    blocks: Path,
    seeds_per_job: int,
    output: Path,
    code: Json | None,
) -> None:
    """Decide after a round of a search what to train next, or that nothing is."""
    own = STAGES["decide"].begin(code)
    from lrbench.deciding import decided_round
    from lrbench.identity.provenance import read_sealed
    from lrbench.tables.experiment import MANIFEST
    from lrbench.tables.search import write_round

    manifest = read_sealed(dataset, MANIFEST)
    expected = {**expect, "data": manifest["digest"]}
    content = decided_round(
        settings,
        analysis,
        expected,
        search_round,
        before[0] if before else None,
        manifest,
        store,
        blocks,
        seeds_per_job,
    )
    own.check()
    write_round(output, content)
    print(content["statement"])


def with_plan(experiment: Experiment) -> Experiment:
    """The experiment, where it searches with the plan that its search came to, if it has ended."""
    if not experiment.searches:
        return experiment
    from lrbench.tables.search import searched_plan

    results = Path("results") / experiment.name
    found = searched_plan(results, experiment.training_settings, experiment.analysis_settings)
    return dataclasses.replace(experiment, searched=found)
