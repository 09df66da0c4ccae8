"""What the claims about a high learning rate come to: it learns faster at first, and fluctuates or diverges."""

from __future__ import annotations

import math

from lrbench.analysis.results import Analysis
from lrbench.findings.claim_parts import (
    CONTRADICTED,
    INCONCLUSIVE,
    NOT_TESTED,
    SUPPORTED,
    Part,
    blow_ups,
    how_many,
    late_span,
    loss_comparison,
    mishaps,
    oscillation,
    part,
    verdict_by,
)
from lrbench.findings.claim_roles import DEFAULT, HIGH, Roles
from lrbench.findings.evidence import Ledger
from lrbench.findings.quantities_training import first_epoch_end
from lrbench.wording import counted, rate_label, steps


def high_learns_faster(analysis: Analysis, roles: Roles) -> list[Part]:
    """Whether the high rate's training loss is below the default's in the first steps, and at the end of epoch 1."""
    high, default = roles.playing(HIGH), roles.playing(DEFAULT)
    return [_ahead_in_first_steps(analysis, high, default), _ahead_after_an_epoch(analysis, high, default)]


def _ahead_in_first_steps(analysis: Analysis, high: float, default: float) -> Part:
    ledger = Ledger(analysis)
    pair = {"learning_rate": high, "other": default}
    count = ledger.computed("first_steps_evaluated")
    if not count:
        return part("a", NOT_TESTED, "no evaluation stands in the first tenth of epoch 1", ledger)
    last = ledger.computed("last_first_step")
    if count == 1:
        where = f"at step {steps(last)}, the only one evaluated in the first tenth of epoch 1"
        return _compared_at("a", ledger, int(last), where, high, default)
    below, above, unknown = (
        ledger.computed(name, **pair) for name in ("first_steps_below", "first_steps_above", "first_steps_unknown")
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
    where = f"at the end of epoch 1 (step {steps(ledger.computed('first_epoch_steps'))})"
    return _compared_at("b", ledger, end, where, high, default)


def _compared_at(name: str, ledger: Ledger, step: int, where: str, high: float, default: float) -> Part:
    pair = {"learning_rate": high, "other": default}
    bounds = ledger.statistics("train_loss_difference", **pair, step=step)
    levels = (
        ledger.computed("train_loss_in_common", learning_rate=high, other=default, step=step),
        ledger.computed("train_loss_in_common", learning_rate=default, other=high, step=step),
    )
    text = f"{mishaps(ledger, high, default)}{where}, training loss is "
    text += loss_comparison(ledger, bounds, levels, high, default)
    verdict = verdict_by(bounds[1], bounds[2], SUPPORTED, CONTRADICTED)
    if not math.isfinite(bounds[0]):
        above, seeds = ledger.computed("seeds_above", **pair, step=step), ledger.computed("common_seeds", **pair)
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
    bounds = ledger.statistics("late_train_loss_difference", **pair, looked_at=1)
    levels = (
        ledger.computed("late_train_loss", learning_rate=high, other=default),
        ledger.computed("late_train_loss", learning_rate=default, other=high),
    )
    text = f"{mishaps(ledger, high, default)}{late_span(ledger)}, training loss is "
    text += loss_comparison(ledger, bounds, levels, high, default)
    verdict = verdict_by(bounds[1], bounds[2], CONTRADICTED, SUPPORTED)
    if not math.isfinite(bounds[0]):
        above, seeds = (ledger.computed(name, **pair) for name in ("late_seeds_above", "common_seeds"))
        text += f"; it is higher or not finite at {rate_label(high)} in {above or 'none'} of {counted(seeds, 'seed')}"
        verdict = SUPPORTED if above == seeds else INCONCLUSIVE
    return part("b", verdict, f"{text}; where the minimum lies was not measured", ledger)
