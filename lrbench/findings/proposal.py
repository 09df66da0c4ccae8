"""What a rule of what next answers: a proposal with its reason, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lrbench.analysis.pipeline import Analysis
from lrbench.findings.ledger import Ledger

ENOUGH_SEEDS = 5  # asked for where there are too few to conclude anything
NO_CHOICE = "No rate is recommended."
NO_RATE_LEFT = "a config's limits leave no further rate to ask for there"
NOTHING = "Nothing more to train: by these rules, no rate, seed or epoch more is worth asking for."
SOMETHING = "Each of these may change the answer or make it surer, by rules that look only at the results."


@dataclass(frozen=True)
class Proposal:
    """Something to ask for: `asks` are the keys of the config that change, whole; `title` says it in a few words."""

    title: str
    asks: Mapping[str, Any]
    runs: int
    epochs: int


Answer = tuple[Proposal | None, str]  # and the reason in sentences; without a proposal why there is none
Rule = Callable[[Analysis, Ledger], Answer]
