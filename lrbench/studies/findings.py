"""What is found when a study's variants are compared, a sentence each, made by a ledger of the study's tables."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from typing import Any, cast

from lrbench.findings.ledger import Ledger
from lrbench.findings.outcomes import FINDING, INCONCLUSIVE, NOT_APPLICABLE, PASSED, Outcome
from lrbench.studies.comparison import StudyAnalysis
from lrbench.training_words import axis_words
from lrbench.wording import (
    counted,
    limited,
    listed,
    number,
    plural_points,
    points,
    rate_label,
    rate_labels,
    rounded,
    sentence,
    step_interval,
    target_label,
)

FACTORS = ((0.0, "0, no dependence"), (0.5, "½, the square-root rule"), (1.0, "1, the linear rule"))


class StudyLedger(Ledger):
    """Gives numbers of a study's tables and remembers where each came from."""

    def __init__(self, study: StudyAnalysis) -> None:
        super().__init__(cast(Any, study))
        self.study = study

    @property
    def decimals(self) -> int:
        """Decimals of an accuracy in percent: those of the variant with the largest validation set."""
        return int(self.study.across["accuracy_decimals"])

    def of(self, place: int, column: str) -> Any:
        """A cell of the table of variants."""
        return self.cell("variants", column, place=place)

    def best(self, place: int) -> str:
        """The best rate of a variant, with the range of those that are tied with it."""
        low, high = self.of(place, "tied_low"), self.of(place, "tied_high")
        span = f" (tied: {rate_label(low)} to {rate_label(high)})" if low < high else ""
        return f"{rate_label(self.of(place, 'best'))}{span}"

    def with_interval(self, text: str, low: float, high: float, corrected: str = "") -> str:
        """A difference with its interval in points, where there is one."""
        if not math.isfinite(low):
            return f"{text} (no interval)"
        return f"{text} ({self.interval(low, high, lambda end: points(end, 2))}{corrected})"


def places(study: StudyAnalysis) -> list[int]:
    """The variants that have a rate at which every planned run is there and learned."""
    return [int(place) for place in study.variants.loc[study.variants["eligible"] > 0, "place"]]


def choosing(study: StudyAnalysis) -> list[int]:
    """The variants whose best rate is one of several that they tried."""
    return [place for place in places(study) if study.variants["rates"].iloc[place] > 1]


def common_rates(study: StudyAnalysis) -> list[float]:
    """The rates that are tied with the best rate, or not resolved from it, in every variant that chooses one."""
    own = [study.curves[(study.curves["place"] == place) & study.curves["candidate"]] for place in choosing(study)]
    return sorted(set.intersection(*(set(map(float, one["learning_rate"])) for one in own))) if own else []


def carries_over(study: StudyAnalysis, ledger: StudyLedger) -> Outcome:
    """Whether the best rate of each variant is as good in the next, and by what factor the next one's differs."""
    known, said, moved = choosing(study), [], False
    for one, other in itertools.pairwise(known):
        key = {"rate_of": one, "used_in": other}
        rate, factor, low, high = (
            ledger.cell("transfers", name, **key) for name in ("learning_rate", "factor", "factor_low", "factor_high")
        )
        ways = f"from {study.labels[one]} to {study.labels[other]}"
        by = f"factor {rounded(factor)}, {rounded(low)} to {rounded(high)} by the tied rates"
        same = factor == 1
        if not ledger.cell("transfers", "tested", **key):
            planned = ledger.cell("transfers", "planned", **key)
            why = "runs are missing at" if planned else "it does not have"
            said.append(f"{ways} it is not known, since {why} {rate_label(rate)} ({by})")
            continue
        carries, costs = (bool(ledger.cell("transfers", name, **key)) for name in ("carries", "costs"))
        if same or (carries and not costs):
            said.append(f"{ways} the rate {rate_label(rate)} carries over ({by})")
            continue
        cost, *ends = (ledger.cell("transfers", name, **key) for name in ("cost", "cost_low", "cost_high"))
        lost = ledger.with_interval(f"costs {plural_points(cost, 2)}", *ends)
        if not ledger.cell("transfers", "learned", **key):
            lost = "leaves some run that does not learn"
        moved = moved or costs
        doubt = "" if costs else ", which is not told apart from no cost"
        said.append(f"{ways} the rate {rate_label(rate)} {lost}{doubt} ({by})")
    if not said:
        return Outcome(NOT_APPLICABLE, "There are no two variants with a best rate among several.")
    sure = all("carries over" in part for part in said)
    return Outcome(
        FINDING if moved else PASSED if sure else INCONCLUSIVE,
        f"Does the best rate carry over? {sentence(limited(said))}",
    )


