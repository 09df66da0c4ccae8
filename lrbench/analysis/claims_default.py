"""What the claim about the default learning rate comes to: it balances speed and stability."""

from __future__ import annotations

import math

from lrbench.analysis.claim_parts import CONTRADICTED, DEFAULT, INCONCLUSIVE, NOT_TESTED, SUPPORTED, Part, verdict_by
from lrbench.analysis.evidence import Ledger
from lrbench.analysis.quantities_accuracy import delta
from lrbench.analysis.results import Analysis
from lrbench.analysis.wording import decimals_for, sentence
from lrbench.names import rate_label
from lrbench.wording import number, percent, points


def default_balances(analysis: Analysis) -> list[Part]:
    """Whether the default's losses fall gradually, its accuracy rises, and it is recommended or tied."""
    return [_loss_falls(analysis), _val_loss_falls(analysis), _accuracy_improves(analysis), _default_chosen(analysis)]


def _loss_falls(analysis: Analysis) -> Part:
    ledger = Ledger(analysis)
    share, rises, moves = (
        ledger.computed(name, learning_rate=DEFAULT) for name in ("rising_share", "loss_rises", "loss_moves")
    )
    if not moves:
        return Part("a", NOT_TESTED, "With one epoch, training loss has no course.", ledger)
    verdict = SUPPORTED if share <= analysis.thresholds.rising_epochs else CONTRADICTED
    text = (
        f"the running training loss fails to fall in {rises} of {moves} steps from epoch to epoch ({percent(share, 0)})"
    )
    return Part("a", verdict, sentence(text), ledger)


def _val_loss_falls(analysis: Analysis) -> Part:
    ledger = Ledger(analysis)
    mean, low, high = ledger.statistics("log_val_loss_change", learning_rate=DEFAULT)
    span = f"over the last {ledger.computed('last_half')} epochs"
    if not math.isfinite(low):
        return Part("b", INCONCLUSIVE, sentence(f"{span}, the change of validation loss has no interval"), ledger)
    limit = -analysis.thresholds.improvement
    shown = ledger.interval(low, high, lambda end: number(end, 2))
    text = f"{span}, the logarithm of validation loss changes by {number(mean, 2)} ({shown}), where a gradual fall "
    text += f"asks for less than {number(limit, 2)}"
    return Part("b", verdict_by(low, high, SUPPORTED, CONTRADICTED, limit), sentence(text), ledger)


def _accuracy_improves(analysis: Analysis) -> Part:
    ledger = Ledger(analysis)
    mean, low, high = ledger.statistics("accuracy_change", learning_rate=DEFAULT)
    span = f"over the last {ledger.computed('last_half')} epochs"
    if not math.isfinite(low):
        return Part("c", INCONCLUSIVE, sentence(f"{span}, the change of validation accuracy has no interval"), ledger)
    digits = max(decimals_for((high - low) / 2), ledger.decimals)
    limit = points(ledger.computed("delta"), 2)
    shown = ledger.interval(low, high, lambda end: points(end, digits))
    text = (
        f"{span}, validation accuracy changes by {points(mean, digits)} points ({shown}), where a steady improvement "
    )
    text += f"asks for more than {limit}"
    return Part("c", verdict_by(low, high, CONTRADICTED, SUPPORTED, delta(analysis)), sentence(text), ledger)


def _default_chosen(analysis: Analysis) -> Part:
    ledger = Ledger(analysis)
    verdict = str(ledger.cell("rates", "verdict", learning_rate=DEFAULT))
    tied = bool(ledger.cell("rates", "tied", learning_rate=DEFAULT))
    label = rate_label(DEFAULT)
    if verdict == "recommended":
        return Part("d", SUPPORTED, f"{label} is the rate recommended here.", ledger)
    if tied:
        return Part("d", SUPPORTED, f"{label} is practically tied with the rate recommended here.", ledger)
    if not bool(ledger.cell("rates", "complete", learning_rate=DEFAULT)):
        return Part("d", INCONCLUSIVE, f"{label} lacks planned runs and was not ranked.", ledger)
    return Part("d", CONTRADICTED, f"{label} is neither the rate recommended here nor tied with it.", ledger)
