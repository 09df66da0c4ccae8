"""Why the rate is recommended and not another, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lrbench.analysis.choice import Choice
from lrbench.analysis.pipeline import Analysis
from lrbench.findings import numbers
from lrbench.findings.ledger import Ledger, Pair
from lrbench.findings.numbers import best_rate, speeds_of
from lrbench.findings.phrases import points_above
from lrbench.tables.analysis import FEWEST_FOR_SPREAD, FEWEST_SEEDS
from lrbench.wording import (
    at_most_points,
    counted,
    listed,
    nats,
    outcomes,
    plural_points,
    rate_label,
    rate_labels,
    steps,
    target_label,
)

HIGH, MODERATE, LOW, NOT_ASSESSABLE = "high", "moderate", "low", "not assessable"
LOWERED = {HIGH: MODERATE, MODERATE: LOW, LOW: LOW, NOT_ASSESSABLE: NOT_ASSESSABLE}


@dataclass(frozen=True)
class Confidence:
    """How sure a choice is, in a word and in sentences."""

    level: str
    reason: str


def rivals(analysis: Analysis) -> list[float]:
    """The eligible rates that are neither the recommended one nor tied with it nor unresolved, best score first."""
    choice = analysis.choice
    rates = analysis.rates.loc[analysis.rates["eligible"].astype(bool)]
    rates = rates.sort_values(["score_mean", "learning_rate"], ascending=[False, True], kind="stable")
    return [float(rate) for rate in rates["learning_rate"] if choice is None or rate not in choice.candidates]


def confidence(analysis: Analysis, choice: Choice, ledger: Ledger) -> Confidence:
    """Confidence in the recommended rate against every eligible rate outside the tie, by the paired tests of scores.

    It is lowered where a single seed decides, where a rate tied with the chosen one is significantly better, and where
    the validation set is too small for the differences of interest.
    """
    level, reasons = _by_tests(analysis, choice, ledger)
    for reason in (
        *_better_tied(choice, ledger),
        *one_seed_decides(analysis, ledger),
        *small_validation_set(analysis, ledger),
    ):
        level = LOWERED[level]
        reasons.append(reason)
    return Confidence(level, " ".join(reasons))


def _by_tests(analysis: Analysis, choice: Choice, ledger: Ledger) -> tuple[str, list[str]]:
    chosen = choice.chosen
    n = int(ledger.cell("rates", "planned", learning_rate=chosen))
    against = rivals(analysis)
    if n < FEWEST_FOR_SPREAD:
        return NOT_ASSESSABLE, [f"With {counted(n, 'seed')} a difference between rates cannot be told from chance."]
    if not against:
        tied = [rate for rate in choice.candidates if rate != chosen]
        if not tied:
            return NOT_ASSESSABLE, ["No other rate learned in all its planned runs, so there is no difference to test."]
        return NOT_ASSESSABLE, [
            f"Every other rate that learned in all its planned runs ({rate_labels(tied)}) scores so close to "
            f"{rate_label(chosen)} that there is no difference to test."
        ]
    if n < FEWEST_SEEDS:
        return LOW, [f"{counted(n, 'seed')} are too few to tell a difference from chance."]
    pairs = {rate: ledger.pair(chosen, rate) for rate in against}
    apart = [rate for rate, pair in pairs.items() if pair is not None and pair.separated and pair.difference > 0]
    open_ = [rate for rate in against if rate not in apart]
    over = f"over {_seeds_of(pair for pair in pairs.values() if pair is not None)}"
    close = " and is neither practically tied nor unresolved" if len(choice.candidates) > 1 else ""
    others = f"every other rate that learned each time{close}"
    if not open_:
        which = f"{others} ({rate_labels(apart)})" if len(apart) > 1 else rate_label(apart[0])
        return HIGH, [f"By score {rate_label(chosen)} is told apart from {which} {over}.", *_open_tie(choice)]
    level = analysis.thresholds.significance
    plain = [rate for rate in open_ if (pair := pairs[rate]) is not None and pair.difference > 0 and pair.p < level]
    if len(plain) == len(open_):
        return MODERATE, [
            f"By score {rate_label(chosen)} is ahead of {rate_labels(open_)} {over} if only that pair is looked at, "
            "but not after correcting for the number of rates."
        ]
    return LOW, [f"By score {rate_label(chosen)} is not told apart from {rate_labels(open_)} {over}."]


def _seeds_of(pairs: Iterable[Pair]) -> str:
    """Over how many seeds pairs are compared: `5 seeds`, or in a search `3 to 12 seeds`."""
    counts = sorted({pair.n for pair in pairs})
    least = f"{counts[0]} to " if len(counts) > 1 else ""
    return f"{least}{counted(counts[-1], 'seed')}"


def _open_tie(choice: Choice) -> list[str]:
    """What confidence against the rest leaves out: the choice among rates that are too close to choose by."""
    close = [rate for rate in choice.candidates if rate != choice.chosen]
    those = "that" if len(close) == 1 else "those"
    return [f"Its score and {those} of {rate_labels(close)} are too close to be sure."] if close else []


def _better_tied(choice: Choice, ledger: Ledger) -> list[str]:
    better = []
    for rate in choice.candidates:
        pair = ledger.pair(rate, choice.chosen) if rate != choice.chosen else None
        if pair is not None and pair.separated and pair.difference > 0:
            better.append(f"{rate_label(rate)} by {ledger.gap(pair)} {ledger.pair_interval(pair)}")
    if not better:
        return []
    return [f"Of the rates it is tied with, some score higher, little but more than chance would: {listed(better)}."]


def one_seed_decides(analysis: Analysis, ledger: Ledger) -> list[str]:
    """The sentence that names the seeds without which a rate outside the tie would be chosen, or none."""
    choice = analysis.choice
    if choice is None:
        return []
    turned = {seed: rate for seed, rate in choice.without_seed.items() if rate not in choice.candidates}
    if not turned:
        return []
    close = dict.fromkeys(choice.candidates, " (practically tied or not resolved)")
    said = "; ".join(
        f"without the runs of seed {listed(map(str, seeds), 'or')}, the recommended rate would be {rate_label(rate)}"
        f"{close.get(rate, '')}"
        for rate, seeds in choices_without_a_seed(choice, ledger)
    )
    return [f"One seed decides: {said}."]


def choices_without_a_seed(choice: Choice, ledger: Ledger) -> list[tuple[float, list[int]]]:
    """The rates that would be chosen without the runs of one seed, ascending, each with the seeds."""
    by_rate: dict[float, list[int]] = {}
    for seed, rate in sorted(choice.without_seed.items()):
        ledger.take(numbers.choice_without_seed, seed=seed)
        by_rate.setdefault(rate, []).append(seed)
    return sorted(by_rate.items())


def small_validation_set(analysis: Analysis, ledger: Ledger) -> list[str]:
    """The sentence that warns of a validation set whose standard error is above the differences of interest, or none.

    Of interest is what separates the plateau from the rest: the threshold `plateau`.
    """
    limit = ledger.take(numbers.resolution)
    if not math.isfinite(limit) or limit <= analysis.thresholds.plateau:
        return []
    examples = counted(ledger.take(numbers.validation_examples), "validation example")
    return [
        f"{examples} are few: the standard error of one accuracy on them is {plural_points(limit, 2)}, so smaller "
        "differences say little about new data."
    ]


UNSTEADINESS = {"oscillation": "median oscillation", "largest_rise": "median largest rise"}
LOST = (
    ("diverged", "diverged (a loss or weight became infinite or undefined)"),
    ("failed", "failed to learn"),
    ("collapsed", "collapsed (passed the bar for having learned and fell below it again)"),
)


def reasons(analysis: Analysis) -> list[dict[str, Any]]:
    """For every rate but the recommended one {learning_rate, reason, evidence}, ascending."""
    chosen = None if analysis.choice is None else analysis.choice.chosen
    return [_reason(analysis, float(rate)) for rate in sorted(analysis.rates["learning_rate"]) if rate != chosen]


def _reason(analysis: Analysis, rate: float) -> dict[str, Any]:
    ledger = Ledger(analysis)
    row = analysis.rates.set_index("learning_rate").loc[rate]
    choice = analysis.choice
    if not row["eligible"] or choice is None:
        text = _not_eligible(ledger, rate)
    elif rate in choice.candidates:
        text = _lost_tie(analysis, choice, ledger, rate)
    else:
        text = _less_accurate(analysis, choice, ledger, rate)
    return {"learning_rate": rate, "reason": text, "evidence": ledger.items}


def _not_eligible(ledger: Ledger, rate: float) -> str:
    n, planned = (int(ledger.cell("rates", name, learning_rate=rate)) for name in ("n", "planned"))
    said = []
    for outcome, words in LOST:
        count = int(ledger.cell("rates", outcome, learning_rate=rate))
        if count:
            said.append((count, words))
    text = outcomes(said, n) if said else ""
    if n < planned:
        text += ("; " if text else "") + (
            f"only {n} of {counted(planned, 'planned run')} {'is' if n == 1 else 'are'} there"
        )
    return f"{rate_label(rate)} is out of the choice: {text}."


def _less_accurate(analysis: Analysis, choice: Choice, ledger: Ledger, rate: float) -> str:
    text = f"{rate_label(rate)} scored {ledger.score(rate)} against {ledger.score(choice.chosen)}"
    pair = ledger.pair(choice.chosen, rate)
    if pair is None or pair.n < FEWEST_SEEDS:
        count = int(ledger.cell("rates", "n", learning_rate=rate))
        return f"{text}; {counted(count, 'seed')} {'is' if count == 1 else 'are'} too few to tell that from chance."
    text += f", {ledger.gap(pair)} less {ledger.pair_interval(pair, rate_label(choice.chosen))}"
    text += "." if pair.separated else ", which does not tell them apart."
    best = ledger.cell("across", "best_score")
    behind = ledger.take(numbers.score_lead, learning_rate=best_rate(analysis), other=rate)
    size, margin = points_above(behind, ledger.take(numbers.delta))
    whose = "it" if ledger.cell("rates", "score_mean", learning_rate=choice.chosen) == best else "the best score"
    if whose == "it":
        text += f" The rule lets other measures decide only up to {margin} below the best score, so it is not chosen."
    else:
        text += f" It is {size} below {whose}, and the rule lets other measures decide only up to {margin} below that."
    if ledger.cell("rates", "unstable", learning_rate=rate):
        text += " Its training is unstable, too."
    return text


def _lost_tie(analysis: Analysis, choice: Choice, ledger: Ledger, rate: float) -> str:
    chosen, step = choice.chosen, choice.dropped[rate]
    text = (
        f"{rate_label(rate)} {closeness(analysis, ledger, rate)} ({_against(ledger.score(rate), ledger.score(chosen))})"
    )
    if step == "steps" and choice.target is not None:
        key = {"target": choice.target}
        target = target_label(ledger.cell("reach", "target", learning_rate=rate, **key))
        slow, fast = (
            [ledger.cell("reach", f"{kind}_{end}", learning_rate=one, **key) for kind in ("first", "sustained")]
            for one, end in ((rate, "after"), (chosen, "at"))
        )
        told = speed_told(analysis, choice, [rate])
        return (
            f"{text}, but is slower by the median over runs, which {told}: it first reached {target} after step "
            f"{steps(slow[0])} and kept it from some step after {steps(slow[1])} on; with "
            f"{rate_label(chosen)} these are step {steps(fast[0])} and step {steps(fast[1])} at the latest."
        )
    if step == "oscillation":
        sizes = f"{nats(ledger.unsteadiness(rate))} against {nats(ledger.unsteadiness(chosen))} nats"
        what = f"{unsteadiness_words(analysis)} of its training loss is higher"
        return f"{text}; by the rule it lost because the {what} ({sizes}), which decides without a test."
    if step == "score":
        return f"{text}; neither steps nor oscillation decide by the rule, so the higher score was taken."
    return f"{text}; nothing that the rule looks at distinguishes them, so the smaller rate was taken."


def _against(one: str, other: str) -> str:
    return f"both {one}" if one == other else f"{one} against {other}"


def closeness(analysis: Analysis, ledger: Ledger, rate: float) -> str:
    """How near a candidate's score is to the best: too near to matter, or too near for this validation set."""
    row = analysis.rates.set_index("learning_rate").loc[rate]
    best = ledger.cell("across", "best_score")
    if best == row["score_mean"]:
        return "has the best score"
    if row["tied"]:
        tie = at_most_points(ledger.take(numbers.threshold, name="tie"))
        return f"is practically tied with the best score, within {tie} of it"
    limit = ledger.take(numbers.resolution)
    return (
        f"is not resolved from the best score, less than one standard error of an accuracy ({plural_points(limit, 2)}) "
        "from it"
    )


def speed_told(analysis: Analysis, choice: Choice, lost: list[float]) -> str:
    """What a lead by the median run's steps rests on: a test, or the rule alone."""
    if choice.target is None:
        raise LookupError("no target was kept by all candidates")
    speeds = speeds_of(analysis)
    open_ = [rate for rate in lost if not speeds.told_apart(choice.chosen, rate, choice.target)]
    if not open_:
        return "is more than chance explains"
    only = f" of {rate_labels(open_)}" if len(open_) < len(lost) else ""
    return f"decides by the rule but is not told apart from chance{only and f' in the case{only}'}"


def unsteadiness_words(analysis: Analysis) -> str:
    """What unsteadiness is measured by here."""
    return UNSTEADINESS[analysis.across["unsteadiness_measure"]]