def exponent(study: StudyAnalysis, ledger: StudyLedger) -> Outcome:
    """How the best rate goes with the axis: the fitted exponent beside 0, a half and 1."""
    n = int(ledger.cell("across", "exponent_n"))
    slope = ledger.cell("across", "exponent")
    if slope is None:
        few = "The variants are no points on an axis of numbers, so no exponent is fitted."
        if study.variants["value"].notna().all():
            few = f"An exponent needs two variants with a best rate among several; here it has n = {n}."
        return Outcome(NOT_APPLICABLE, few)
    axis = axis_words(str(study.axis))
    text = f"The best rate goes with {axis} to the power {number(slope, 2)}, fitted to n = {n} variants"
    low, high = ledger.cell("across", "exponent_low"), ledger.cell("across", "exponent_high")
    if low is None:
        return Outcome(INCONCLUSIVE, f"{text}; two points give no interval, so it cannot be told which rule holds.")
    inside = [name for value, name in FACTORS if low <= value <= high]
    outside = [name for value, name in FACTORS if not low <= value <= high]
    interval = ledger.interval(low, high, lambda end: number(end, 2))
    edges = [place for place in choosing(study) if edges_of(place, ledger)]
    doubt = sentence(f"{edge_words(study, edges)}, so the exponent may be another") if edges else ""
    if len(inside) == len(FACTORS):
        said = f"{text} ({interval}): on this grid it cannot be told whether that is {listed(inside, 'or')}."
        return Outcome(INCONCLUSIVE, f"{said} {doubt}".strip())
    agrees = f"it agrees with {listed(inside, 'or')}" if inside else "it agrees with none of the rules"
    return Outcome(FINDING, f"{text} ({interval}): {agrees}, and not with {listed(outside, 'or')}. {doubt}".strip())


def scores_apart(study: StudyAnalysis, ledger: StudyLedger) -> Outcome:
    """Each variant at its best rate against each other."""
    said, told = [], 0
    compared = study.pairs[study.pairs["n"] > 0]
    for row in compared.to_dict("records"):
        key = {"one": int(row["one"]), "other": int(row["other"])}
        difference, low, high, n = (ledger.cell("pairs", name, **key) for name in ("difference", "low", "high", "n"))
        ahead, behind = (
            study.labels[key[side]] for side in (("other", "one") if difference >= 0 else ("one", "other"))
        )
        if difference < 0:
            low, high = -high, -low
        separated = bool(ledger.cell("pairs", "separated", **key))
        told += separated
        gap = ledger.with_interval(plural_points(abs(difference), 2), low, high)
        paired = f"paired by {counted(n, 'seed')}" if row["paired"] else f"not paired, n = {n} each or more"
        apart = "" if separated else ", not told apart"
        said.append(
            f"{ahead} is {gap} above {behind}{apart}, {paired}"
            if difference
            else f"{ahead} and {behind} have the same score, {paired}"
        )
    if not said:
        return Outcome(NOT_APPLICABLE, "No two variants can be compared by score.")
    corrected = f" Intervals are corrected for {counted(len(said), 'pair')}." if len(said) > 1 else ""
    return Outcome(
        FINDING if told else INCONCLUSIVE, f"At their best rates: {limited(said)}.{corrected} The table has every pair."
    )


def pairing(study: StudyAnalysis, ledger: StudyLedger) -> Outcome:
    """Which variants are not paired by seed, or not compared at all, and why."""
    said: dict[str, list[str]] = {}
    for row in study.pairs[~study.pairs["paired"]].to_dict("records"):
        ledger.cell("pairs", "paired", one=int(row["one"]), other=int(row["other"]))
        kind = "not paired" if row["n"] else "not compared"
        names = f"{study.labels[row['one']]} and {study.labels[row['other']]}"
        said.setdefault(f"{kind}, since {row['reason']}", []).append(names)
    if not said:
        return Outcome(
            PASSED, "All variants are paired by seed, which means the same batches of the same data in each."
        )
    return Outcome(INCONCLUSIVE, sentence("; ".join(f"{limited(names)}: {why}" for why, names in said.items())))


