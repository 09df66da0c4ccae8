"""What a report is made from: an experiment's tables, and what analysis concluded from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lrbench.errors import InputError
from lrbench.identity.provenance import file_digest, read_json
from lrbench.tables.analysis import ANALYSIS_TABLES
from lrbench.tables.conclusions import ACROSS, CLAIMS, NEXT, OBSERVATIONS, RECOMMENDATION, files_of_analysis
from lrbench.tables.experiment import ExperimentTables
from lrbench.tables.format import read_csv
from lrbench.tables.index import read_index
from lrbench.tables.names import CONCLUSIONS
from lrbench.tables.plan import planned_runs, seeds_by_rate
from lrbench.tables.probes import ProbeFile
from lrbench.training_words import carried_over, rate_heading
from lrbench.wording import MISSING, accuracy, counted

MANY_RUNS = 60  # above so many, single runs are not drawn or listed one by one


@dataclass(frozen=True)
class Measured:
    """What figures are drawn from.

    tables : epochs and evaluations, and their origin
    runs, targets, reach, rates, comparisons : tables of lrbench.tables.analysis
    across : measures over all rates together, the content of across.json
    recommendation : the one decision that titles, captions and the page go by, the content of recommendation.json
    thresholds : by name, as the analysis used them
    dataset : manifest of the data set
    probes : by name, what each probe measured, in the order of their names
    made_from : by name, digests of analysis.json, which names the tables by theirs, and of the probes' files
    """

    tables: ExperimentTables
    runs: pd.DataFrame
    targets: pd.DataFrame
    reach: pd.DataFrame
    rates: pd.DataFrame
    comparisons: pd.DataFrame
    across: Mapping[str, Any]
    recommendation: Mapping[str, Any]
    thresholds: Mapping[str, float]
    dataset: Mapping[str, Any]
    probes: Mapping[str, Mapping[str, Any]]
    made_from: Mapping[str, str]

    @property
    def learning_rates(self) -> list[float]:
        """Every planned learning rate, ascending."""
        return [float(rate) for rate in self.tables.origin["plan"]["learning_rates"]]

    @property
    def rate_heading(self) -> str:
        """What the rates are called in headings and axis labels: under a schedule they are peak rates."""
        return rate_heading(self.tables.origin["settings"])

    @property
    def same_at_each_seed(self) -> str:
        """What runs of one seed have in common at every rate."""
        return "same batches" if carried_over(self.tables.origin["settings"]) else "same first weights, same batches"

    @property
    def seeds(self) -> int:
        """How many seeds each rate was planned with; of a search, the rate that has the most."""
        return len(self.tables.origin["plan"]["seeds"])

    @property
    def seeds_a_rate(self) -> str:
        """How many seeds each rate was planned with, in words: `5 seeds a rate`."""
        fewest = min(map(len, seeds_by_rate(self.tables.origin["plan"]).values()))
        return f"{'' if fewest == self.seeds else f'{fewest} to '}{counted(self.seeds, 'seed')} a rate"

    @property
    def single_runs(self) -> bool:
        """Whether the runs are few enough to be shown one by one: as lines, and as rows of tables."""
        return planned_runs(self.tables.origin["plan"]) <= MANY_RUNS

    @property
    def on_test_set(self) -> bool:
        """Whether the validation data are the test set."""
        return bool(self.tables.origin["settings"]["validation"]["protocol"] == "test")

    @property
    def has_test_set(self) -> bool:
        """Whether there is a test set that took no part in training or in the choice."""
        return not self.on_test_set and bool(self.runs["test_accuracy"].notna().any())

    @property
    def chosen(self) -> float | None:
        """The recommended rate, if there is one."""
        chosen = self.recommendation["chosen"]
        return None if chosen is None else float(chosen)

    @property
    def candidates(self) -> list[float]:
        """The rates whose scores are too close to choose by, the recommended one among them, ascending."""
        return [float(rate) for rate in self.recommendation["candidates"]]

    @property
    def accuracy_decimals(self) -> int:
        """Decimals of an accuracy in percent, wherever one is shown."""
        return int(self.across["accuracy_decimals"])

    @property
    def score_span(self) -> str:
        """Over which epochs the score is taken, in words."""
        epochs = self.across["score_epochs"]
        return "after the last epoch" if epochs == 1 else f"averaged over the last {epochs} epochs"

    def accuracy(self, share: float | None) -> str:
        """An accuracy in percent, with the digits that the validation set supports; a dash where there is none."""
        if share is None:
            return MISSING
        return accuracy(share, self.accuracy_decimals, self.across["targets"]["accuracies"])

    @property
    def target_rule(self) -> Mapping[str, Any]:
        """Where the targets come from."""
        rule: Mapping[str, Any] = self.across["targets"]
        return rule

    @property
    def highest_accuracy(self) -> float:
        """The highest validation accuracy of any evaluation of any run."""
        return float(self.tables.evaluations["val_accuracy"].max())

    @property
    def steps_in_training(self) -> int:
        """Steps of a whole run."""
        return int(self.tables.evaluations["step"].max())


@dataclass(frozen=True)
class Conclusions:
    """What analysis found beside its recommendation: the content of observations.json, claims.json and next.json."""

    observations: tuple[Mapping[str, Any], ...]
    claims: Mapping[str, Any]
    next: Mapping[str, Any]


def read_measured(
    tables: ExperimentTables,
    analysed: Path,
    analysis: Mapping[str, Any],
    dataset: Mapping[str, Any],
    probes: Mapping[str, ProbeFile],
) -> Measured:
    """Measurements with the tables that analysis wrote, and what probes measured.

    Parameters
    ----------
    analysed : the index of what analysis wrote, beside it
    analysis : targets and thresholds
    probes : the probes' files by name

    Raises
    ------
    InputError
        Where a file is missing, damaged, or made from something else than was asked for.
    """
    files = files_of_analysis(analysed, (*ANALYSIS_TABLES, *CONCLUSIONS), analysis, tables.digest)
    frames = {name: read_csv(files[name], table) for name, table in ANALYSIS_TABLES.items()}
    made_from = {"analysis": analysed, **{name: file.path for name, file in probes.items()}}
    recommendation = read_json(files["recommendation"], RECOMMENDATION)
    measured = Measured(
        tables=tables,
        across=read_json(files["across"], ACROSS),
        recommendation=recommendation,
        thresholds=analysis["thresholds"],
        dataset=dataset,
        probes={name: file.read(tables.origin, recommendation) for name, file in probes.items()},
        made_from={name: file_digest(path) for name, path in made_from.items()},
        **frames,
    )
    if measured.rates["learning_rate"].tolist() != sorted(measured.learning_rates):
        raise InputError(f"{files['rates']}: has other rates than the plan; delete it and run snakemake again.")
    return measured


def read_conclusions(analysed: Path) -> Conclusions:
    """The observations, claims and proposals of an analysis, found through its index."""
    _, files = read_index(analysed, CONCLUSIONS, {})
    return Conclusions(
        observations=tuple(read_json(files["observations"], OBSERVATIONS)["observations"]),
        claims=read_json(files["claims"], CLAIMS),
        next=read_json(files["next"], NEXT),
    )
