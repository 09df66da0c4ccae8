"""The tutorial's claims about a high and about the default learning rate: what of each can be measured."""

from __future__ import annotations

import math

from lrbench.findings import numbers
from lrbench.findings.claims import DEFAULT, HIGH, Analysis, Claim, Ledger, Roles
from lrbench.findings.claims.parts import (
    CONTRADICTED,
    INCONCLUSIVE,
    NOT_TESTED,
    SUPPORTED,
    Part,
    below_start,
    blow_ups,
    how_many,
    late_span,
    loss_comparison,
    mishaps,
    no_trend,
    oscillation,
    part,
    trend_span,
    verdict_by,
)
from lrbench.findings.numbers import delta, first_epoch_end
from lrbench.wording import counted, decimals_for, number, percent, plural_points, points, rate_label, steps


def high_learns_faster(analysis: Analysis, roles: Roles) -> list[Part]:
    """Whether the high rate's training loss is below the default's in the first steps, and at the end of epoch 1."""
    high, default = roles.playing(HIGH), roles.playing(DEFAULT)
    return [_ahead_in_first_steps(analysis, high, default), _ahead_after_an_epoch(analysis, high, default)]


def _ahead_in_first_steps(analysis: Analysis, high: float, default: float) -> Part:
    ledger = Ledger(analysis)
    pair = {"learning_rate": high, "other": default}
    count = ledger.take(numbers.first_steps_evaluated)
    if not count:
        return part("a", NOT_TESTED, "no evaluation stands in the first tenth of epoch 1", ledger)
    last = ledger.take(numbers.last_first_step)
    if count == 1:
        where = f"at step {steps(last)}, the only one evaluated in the first tenth of epoch 1"
        return _compared_at("a", ledger, int(last), where, high, default)
    below, above, unknown = (
        ledger.take(count, **pair)
        for count in (numbers.first_steps_below, numbers.first_steps_above, numbers.first_steps_unknown)
    )
    where = f"in the first tenth of epoch 1, up to step {steps(last)}"
    corrected = f"by intervals corrected for looking at {count} steps"
    labels = rate_label(high), rate_label(default)
    if below or above:
        text = f"{where}, training loss at {labels[0]} is below that at {labels[1]} at {below or 'none'} of {count} "
        text += f"evaluated steps, and above it at {_of_them(above)}, {corrected}"
    else:
        text = f"{where}, training losses at {labels[0]} and {labels[1]} are told apart at none of {count} evaluated "
        text += f"steps, {corrected}"
    if unknown:
        text += f"; at {_of_them(unknown)} some loss is not finite"
    verdict = INCONCLUSIVE if bool(below) == bool(above) else SUPPORTED if below else CONTRADICTED
    return part("a", verdict, mishaps(ledger, high, default) + text, ledger)


def _of_them(count: int) -> str:
    """A count of things just named, which cannot be read as a learning rate."""
    return f"{'one' if count == 1 else count or 'none'} of them"


def _ahead_after_an_epoch(analysis: Analysis, high: float, default: float) -> Part:
    ledger = Ledger(analysis)
    end = first_epoch_end(analysis)
    if end is None:
        return part("b", NOT_TESTED, "no evaluation stands at the end of epoch 1", ledger)
    where = f"at the end of epoch 1 (step {steps(ledger.take(numbers.first_epoch_steps))})"
    return _compared_at("b", ledger, end, where, high, default)


def _compared_at(name: str, ledger: Ledger, step: int, where: str, high: float, default: float) -> Part:
    pair = {"learning_rate": high, "other": default}
    bounds = ledger.statistics(numbers.train_loss_difference, **pair, step=step)
    levels = (
        ledger.take(numbers.train_loss_in_common, learning_rate=high, other=default, step=step),
        ledger.take(numbers.train_loss_in_common, learning_rate=default, other=high, step=step),
    )
    text = f"{mishaps(ledger, high, default)}{where}, training loss is "
    text += loss_comparison(ledger, bounds, levels, high, default)
    verdict = verdict_by(bounds[1], bounds[2], SUPPORTED, CONTRADICTED)
    if not math.isfinite(bounds[0]):
        above, seeds = ledger.take(numbers.seeds_above, **pair, step=step), ledger.take(numbers.common_seeds, **pair)
        text += f"; it is higher or not finite at {rate_label(high)} in {above or 'none'} of {counted(seeds, 'seed')}"
        verdict = CONTRADICTED if above == seeds else INCONCLUSIVE
    return part(name, verdict, text, ledger)


def high_fluctuates(analysis: Analysis, roles: Roles) -> list[Part]:
    """Whether the high rate explodes, diverges or oscillates more, and ends at a higher training loss."""
    high = roles.playing(HIGH)
    if roles.default is None:
        return _without_default(analysis, high)
    return [_high_is_unsteady(analysis, high, roles.default), _high_ends_above(analysis, high, roles.default)]


