"""Studies of made-up experiments: each variant analysed by itself, in memory or on disk."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from support import stage_files
from support.histories import Made, experiment, run

from lrbench.analysis.pipeline import Analysis
from lrbench.findings.next import what_next
from lrbench.studies.comparison import StudyAnalysis, compare_variants
from lrbench.studies.variants import VariantResults

ANALYSES: dict[int, tuple[Made, Analysis]] = {}


def sweep(scores: Mapping[float, float], seeds: int = 5, targets: Sequence[float] = (0.8, 0.9)) -> Made:
    """An experiment whose runs at each rate end at this accuracy, the seeds a fifth of a point apart; made once."""
    return _sweep(tuple(scores.items()), seeds, tuple(targets))


@functools.cache
def _sweep(scores: tuple[tuple[float, float], ...], seeds: int, targets: tuple[float, ...]) -> Made:
    runs = {
        rate: [run([score / 2, score + 0.002 * (seed - seeds // 2)]) for seed in range(seeds)] for rate, score in scores
    }
    return experiment(runs, targets=targets)


def _analysis(made: Made) -> Analysis:
    """The analysis of an experiment, made once while there is that experiment."""
    if id(made) not in ANALYSES:
        ANALYSES[id(made)] = (made, made.analyse())
    return ANALYSES[id(made)][1]


def results(made: Made, name: str, value: float | None = None, **settings: Any) -> VariantResults:
    """What a variant measured; settings that differ from the made ones, and `data`, its digest."""
    found = _analysis(made)
    data = settings.pop("data", made.dataset["digest"])
    return VariantResults(
        name=f"s-{name}",
        label=name,
        value=value,
        settings=made.origin["settings"] | settings,
        data=data,
        runs=found.runs,
        rates=found.rates,
        reach=found.reach,
        across=found.across,
        chosen=found.chosen,
        next=what_next(found),
        thresholds=found.thresholds,
    )


def compared(*variants: VariantResults, axis: str | None = None) -> StudyAnalysis:
    """The comparison of variants."""
    return compare_variants(variants, axis)


def asked_of(
    *variants: VariantResults, axis: str | None = None, changes: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The study of these variants, as commands are told of it; `changes` in YAML by the name of a variant."""
    return {
        "axis": axis,
        "name": "s",
        "title": "A study",
        "variants": [
            {
                "analysis": {"thresholds": {"significance": 0.05}},
                "changes": (changes or {}).get(one.label, "nothing: the base"),
                "dataset_name": "Made",
                "label": one.label,
                "name": one.name,
                "plan": {"learning_rates": list(one.across["grid"]), "seeds": sorted(one.seeds)},
                "settings": one.settings,
                "value": one.value,
            }
            for one in variants
        ],
    }


def write_study(variants: Mapping[str, Made], folder: Path) -> dict[str, Any]:
    """Write each variant's tables and analysis to a folder of its name; the study, as commands are told of it."""
    for name, made in variants.items():
        (folder / name).mkdir()
        stage_files.write_experiment(made, folder / name)
    return {
        "axis": None,
        "name": "s",
        "title": "A study",
        "variants": [
            {
                "analysis": made.settings,
                "changes": "nothing: the base",
                "dataset_name": "Made",
                "label": name,
                "name": f"s-{name}",
                "plan": made.origin["plan"],
                "settings": made.origin["settings"],
                "value": None,
            }
            for name, made in variants.items()
        ],
    }
