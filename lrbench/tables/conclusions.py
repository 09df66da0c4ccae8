"""What analysis concludes: the contracts of across, recommendation, observations, claims and next, each a JSON file.

Who writes them and who reads them hold them against these (see `lrbench.identity.provenance.has_shape`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import NoneType
from typing import Any

from lrbench.errors import InputError
from lrbench.tables.index import read_index

ITEM = {"column": str, "row": dict, "table": str, "value": object}  # of evidence
ACROSS = {
    "accuracy_decimals": int,
    "chance": float,
    "delta": (float, NoneType),
    "grid": [float],
    "n_validation": int,
    "plateau": (dict, NoneType),
    "resolution": (float, NoneType),
    "score_epochs": int,
    "sensitivity": (float, NoneType),
    "targets": {
        "accuracies": [float],
        "best": (float, NoneType),
        "best_is": (str, NoneType),
        "rule": str,
        "shares": [float],
    },
    "unsteadiness": [{"learning_rate": float, "unsteadiness": (float, NoneType)}],
    "unsteadiness_measure": str,
}
RECOMMENDATION = {
    "candidates": [float],
    "cards": [{"detail": str, "evidence": [ITEM], "question": str, "rate": (float, NoneType), "value": str}],
    "chosen": (float, NoneType),
    "confidence": (str, NoneType),
    "confidence_reason": (str, NoneType),
    "evidence": [ITEM],
    "loss_statement": (str, NoneType),
    "others": [{"evidence": [ITEM], "learning_rate": float, "reason": str}],
    "statement": str,
    "tied": [float],
    "unresolved": [float],
}
OBSERVATIONS = {
    "observations": [
        {
            "evidence": [ITEM],
            "figure": (str, NoneType),
            "id": str,
            "n": int,
            "rule": str,
            "statement": str,
            "status": str,
            "threshold": dict,
        }
    ]
}
CLAIMS = {
    "claims": [
        {
            "claim": str,
            "figure": (str, NoneType),
            "id": str,
            "measurement": str,
            "n": int,
            "parts": [{"evidence": [ITEM], "id": str, "statement": str, "verdict": str}],
            "prediction": str,
            "verdict": str,
        }
    ],
    "roles": {"statement": str},
}
NEXT = {
    "proposals": [
        {"asks": dict, "epochs": int, "evidence": [ITEM], "reason": str, "rule": str, "runs": int, "title": str}
    ],
    "settled": [{"evidence": [ITEM], "reason": str, "rule": str}],
    "statement": str,
}
SHAPES: Mapping[str, Mapping[str, Any]] = {
    "across": ACROSS,
    "recommendation": RECOMMENDATION,
    "observations": OBSERVATIONS,
    "claims": CLAIMS,
    "next": NEXT,
}


def files_of_analysis(
    analysed: Path, names: Iterable[str], settings: Mapping[str, Any], tables: str
) -> dict[str, Path]:
    """Files that analysis wrote, by name, found through their index.

    Parameters
    ----------
    analysed : the index
    settings : targets and thresholds that were asked for
    tables : digest of tables.json

    Raises
    ------
    InputError
        Where a file is missing or damaged, or was made from other settings or tables.
    """
    index, files = read_index(analysed, names, {"settings": dict, "tables": str})
    if index["settings"] != settings or index["tables"] != tables:
        raise InputError(f"{analysed}: is of other settings or tables; delete it and run snakemake again.")
    return files
