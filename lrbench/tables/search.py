"""The rounds of a search: what was decided after each, a sealed JSON file a round."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Any

from lrbench.errors import InputError
from lrbench.identity.provenance import read_sealed, write_sealed
from lrbench.tables.contracts import check_shape
from lrbench.tables.plan import LEARNING_RATES

SHAPE = {
    "made_from": {"analysis": dict, "expected": dict, "settings": dict},
    "next": (dict, NoneType),  # the plan of the next round; None where the search ends
    "plan": {LEARNING_RATES: [float]},  # of this round, with all that rounds before trained
    "ends": (str, NoneType),  # why the search ends; None where it goes on
    "reasons": [{"learning_rates": [float], "rule": str, "sentence": str}],  # of the next plan, or of what was wanted
    "round": int,
    "runs": [{"failed": bool, "learning_rate": float, "run_key": str, "score": (float, NoneType), "seed": int}],
    "standings": [
        {
            "difference": (float, NoneType),
            "learning_rate": float,
            "needed": (int, NoneType),
            "seeds": int,
            "sentence": str,
            "verdict": str,
        }
    ],
    "statement": str,
}


def round_file(results: Path | str, number: int | str) -> str:
    """Where an experiment whose results are in this folder keeps what was decided after a round."""
    return f"{results}/search/round-{number}.json"


def write_round(path: Path, content: Mapping[str, Any]) -> None:
    """Write what was decided after a round. Raises ValueError where it breaks its contract."""
    check_shape(content, SHAPE, path.name)
    write_sealed(path, content)


def read_round(path: Path | str, settings: Mapping[str, Any], analysis: Mapping[str, Any]) -> dict[str, Any]:
    """What was decided after a round.

    settings, analysis : of the experiment

    Raises InputError where the file is missing, damaged, or of other settings.
    """
    found = read_sealed(path, SHAPE)
    if found["made_from"]["settings"] != settings or found["made_from"]["analysis"] != analysis:
        raise InputError(f"{path}: is of other settings; delete it and run snakemake again.")
    return found


def read_rounds(results: Path | str, settings: Mapping[str, Any], analysis: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All rounds of a search that has ended, in order; raises InputError as `read_round` does, or where it has not."""
    rounds = []
    for number in range(1, int(analysis["search"]["rounds"]) + 1):
        rounds.append(read_round(round_file(results, number), settings, analysis))
        if rounds[-1]["next"] is None:
            return rounds
    raise InputError(f"{results}: its search has not ended; run snakemake again.")


def searched_plan(
    results: Path | str, settings: Mapping[str, Any], analysis: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """The plan that a search came to; None where it has not ended, or what is there is of other settings."""
    try:
        return dict(read_rounds(results, settings, analysis)[-1]["plan"])
    except InputError:
        return None