def _blown_up(ledger: Ledger, analysis: Analysis, rate: float) -> str:
    """The runs of a rate that blew up, with what the words mean."""
    times = f"{analysis.thresholds.exploded_ratio:g}"
    meanings = {
        "exploded": f"exploded (training loss rose to {times} times its value before training, or more)",
        "diverged": "diverged (a loss or a weight was not finite)",
    }
    n = ledger.cell("rates", "n", learning_rate=rate)
    counts = {name: ledger.cell("rates", name, learning_rate=rate) for name in meanings}
    said = " and ".join(f"{how_many(count, n)} {meanings[name]}" for name, count in counts.items() if count)
    return f"of {counted(n, 'run')} at {rate_label(rate)}, {said or 'none exploded or diverged'}"


def _without_default(analysis: Analysis, high: float) -> list[Part]:
    """What the claim comes to at the largest rate tried, where no rate can be called the default."""
    ledger = Ledger(analysis)
    text = _blown_up(ledger, analysis, high)
    verdict = SUPPORTED if blow_ups(ledger, high) else NOT_TESTED
    if verdict == NOT_TESTED:
        text += "; without a default, whether this rate is high and what its oscillation compares with are not known"
    none = "without a default there is no training loss to compare with"
    return [part("a", verdict, text, ledger), part("b", NOT_TESTED, none, Ledger(analysis))]


def _high_is_unsteady(analysis: Analysis, high: float, default: float) -> Part:
    ledger = Ledger(analysis)
    bad = blow_ups(ledger, high)
    text = _blown_up(ledger, analysis, high)
    if blow_ups(ledger, default):
        text += f"; {_blown_up(ledger, analysis, default)}"
    bounds, oscillates = oscillation(ledger, high, default)
    if not bad or math.isfinite(bounds[0]):
        text += f"; {oscillates}"
    verdict = SUPPORTED if bad else verdict_by(bounds[1], bounds[2], CONTRADICTED, SUPPORTED, limit=1)
    return part("a", verdict, text, ledger)


def _high_ends_above(analysis: Analysis, high: float, default: float) -> Part:
    ledger = Ledger(analysis)
    pair = {"learning_rate": high, "other": default}
    bounds = ledger.statistics(numbers.late_train_loss_difference, **pair, looked_at=1)
    levels = (
        ledger.take(numbers.late_train_loss, learning_rate=high, other=default),
        ledger.take(numbers.late_train_loss, learning_rate=default, other=high),
    )
    text = f"{mishaps(ledger, high, default)}{late_span(ledger)}, training loss is "
    text += loss_comparison(ledger, bounds, levels, high, default)
    verdict = verdict_by(bounds[1], bounds[2], CONTRADICTED, SUPPORTED)
    if not math.isfinite(bounds[0]):
        above, seeds = (ledger.take(count, **pair) for count in (numbers.late_seeds_above, numbers.common_seeds))
        text += f"; it is higher or not finite at {rate_label(high)} in {above or 'none'} of {counted(seeds, 'seed')}"
        verdict = SUPPORTED if above == seeds else INCONCLUSIVE
    return part("b", verdict, f"{text}; where the minimum lies was not measured", ledger)


def default_balances(analysis: Analysis, roles: Roles) -> list[Part]:
    """Whether the default's losses fall gradually, its accuracy rises, and it is recommended or tied.

    Where the default is the rate recommended here, the last part would be true by construction and is left out.
    """
    rate = roles.playing(DEFAULT)
    parts = [_loss_falls(analysis, rate), _val_loss_falls(analysis, rate), _accuracy_improves(analysis, rate)]
    return [*parts, _default_chosen(analysis, rate)] if roles.source == "tutorial" else parts


def _loss_falls(analysis: Analysis, rate: float) -> Part:
    ledger = Ledger(analysis)
    share, rises, moves = (
        ledger.take(number, learning_rate=rate)
        for number in (numbers.rising_share, numbers.loss_rises, numbers.loss_moves)
    )
    if not moves:
        return part("a", NOT_TESTED, "with one epoch, the running training loss has no course", ledger)
    steady = not blow_ups(ledger, rate) and share <= analysis.thresholds.rising_epochs
    where = f"of {counted(moves, 'step')} from epoch to epoch"
    text = f"the running training loss fails to fall in {rises} {where} ({percent(share, 0)})"
    if not rises:
        text = f"the running training loss falls in every one {where}"
    return part("a", SUPPORTED if steady else CONTRADICTED, mishaps(ledger, rate) + text, ledger)


