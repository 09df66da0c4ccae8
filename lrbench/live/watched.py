"""What the workflow tells the logger beside snakemake's own events: the experiments, their plans and their pages."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lrbench.settings.experiment import seed_blocks
from lrbench.settings.study import Asked
from lrbench.tables.plan import seeds_by_rate
from lrbench.tables.search import round_file
from lrbench.wording import rate_label

Block = tuple[str, str, str]  # experiment, learning rate and number of a training job, as its wildcards have them


@dataclass(frozen=True)
class Watched:
    """An experiment as the logger sees it.

    plan : which runs it consists of; of a search, those of its first round
    results : its folder of results
    searches : whether later rounds may ask for more runs
    """

    name: str
    plan: Mapping[str, Any]
    epochs: int
    seeds_per_job: int
    results: Path
    searches: bool = False

    def blocks(self) -> dict[Block, int]:
        """How many runs each training job of the present plan has."""
        plan = present_plan(self.results, self.plan) if self.searches else self.plan
        return {
            (self.name, rate_label(rate), str(block)): len(seeds)
            for rate, own in seeds_by_rate(plan).items()
            for block, seeds in seed_blocks(own, self.seeds_per_job).items()
        }

    def block_file(self, block: Block) -> Path:
        """What a training job writes last."""
        return self.results / "training" / f"lr-{block[1]}" / f"block-{block[2]}.json"


@dataclass
class Told:
    """What the workflow told.

    pages : of each page that answers, the file of its answer and the page
    whole : says whether the call is for everything, and not for single files
    needed : the training jobs that the call will run, as far as it was known when it began
    """

    experiments: tuple[Watched, ...] = ()
    pages: Mapping[str, tuple[Path, Path]] = field(default_factory=dict)
    whole: Callable[[], bool] = lambda: False
    needed: frozenset[Block] = frozenset()


TOLD = Told()


def tell(
    asked: Asked, plans: Mapping[str, Mapping[str, Any]], results: str, reports: str, whole: Callable[[], bool]
) -> None:
    """Tell the logger what config files ask for.

    plans : of each experiment that searches, the plan of its first round
    results, reports : the folders that hold a folder or a page of each experiment
    """
    TOLD.experiments = tuple(
        Watched(
            name,
            plans.get(name, one.plan),
            one.epochs,
            one.seeds_per_job,
            Path(results, name),
            one.config.search is not None,
        )
        for name, one in asked.experiments.items()
    )
    TOLD.pages = {
        name: (
            Path(results, name, "findings.json" if name in asked.studies else "recommendation.json"),
            Path(reports, f"{name}.html"),
        )
        for name in asked.pages
    }
    TOLD.whole = whole


def tell_needed(blocks: Iterable[Block]) -> None:
    """Tell the logger which training jobs the call will run, as its plan is now."""
    TOLD.needed = frozenset(blocks)


def present_plan(results: Path, first: Mapping[str, Any]) -> Mapping[str, Any]:
    """The plan that a search has come to: of the round that is trained now, or of its last one.

    results : the experiment's folder; first : the plan of the first round
    """
    plan = first
    for decided in _decisions(results):
        plan = decided["next"] if decided["next"] is not None else decided["plan"]
    return plan


def decided_rounds(results: Path) -> tuple[int, bool]:
    """How many rounds of a search are decided, and whether the last of them ended it."""
    decisions = list(_decisions(results))
    return len(decisions), bool(decisions) and decisions[-1]["next"] is None


def _decisions(results: Path) -> Iterator[Mapping[str, Any]]:
    """What was decided after each round, in order, up to the one that ends the search or is not decided yet."""
    for number in itertools.count(1):
        try:
            decided = json.loads(Path(round_file(results, number)).read_text(encoding="utf-8"))
            following, plan = decided["next"], decided["plan"]
        except (OSError, ValueError, KeyError, TypeError):
            return
        yield {"next": following, "plan": plan}
        if following is None:
            return
