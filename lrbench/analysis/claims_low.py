"""What the claims about a low learning rate come to: it is stable, it is slow, it can get stuck."""

from __future__ import annotations

import math

from lrbench.analysis.claim_parts import (
    CONTRADICTED,
    DEFAULT,
    INCONCLUSIVE,
    LOW,
    NOT_TESTED,
    SUPPORTED,
    Part,
    oscillation,
    verdict_by,
)
from lrbench.analysis.evidence import Ledger
from lrbench.analysis.quantities_targets import WHEN
from lrbench.analysis.rates import shared_target
from lrbench.analysis.results import Analysis
from lrbench.analysis.wording import rate_labels, sentence, significant, times
from lrbench.names import rate_label
from lrbench.wording import listed, number, percent, points, target_label


def low_is_stable(analysis: Analysis) -> list[Part]:
    """Whether the low rate's training loss oscillates less than the default's."""
    ledger, bounds, text = oscillation(analysis, LOW)
    spreads = [ledger.cell("rates", "score_sd", learning_rate=rate) for rate in (LOW, DEFAULT)]
    if all(map(math.isfinite, spreads)):
        one, other = (points(value, 2) for value in spreads)
        text += f"; apart from that, the score's standard deviation between seeds is {one} against {other} points"
    return [Part("a", verdict_by(bounds[1], bounds[2], SUPPORTED, CONTRADICTED, limit=1), sentence(text), ledger)]


def low_is_slow(analysis: Analysis) -> list[Part]:
    """Whether the low rate reaches the highest shared target later, and is still improving at the end."""
    return [_low_takes_longer(analysis), _low_still_improves(analysis)]


def _low_takes_longer(analysis: Analysis) -> Part:
    ledger = Ledger(analysis)
    reach = analysis.reach
    target = shared_target(reach[reach["learning_rate"].isin([LOW, DEFAULT])], 2)
    if target is None:
        asked = listed(target_label(value) for value in analysis.targets_asked)
        text = f"no target ({asked}) is reached and kept by every run of {rate_labels([LOW, DEFAULT])}"
        return Part("a", INCONCLUSIVE, sentence(text), ledger)

    pair = {"slower": LOW, "faster": DEFAULT, "target": target}
    first, kept = (
        tuple(ledger.computed("steps_ratio", **pair, when=when, bound=end) for end in ("least", "most"))
        for when in WHEN
    )
    seeds = ledger.computed("paired_seeds", learning_rate=LOW, other=DEFAULT, target=target)
    slower = ledger.computed("slower_seeds", **pair)
    limit = analysis.thresholds.slower
    verdict = INCONCLUSIVE
    if slower == seeds and min(first[0], kept[0]) >= limit:
        verdict = SUPPORTED
    elif max(first[1], kept[1]) < limit:
        verdict = CONTRADICTED
    also = "" if first == kept else f" ({times(*first)} times as many to reach it first)"
    text = (
        f"{rate_label(LOW)} reaches {target_label(target)} for good {ledger.sustained(LOW, target)} (median), "
        f"{rate_label(DEFAULT)} {ledger.sustained(DEFAULT, target)}: {times(*kept)} times as many steps{also}, and "
        f"later in {slower} of {seeds} seeds"
    )
    return Part("a", verdict, sentence(text), ledger)


def _low_still_improves(analysis: Analysis) -> Part:
    ledger = Ledger(analysis)
    mean, low, high = (
        ledger.cell("rates", name, learning_rate=LOW) for name in ("improvement", "improvement_low", "improvement_high")
    )
    span = f"over the last {ledger.computed('last_half')} epochs"
    if not math.isfinite(low):
        return Part("b", INCONCLUSIVE, sentence(f"{span}, the change of validation loss has no interval"), ledger)
    improving = bool(ledger.cell("rates", "still_improving", learning_rate=LOW))
    verdict = SUPPORTED if improving else CONTRADICTED if high < analysis.thresholds.improvement else INCONCLUSIVE
    shown = ledger.interval(low, high, lambda end: percent(end, 0))
    text = f"{span}, validation loss at {rate_label(LOW)} falls by {percent(mean, 0)} ({shown})"
    return Part("b", verdict, sentence(text), ledger)


def low_gets_stuck(analysis: Analysis) -> list[Part]:
    """Whether the low rate's training loss rests on a plateau above another rate's."""
    ledger = Ledger(analysis)
    mean, low, high = ledger.statistics("log_train_loss_change", learning_rate=LOW)
    span = f"over the last {ledger.computed('last_half')} epochs"
    if not math.isfinite(low):
        text = f"{span}, the change of training loss at {rate_label(LOW)} has no interval"
        return [Part("a", NOT_TESTED, sentence(text), ledger)]
    shown = ledger.interval(low, high, lambda end: number(end, 2))
    text = f"{span}, the logarithm of training loss at {rate_label(LOW)} changes by {number(mean, 2)} ({shown})"
    if not low <= 0 <= high:
        course = "still falling" if high < 0 else "rising"
        text += f": training loss is {course}, so there is no plateau to explain"
        return [Part("a", NOT_TESTED, sentence(text), ledger)]
    others = analysis.rates.loc[analysis.rates["learning_rate"] != LOW, "learning_rate"]
    lower = {}
    for rate in map(float, others):
        bounds = Ledger(analysis).statistics("late_train_loss_difference", learning_rate=LOW, other=rate)
        if bounds[1] > 0:
            lower[rate] = bounds[0]
    if not lower:
        return [
            Part("a", NOT_TESTED, sentence(f"{text}, but no other rate is seen to have a lower training loss"), ledger)
        ]
    rate = max(lower, key=lambda other: lower[other])
    ledger.statistics("late_train_loss_difference", learning_rate=LOW, other=rate)
    one, other = (significant(ledger.computed("late_train_loss", learning_rate=of)) for of in (LOW, rate))
    text += f": a plateau is seen, at {one} nats against {other} at {rate_label(rate)}; its cause was not measured"
    return [Part("a", INCONCLUSIVE, sentence(text), ledger)]
