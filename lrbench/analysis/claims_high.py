"""What the claims about a high learning rate come to: it learns faster at first, and fluctuates."""

from __future__ import annotations

import math

from lrbench.analysis.claim_parts import (
    CONTRADICTED,
    DEFAULT,
    HIGH,
    INCONCLUSIVE,
    NOT_TESTED,
    SUPPORTED,
    Part,
    Statistic,
    oscillation,
    verdict_by,
)
from lrbench.analysis.evidence import Ledger
from lrbench.analysis.quantities_training import first_epoch_end, leading_steps
from lrbench.analysis.results import Analysis
from lrbench.analysis.wording import sentence, significant
from lrbench.names import rate_label
from lrbench.wording import counted, steps


def _loss_comparison(ledger: Ledger, bounds: Statistic, levels: list[float]) -> str:
    """The high rate's loss against the default's, with the interval of the difference where there is one."""
    mean, low, high = bounds
    text = f"{significant(levels[0])} nats at {rate_label(HIGH)} and {significant(levels[1])} at {rate_label(DEFAULT)}"
    if not math.isfinite(mean):
        return f"{text}, a difference without an interval"
    return f"{text}, a difference of {significant(mean)} ({ledger.interval(low, high, significant)})"


def high_learns_faster(analysis: Analysis) -> list[Part]:
    """Whether the high rate's training loss is below the default's at the end of epoch 1."""
    ledger = Ledger(analysis)
    end = first_epoch_end(analysis)
    if end is None:
        return [Part("a", NOT_TESTED, "No evaluation stands at the end of epoch 1.", ledger)]
    bounds = ledger.statistics("train_loss_difference", learning_rate=HIGH, other=DEFAULT, step=end)
    levels = [ledger.computed("train_loss", learning_rate=rate, step=end) for rate in (HIGH, DEFAULT)]
    where = f"epoch 1 (step {steps(ledger.computed('first_epoch_steps'))})"
    text = f"at the end of {where}, training loss is {_loss_comparison(ledger, bounds, levels)}"
    ahead = leading_steps(analysis, HIGH, DEFAULT)
    if ahead:
        pair = {"learning_rate": HIGH, "other": DEFAULT}
        first = steps(ledger.computed("first_leading_step", **pair))
        last = steps(ledger.computed("last_leading_step", **pair))
        text += "; before that it leads "
        text += f"at step {last}" if first == last else f"first at step {first}, last at step {last}"
    else:
        text += "; before that it leads at no evaluated step"
    return [Part("a", verdict_by(bounds[1], bounds[2], SUPPORTED, CONTRADICTED), sentence(text), ledger)]


def high_fluctuates(analysis: Analysis) -> list[Part]:
    """Whether the high rate diverges or oscillates more, and ends at a higher training loss."""
    ledger, bounds, text = oscillation(analysis, HIGH)
    diverged, n = (ledger.cell("rates", column, learning_rate=HIGH) for column in ("diverged", "n"))
    verdict = SUPPORTED if diverged else verdict_by(bounds[1], bounds[2], CONTRADICTED, SUPPORTED, limit=1)
    fluctuates = Part(
        "a", verdict, sentence(f"{diverged or 'none'} of {n} runs diverged at {rate_label(HIGH)}; {text}"), ledger
    )
    return [fluctuates, _high_ends_above(analysis)]


def _high_ends_above(analysis: Analysis) -> Part:
    ledger = Ledger(analysis)
    bounds = ledger.statistics("late_train_loss_difference", learning_rate=HIGH, other=DEFAULT)
    levels = [ledger.computed("late_train_loss", learning_rate=rate) for rate in (HIGH, DEFAULT)]
    span = f"over the last {ledger.computed('late_epochs')} epochs"
    text = f"{span}, training loss is {_loss_comparison(ledger, bounds, levels)}"
    verdict = verdict_by(bounds[1], bounds[2], CONTRADICTED, SUPPORTED)
    if not math.isfinite(bounds[0]):
        pair = {"learning_rate": HIGH, "other": DEFAULT}
        above, seeds = (ledger.computed(name, **pair) for name in ("late_seeds_above", "common_seeds"))
        text += f"; it is higher or not finite in {above} of {counted(seeds, 'seed')}"
        verdict = SUPPORTED if above == seeds else INCONCLUSIVE
    return Part("b", verdict, sentence(f"{text}; where the minimum lies was not measured"), ledger)
