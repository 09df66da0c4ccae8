"""What the page of a study is made from: the comparison of its variants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lrbench.errors import InputError
from lrbench.identity.provenance import file_digest, read_json
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.tables.conclusions import NEXT
from lrbench.tables.format import read_csv
from lrbench.tables.index import read_index
from lrbench.tables.names import STUDY
from lrbench.tables.study import FINDINGS, STUDY_TABLES
from lrbench.training_words import axis_words, rate_heading
from lrbench.wording import MISSING, accuracy, fixed, interval_level, listed, rate_label


@dataclass(frozen=True)
class ComparedVariants:
    """The comparison of a study's variants, which figures show as `Measured` shows an experiment's rates.

    asked : the study, as `lrbench.settings.study.Study.as_argument` has it
    variants, curves, pairs, transfers : tables of lrbench.tables.study
    findings, next : the content of findings.json and of proposals.json
    made_from : the digest of study.json, which names the others by theirs
    """

    asked: Mapping[str, Any]
    variants: pd.DataFrame
    curves: pd.DataFrame
    pairs: pd.DataFrame
    transfers: pd.DataFrame
    findings: Mapping[str, Any]
    next: Mapping[str, Any]
    made_from: Mapping[str, str]

    @property
    def labels(self) -> list[str]:
        """What the page calls each variant, by place."""
        return [variant["label"] for variant in self.asked["variants"]]

    @property
    def learning_rates(self) -> list[float]:
        """The places of the variants: each has a colour and a marker as a rate has in a report."""
        return [float(place) for place in range(len(self.labels))]

    @property
    def seeds(self) -> int:
        """The fewest seeds that a variant has."""
        return int(self.across["seeds"])

    @property
    def across(self) -> Mapping[str, Any]:
        """Measures over all variants."""
        across: Mapping[str, Any] = self.findings["across"]
        return across

    @property
    def rate_heading(self) -> str:
        """What the rates are called: peak rates where some variant has a schedule."""
        headings = {rate_heading(variant["settings"]) for variant in self.asked["variants"]}
        return max(headings, key=len)

    @property
    def axis_name(self) -> str:
        """The key that varies, in words; empty where the variants are named one by one."""
        return axis_words(self.asked["axis"] or "")

    @property
    def numeric(self) -> bool:
        """Whether the variants are points on an axis of numbers."""
        return bool(self.variants["value"].notna().all())

    @property
    def level(self) -> str:
        """The level of the intervals of scores, as in 95 %."""
        levels = {variant["analysis"]["thresholds"]["significance"] for variant in self.asked["variants"]}
        return listed(sorted(map(interval_level, levels)), "or")

    def accuracy(self, share: float) -> str:
        """An accuracy in percent; a dash where it is not known."""
        return MISSING if pd.isna(share) else accuracy(share, int(self.across["accuracy_decimals"]), ())

    def interval(self, row: Mapping[str, Any]) -> str:
        """The interval of a mean score in a row of `variants` or `curves`, within what an accuracy can be."""
        low, high, n = row["score_low"], row["score_high"], row.get("n", row.get("seeds"))
        if pd.isna(low) or n is None or n < FEWEST_SEEDS:
            return "no interval"
        return f"{self.accuracy(max(low, 0.0))} to {self.accuracy(min(high, 1.0))}"

    def loss_interval(self, row: Mapping[str, Any]) -> str:
        """The interval of a mean validation loss in a row of `curves`, within what a loss can be."""
        low, high = row["loss_low"], row["loss_high"]
        if pd.isna(low) or row["n"] < FEWEST_SEEDS:
            return "no interval"
        return f"{fixed(max(low, 0.0))} to {fixed(high)}"

    def verdicts(self, place: int) -> str:
        """The verdicts of a variant's own report, each with its rates."""
        own = self.curves[self.curves["place"] == place].sort_values("learning_rate", ascending=False)
        rates: dict[str, list[str]] = {}
        for rate, verdict in zip(own["learning_rate"], own["verdict"], strict=True):
            rates.setdefault(verdict, []).append(rate_label(rate))
        return "; ".join(f"{verdict}: {', '.join(labels)}" for verdict, labels in rates.items())

    @property
    def sharing(self) -> str:
        """The variants that share the grid over which sensitivity is taken."""
        places = self.across["grid_of"]
        return "all variants" if len(places) == len(self.labels) else listed(self.labels[place] for place in places)


def read_comparison(compared: Path, asked: Mapping[str, Any]) -> ComparedVariants:
    """The comparison of a study, through the index that stands beside its files.

    Raises InputError where a file is missing, damaged, or of another study than was asked for.
    """
    index, files = read_index(compared, STUDY, {"analyses": [str], "study": dict})
    if index["study"] != asked:
        raise InputError(f"{compared}: is of another study than was asked for; delete it and run snakemake again.")
    return ComparedVariants(
        asked=asked,
        findings=read_json(files["findings"], FINDINGS),
        next=read_json(files["next"], NEXT),
        made_from={"study": file_digest(compared)},
        **{name: read_csv(files[name], table) for name, table in STUDY_TABLES.items()},
    )
