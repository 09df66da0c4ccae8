"""Which learning rate to train with, by a rule that does not depend on the outcome, and why the others lost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lrbench.analysis.convergence import is_faster
from lrbench.analysis.rates import shared_target
from lrbench.analysis.reasons import Facts, confidence, reason_lost
from lrbench.analysis.thresholds import Thresholds
from lrbench.analysis.wording import exact_steps, nats, rate_labels
from lrbench.names import rate_label
from lrbench.wording import counted, percent, target_label

# What the answer itself adds where the data are weak; the confidence's own reason says why.
DOUBTS = {
    "low": " The confidence in this is low.",
    "not assessable": " How far it can be trusted was not measured.",
}


@dataclass(frozen=True)
class Choice:
    """The chosen rate and how it came out.

    criterion : the step of the rule that decided; target : the one that speed was compared at, or None
    dropped : for each tied rate that was not chosen, the step of the rule at which it lost
    """

    chosen: float
    criterion: str
    target: float | None
    dropped: Mapping[float, str]


def recommend(
    rates: pd.DataFrame,
    reach: pd.DataFrame,
    comparisons: pd.DataFrame,
    across: Mapping[str, Any],
    thresholds: Thresholds,
) -> dict[str, Any]:
    """The recommendation, JSON-serialisable; every number in its sentences is one of their evidence values.

    Keys
    ----
    chosen, tied : a learning rate or None; the rates practically tied in accuracy, the chosen one among them
    delta : margin of the tie, a share, or None
    criterion : the step that decided: only eligible, accuracy, steps, oscillation, score, smaller rate, none eligible
    target : the validation accuracy that speed was compared at, or None
    confidence, confidence_reason : high, moderate, low or not assessable, and a sentence; None without a choice
    statement, evidence : the answer in one sentence, and its numbers
    loss_prefers, loss_statement : the eligible rate of least mean validation loss, where it is another
    others : for every other rate {learning_rate, reason, evidence}
    """
    facts = Facts(rates.set_index("learning_rate", drop=False).sort_index(), reach, comparisons, across)
    eligible = rates[rates["eligible"]]
    if eligible.empty:
        return _nothing(facts)
    tied = sorted(map(float, rates.loc[rates["tied"], "learning_rate"]))
    choice = choose(facts, tied, len(eligible))
    sure = confidence(facts, choice.chosen, tied, thresholds)
    statement, numbers = _statement(facts, choice, tied)
    statement += DOUBTS.get(sure.level, "")
    preferred, loss_statement, loss_numbers = _loss_prefers(facts, choice.chosen)
    return {
        "chosen": choice.chosen,
        "tied": tied,
        "delta": across["delta"],
        "criterion": choice.criterion,
        "target": choice.target,
        "confidence": sure.level,
        "confidence_reason": sure.reason,
        "statement": statement,
        "loss_prefers": preferred,
        "loss_statement": loss_statement,
        "others": [
            reason_lost(facts, rate, choice.chosen, choice.dropped.get(rate), choice.target)
            for rate in map(float, facts.rates.index)
            if rate != choice.chosen
        ],
        "evidence": numbers + sure.evidence + loss_numbers,
    }


def choose(facts: Facts, tied: list[float], eligible: int) -> Choice:
    """The chosen one of the practically tied rates, and where each of the others fell out."""
    if len(tied) == 1:
        return Choice(tied[0], "only eligible" if eligible == 1 else "accuracy", None, {})
    dropped: dict[float, str] = {}
    left = tied
    target = shared_target(facts.reach[facts.reach["learning_rate"].isin(tied)], len(tied))
    if target is not None:
        when = {rate: facts.sustained(rate, target) for rate in tied}
        fastest = min(tied, key=lambda rate: (when[rate].at, when[rate].after, rate))
        left = [rate for rate in tied if not is_faster(when[fastest], when[rate])]
        dropped |= {rate: "steps" for rate in tied if rate not in left}
    criterion = "steps"
    for step, cost in (
        ("oscillation", facts.unsteadiness),
        ("score", lambda rate: -facts.of(rate, "score_mean")),
        ("smaller rate", float),
    ):
        if len(left) == 1:
            break
        costs = {rate: cost(rate) for rate in left}
        if not all(map(math.isfinite, costs.values())):
            continue
        best = [rate for rate in left if costs[rate] == min(costs.values())]
        if len(best) < len(left):
            dropped |= {rate: step for rate in left if rate not in best}
            left, criterion = best, step
    return Choice(left[0], criterion, target, dropped)


def _nothing(facts: Facts) -> dict[str, Any]:
    rates = facts.rates
    numbers = [facts.evidence(rate, column) for rate in map(float, rates.index) for column in ("learned", "planned")]
    learned = ", ".join(
        f"{row['learned']} of {counted(row['planned'], 'run')} at {rate_label(float(rate))}"
        for rate, row in rates.iterrows()
    )
    return {
        "chosen": None,
        "tied": [],
        "delta": None,
        "criterion": "none eligible",
        "target": None,
        "confidence": None,
        "confidence_reason": None,
        "statement": f"No rate can be recommended, because none learned in all its planned runs: {learned} learned.",
        "loss_prefers": None,
        "loss_statement": None,
        "others": [reason_lost(facts, rate, None, None, None) for rate in map(float, rates.index)],
        "evidence": numbers,
    }


def _statement(facts: Facts, choice: Choice, tied: list[float]) -> tuple[str, list[dict[str, Any]]]:
    rate = choice.chosen
    n = int(facts.of(rate, "n"))
    over = f"on average over {counted(n, 'seed')}" if n > 1 else f"with {counted(n, 'seed')}"
    text = f"Train with {rate_label(rate)}: it reached {facts.accuracy(rate)} validation accuracy {over}"
    numbers = [facts.evidence(rate, "score_mean"), facts.evidence(rate, "n")]
    if choice.criterion == "only eligible":
        return f"{text}, the only rate that learned in all its planned runs.", numbers
    if choice.criterion == "accuracy":
        eligible = facts.rates.loc[facts.rates["eligible"], "score_mean"].drop(rate)
        second = float(eligible.idxmax())
        others = "any other rate" if facts.rates["eligible"].all() else "any other rate that learned every time"
        return (
            f"{text}, more than {others}; the next, {rate_label(second)}, reached {facts.accuracy(second)}.",
            [*numbers, facts.evidence(second, "score_mean")],
        )
    margin = percent(facts.across["delta"], facts.decimals).removesuffix(" %")
    rivals = rate_labels([other for other in tied if other != rate])
    text += f", practically tied with {rivals} (scores within {margin} points of the best)"
    numbers.append(facts.cited("across", "delta"))
    why, more = _why_of_tied(facts, choice)
    return f"{text}{why}.", numbers + more


def _why_of_tied(facts: Facts, choice: Choice) -> tuple[str, list[dict[str, Any]]]:
    rate = choice.chosen
    if choice.criterion == "steps" and choice.target is not None:
        when = facts.sustained(rate, choice.target)
        return (
            f", and got there sooner: its median run stayed at or above {target_label(choice.target)} "
            f"from step {exact_steps(when.at)} at the latest",
            facts.reach_evidence(rate, choice.target, "target", "sustained_at"),
        )
    if choice.criterion == "oscillation":
        return (
            f", and of these its training loss was the steadiest ({facts.unsteadiness_words} "
            f"{nats(facts.unsteadiness(rate))} nats)",
            [facts.unsteadiness_evidence(rate)],
        )
    if choice.criterion == "score":
        return "; nothing but a slightly higher score speaks for it among these", []
    return "; nothing measured prefers one of these, so the smallest is taken", []


def _loss_prefers(facts: Facts, chosen: float) -> tuple[float | None, str | None, list[dict[str, Any]]]:
    """The eligible rate of least mean validation loss, where it is not the chosen one, with a sentence."""
    losses = facts.rates.loc[facts.rates["eligible"], "final_val_loss_mean"].dropna()
    if losses.empty or float(losses.idxmin()) == chosen or losses.get(chosen) == losses.min():
        return None, None, []
    rate = float(losses.idxmin())
    text = (
        f"The final validation loss alone would prefer {rate_label(rate)} ({nats(losses[rate], 3)} nats on average "
        f"against {nats(losses[chosen], 3)}); accuracy decides here."
    )
    return rate, text, [facts.evidence(rate, "final_val_loss_mean"), facts.evidence(chosen, "final_val_loss_mean")]
