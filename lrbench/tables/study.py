"""What the comparison of a study's variants writes: its tables and its conclusions.

Units as in `lrbench.tables.analysis`. A variant is named by its place in the study, 0 being the first; a number that is
not available is NaN, steps to a target that was never reached are infinite.
"""

from __future__ import annotations

from pathlib import Path
from types import NoneType
from typing import Any

from lrbench.errors import InputError
from lrbench.identity.provenance import file_digest, has_shape
from lrbench.tables.conclusions import ITEM
from lrbench.tables.format import TableFormat
from lrbench.tables.index import read_index
from lrbench.tables.names import ANALYSIS_INDEX, STUDY

VARIANTS = TableFormat(
    "variants",
    {
        "place": "int64",
        "variant": "str",
        "value": "float64",  # on the study's axis, where that is one of numbers
        "rates": "int64",  # planned learning rates
        "seeds": "int64",  # planned seeds at each
        "missing": "int64",  # planned runs that are not there
        "grid_factor": "float64",  # median factor between neighbouring rates; NaN of one rate
        "eligible": "int64",  # rates whose planned runs all learned
        "recommended": "float64",  # by the variant's own report
        "best": "float64",  # the eligible rate of the highest mean score; of equal ones the smallest
        "tied_low": "float64",  # lowest and highest rate practically tied with the best or not resolved from it
        "tied_high": "float64",
        "at_lower_edge": "bool",  # whether these end at an end of the variant's grid, of three rates or more
        "at_upper_edge": "bool",
        "score": "float64",  # mean over seeds at the best rate, and its interval
        "score_low": "float64",
        "score_high": "float64",
        "steps_after": "float64",  # between which steps the median run at the best rate keeps the shared target
        "steps_at": "float64",
        "plateau_low": "float64",  # ends of the variant's plateau
        "plateau_high": "float64",
        "sensitivity": "float64",  # over the shared rates (`across.grid`), in nats; NaN where a run at one is missing
    },
    ("place",),
)
CURVES = TableFormat(
    "curves",
    {
        "place": "int64",
        "learning_rate": "float64",
        "planned": "int64",  # runs
        "n": "int64",  # runs that are there
        "learned": "int64",
        "eligible": "bool",  # whether all planned runs are there and learned
        "candidate": "bool",  # practically tied with the variant's best rate, or not resolved from it
        "verdict": "str",  # of the variant's own report
        "score": "float64",  # mean over all runs, and its interval
        "score_low": "float64",
        "score_high": "float64",
        "loss": "float64",  # final validation loss, mean over all runs, and its interval
        "loss_low": "float64",
        "loss_high": "float64",
    },
    ("place", "learning_rate"),
)
PAIRS = TableFormat(
    "pairs",
    {
        "one": "int64",
        "other": "int64",
        "paired": "bool",  # whether a seed means the same batches of the same data in both
        "reason": "str",  # why they are not paired, or not compared; empty where they are
        "n": "int64",  # seeds: of paired variants those that both have, else of the variant that has fewer
        "difference": "float64",  # score of the other at its best rate less that of the one at its own
        "low": "float64",  # interval, corrected over the pairs
        "high": "float64",
        "p": "float64",
        "p_corrected": "float64",
        "separated": "bool",
    },
    ("one", "other"),
)
TRANSFERS = TableFormat(
    "transfers",
    {
        "rate_of": "int64",  # the variant whose best rate it is
        "used_in": "int64",  # the variant that is trained with it
        "learning_rate": "float64",
        "planned": "bool",  # whether that variant has the rate
        "tested": "bool",  # whether it has all planned runs there, and a best rate to compare with
        "learned": "bool",  # in all its planned runs
        "carries": "bool",  # whether it is practically tied with that variant's best rate, or not resolved from it
        "cost": "float64",  # score that it costs there, beside that variant's best rate; interval corrected over all
        "cost_low": "float64",
        "cost_high": "float64",
        "costs": "bool",  # whether that is told apart from no cost, over three seeds or more, or not every run learns
        "factor": "float64",  # best rate of that variant over this one, and what the tied rates leave open
        "factor_low": "float64",
        "factor_high": "float64",
    },
    ("rate_of", "used_in"),
)
STUDY_TABLES = {table.name: table for table in (VARIANTS, CURVES, PAIRS, TRANSFERS)}
SHAPE = {"axis": (str, NoneType), "title": str, "variants": [{"label": str, "name": str}]}
FINDINGS = {
    "across": {
        "accuracy_decimals": int,
        "exponent": (float, NoneType),
        "exponent_high": (float, NoneType),
        "exponent_low": (float, NoneType),
        "exponent_n": int,
        "grid": [float],
        "grid_of": [int],
        "same_epochs": bool,
        "same_seeds": bool,
        "seeds": int,
        "target": (float, NoneType),
        "target_of": [int],
    },
    "evidence": [ITEM],
    "findings": [{"evidence": [ITEM], "id": str, "rule": str, "statement": str, "status": str}],
    "statement": str,
}


def read_study(path: Path) -> tuple[dict[str, Any], dict[str, Path]]:
    """The study that a comparison is of, as the command was told of it, and the comparison's files by name.

    path : its index, study.json; the folders of the variants lie beside that of the study

    Raises InputError where a file is missing, damaged or changed, or a variant was analysed anew since.
    """
    index, files = read_index(path, STUDY, {"analyses": [str], "study": dict})
    study: dict[str, Any] = index["study"]
    if not has_shape(study, SHAPE):
        raise InputError(f"{path}: holds something else under study than this stage writes; delete it.")
    analysed = [path.parents[1] / variant["name"] / ANALYSIS_INDEX for variant in study["variants"]]
    now = [file_digest(one) if one.is_file() else "" for one in analysed]
    if now != index["analyses"]:
        raise InputError(f"{path}: its variants were analysed anew, or removed, since; run snakemake on its config.")
    return study, files
