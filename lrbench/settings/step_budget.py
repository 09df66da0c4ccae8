"""The settings of the probe of step budgets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lrbench.settings.sections import Section, Whole, setting

PROBE = "step_budget"


class StepBudget(Section):
    """How many runs are replayed, and how many steps are looked at."""

    at_most: Whole = setting(
        3,
        ge=1,
        le=1000,
        meaning="seeds whose runs are replayed, from the smallest on",
        unit="seeds",
        why="a replay takes most of the time that training the run took",
    )
    steps: Whole = setting(
        64,
        ge=8,
        le=4096,
        meaning="minibatch steps that are looked at in each moment of a run",
        unit="steps",
        why="enough for errors of some per cent where steps are alike",
    )


def budget_problems(section: StepBudget, probes: Sequence[str] | None) -> Iterator[str]:
    """What speaks against the settings, seen with the rest of the config; sentences without full stops.

    probes : those that the config names, None where it names none
    """
    if section != StepBudget() and PROBE not in (probes or ()):
        yield f"{PROBE} is given but probes does not have {PROBE}; add it there, or remove {PROBE}"


def options(section: StepBudget) -> dict[str, Any]:
    """The settings of the probe, as JSON has them."""
    return section.model_dump(mode="json")
