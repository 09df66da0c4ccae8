"""The verdict on each learning rate, in a word, and what else is true of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lrbench.analysis.pairs import comparison
from lrbench.analysis.speeds import Speeds

VERDICTS = (
    "diverges",
    "fails to learn",
    "incomplete",
    "recommended",
    "unstable",
    "practically tied",
    "not resolved",
    "too slow",
    "overfits",
    "behind",
    "not told apart",
)

PLURAL = {"diverges": "diverge", "fails to learn": "fail to learn", "overfits": "overfit"}


def with_verdicts(rates: pd.DataFrame, speeds: Speeds, comparisons: pd.DataFrame, chosen: float | None) -> pd.DataFrame:
    """The table `rates` with each rate's verdict, the first of VERDICTS that fits, and its remarks.

    `behind` and `too slow` are said only of rates that the scores tell apart from the recommended one, `too slow` only
    where the speeds do so too. Remarks are the ids of all that is to be said of a rate beside its verdict.
    """
    filled = rates.copy()
    named = [_verdict(row, speeds, comparisons, chosen) for row in rates.to_dict("records")]
    filled["verdict"] = pd.Series([verdict for verdict, _ in named], dtype="str", index=rates.index)
    filled["remarks"] = pd.Series([" ".join(remarks) for _, remarks in named], dtype="str", index=rates.index)
    return filled


def behind(comparisons: pd.DataFrame, rate: float, chosen: float | None) -> bool:
    """Whether the scores tell a rate apart from the chosen one, the chosen one ahead."""
    if chosen is None:
        return False
    row = comparison(comparisons, "score", rate, chosen)
    return row is not None and bool(row["separated"]) and (row["difference"] < 0) == (rate > chosen)


def _verdict(
    rate: Mapping[str, Any], speeds: Speeds, comparisons: pd.DataFrame, chosen: float | None
) -> tuple[str, list[str]]:
    value = float(rate["learning_rate"])
    is_behind = behind(comparisons, value, chosen)
    too_slow = bool(
        is_behind and chosen is not None and value < chosen and rate["still_improving"] and speeds.slower(value, chosen)
    )
    fits = {
        "diverges": rate["diverged"] > 0,
        "fails to learn": rate["failed"] + rate["collapsed"] > 0,
        "incomplete": not rate["complete"],
        "recommended": value == chosen,
        "unstable": rate["unstable"],
        "practically tied": rate["tied"],
        "not resolved": rate["unresolved"],
        "too slow": too_slow,
        "overfits": rate["overfits"],
        "behind": is_behind,
        "not told apart": True,
    }
    verdict = next(name for name in VERDICTS if fits[name])
    remarks = {
        "diverged": verdict != "diverges" and rate["diverged"] > 0,
        "failed": verdict != "fails to learn" and rate["failed"] > 0,
        "collapsed": rate["collapsed"] > 0,
        "incomplete": verdict != "incomplete" and not rate["complete"],
        "exploded": rate["exploded"] > 0,
        "unstable": verdict != "unstable" and rate["unstable"] and not rate["exploded"],
        "behind": is_behind and verdict not in ("behind", "too slow"),
        "still_improving": verdict != "too slow" and rate["still_improving"],
        "overfits": verdict != "overfits" and rate["overfits"],
        "practically_tied": verdict == "unstable" and rate["tied"],
        "not_resolved": verdict == "unstable" and rate["unresolved"],
    }
    return verdict, [name for name, said in remarks.items() if said]


def counts(verdicts: pd.Series) -> dict[str, int]:
    """How many rates have each verdict, in the order of VERDICTS; those of none are left out."""
    found = {name: int(np.sum(verdicts == name)) for name in VERDICTS}
    return {name: count for name, count in found.items() if count}
