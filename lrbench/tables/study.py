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
from lrbench.tables.format import Column, TableFormat
from lrbench.tables.index import read_index
from lrbench.tables.names import ANALYSIS_INDEX, STUDY
from lrbench.tables.training import RUN

PLACE = Column("int64", "place of the variant in the study, from 0")
VARIANTS = TableFormat(
    "variants",
    "each variant",
    {
        "place": PLACE,
        "variant": Column("str", "name of its experiment"),
        "value": Column("float64", "its value on the study's axis, where that is one of numbers"),
        "rates": Column("int64", "planned learning rates", "rates"),
        "seeds": Column("int64", "planned seeds at each", "seeds"),
        "missing": Column("int64", "planned runs that are not there", "runs"),
        "grid_factor": Column("float64", "median factor between neighbouring rates; NaN of one rate", "ratio"),
        "eligible": Column("int64", "rates whose planned runs all learned", "rates"),
        "recommended": Column("float64", "rate that its own report recommends"),
        "best": Column("float64", "eligible rate of the highest mean score; of equal ones the smallest"),
        "tied_low": Column("float64", "lowest rate practically tied with the best or not resolved from it"),
        "tied_high": Column("float64", "highest such rate"),
        "at_lower_edge": Column("bool", "whether these reach the lower end of its grid, of three rates or more"),
        "at_upper_edge": Column("bool", "whether these reach the upper end of it"),
        "score": Column("float64", "mean over seeds of the score at the best rate", "share"),
        "score_low": Column("float64", "lower end of its interval", "share"),
        "score_high": Column("float64", "upper end of that interval", "share"),
        "steps_after": Column("float64", "last evaluated step before the median run keeps the shared target", "steps"),
        "steps_at": Column("float64", "evaluated step from which on it keeps that, at the best rate", "steps"),
        "plateau_low": Column("float64", "lower end of its plateau"),
        "plateau_high": Column("float64", "upper end of its plateau"),
        "sensitivity": Column(
            "float64", "learning-rate sensitivity over the shared rates; NaN where a run at one is missing", "nats"
        ),
    },
    ("place",),
)
CURVES = TableFormat(
    "curves",
    "each variant and learning rate",
    {
        "place": PLACE,
        "learning_rate": RUN["learning_rate"],
        "planned": Column("int64", "runs that are planned", "runs"),
        "n": Column("int64", "runs that are there", "runs"),
        "learned": Column("int64", "runs that learned", "runs"),
        "eligible": Column("bool", "whether all planned runs are there and learned"),
        "candidate": Column(
            "bool", "whether it is practically tied with the variant's best rate, or not resolved from it"
        ),
        "verdict": Column("str", "verdict of the variant's own report"),
        "score": Column("float64", "mean score over all runs", "share"),
        "score_low": Column("float64", "lower end of its interval", "share"),
        "score_high": Column("float64", "upper end of that interval", "share"),
        "loss": Column("float64", "mean final validation loss over all runs", "nats"),
        "loss_low": Column("float64", "lower end of its interval", "nats"),
        "loss_high": Column("float64", "upper end of that interval", "nats"),
    },
    ("place", "learning_rate"),
)
PAIRS = TableFormat(
    "pairs",
    "each pair of variants, each at its best rate",
    {
        "one": Column("int64", "place of the one variant"),
        "other": Column("int64", "place of the other"),
        "paired": Column("bool", "whether a seed means the same batches of the same data in both"),
        "reason": Column("str", "why they are not paired, or not compared; empty where they are"),
        "n": Column(
            "int64", "seeds that both have; of variants that are not paired, those of the one with fewer", "seeds"
        ),
        "difference": Column("float64", "score of the other at its best rate less that of the one at its own", "share"),
        "low": Column("float64", "lower end of its interval, corrected over the pairs", "share"),
        "high": Column("float64", "upper end of that interval", "share"),
        "p": Column("float64", "p value of the pair alone", "probability"),
        "p_corrected": Column("float64", "p value corrected over the pairs", "probability"),
        "separated": Column("bool", "whether the two are told apart"),
    },
    ("one", "other"),
)
TRANSFERS = TableFormat(
    "transfers",
    "the best rate of each variant, used in each other",
    {
        "rate_of": Column("int64", "place of the variant whose best rate it is"),
        "used_in": Column("int64", "place of the variant that is trained with it"),
        "learning_rate": Column("float64", "the rate"),
        "planned": Column("bool", "whether that variant has the rate"),
        "tested": Column("bool", "whether it has all planned runs there, and a best rate to compare with"),
        "learned": Column("bool", "whether all its planned runs learned"),
        "carries": Column(
            "bool", "whether it is practically tied with that variant's best rate, or not resolved from it"
        ),
        "cost": Column("float64", "score that it costs there, beside that variant's best rate", "share"),
        "cost_low": Column("float64", "lower end of its interval, corrected over all", "share"),
        "cost_high": Column("float64", "upper end of that interval", "share"),
        "costs": Column(
            "bool", "whether the cost is told apart from none, over three seeds or more, or not every run learns"
        ),
        "factor": Column("float64", "best rate of that variant over this one", "ratio"),
        "factor_low": Column("float64", "least factor that the tied rates leave open", "ratio"),
        "factor_high": Column("float64", "largest such factor", "ratio"),
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