def steps_to_target(study: StudyAnalysis, ledger: StudyLedger) -> Outcome:
    """When the median run at each best rate keeps the target that most variants share."""
    target = ledger.cell("across", "target")
    if target is None:
        text = "No two variants share a target, so steps are not compared; give base a list of accuracies as targets."
        return Outcome(NOT_APPLICABLE, text)
    timing = ledger.cell("across", "target_of")
    said = [
        f"{study.labels[place]} {step_interval(ledger.of(place, 'steps_after'), ledger.of(place, 'steps_at'))}"
        for place in timing
    ]
    others = [study.labels[place] for place in places(study) if place not in timing]
    lost = (
        f" {listed(others)} {'have' if len(others) > 1 else 'has'} other targets, and no steps here." if others else ""
    )
    rows = [row for row in study.pairs.to_dict("records") if {row["one"], row["other"]} <= set(timing)]
    alike = all(row["paired"] for row in rows)
    doubt = "" if alike else " A step is a batch, whose size or data may differ between variants."
    return Outcome(FINDING, f"The median run keeps {target_label(target)} for good: {listed(said)}.{lost}{doubt}")


def sensitivity(study: StudyAnalysis, ledger: StudyLedger) -> Outcome:
    """Over the rates that variants share, in which the choice of the rate matters least and most."""
    grid = [float(rate) for rate in study.across["grid"]]
    known = [int(row.place) for row in study.variants.itertuples() if math.isfinite(row.sensitivity)]
    if len(known) < 2:
        few = f"The variants share {counted(len(grid), 'rate')}"
        return Outcome(NOT_APPLICABLE, f"{few}; sensitivity needs two or more, all planned runs, and fresh weights.")
    ledger.cell("across", "grid")
    values = {place: float(ledger.of(place, "sensitivity")) for place in known}
    least, most = min(known, key=lambda place: values[place]), max(known, key=lambda place: values[place])
    others = [label for place, label in enumerate(study.labels) if place not in known]
    lost = f" {listed(others)} {'have' if len(others) > 1 else 'has'} no such number." if others else ""
    sharing = [study.labels[place] for place in ledger.cell("across", "grid_of")]
    who = "all variants" if len(sharing) == len(study.labels) else listed(sharing)
    return Outcome(
        FINDING,
        f"Over the rates that {who} have ({rate_labels(grid)}), the loss is least sensitive to the rate with "
        f"{study.labels[least]} ({rounded(values[least])} nats) and most with {study.labels[most]} "
        f"({rounded(values[most])} nats); this is not tested.{lost}",
    )


def edges_of(place: int, ledger: StudyLedger) -> bool:
    """Whether the best rate of a variant, or one tied with it, is at an end of its grid."""
    return bool(ledger.of(place, "at_lower_edge")) or bool(ledger.of(place, "at_upper_edge"))


def edge_words(study: StudyAnalysis, edges: list[int]) -> str:
    """That these variants have a best or tied rate at an end of their grid."""
    names = listed(study.labels[place] for place in edges)
    return f"the best or tied rates of {names} reach an end of the grid, beyond which better ones may lie"


RULES: Mapping[Callable[[StudyAnalysis, StudyLedger], Outcome], str] = {
    carries_over: "A variant's best rate carries over to the next where it is the best there, practically tied with "
    "the best, or not resolved from it. The cost is paired by seed within the next variant, and its interval is "
    "corrected by Holm's method over all variants; it counts from three seeds on.",
    exponent: "Least squares of the logarithm of the best rate on that of the axis, with Student's interval; the "
    "deviation around the line is at least that of rounding to the grid.",
    scores_apart: "Scores at the best rates: paired by seed where a seed means the same batches, else by Welch's test; "
    "corrected over the pairs by Holm's method; told apart from three seeds on.",
    pairing: "Two variants are paired where data, training examples, validation examples and batch size are the same.",
    steps_to_target: "Of the accuracies that are a target of most variants, the highest that every best rate keeps.",
    sensitivity: "Mean over the shared rates of how much the final validation loss exceeds that of the best of them.",
}
