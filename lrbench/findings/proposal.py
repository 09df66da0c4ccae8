"""What a rule of what next answers: a proposal with its reason, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lrbench.analysis.pipeline import Analysis
from lrbench.findings.ledger import Ledger

NO_CHOICE = "No rate is recommended."


@dataclass(frozen=True)
class Proposal:
    """Something to ask for: `asks` are the keys of the config that change, whole; `title` says it in a few words."""

    title: str
    asks: Mapping[str, Any]
    runs: int
    epochs: int


Answer = tuple[Proposal | None, str]  # and the reason in sentences; without a proposal why there is none
Rule = Callable[[Analysis, Ledger], Answer]
