"""What a finding came to: its status and its sentence."""

from __future__ import annotations

from dataclasses import dataclass

FINDING, PASSED, INCONCLUSIVE, NOT_APPLICABLE = "finding", "passed", "inconclusive", "not applicable"


@dataclass(frozen=True)
class Outcome:
    """What an observation came to: its status and its sentence."""

    status: str
    statement: str
