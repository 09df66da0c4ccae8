"""The sections of a config that are settings of probes: what they ask for, and what speaks against them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lrbench.settings import range_test, step_budget
from lrbench.settings.config import Config


def probe_options(config: Config, learning_rates: Sequence[float], probe: str) -> dict[str, Any]:
    """The settings of a probe's own section, every default filled in; empty where it has none."""
    if probe == range_test.PROBE:
        return range_test.options(config.range_test, learning_rates)
    return step_budget.options(config.step_budget) if probe == step_budget.PROBE else {}


def probe_problems(config: Config, learning_rates: Sequence[float]) -> Iterator[str]:
    """What speaks against those sections, seen with the rest of the config; sentences without full stops."""
    yield from range_test.range_problems(config.range_test, learning_rates, config.probes)
    yield from step_budget.budget_problems(config.step_budget, config.probes)
