"""The contrast of an experiment with carried-over weights and the one that it is set against: a sealed JSON file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Any

from lrbench.errors import InputError
from lrbench.identity.provenance import read_sealed, write_sealed
from lrbench.tables.contracts import check_shape
from lrbench.tables.names import CONTRAST

SHARE = (float, NoneType)
SHAPE = {
    "claims": [{"carried": str, "claim": str, "fresh": str, "id": str}],
    "fresh": str,
    "level": str,
    "made_from": {"analysis": dict, "carried": str, "fresh": str},  # settings; digests of both tables.json
    "order": [float],
    "rates": [
        {
            "before_carried": SHARE,
            "before_fresh": SHARE,
            "difference": SHARE,
            "first_epoch_carried": SHARE,
            "first_epoch_fresh": SHARE,
            "high": SHARE,
            "learning_rate": float,
            "low": SHARE,
            "n": int,
            "score_carried": SHARE,
            "score_fresh": SHARE,
        }
    ],
    "recommended": {"carried": SHARE, "fresh": SHARE},
    "statements": [str],
}


def contrast_file(tables: Path) -> Path:
    """Where the contrast is kept of an experiment whose tables.json is here."""
    return tables.with_name(CONTRAST)


def write_contrast(path: Path, content: Mapping[str, Any]) -> None:
    """Write a contrast, `made_from` included. Raises ValueError where it breaks its contract."""
    check_shape(content, SHAPE, path.name)
    write_sealed(path, content)


def read_contrast(path: Path, tables: str, analysis: Mapping[str, Any]) -> dict[str, Any]:
    """A contrast.

    tables : digest of the tables.json of the experiment whose weights are carried over; analysis : its settings

    Raises InputError where the file is missing, damaged, or made from something else.
    """
    found = read_sealed(path, SHAPE)
    if found["made_from"]["carried"] != tables or found["made_from"]["analysis"] != analysis:
        raise InputError(f"{path}: is of other tables or settings; delete it and run snakemake again.")
    return found
