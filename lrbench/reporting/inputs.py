"""What a report is made from: an experiment's tables, and what analysis concluded from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from types import NoneType
from typing import Any

import pandas as pd

from lrbench.errors import InputError
from lrbench.provenance import read_json
from lrbench.tables.analysis import ANALYSIS_TABLES
from lrbench.tables.experiment import ExperimentTables
from lrbench.tables.format import read_csv

FIGURES_INDEX = "figures.json"  # beside the figures: what each shows; written with them, read by the page
COMPARED = ("score", "val_loss")  # what the table of comparisons has of every pair of rates
ITEM = {"column": str, "row": dict, "table": str, "value": object}
RECOMMENDATION = {
    "chosen": (float, NoneType),
    "confidence": (str, NoneType),
    "confidence_reason": (str, NoneType),
    "evidence": [ITEM],
    "loss_statement": (str, NoneType),
    "others": [{"evidence": [ITEM], "learning_rate": float, "reason": str}],
    "statement": str,
    "tied": [float],
}
ACROSS = {
    "eta_squared": (float, NoneType),
    "grid": [float],
    "plateau": (dict, NoneType),
    "resolution": (float, NoneType),
    "sensitivity": (float, NoneType),
}
OBSERVATIONS = {
    "observations": [
        {"evidence": [ITEM], "figure": (str, NoneType), "id": str, "rule": str, "statement": str, "status": str}
    ]
}
CLAIMS = {
    "claims": [
        {
            "claim": str,
            "id": str,
            "measurement": str,
            "parts": [{"evidence": [ITEM], "statement": str, "verdict": str}],
            "prediction": str,
            "verdict": str,
        }
    ]
}
WORKED = {
    "agreement": dict,
    "example": {"image": list, "label": int, "place": int},
    "gradient_norm": float,
    "hidden_units": [int],
    "initial_weights": str,
    "layers": [{"layer": int, "units": int}],
    "lines": [{"along": str, "at_rates": list, "of": str, "points": list, "turn": dict, "worse": dict}],
    "loss": float,
    "optimizer": {"name": str},
    "output": [{"class": int, "error": float, "logit": float, "probability": float}],
    "path": {"carried": float, "pixel": dict, "units": list},
    "seed": int,
    "updates": [{"learning_rate": float, "optimizer": dict, "plain": dict}],
    "weight": {"finite_difference": dict, "gradient": float, "terms": list},
}


@dataclass(frozen=True)
class Measured:
    """What figures are drawn from.

    tables : epochs and evaluations, and their origin
    runs, targets, reach, rates, comparisons : tables of lrbench.tables.analysis
    dataset : manifest of the data set
    worked : one step of training worked through, the content of backpropagation.json
    """

    tables: ExperimentTables
    runs: pd.DataFrame
    targets: pd.DataFrame
    reach: pd.DataFrame
    rates: pd.DataFrame
    comparisons: pd.DataFrame
    dataset: Mapping[str, Any]
    worked: Mapping[str, Any]

    @property
    def learning_rates(self) -> list[float]:
        """Every planned learning rate, ascending."""
        return [float(rate) for rate in self.tables.origin["plan"]["learning_rates"]]

    @property
    def seeds(self) -> int:
        """How many seeds each rate was planned with."""
        return len(self.tables.origin["plan"]["seeds"])

    @property
    def chosen(self) -> float | None:
        """The recommended rate, if there is one."""
        chosen = self.rates.loc[self.rates["verdict"] == "recommended", "learning_rate"]
        return None if chosen.empty else float(chosen.iloc[0])

    @property
    def chance(self) -> float:
        """Accuracy of always naming the class that is largest in the validation data."""
        counts = self.dataset["parts"]["validation"]["class_counts"]
        return max(counts) / sum(counts)

    @property
    def steps_in_training(self) -> int:
        """Steps of a whole run."""
        return int(self.tables.evaluations["step"].max())


@dataclass(frozen=True)
class Conclusions:
    """What analysis concluded: the content of across.json, recommendation.json, observations.json and claims.json."""

    across: Mapping[str, Any]
    recommendation: Mapping[str, Any]
    observations: tuple[Mapping[str, Any], ...]
    claims: tuple[Mapping[str, Any], ...]


def read_measured(
    tables: ExperimentTables, folder: Path, dataset: Mapping[str, Any], backpropagation: Path
) -> Measured:
    """Measurements with the tables that analysis wrote into a folder, and the step that was worked through.

    Raises
    ------
    InputError
        Where a file is missing or damaged, a table has other rows than the experiment's runs give, or the worked step
        begins with other weights than the runs.
    """
    frames = {name: read_csv(folder / f"{name}.csv", table) for name, table in ANALYSIS_TABLES.items()}
    for name, rows in _expected_rows(frames, tables.origin).items():
        keys = frames[name][list(ANALYSIS_TABLES[name].key)]
        if set(keys.itertuples(index=False, name=None)) != rows:
            raise InputError(
                f"{folder / name}.csv: has other rows than the runs of this experiment give; "
                "delete it and run snakemake again."
            )
    worked = read_json(backpropagation, WORKED)
    begun = {run["weights"]["initial"] for run in tables.origin["runs"] if run["seed"] == worked["seed"]}
    if begun - {worked["initial_weights"]}:
        raise InputError(f"{backpropagation}: begins with other weights than the runs; delete it, run snakemake again.")
    return Measured(tables=tables, dataset=dataset, worked=worked, **frames)


def _expected_rows(frames: Mapping[str, pd.DataFrame], origin: Mapping[str, Any]) -> dict[str, set[tuple[Any, ...]]]:
    """The keys that each table of analysis must have: a file cut short between two rows lacks some."""
    runs = {(float(run["learning_rate"]), run["seed"]) for run in origin["runs"]}
    rates = {float(rate) for rate in origin["plan"]["learning_rates"]}
    targets = {*frames["targets"]["target"], *frames["reach"]["target"]}
    learned = sorted(frames["rates"].loc[frames["rates"]["learned"] > 0, "learning_rate"])
    return {
        "runs": set(runs),
        "targets": {(*run, target) for run in runs for target in targets},
        "reach": {(rate, target) for rate in rates for target in targets},
        "rates": {(rate,) for rate in rates},
        "comparisons": {(higher, lower, measure) for lower, higher in combinations(learned, 2) for measure in COMPARED},
    }


def read_conclusions(folder: Path) -> Conclusions:
    """The conclusions that analysis wrote into a folder."""
    return Conclusions(
        across=read_json(folder / "across.json", ACROSS),
        recommendation=read_json(folder / "recommendation.json", RECOMMENDATION),
        observations=tuple(read_json(folder / "observations.json", OBSERVATIONS)["observations"]),
        claims=tuple(read_json(folder / "claims.json", CLAIMS)["claims"]),
    )