def _val_loss_falls(analysis: Analysis, rate: float) -> Part:
    ledger = Ledger(analysis)
    span = trend_span(ledger)
    if span is None:
        return no_trend("b", ledger)
    mean, low, high = ledger.statistics(numbers.log_val_loss_change, learning_rate=rate)
    if not math.isfinite(low):
        return part("b", INCONCLUSIVE, f"{span}, the change of validation loss has no interval", ledger)
    limit = analysis.thresholds.improvement
    verdict = verdict_by(low, high, SUPPORTED, CONTRADICTED, -limit)
    shown = ledger.interval(low, high, lambda end: number(end, 2))
    said = {
        SUPPORTED: "which is a fall of more than",
        CONTRADICTED: "which is no fall of more than",
        INCONCLUSIVE: "which leaves open whether it falls by more than",
    }
    text = f"{span}, the logarithm of validation loss changes by {number(mean, 2)} ({shown}), {said[verdict]} {limit:g}"
    ended, runs = below_start(ledger, rate, "val_loss")
    if ended < runs:
        text += f"; it ends below its value before training in {ended or 'none'} of {counted(runs, 'run')}"
        verdict = CONTRADICTED if not ended else INCONCLUSIVE if verdict == SUPPORTED else verdict
    return part("b", verdict, text, ledger)


def _accuracy_improves(analysis: Analysis, rate: float) -> Part:
    ledger = Ledger(analysis)
    span = trend_span(ledger)
    if span is None:
        return no_trend("c", ledger)
    mean, low, high = ledger.statistics(numbers.accuracy_change, learning_rate=rate)
    if not math.isfinite(low):
        return part("c", INCONCLUSIVE, f"{span}, the change of validation accuracy has no interval", ledger)
    verdict = verdict_by(low, high, CONTRADICTED, SUPPORTED, delta(analysis))
    digits = max(decimals_for((high - low) / 2), ledger.decimals)
    limit = points(ledger.take(numbers.delta), 2)
    shown = ledger.interval(low, high, lambda end: points(end, digits))
    said = {
        SUPPORTED: "which is a rise of more than",
        CONTRADICTED: "which is no rise of more than",
        INCONCLUSIVE: "which leaves open whether it rises by more than",
    }
    text = f"{span}, validation accuracy changes by {points(mean, digits)} percentage points ({shown}), "
    return part("c", verdict, f"{text}{said[verdict]} {limit} points", ledger)


def _default_chosen(analysis: Analysis, rate: float) -> Part:
    ledger = Ledger(analysis)
    label = rate_label(rate)
    if ledger.take(numbers.recommended, learning_rate=rate):
        return part("d", SUPPORTED, f"{label} is the rate recommended here", ledger)
    if ledger.take(numbers.tied_with_recommended, learning_rate=rate):
        return part("d", SUPPORTED, f"{label} is practically tied with the rate recommended here", ledger)
    if analysis.choice is not None and rate in analysis.choice.candidates:
        limit = plural_points(ledger.take(numbers.resolution), 2)
        text = f"{label} is not resolved from the rate recommended here, {rate_label(analysis.choice.chosen)}"
        return part("d", INCONCLUSIVE, f"{text}, by a standard error of {limit}", ledger)
    n, planned, learned = (ledger.cell("rates", name, learning_rate=rate) for name in ("n", "planned", "learned"))
    if n < planned:
        return part(
            "d", INCONCLUSIVE, f"{label} has {n} of {counted(planned, 'planned run')} and was not ranked", ledger
        )
    if learned < n:
        runs = counted(n, "run")
        return part(
            "d", CONTRADICTED, f"{learned or 'none'} of {runs} at {label} learned, so it is not recommended", ledger
        )
    chosen = analysis.chosen
    if chosen is None:
        return part("d", INCONCLUSIVE, "no rate is recommended here", ledger)
    _, low, high = ledger.statistics(numbers.score_behind, learning_rate=rate, other=float(chosen))
    text = f"{label} is neither the rate recommended here, {rate_label(float(chosen))}, nor practically tied with it"
    if not math.isfinite(low) or low <= 0 <= high:
        return part("d", INCONCLUSIVE, f"{text}, but their scores are not told apart seed by seed", ledger)
    return part("d", CONTRADICTED, text, ledger)


CLAIMS = (
    Claim(
        "high-learns-faster",
        "A high learning rate learns faster at first.",
        "Training loss at {high} is below that at {default} (a) in the first tenth of epoch 1 and (b) at the end of "
        "epoch 1.",
        (HIGH, DEFAULT),
        "first-epoch",
        high_learns_faster,
    ),
    Claim(
        "high-fluctuates",
        "With a high learning rate the loss fluctuates or diverges, and training misses the minimum.",
        "(a) Some run at {high} explodes or diverges, or training loss there oscillates more than at {default}; "
        "(b) {late}, training loss at {high} is above that at {default}.",
        (HIGH, DEFAULT),
        "stability",
        high_fluctuates,
        needs=(HIGH,),
    ),
    Claim(
        "default-balances",
        "The default rate balances speed and stability: both losses fall gradually and accuracy improves steadily.",
        "At {default}, (a) no run explodes or diverges, and the running training loss fails to fall in at most "
        "{rising} % of the steps from epoch to epoch; {half}, (b) the logarithm of validation loss falls by more than "
        "{improvement} and (c) validation accuracy rises by more than the margin within which scores are "
        "practically tied or not resolved.",
        (DEFAULT,),
        "loss",
        default_balances,
        " (d) The rate is recommended here or practically tied with the one that is.",
    ),
)
