"""Why a rate was not chosen, and how sure the choice is: sentences with their numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lrbench.analysis.convergence import Reached
from lrbench.analysis.evidence import cited
from lrbench.analysis.statistics import FEWEST_FOR_SEPARATION, FEWEST_FOR_SPREAD, comparison
from lrbench.analysis.thresholds import Thresholds
from lrbench.analysis.wording import decimals_for, exact_steps, nats, points_between, rate_labels
from lrbench.names import rate_label
from lrbench.wording import counted, percent, target_label

UNSTEADINESS = {"oscillation": "oscillation", "largest_rise": "median largest rise"}


@dataclass(frozen=True)
class Facts:
    """The tables that a recommendation rests on; `rates` is indexed by learning rate, ascending."""

    rates: pd.DataFrame
    reach: pd.DataFrame
    comparisons: pd.DataFrame
    across: Mapping[str, Any]

    def of(self, rate: float, column: str) -> float:
        """A rate's value in the table `rates`."""
        return float(self.rates.loc[rate, column])  # type: ignore[arg-type]

    def cited(self, table: str, column: str, /, **row: Any) -> dict[str, Any]:
        """A value of one of the tables, as evidence."""
        return cited(self, table, column, **row)[1]

    def evidence(self, rate: float, column: str) -> dict[str, Any]:
        """A rate's value in the table `rates`, as evidence."""
        return self.cited("rates", column, learning_rate=rate)

    @property
    def decimals(self) -> int:
        """Decimals of an accuracy in percent."""
        return decimals_for(self.across["delta"] or 1 / self.across["n_validation"])

    def accuracy(self, rate: float) -> str:
        """A rate's mean score in percent."""
        return percent(self.of(rate, "score_mean"), self.decimals)

    def sustained(self, rate: float, target: float) -> Reached:
        """When the median run of a rate reached a target for good."""
        row = self.reach[(self.reach["learning_rate"] == rate) & (self.reach["target"] == target)].iloc[0]
        return Reached(float(row["sustained_after"]), float(row["sustained_at"]))

    def reach_evidence(self, rate: float, target: float, *columns: str) -> list[dict[str, Any]]:
        """Values of the table `reach`, as evidence."""
        return [self.cited("reach", column, learning_rate=rate, target=target) for column in columns]

    def unsteadiness(self, rate: float) -> float:
        """How unsteady a rate's training loss was, in nats; NaN where unknown."""
        value = next(row["unsteadiness"] for row in self.across["unsteadiness"] if row["learning_rate"] == rate)
        return math.nan if value is None else value

    def unsteadiness_evidence(self, rate: float) -> dict[str, Any]:
        """The same, as evidence."""
        return self.cited("across", "unsteadiness", learning_rate=rate)

    @property
    def unsteadiness_words(self) -> str:
        """What unsteadiness is measured by here."""
        return UNSTEADINESS[self.across["unsteadiness_measure"]]


@dataclass(frozen=True)
class Confidence:
    """How sure a choice is, in a word and a sentence."""

    level: str
    reason: str
    evidence: list[dict[str, Any]]


def confidence(facts: Facts, chosen: float, tied: list[float], thresholds: Thresholds) -> Confidence:
    """Confidence in the chosen rate against every learned rate outside the tie, by the paired tests of scores.

    A test speaks for the chosen rate only where its score is the higher one.
    """
    n = int(facts.of(chosen, "planned"))
    count = [facts.evidence(chosen, "planned")]
    if n < FEWEST_FOR_SPREAD:
        return Confidence("not assessable", f"With {counted(n, 'seed')} nothing can be said about chance.", count)
    rivals = [float(rate) for rate, row in facts.rates.iterrows() if row["learned"] > 0 and float(rate) not in tied]
    if not rivals:
        others = [rate for rate in tied if rate != chosen]
        why = (
            f"every other rate that learned ({rate_labels(others)}) is practically tied with it"
            if others
            else "no other rate learned"
        )
        return Confidence("not assessable", f"There is no test to make: {why}.", [])
    if n < FEWEST_FOR_SEPARATION:
        return Confidence("low", f"{n} seeds are too few to tell a difference from chance.", count)
    nominal, corrected = [], []
    for rate in rivals:
        row = comparison(facts.comparisons, "score", chosen, rate)
        ahead = row is not None and (row["difference"] > 0) == (chosen > rate) and row["n"] >= FEWEST_FOR_SEPARATION
        nominal.append(bool(ahead and row is not None and row["p"] < thresholds.significance))
        corrected.append(bool(ahead and row is not None and row["p_holm"] < thresholds.significance))
    count = [facts.evidence(chosen, "n")]
    seeds = f"over {n} seeds"
    if all(corrected):
        reason = (
            f"The score of {rate_label(chosen)} is separated from {rate_labels(rivals)} {seeds}, "
            "also after correcting for the number of comparisons."
        )
        return Confidence("high", reason, count)
    if all(nominal):
        open_ = [rate for rate, sure in zip(rivals, corrected, strict=True) if not sure]
        reason = (
            f"The score of {rate_label(chosen)} is told apart from {rate_labels(rivals)} {seeds}, but from "
            f"{rate_labels(open_)} no longer after correcting for the number of comparisons."
        )
        return Confidence("moderate", reason, count)
    open_ = [rate for rate, sure in zip(rivals, nominal, strict=True) if not sure]
    return Confidence(
        "low",
        f"The score of {rate_label(chosen)} is not shown to be above that of {rate_labels(open_)} {seeds}.",
        count,
    )


