"""What the claims about a low learning rate come to: it is stable, it is slow, it can get stuck."""

from __future__ import annotations

import math

from lrbench.analysis.course import uses_oscillation
from lrbench.analysis.rates import shared_target
from lrbench.findings import numbers
from lrbench.findings.claims import DEFAULT, LOW, Analysis, Claim, Ledger, Roles
from lrbench.findings.claims.parts import (
    CONTRADICTED,
    INCONCLUSIVE,
    NOT_TESTED,
    SUPPORTED,
    Part,
    apart,
    below_start,
    blow_ups,
    mishaps,
    no_trend,
    oscillation,
    part,
    trend_span,
    verdict_by,
)
from lrbench.findings.ledger import STEP_COUNTS
from lrbench.findings.numbers import speeds_of
from lrbench.tables.analysis import WHEN
from lrbench.wording import (
    counted,
    listed,
    number,
    percent,
    rate_label,
    rate_labels,
    step_interval,
    target_label,
    times,
)

LEAST_SHOWN = 0.005  # of a loss: a fall or rise that reads as 0 % is none


def low_is_stable(analysis: Analysis, roles: Roles) -> list[Part]:
    """Whether the low rate's training loss explodes less or oscillates less than the default's."""
    ledger = Ledger(analysis)
    low, default = roles.playing(LOW), roles.playing(DEFAULT)
    bad, worse = (blow_ups(ledger, rate) for rate in (low, default))
    bounds, text = oscillation(ledger, low, default)
    if bad or worse:
        verdict = SUPPORTED if not bad else CONTRADICTED if not worse else INCONCLUSIVE
        calm = [rate_label(rate) for rate, count in ((low, bad), (default, worse)) if not count]
        compared = [text] if all(map(math.isfinite, bounds)) else []
        text = "; ".join([f"no run at {label} exploded or diverged" for label in calm] + compared)
    elif not ledger.cell("rates", "learned", learning_rate=low):
        verdict = NOT_TESTED
        text += f"; no run at {rate_label(low)} learned, so what its loss does says nothing of stable training"
    elif uses_oscillation(int(ledger.take(numbers.epochs))):
        verdict = verdict_by(bounds[1], bounds[2], SUPPORTED, CONTRADICTED, limit=1)
    else:
        verdict = NOT_TESTED
    text = (mishaps(ledger, low, default) + text).removesuffix("; ")
    return [part("a", verdict, text, ledger)]


def low_is_slow(analysis: Analysis, roles: Roles) -> list[Part]:
    """Whether the low rate reaches the highest shared target later, and is still improving at the end."""
    low = roles.playing(LOW)
    return [_low_takes_longer(analysis, low, roles.playing(DEFAULT)), _low_still_improves(analysis, low)]


def _low_takes_longer(analysis: Analysis, low: float, default: float) -> Part:
    ledger = Ledger(analysis)
    reach = analysis.reach
    target = shared_target(reach[reach["learning_rate"].isin([low, default])], 2)
    if target is None:
        asked = listed(target_label(value) for value in analysis.targets_asked)
        text = f"no target ({asked}) is reached and kept by every run of {rate_labels([low, default])}"
        return part("a", INCONCLUSIVE, mishaps(ledger, low, default) + text, ledger)

    pair = {"slower": low, "faster": default, "target": target}
    reached, kept = (
        [ledger.take(numbers.steps_ratio, **pair, bound=end, when=when) for end in ("least", "most")] for when in WHEN
    )
    seeds = ledger.take(numbers.common_seeds, learning_rate=low, other=default)
    later = ledger.take(numbers.later_seeds, **pair)
    limit = analysis.thresholds.slower
    verdict, doubt = INCONCLUSIVE, ""
    if later == seeds and min(kept[0], reached[0]) >= limit:
        sure = speeds_of(analysis).told_apart(default, low, target, pairs=1)
        verdict, doubt = (SUPPORTED, "") if sure else (INCONCLUSIVE, ", which is not told from chance seed by seed")
    elif max(kept[1], reached[1]) < limit:
        verdict = CONTRADICTED

    labels = rate_label(low), rate_label(default)
    first = _when(ledger, "first", target, low, default)
    for_good = _when(ledger, "sustained", target, low, default)
    text = f"every run of both rates reaches and keeps {target_label(target)}; "
    counts = f"later in {later or 'none'} of {counted(seeds, 'seed')}"
    if first == for_good:
        text += f"by the median over runs, {first}: "
        text += _ratio(reached, labels) + (f", {counts}" if reached[0] >= 1 else "")
    else:
        text += f"by the median over runs, first {first}: {_ratio(reached, labels)}; and for good {for_good}: "
        text += f"{_ratio(kept, labels)}; by both counts {labels[0]} is {counts}"
    return part("a", verdict, text + doubt, ledger)


def _when(ledger: Ledger, event: str, target: float, *rates: float) -> str:
    """Between which steps the median run of each rate reaches a target first, or for good."""
    texts = []
    for rate in rates:
        key = {"learning_rate": rate, "target": target}
        after, at = (ledger.cell("reach", f"{event}{end}", **key) for end in STEP_COUNTS)
        texts.append(f"{step_interval(after, at)} at {rate_label(rate)}")
    return listed(texts)


def _ratio(bounds: list[float], labels: tuple[str, str]) -> str:
    """What the least and the most ratio of steps say: how many times as many, or that they are not told apart."""
    if bounds[0] >= 1:
        return f"{times(*bounds)} times as many steps at {labels[0]}"
    return f"fewer steps at {labels[0]}" if bounds[1] <= 1 else "which of the two is sooner is not told apart"


