"""A variant of a study: what its own analysis measured, read from that analysis' files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lrbench.analysis.measurements import by_seed
from lrbench.errors import InputError
from lrbench.identity.provenance import file_digest, read_json
from lrbench.settings.thresholds import Thresholds
from lrbench.tables.analysis import FEWEST_FOR_SPREAD, RATES, REACH, RUNS
from lrbench.tables.conclusions import ACROSS, NEXT, RECOMMENDATION, files_of_analysis
from lrbench.tables.experiment import read_origin
from lrbench.tables.format import read_csv


@dataclass(frozen=True)
class VariantResults:
    """What one variant measured, of its own analysis.

    runs, rates, reach : tables of lrbench.tables.analysis; across, chosen, next : as its conclusions have them
    settings : of training; data : digest of the data set; value : place on the axis, where that is one of numbers
    """

    name: str
    label: str
    value: float | None
    settings: Mapping[str, Any]
    data: str
    runs: pd.DataFrame
    rates: pd.DataFrame
    reach: pd.DataFrame
    across: Mapping[str, Any]
    chosen: float | None
    next: Mapping[str, Any]
    thresholds: Thresholds

    @property
    def candidates(self) -> list[float]:
        """The rates practically tied with the best or not resolved from it, ascending."""
        return sorted(map(float, self.rates.loc[self.rates["tied"] | self.rates["unresolved"], "learning_rate"]))

    @property
    def best(self) -> float:
        """The eligible rate of the highest mean score; of equal ones the smallest. NaN without one."""
        own = self.rates[self.rates["eligible"]].sort_values("learning_rate")
        return float(own["learning_rate"].iloc[int(own["score_mean"].argmax())]) if len(own) else math.nan

    @property
    def chooses(self) -> bool:
        """Whether its best rate is one of several that it tried."""
        return len(self.across["grid"]) >= FEWEST_FOR_SPREAD and math.isfinite(self.best)

    @property
    def seeds(self) -> frozenset[int]:
        """The seeds of the runs that are there."""
        return frozenset(map(int, self.runs["seed"]))

    def complete(self, rate: float) -> bool:
        """Whether every planned run of one of its rates is there."""
        return bool(self.rates.loc[self.rates["learning_rate"] == rate, "complete"].all())

    def scores(self, rate: float) -> pd.Series:
        """The score of each seed at a rate."""
        return by_seed(self.runs, "score", rate)

    def __len__(self) -> int:
        """How many seeds are planned."""
        return int(self.across["seeds"])


def read_variant(asked: Mapping[str, Any], tables: Path, analysed: Path) -> VariantResults:
    """What a variant measured.

    asked : as `lrbench.settings.study.Study.as_argument` has it
    tables, analysed : its tables.json, and the index of what analysis wrote

    Raises InputError where a file is missing, damaged, or made from something else than was asked for.
    """
    origin, _ = read_origin(tables, asked["settings"], asked["plan"])
    names = ("runs", "rates", "reach", "across", "recommendation", "next")
    files = files_of_analysis(analysed, names, asked["analysis"], file_digest(tables))
    return VariantResults(
        name=asked["name"],
        label=asked["label"],
        value=asked["value"],
        settings=asked["settings"],
        data=origin["expected"]["data"],
        runs=read_csv(files["runs"], RUNS),
        rates=read_csv(files["rates"], RATES),
        reach=read_csv(files["reach"], REACH),
        across=read_json(files["across"], ACROSS),
        chosen=read_json(files["recommendation"], RECOMMENDATION)["chosen"],
        next=read_json(files["next"], NEXT),
        thresholds=Thresholds.named(asked["analysis"]["thresholds"]),
    )


def read_variants(asked: Mapping[str, Any], tables: Sequence[Path], analysed: Sequence[Path]) -> list[VariantResults]:
    """What the variants of a study measured, in their order; arguments and errors as for `read_variant`, for each."""
    variants = asked["variants"]
    if not len(variants) == len(tables) == len(analysed):
        raise InputError(
            f"the study has {len(variants)} variants, but there are {len(tables)} of --tables and {len(analysed)} of "
            "--analysed; give one of both for each."
        )
    return [read_variant(*each) for each in zip(variants, tables, analysed, strict=True)]


def analyses_of(analysed: Sequence[Path]) -> list[str]:
    """The digests of the variants' analyses, each of which names its tables by theirs."""
    return [file_digest(path) for path in analysed]
