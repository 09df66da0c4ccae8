"""The section that sets carried-over weights against fresh ones: its numbers as the page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrbench.reporting.inputs import Measured
from lrbench.wording import MISSING, fixed

SHOWN = ("before_carried", "before_fresh", "first_epoch_carried", "first_epoch_fresh", "score_carried", "score_fresh")
DIFFERENCES = ("difference", "low", "high")


def contrast(measured: Measured, found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A contrast with its shares in percent and its differences in points; None where there is none."""
    if found is None:
        return None

    def shown(share: float | None) -> str:
        return MISSING if share is None else fixed(100 * share, measured.accuracy_decimals)

    rows = [
        {name: shown(row[name]) for name in (*SHOWN, *DIFFERENCES)} | {key: row[key] for key in ("learning_rate", "n")}
        for row in found["rates"]
    ]
    return {**found, "rates": rows}
