"""What the claims of the tutorial are made of: parts that can be measured, and the words that they share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from lrbench.analysis.course import HALF_SHORTEST, OSCILLATION_FEWEST, uses_oscillation
from lrbench.findings import numbers
from lrbench.findings.ledger import Ledger
from lrbench.wording import counted, listed, outcomes, rate_label, sentence, significant

SUPPORTED, CONTRADICTED, INCONCLUSIVE, NOT_TESTED = "supported", "contradicted", "inconclusive", "not tested"
MIXED = "mixed"  # of a claim with a supported part and a contradicted one
MOST_RATIO_DIGITS = 6
MOST_DIGITS = 5  # to which two losses are shown that fewer digits do not tell apart
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


def mishaps(ledger: Ledger, *rates: float) -> str:
    """How many runs of each rate exploded, diverged, failed or collapsed, as a beginning of a sentence; else nothing.

    Means are over all runs of a rate, so a sentence that compares them names the runs that went wrong first.
    """
    words = {"exploded": "exploded", "diverged": "diverged", "failed": "failed to learn", "collapsed": "collapsed"}
    texts = []
    for rate in rates:
        n = ledger.cell("rates", "n", learning_rate=rate)
        counts = [(ledger.cell("rates", column, learning_rate=rate), said) for column, said in words.items()]
        seen = [one for one in counts if one[0]]
        if seen:
            texts.append(f"at {rate_label(rate)}, {outcomes(seen, n)}; ")
    return "".join(texts)


def how_many(count: int, n: int) -> str:
    """A count of n runs in words where it is all or none of them."""
    return "none" if not count else "all" if count == n > 1 else str(count)


def blow_ups(ledger: Ledger, rate: float) -> int:
    """How many runs of a rate exploded or diverged; one that did both counts twice."""
    return int(sum(ledger.cell("rates", column, learning_rate=rate) for column in ("exploded", "diverged")))


def late_span(ledger: Ledger) -> str:
    """The last epochs, over which training losses are compared."""
    count = ledger.take(numbers.late_epochs)
    return f"over the last {count} epochs" if count > 1 else "after the only epoch"


def trend_span(ledger: Ledger) -> str | None:
    """The last epochs, over which a trend is fitted, or None where there are too few."""
    count = ledger.take(numbers.last_half)
    return f"over the last {count} epochs" if ledger.take(numbers.epochs) >= count else None


def no_trend(part: str, ledger: Ledger) -> Part:
    """The part of a claim about a trend, in an experiment with too few epochs for one."""
    there = counted(ledger.take(numbers.epochs), "epoch")
    return Part(part, NOT_TESTED, f"A trend needs {HALF_SHORTEST} epochs; this experiment has {there}.", ledger)


def below_start(ledger: Ledger, rate: float, measure: str) -> tuple[int, int]:
    """In how many runs a loss ends below its value before training, and of how many."""
    ended = ledger.take(numbers.runs_below_start, learning_rate=rate, measure=measure)
    return int(ended), int(ledger.cell("rates", "n", learning_rate=rate))


def loss_comparison(ledger: Ledger, bounds: Statistic, levels: Statistic | tuple[float, float], *rates: float) -> str:
    """Two rates' losses with the interval of their difference, and what that says: lower, higher, not told apart."""
    labels = [rate_label(rate) for rate in rates]
    if not all(map(math.isfinite, bounds)):
        one, other = (
            f"{significant(level)} nats at {label}" if math.isfinite(level) else f"not finite at {label}"
            for level, label in zip(levels, labels, strict=True)
        )
        return f"{one} and {other}, a difference without an interval"
    one, other = apart(*levels)
    mean, low, high = bounds
    difference = f"the difference is {significant(mean)} ({ledger.interval(low, high, significant)})"
    told = "lower than" if high < 0 else "higher than" if low > 0 else "and"
    open_ = "" if high < 0 or low > 0 else ", which does not tell them apart"
    return f"{one} nats at {labels[0]}{'' if told == 'and' else ','} {told} {other} at {labels[1]}: {difference}{open_}"


def apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers with as many significant digits as make them differ, two at least, or with two if none do."""
    shown = [(significant(one, digits), significant(other, digits)) for digits in range(2, MOST_DIGITS + 1)]
    return next((texts for texts in shown if texts[0] != texts[1]), shown[0])


def oscillation(ledger: Ledger, rate: float, default: float) -> tuple[Statistic, str]:
    """The ratio of a rate's oscillation to the default's, and what is said of it."""
    bounds = ledger.statistics(numbers.ratio, learning_rate=rate, other=default, measure="oscillation")
    labels = [rate_label(of) for of in (rate, default)]
    if not all(map(math.isfinite, bounds)):
        count = int(ledger.take(numbers.epochs))
        if not uses_oscillation(count):
            there = counted(count, "epoch")
            text = f"oscillation is measured from {OSCILLATION_FEWEST} epochs on, and this experiment has {there}"
        else:
            text = f"the oscillation of training loss at {listed(labels)} has no ratio with an interval"
            text += ", since some loss is not finite or does not move at all"
        return bounds, text
    one, other = (significant(ledger.cell("rates", "oscillation_median", learning_rate=of)) for of in (rate, default))
    mean, low, high = bounds
    text = (
        f"training loss oscillates by {one} nats at {labels[0]} and by {other} at {labels[1]} (medians over runs); "
        f"seed by seed their ratio is {significant(mean)} ({ledger.interval(low, high, beside_one)})"
    )
    if low <= 1 <= high:
        text += ", which does not tell them apart"
    return bounds, text


def beside_one(ratio: float) -> str:
    """A ratio with two significant digits, or as many as it takes to read as above 1 or below it."""
    digits = 2
    while digits < MOST_RATIO_DIGITS and ratio != 1 and float(significant(ratio, digits).replace(",", "")) == 1:
        digits += 1
    return significant(ratio, digits)


def part(name: str, verdict: str, text: str, ledger: Ledger) -> Part:
    """A part of a claim, its text made a sentence."""
    return Part(name, verdict, sentence(text), ledger)


def combined(verdicts: list[str]) -> str:
    """A claim's verdict from those of its parts."""
    if CONTRADICTED in verdicts:
        return MIXED if SUPPORTED in verdicts else CONTRADICTED
    if verdicts and all(verdict == SUPPORTED for verdict in verdicts):
        return SUPPORTED
    return NOT_TESTED if all(verdict == NOT_TESTED for verdict in verdicts) else INCONCLUSIVE


def measurement_of(parts: list[Part]) -> str:
    """The statements of a claim's parts, and which of several parts support or contradict it where they decide."""
    if len(parts) == 1:
        return parts[0].statement
    text = " ".join(f"({part.id}) {part.statement}" for part in parts)
    against, for_it = (
        [f"({part.id})" for part in parts if part.verdict == verdict] for verdict in (CONTRADICTED, SUPPORTED)
    )
    if against and for_it:
        return f"{text} Supported by {listed(for_it)}, contradicted by {listed(against)}."
    return f"{text} Contradicted by {listed(against)}." if against else text