def reason_lost(
    facts: Facts, rate: float, chosen: float | None, dropped: str | None, target: float | None
) -> dict[str, Any]:
    """Why a rate was not chosen: {learning_rate, reason, evidence}.

    dropped : the step of the rule at which a tied rate fell out; None for a rate that was not tied
    """
    if not facts.rates.loc[rate, "eligible"]:
        reason, numbers = _not_eligible(facts, rate)
    elif chosen is None:
        raise ValueError("a rate was eligible, so one is chosen")
    elif dropped is None:
        reason, numbers = _less_accurate(facts, rate, chosen)
    else:
        reason, numbers = _lost_tie(facts, rate, chosen, dropped, target)
    return {"learning_rate": rate, "reason": reason, "evidence": numbers}


def _not_eligible(facts: Facts, rate: float) -> tuple[str, list[dict[str, Any]]]:
    label = rate_label(rate)
    n, planned = int(facts.of(rate, "n")), int(facts.of(rate, "planned"))
    numbers = [facts.evidence(rate, "n")]
    said = []
    for outcome, words in (
        ("diverged", "diverged (a loss or weight became infinite or undefined)"),
        ("failed", "never learned"),
        ("collapsed", "learned and lost it again"),
    ):
        count = int(facts.of(rate, outcome))
        if count:
            numbers.append(facts.evidence(rate, outcome))
            said.append(f"{count} of {counted(n, 'run')} {words}")
    if n < planned:
        numbers.append(facts.evidence(rate, "planned"))
        said.append(f"only {n} of {planned} planned runs {'is' if n == 1 else 'are'} there")
    return f"{label} is out of the choice: {', '.join(said)}.", numbers


def _less_accurate(facts: Facts, rate: float, chosen: float) -> tuple[str, list[dict[str, Any]]]:
    numbers = [facts.evidence(rate, "score_mean"), facts.evidence(chosen, "score_mean")]
    text = f"{rate_label(rate)} reached {facts.accuracy(rate)} against {facts.accuracy(chosen)}"
    row = comparison(facts.comparisons, "score", rate, chosen)
    if row is None or int(row["n"]) < FEWEST_FOR_SPREAD:
        return f"{text}; one seed cannot tell that from chance.", numbers
    sign = 1 if row["higher"] == rate else -1
    low, high = sorted((sign * row["low"], sign * row["high"]))
    named = {"higher": float(row["higher"]), "lower": float(row["lower"]), "measure": "score"}
    numbers += [facts.cited("comparisons", column, **named) for column in ("low", "high", "n")]
    text += f"; paired over {int(row['n'])} seeds its score is {points_between(low, high, facts.decimals)}"
    return f"{text}{'' if row['separated'] else ', which does not tell them apart'}.", numbers


def _lost_tie(
    facts: Facts, rate: float, chosen: float, dropped: str, target: float | None
) -> tuple[str, list[dict[str, Any]]]:
    numbers = [facts.evidence(rate, "score_mean"), facts.evidence(chosen, "score_mean")]
    text = (
        f"{rate_label(rate)} is practically tied in accuracy ({facts.accuracy(rate)} against {facts.accuracy(chosen)})"
    )
    if dropped == "steps" and target is not None:
        numbers += facts.reach_evidence(rate, target, "target", "sustained_after")
        numbers += facts.reach_evidence(chosen, target, "sustained_at")
        slow, fast = facts.sustained(rate, target), facts.sustained(chosen, target)
        return (
            f"{text}, but slower: its median run stayed at or above {target_label(target)} only after step "
            f"{exact_steps(slow.after)}, that of {rate_label(chosen)} by step {exact_steps(fast.at)}.",
            numbers,
        )
    if dropped == "oscillation":
        numbers += [facts.unsteadiness_evidence(rate), facts.unsteadiness_evidence(chosen)]
        steadiness = f"{nats(facts.unsteadiness(rate))} against {nats(facts.unsteadiness(chosen))} nats"
        return f"{text}, but its training loss is less steady ({facts.unsteadiness_words} {steadiness}).", numbers
    if dropped == "score":
        return f"{text} and differs in nothing else that decides, so the higher score was taken.", numbers
    return f"{text} and in all that decides, so the smaller rate was taken.", numbers
