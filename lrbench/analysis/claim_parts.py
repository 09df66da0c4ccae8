"""What the claims of the tutorial come to: for each claim a function that measures the parts it splits into."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from lrbench.analysis.evidence import Ledger
from lrbench.analysis.quantities import (
    delta,
    first_epoch_end,
    leading_steps,
    shared_target,
)
from lrbench.analysis.results import Analysis
from lrbench.analysis.wording import (
    counted,
    decimals_for,
    listed,
    number,
    percent,
    points,
    rate_labels,
    sentence,
    significant,
    steps,
    target_label,
    times,
)
from lrbench.experiment import rate_label

HIGH, DEFAULT, LOW = 0.01, 0.001, 0.0001
SUPPORTED, CONTRADICTED, INCONCLUSIVE, NOT_TESTED = "supported", "contradicted", "inconclusive", "not tested"
Statistic = tuple[float, float, float]


@dataclass(frozen=True)
class Part:
    """One measurable part of a claim: what was found, and what that says about it."""

    id: str
    verdict: str
    statement: str
    ledger: Ledger

    def as_dict(self) -> dict[str, Any]:
        """The part as plain data, ready for JSON."""
        return {
            "id": self.id,
            "statement": self.statement,
            "verdict": self.verdict,
            "evidence": [dict(item) for item in self.ledger.items],
        }


def verdict_by(low: float, high: float, below: str, above: str, limit: float = 0.0) -> str:
    """The verdict of an interval: all below the limit, all above it, or neither."""
    return below if high < limit else above if low > limit else INCONCLUSIVE


def _loss_comparison(ledger: Ledger, bounds: Statistic, levels: list[float]) -> str:
    """The high rate's loss against the default's, with the interval of the difference where there is one."""
    mean, low, high = bounds
    text = f"{significant(levels[0])} nats at {rate_label(HIGH)} and {significant(levels[1])} at {rate_label(DEFAULT)}"
    if not math.isfinite(mean):
        return f"{text}, a difference without an interval"
    return f"{text}, a difference of {significant(mean)} ({ledger.interval(low, high, significant)})"


# Claim 1


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


# Claim 2


def _oscillation(analysis: Analysis, rate: float) -> tuple[Ledger, Statistic, str]:
    """The ratio of a rate's oscillation to the default's, and its sentence."""
    ledger = Ledger(analysis)
    pair = {"learning_rate": rate, "other": DEFAULT, "measure": "oscillation"}
    bounds = ledger.statistics("ratio", **pair)
    if not all(map(math.isfinite, bounds)):
        return (
            ledger,
            bounds,
            (
                f"the oscillation of training loss at {rate_label(rate)} and {rate_label(DEFAULT)} has no ratio with "
                "an interval (fewer than 8 epochs, no movement, or a loss that is not finite)"
            ),
        )
    one, other = (
        significant(ledger.computed("rms", learning_rate=of, measure="oscillation")) for of in (rate, DEFAULT)
    )
    mean, low, high = bounds
    return (
        ledger,
        bounds,
        (
            f"training loss oscillates by {one} nats at {rate_label(rate)} and by {other} at {rate_label(DEFAULT)}; "
            f"in the same seeds, {significant(mean)} times as much ({ledger.interval(low, high, significant)})"
        ),
    )


def high_fluctuates(analysis: Analysis) -> list[Part]:
    """Whether the high rate diverges or oscillates more, and ends at a higher training loss."""
    ledger, bounds, text = _oscillation(analysis, HIGH)
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


# Claim 3


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


# Claim 4


def low_is_stable(analysis: Analysis) -> list[Part]:
    """Whether the low rate's training loss oscillates less than the default's."""
    ledger, bounds, text = _oscillation(analysis, LOW)
    spreads = [ledger.cell("rates", "score_sd", learning_rate=rate) for rate in (LOW, DEFAULT)]
    if all(map(math.isfinite, spreads)):
        one, other = (points(value, 2) for value in spreads)
        text += f"; apart from that, the score's standard deviation between seeds is {one} against {other} points"
    return [Part("a", verdict_by(bounds[1], bounds[2], SUPPORTED, CONTRADICTED, limit=1), sentence(text), ledger)]


# Claim 5


def low_is_slow(analysis: Analysis) -> list[Part]:
    """Whether the low rate reaches the highest shared target later, and is still improving at the end."""
    return [_low_takes_longer(analysis), _low_still_improves(analysis)]


def _low_takes_longer(analysis: Analysis) -> Part:
    ledger = Ledger(analysis)
    target = shared_target(analysis, LOW, DEFAULT)
    if math.isnan(target):
        asked = listed(target_label(value) for value in analysis.targets_asked)
        text = f"no target ({asked}) is reached and kept by every run of {rate_labels([LOW, DEFAULT])}"
        return Part("a", INCONCLUSIVE, sentence(text), ledger)

    pair = {"slower": LOW, "faster": DEFAULT, "target": target}
    least, most = (ledger.computed("steps_ratio", **pair, bound=end) for end in ("least", "most"))
    seeds = ledger.computed("rows", table="targets", learning_rate=LOW, target=target)
    slower = ledger.computed("slower_seeds", **pair)
    limit = analysis.thresholds.slower
    verdict = INCONCLUSIVE
    if slower == seeds and least >= limit:
        verdict = SUPPORTED
    elif most < limit:
        verdict = CONTRADICTED
    text = (
        f"{rate_label(LOW)} reaches {target_label(target)} for good {ledger.sustained(LOW, target)} (median), "
        f"{rate_label(DEFAULT)} {ledger.sustained(DEFAULT, target)}: {times(least, most)} times as many steps, and "
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


# Claim 6


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
