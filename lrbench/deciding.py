"""What is decided after a round of a search, from the stored runs: by the command, and again to verify it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

Json = Mapping[str, Any]


def decided_round(
    settings: Json,
    analysis: Json,
    expected: Json,
    number: int,
    before: Path | None,
    manifest: Json,
    store: Path,
    blocks: Path,
    seeds_per_job: int,
) -> dict[str, Any]:
    """What is decided after a round, from the stored runs that its blocks name.

    before : the file of the round before; None for the first
    """
    from lrbench.findings.rounds import decided, first_round, scored_runs
    from lrbench.learning.aggregation import aggregate
    from lrbench.learning.store import RunStore
    from lrbench.settings.experiment import block_files
    from lrbench.tables.search import read_round

    plan = first_round(analysis) if before is None else read_round(before, settings, analysis)["next"]
    files = block_files(blocks, plan, seeds_per_job)
    tables, origin = aggregate(settings, plan, expected, files, RunStore(store))
    return decided(number, scored_runs(tables, origin, manifest, analysis), origin, manifest, analysis)
