"""How sure the recommendation is: a word, the reasons for it, and what the reader is warned of."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lrbench.analysis.choice import Choice
from lrbench.analysis.results import Analysis
from lrbench.analysis.statistics import FEWEST_FOR_SEPARATION, FEWEST_FOR_SPREAD
from lrbench.analysis.wording import rate_labels, sentence
from lrbench.findings.evidence import Ledger
from lrbench.wording import at_most_points, counted, listed, rate_label

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
    if n < FEWEST_FOR_SEPARATION:
        return LOW, [f"{counted(n, 'seed')} are too few to tell a difference from chance."]
    pairs = {rate: ledger.pair(chosen, rate) for rate in against}
    apart = [rate for rate, pair in pairs.items() if pair is not None and pair.separated and pair.difference > 0]
    open_ = [rate for rate in against if rate not in apart]
    over = f"over {counted(n, 'seed')}"
    others = "every rate outside the tie" if len(choice.candidates) > 1 else "every other rate that learned each time"
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


def _open_tie(choice: Choice) -> list[str]:
    """What confidence against the rest leaves out: the choice among rates that are too close to choose by."""
    close = [rate for rate in choice.candidates if rate != choice.chosen]
    return [f"Between it and {rate_labels(close)} the scores do not choose."] if close else []


def _better_tied(choice: Choice, ledger: Ledger) -> list[str]:
    better = []
    for rate in choice.candidates:
        pair = ledger.pair(choice.chosen, rate) if rate != choice.chosen else None
        if pair is not None and pair.separated and pair.difference < 0:
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
    by_rate: dict[float, list[int]] = {}
    for seed, rate in turned.items():
        ledger.computed("choice_without_seed", seed=seed)
        by_rate.setdefault(rate, []).append(seed)
    return [
        sentence(
            f"one seed decides: without the runs of seed {listed(map(str, seeds), 'or')}, the recommended rate would "
            f"be {rate_label(rate)}"
        )
        for rate, seeds in sorted(by_rate.items())
    ]


def small_validation_set(analysis: Analysis, ledger: Ledger) -> list[str]:
    """The sentence that warns of a validation set whose standard error is above the differences of interest, or none.

    Of interest is what separates the plateau from the rest: the threshold `plateau`.
    """
    limit = ledger.computed("resolution")
    if not math.isfinite(limit) or limit <= analysis.thresholds.plateau:
        return []
    examples = counted(ledger.computed("validation_examples"), "validation example")
    return [
        f"{examples} are few: the standard error of one accuracy on them is {at_most_points(limit, 1)}, so smaller "
        "differences say little about new data."
    ]
