"""What the runs at the recommended rate get wrong: the contract of `mistakes.json`."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import Any

from lrbench.tables.probes import Contract

SHAPE = {
    "accuracy": (float, NoneType),  # mean over runs
    "always_wrong": int,  # examples that every run gets wrong
    "classes": int,
    "confusions": [{"count": float, "predicted": int, "share": float, "true": int}],  # means over runs
    "disagreement": ({"examples": int, "pairwise": float, "share": float}, NoneType),
    "examples": int,
    "hardest": [
        {
            "label": int,
            "picture": (str, NoneType),  # PNG in base64
            "place": int,  # in the part of the data set's files, from 0
            "predicted": [{"class": int, "runs": int}],
            "wrong": int,
        }
    ],
    "learning_rate": (float, NoneType),
    "mean_wrong": (float, NoneType),  # examples that a run gets wrong
    "part": str,
    "planned": int,
    "recall": [
        {
            "class": int,
            "examples": int,
            "highest": (float, NoneType),
            "lowest": (float, NoneType),
            "mean": (float, NoneType),
        }
    ],
    "runs": [{"run_key": str, "seed": int}],
}


def _of_other_runs(found: Mapping[str, Any], origin: Mapping[str, Any], recommendation: Mapping[str, Any]) -> str:
    """Whether another rate is recommended now, or the experiment has other runs at that rate."""
    rate = recommendation["chosen"]
    if found["learning_rate"] != rate:
        return "is of another recommendation"
    runs = {run["run_key"] for run in origin["runs"] if run["learning_rate"] == rate and run["weights"]["finite"]}
    return "" if {run["run_key"] for run in found["runs"]} == runs else "is of other runs"


CONTRACT = Contract(SHAPE, _of_other_runs)