def _low_still_improves(analysis: Analysis, rate: float) -> Part:
    ledger = Ledger(analysis)
    span = trend_span(ledger)
    if span is None:
        return no_trend("b", ledger)
    mean, low, high = ledger.statistics(numbers.val_loss_fall, learning_rate=rate)
    before, label = mishaps(ledger, rate), rate_label(rate)
    if not math.isfinite(low):
        text = f"{before}{span}, the change of validation loss at {label} has no interval"
        return part("b", INCONCLUSIVE, text, ledger)
    least = analysis.thresholds.improvement
    verdict = SUPPORTED if low > 0 and mean >= least else CONTRADICTED if high < least else INCONCLUSIVE
    ends = (low, high)
    if low > 0 and mean >= LEAST_SHOWN:
        text = f"falls by {percent(mean, 0)}"
    elif high < 0 and mean <= -LEAST_SHOWN:
        text, ends = f"rises by {percent(-mean, 0)}", (-high, -low)
    elif low <= 0 <= high:
        text = f"neither clearly falls nor clearly rises: the fitted fall is {percent(mean, 0)}"
    else:
        text = f"hardly changes: the fitted fall is {percent(mean, 0)}"
    shown = ledger.interval(*ends, lambda end: percent(end, 0))
    text = f"{span}, validation loss at {label} {text} ({shown})"
    ended, runs = below_start(ledger, rate, "val_loss")
    if ended < runs:
        text += f"; it ends below its value before training in {ended or 'none'} of {counted(runs, 'run')}"
        verdict = CONTRADICTED if not ended else INCONCLUSIVE if verdict == SUPPORTED else verdict
    return part("b", verdict, before + text, ledger)


def low_gets_stuck(analysis: Analysis, roles: Roles) -> list[Part]:
    """Whether the low rate's training loss rests on a plateau above another rate's."""
    rate = roles.playing(LOW)
    label = rate_label(rate)
    ledger = Ledger(analysis)
    span = trend_span(ledger)
    if span is None:
        return [no_trend("a", ledger)]
    before = mishaps(ledger, rate)
    mean, low, high = ledger.statistics(numbers.log_train_loss_change, learning_rate=rate)
    if not math.isfinite(low):
        text = f"{before}{span}, the change of training loss at {label} has no interval"
        return [part("a", NOT_TESTED, text, ledger)]
    shown = ledger.interval(low, high, lambda end: number(end, 2))
    text = f"{before}{span}, the logarithm of training loss at {label} changes by {number(mean, 2)} ({shown})"
    ended, runs = below_start(ledger, rate, "train_loss")
    if ended < runs:
        text += f"; training loss ends below its value before training in {ended or 'none'} of {counted(runs, 'run')}"
        return [part("a", NOT_TESTED, f"{text}, so there is no minimum near which it could be stuck", ledger)]
    limit = analysis.thresholds.improvement
    if not -limit < low <= high < limit:
        if high < 0:
            return [part("a", NOT_TESTED, f"{text}: training loss is still falling, so no plateau is seen", ledger)]
        if low > 0:
            return [part("a", NOT_TESTED, f"{text}: training loss is rising, so no plateau is seen", ledger)]
        return [part("a", INCONCLUSIVE, f"{text}: whether training loss has stopped changing cannot be told", ledger)]
    return [_plateau(analysis, ledger, rate, text)]


def _plateau(analysis: Analysis, ledger: Ledger, rate: float, text: str) -> Part:
    """What a plateau of the training loss at a rate says: whether another rate's loss is lower."""
    others = [float(other) for other in analysis.runs["learning_rate"].unique() if other != rate]
    lower = {}
    for other in others:
        pair = {"learning_rate": rate, "other": other, "looked_at": len(others)}
        bounds = Ledger(analysis).statistics(numbers.late_train_loss_difference, **pair)
        if bounds[1] > 0:
            lower[other] = bounds[0]
    if not lower:
        return part(
            "a", NOT_TESTED, f"{text}: a plateau, but no other rate is seen to have a lower training loss", ledger
        )
    best = max(sorted(lower), key=lambda other: lower[other])
    ledger.statistics(numbers.late_train_loss_difference, learning_rate=rate, other=best, looked_at=len(others))
    losses = apart(
        ledger.take(numbers.late_train_loss, learning_rate=rate, other=best),
        ledger.take(numbers.late_train_loss, learning_rate=best, other=rate),
    )
    text += f": a plateau is seen, at {losses[0]} nats against {losses[1]} at {rate_label(best)}"
    return part("a", INCONCLUSIVE, f"{text}; its cause was not measured", ledger)


CLAIMS = (
    Claim(
        "low-is-stable",
        "A low learning rate trains more stably.",
        "No run at {low} explodes or diverges, and some run at {default} does; or none does at either, and training "
        "loss oscillates less at {low} than at {default}.",
        (LOW, DEFAULT),
        "stability",
        low_is_stable,
    ),
    Claim(
        "low-is-slow",
        "A low learning rate is much slower and may not have converged when training ends.",
        "(a) At the highest target that every run of both rates reaches and keeps, {low} is later in every seed and "
        "needs at least {slower} times the steps of {default}, both to reach it first and to keep it, and is told "
        "apart seed by seed, by a test of this pair alone; (b) {half}, "
        "validation loss at {low} still falls, by at least {fall} %, and ends below its value before training.",
        (LOW, DEFAULT),
        "steps-to-target",
        low_is_slow,
    ),
    Claim(
        "low-gets-stuck",
        "A low learning rate can get stuck in a local minimum.",
        "Training loss at {low} stops changing while another rate's is lower. That it can happen cannot be refuted by "
        "runs in which it does not, and a plateau alone does not show a local minimum.",
        (LOW,),
        "loss",
        low_gets_stuck,
    ),
)
