"""What the claim about the default learning rate comes to: it balances speed and stability."""

from __future__ import annotations

import math

from lrbench.analysis.results import Analysis
from lrbench.findings.claim_parts import (
    CONTRADICTED,
    INCONCLUSIVE,
    NOT_TESTED,
    SUPPORTED,
    Part,
    below_start,
    blow_ups,
    mishaps,
    no_trend,
    part,
    trend_span,
    verdict_by,
)
from lrbench.findings.claim_roles import DEFAULT, Roles
from lrbench.findings.evidence import Ledger
from lrbench.findings.quantities_accuracy import delta
from lrbench.wording import counted, decimals_for, number, percent, points, rate_label


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
        ledger.computed(name, learning_rate=rate) for name in ("rising_share", "loss_rises", "loss_moves")
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
    mean, low, high = ledger.statistics("log_val_loss_change", learning_rate=rate)
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
    mean, low, high = ledger.statistics("accuracy_change", learning_rate=rate)
    if not math.isfinite(low):
        return part("c", INCONCLUSIVE, f"{span}, the change of validation accuracy has no interval", ledger)
    verdict = verdict_by(low, high, CONTRADICTED, SUPPORTED, delta(analysis))
    digits = max(decimals_for((high - low) / 2), ledger.decimals)
    limit = points(ledger.computed("delta"), 2)
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
    if ledger.computed("recommended", learning_rate=rate):
        return part("d", SUPPORTED, f"{label} is the rate recommended here", ledger)
    if ledger.computed("tied_with_recommended", learning_rate=rate):
        return part("d", SUPPORTED, f"{label} is practically tied with the rate recommended here", ledger)
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
    chosen = analysis.recommendation["chosen"]
    if chosen is None:
        return part("d", INCONCLUSIVE, "no rate is recommended here", ledger)
    _, low, high = ledger.statistics("score_behind", learning_rate=rate, other=float(chosen))
    text = f"{label} is neither the rate recommended here, {rate_label(float(chosen))}, nor practically tied with it"
    if not math.isfinite(low) or low <= 0 <= high:
        return part("d", INCONCLUSIVE, f"{text}, but their scores are not told apart seed by seed", ledger)
    return part("d", CONTRADICTED, text, ledger)
