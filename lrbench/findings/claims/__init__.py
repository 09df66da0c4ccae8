"""Claims about learning rates, held against the measurements: modules of this package that have `CLAIMS` are found.

Each claim is split into parts that can be measured. A part needs an interval over at least 3 seeds. Of a claim whose
parts disagree, some supported and some contradicted, the verdict is mixed; it is supported only by all its parts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lrbench.analysis.course import HALF_SHORTEST
from lrbench.analysis.pipeline import Analysis
from lrbench.findings.claims.parts import INCONCLUSIVE, NOT_TESTED, Part, combined, measurement_of
from lrbench.findings.ledger import Ledger
from lrbench.findings.numbers import common_seeds, epochs, last_half, late_epochs, plateau
from lrbench.identity.discovery import modules_of
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.training_words import schedule_name, scheduled
from lrbench.wording import rate_label, rate_labels, sentence

__all__ = [
    "DEFAULT",
    "HIGH",
    "LOW",
    "Analysis",
    "Claim",
    "Ledger",
    "Roles",
    "check_claim",
    "check_claims",
    "claims",
    "combined",
    "missing_roles",
    "predicted",
    "roles_of",
    "seeds_in_common",
]


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
    settings = analysis.origin["settings"]
    if scheduled(settings):
        return _of_constant_rates(schedule_name(settings))
    optimizer = str(settings["optimizer"]["name"])
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


def _of_constant_rates(schedule: str) -> Roles:
    """No roles: a schedule gives every run high and low rates in turn."""
    why = f"The tutorial's claims are about constant learning rates; here the {schedule} schedule shapes them"
    missing = sentence(f"the claim is about constant rates, and the {schedule} schedule shapes them here")
    return Roles(None, None, None, "none", sentence(why), dict.fromkeys((HIGH, DEFAULT, LOW), missing))


def _default(analysis: Analysis) -> float | None:
    """The recommended rate, or without one the rate of the plateau with the best score."""
    chosen = analysis.chosen
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
    chosen = analysis.choice is not None
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


@dataclass(frozen=True)
class Claim:
    """A claim in our own words, what it predicts, the roles it speaks of, and the function that measures its parts.

    roles : the roles that it speaks of
    needs : those of them without which nothing of it can be tested, where they are fewer
    of_tutorial : what it predicts beyond that where the roles are those of the tutorial
    """

    id: str
    claim: str
    prediction: str
    roles: tuple[str, ...]
    figure: str
    measure: Callable[[Analysis, Roles], list[Part]]
    of_tutorial: str = ""
    needs: tuple[str, ...] | None = None


def claims() -> tuple[Claim, ...]:
    """The claims of this package's modules, in the order of the modules' names."""
    return tuple(claim for module in modules_of(__name__) for claim in getattr(module, "CLAIMS", ()))


def seeds_in_common(analysis: Analysis, *rates: float) -> int:
    """Number of seeds that all these rates have; of at most two rates."""
    return int(common_seeds(analysis, learning_rate=rates[0], other=rates[-1]))


def predicted(claim: Claim, analysis: Analysis, roles: Roles) -> str:
    """A claim's prediction with its rates, spans and thresholds filled in."""
    thresholds = analysis.thresholds
    late, half = int(late_epochs(analysis)), int(last_half(analysis))
    rates = {role: roles.rate(role) for role in (HIGH, DEFAULT, LOW)}
    text = claim.prediction + (claim.of_tutorial if roles.source == "tutorial" else "")
    return text.format(
        **{role: f"the {role} rate" if rate is None else rate_label(rate) for role, rate in rates.items()},
        late=f"over the last {late} epochs" if late > 1 else "after the only epoch",
        half=f"over the last {half} epochs" if epochs(analysis) >= half else f"over at least {HALF_SHORTEST} epochs",
        rising=f"{100 * thresholds.rising_epochs:g}",
        fall=f"{100 * thresholds.improvement:g}",
        improvement=f"{thresholds.improvement:g}",
        slower=f"{thresholds.slower:g}",
    )


def check_claim(claim: Claim, analysis: Analysis, roles: Roles) -> dict[str, Any]:
    """One claim with its parts, its measurement and its verdict, as plain data."""
    lacking = missing_roles(roles, claim.roles if claim.needs is None else claim.needs)
    parts: list[Part] = []
    if lacking:
        n, verdict = 0, NOT_TESTED
        measurement = f"Not tested. {' '.join(lacking)}"
    else:
        rates = [rate for rate in map(roles.rate, claim.roles) if rate is not None]
        n = seeds_in_common(analysis, *rates)
        if n < FEWEST_SEEDS:
            verdict = INCONCLUSIVE
            there = f"these rates have {n} in common" if len(rates) > 1 else f"this rate has {n}"
            measurement = f"A claim is judged with at least {FEWEST_SEEDS} seeds; {there}."
        else:
            with np.errstate(all="ignore"):
                parts = claim.measure(analysis, roles)
            verdict = combined([part.verdict for part in parts])
            measurement = measurement_of(parts)
    return {
        "id": claim.id,
        "claim": claim.claim,
        "prediction": predicted(claim, analysis, roles),
        "parts": [part.as_dict() for part in parts],
        "measurement": measurement,
        "verdict": verdict,
        "n": n,
        "figure": claim.figure,
    }


def check_claims(analysis: Analysis) -> dict[str, Any]:
    """The roles that rates play, and all claims of the tutorial held against one experiment, as plain data.

    roles : as `Roles.as_dict` gives them
    claims : in the order of `claims`
    """
    roles = roles_of(analysis)
    return {"roles": roles.as_dict(), "claims": [check_claim(claim, analysis, roles) for claim in claims()]}
