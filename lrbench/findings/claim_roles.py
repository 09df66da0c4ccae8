"""Which of the tried learning rates the claims mean by a high, a default and a low one.

The tutorial's rates are good for the optimizer that they were made for. Elsewhere the sweep itself gives the roles.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lrbench.analysis.results import Analysis
from lrbench.analysis.wording import rate_labels, sentence
from lrbench.findings.quantities_accuracy import plateau
from lrbench.wording import rate_label

HIGH, DEFAULT, LOW = "high", "default", "low"
TUTORIAL_OPTIMIZER = "adam"
TUTORIAL_RATES = {HIGH: 0.01, DEFAULT: 0.001, LOW: 0.0001}
FACTOR = 3.0  # how many times the default a high rate is at least, and a low rate the other way: half a decade
ROUNDING = 1e-9  # 0.3 counts as three times 0.1, which it is not quite in binary


@dataclass(frozen=True)
class Roles:
    """The rates that play the high, the default and the low learning rate of the claims.

    high, default, low : learning rates; None where no tried rate can play the role
    source : tutorial, sweep, or none where no rate can be called the default
    statement : which rate plays which role, and why, in whole sentences
    missing : for each role without a rate, a sentence that says why and what to try
    """

    high: float | None
    default: float | None
    low: float | None
    source: str
    statement: str
    missing: dict[str, str] = field(default_factory=dict)

    def rate(self, role: str) -> float | None:
        """The learning rate that plays a role, or None."""
        return {HIGH: self.high, DEFAULT: self.default, LOW: self.low}[role]

    def playing(self, role: str) -> float:
        """The learning rate that plays a role; LookupError where none does."""
        rate = self.rate(role)
        if rate is None:
            raise LookupError(f"no rate plays the {role} one")
        return rate

    def as_dict(self) -> dict[str, Any]:
        """The roles as plain data, ready for JSON."""
        rates = {role: self.rate(role) for role in (HIGH, DEFAULT, LOW)}
        return rates | {"from": self.source, "statement": self.statement}


def roles_of(analysis: Analysis) -> Roles:
    """The roles that the rates of one experiment play."""
    optimizer = str(analysis.origin["settings"]["optimizer"]["name"])
    tried = sorted(map(float, analysis.runs["learning_rate"].unique()))
    tutorial = rate_labels(TUTORIAL_RATES.values())
    if optimizer == TUTORIAL_OPTIMIZER and set(TUTORIAL_RATES.values()) <= set(tried):
        high, default, low = TUTORIAL_RATES.values()
        labels = (
            f"{rate_label(high)} is the high rate, {rate_label(default)} the default and {rate_label(low)} the low one"
        )
        return Roles(high, default, low, "tutorial", f"As in the tutorial, which uses Adam, {labels}.")
    if optimizer == TUTORIAL_OPTIMIZER:
        why = f"The tutorial's rates, {tutorial}, were not all tried"
    else:
        why = f"The tutorial's rates, {tutorial}, are meant for Adam, and the optimizer here is {optimizer}"
    best = _default(analysis)
    if best is None:
        return _without_default(why, tried)
    return _from_sweep(analysis, f"{why}, so the sweep decides", tried, best)


def _default(analysis: Analysis) -> float | None:
    """The recommended rate, or without one the rate of the plateau with the best score."""
    chosen = analysis.recommendation["chosen"]
    if chosen is not None:
        return float(chosen)
    scores = analysis.rates.set_index("learning_rate")["score_mean"]
    return max(plateau(analysis), key=lambda rate: float(scores.loc[rate]), default=None)


def _without_default(why: str, tried: list[float]) -> Roles:
    none = "no rate learned in all its planned runs, so none can be called the default"
    highest = tried[-1]
    return Roles(
        highest,
        None,
        None,
        "none",
        f"{why}; {none}. All that can be checked of a high rate is whether training diverges at {rate_label(highest)}, "
        "the largest rate tried.",
        dict.fromkeys((DEFAULT, LOW), sentence(f"{none}; try rates at which training succeeds")),
    )


def _from_sweep(analysis: Analysis, why: str, tried: list[float], default: float) -> Roles:
    flat = plateau(analysis) or [default]
    least, most = default * FACTOR, default / FACTOR
    chosen = analysis.recommendation["chosen"] is not None
    candidates = {
        HIGH: [rate for rate in tried if rate > flat[-1] and rate >= least * (1 - ROUNDING)],
        LOW: [rate for rate in reversed(tried) if rate < flat[0] and rate <= most * (1 + ROUNDING)],
    }
    bounds = {HIGH: f"at least {FACTOR:g} times the default", LOW: f"at most 1/{FACTOR:g} of the default"}
    sides = {HIGH: "above", LOW: "below"}
    suggested = {HIGH: _suggested(least, flat[-1], "higher"), LOW: _suggested(most, flat[0], "lower")}
    flat_words = _plateau_words(analysis, flat)
    said = [f"{why}: the default is {rate_label(default)}, {'the recommended rate' if chosen else 'the best one'}."]
    missing = {}
    for role, rates in candidates.items():
        where = flat_words if role == HIGH else "the plateau"
        if rates:
            label = rate_label(rates[0])
            said.append(
                f"The {role} rate is {label}, the next tried rate {sides[role]} {where} that is {bounds[role]}."
            )
        else:
            lack = f"no tried rate {sides[role]} {{}} is {bounds[role]}"
            said.append(f"There is no {role} rate: {lack.format(where)}.")
            missing[role] = sentence(f"{lack.format(flat_words)}, {rate_label(default)}; {suggested[role]}")
    next_above, next_below = (next(iter(candidates[role]), None) for role in (HIGH, LOW))
    return Roles(next_above, default, next_below, "sweep", " ".join(said), missing)


def _plateau_words(analysis: Analysis, flat: list[float]) -> str:
    if len(flat) == 1:
        return f"the plateau ({rate_label(flat[0])} alone)"
    margin = f"{100 * analysis.thresholds.plateau:g}"
    within = f"{margin} percentage {'point' if margin == '1' else 'points'} of the best score"
    return f"the plateau ({rate_label(flat[0])} to {rate_label(flat[-1])}, neighbouring rates within {within})"


def _suggested(limit: float, edge: float, direction: str) -> str:
    """Which rates to try for a role that no tried rate plays: beyond the factor and beyond the plateau's edge."""
    if limit <= edge * (1 + ROUNDING) if direction == "higher" else limit >= edge * (1 - ROUNDING):
        return f"try {direction} than {rate_label(edge)}"
    return f"try {rate_label(_rounded(limit, direction))} or {direction}"


def _rounded(limit: float, direction: str) -> float:
    """A limit to two significant digits, rounded away from the default so that it still meets the factor."""
    unit = 10.0 ** (math.floor(math.log10(limit)) - 1)
    whole = math.ceil(limit / unit - ROUNDING) if direction == "higher" else math.floor(limit / unit + ROUNDING)
    return float(f"{whole * unit:.2g}")


def missing_roles(roles: Roles, needed: Iterable[str]) -> list[str]:
    """Why the roles that a claim needs cannot be played, a sentence each; empty where all can."""
    return list(dict.fromkeys(roles.missing[role] for role in needed if roles.rate(role) is None))
