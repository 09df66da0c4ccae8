"""Weights that are carried over from rate to rate: what speaks against it in a config."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lrbench.settings.sections import Problem
from lrbench.settings.values import shown

CARRIED_OVER = "carried_over"
COMPANION = "-fresh"  # ends the name of the experiment that one with carried-over weights is set against
LONGEST_NAME = 64


def carried_over_problems(config: Any) -> Iterator[Problem]:
    """What speaks against carrying weights over."""
    if not isinstance(config, dict) or config.get("initial_weights") != CARRIED_OVER:
        return
    rates, name, probes = (config.get(key) for key in ("learning_rates", "experiment", "probes"))
    if isinstance(rates, list) and len(rates) < 2:
        problem = f"is {CARRIED_OVER!r}, but learning_rates has fewer than 2; list them in their order"
        yield Problem(problem, ("initial_weights",))
    if isinstance(name, str) and len(name) > LONGEST_NAME - len(COMPANION):
        yield Problem(
            f"is {shown(name)}, but with initial_weights {CARRIED_OVER!r} it may have at most "
            f"{LONGEST_NAME - len(COMPANION)} characters, since {COMPANION} is added for the one it is set against",
            ("experiment",),
        )
    if isinstance(probes, list) and "backpropagation" in probes:
        yield Problem(
            "has backpropagation, which works through a step from fresh weights; leave it out, since initial_weights "
            f"is {CARRIED_OVER!r}",
            ("probes",),
        )
