"""The cards of the first screen: which rate, by how much, what went wrong, how sure, and on new data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from lrbench.analysis import verdicts
from lrbench.analysis.pipeline import Analysis
from lrbench.findings import numbers
from lrbench.findings.ledger import Ledger
from lrbench.findings.phrases import by_score_beside
from lrbench.findings.reasons import Confidence
from lrbench.wording import counted, outcomes, percent, rate_label, rate_labels, sentence

NONE = "none"
NONE_FAILED = "none failed"
DASH = "–"
NAMED_ONE_BY_ONE = 4  # unstable rates that a card names with their reasons


@dataclass(frozen=True)
class Card:
    """One answer of the first screen: a question, the answer in a few words, and what it rests on."""

    question: str
    value: str
    detail: str
    rate: float | None
    ledger: Ledger

    def as_dict(self) -> dict[str, Any]:
        """The card as plain data, ready for JSON."""
        return {
            "question": self.question,
            "value": self.value,
            "detail": self.detail,
            "rate": self.rate,
            "evidence": self.ledger.items,
        }


def cards(analysis: Analysis, sure: Confidence | None, sure_of: Ledger) -> list[Card]:
    """All cards, in the order in which they are shown; the confidence comes with the ledger that it was made with."""
    cards = [_which(analysis), _lead(analysis), _unstable(analysis), _how_sure(sure, sure_of)]
    test = _on_the_test_set(analysis)
    return [*cards, test] if test is not None else cards


def _which(analysis: Analysis) -> Card:
    ledger = Ledger(analysis)
    chosen = None if analysis.choice is None else analysis.choice.chosen
    total = ledger.take(numbers.rows, table="rates")
    named = []
    for verdict in verdicts.counts(analysis.rates["verdict"]):
        count = ledger.take(numbers.rows, table="rates", verdict=verdict)
        named.append(f"{count} {verdicts.PLURAL.get(verdict, verdict) if count > 1 else verdict}")
    detail = f"{counted(total, 'rate')} tried; verdicts, one for each rate: {', '.join(named)}."
    return Card("Which rate?", NONE if chosen is None else rate_label(chosen), detail, chosen, ledger)


def _lead(analysis: Analysis) -> Card:
    ledger = Ledger(analysis)
    question = "By how much?"
    chosen = None if analysis.choice is None else analysis.choice.chosen
    if chosen is None:
        return Card(question, DASH, "There is no recommended rate to compare.", None, ledger)
    rival = next(iter(by_score_beside(analysis, chosen)), None)
    pair = None if rival is None else ledger.pair(chosen, rival)
    if rival is None or pair is None:
        return Card(question, DASH, "No other rate learned in all its planned runs.", None, ledger)
    name = rate_label(rival)
    behind = pair.difference < 0
    shown = ledger.pair(rival, chosen) if behind else pair
    size, bounds = ledger.gap(pair), ledger.pair_interval(shown or pair, name if behind else "")
    if not behind and pair.difference:
        detail = f"more validation accuracy than {name}, the next best {bounds}"
    elif behind:
        detail = f"less validation accuracy than {name}, which has the best score but is not preferred {bounds}"
    else:
        which = "which has the best score" if rival == numbers.best_rate(analysis) else "the next best"
        detail = f"of difference to {name}, {which} {bounds}"
    apart = ": told apart." if pair.separated else ": not told apart."
    return Card(question, size, f"{detail}{apart}", None, ledger)


def _unstable(analysis: Analysis) -> Card:
    """Which rates went wrong, from the same columns as verdicts and findings."""
    ledger = Ledger(analysis)
    found: list[tuple[float, str]] = []
    for row in analysis.rates.sort_values("learning_rate", ascending=False).itertuples():
        rate = float(row.learning_rate)
        said = []
        for column, word in (
            ("diverged", "diverged"),
            ("exploded", "exploded"),
            ("failed", "failed to learn"),
            ("collapsed", "collapsed"),
        ):
            if getattr(row, column):
                count = int(ledger.cell("rates", column, learning_rate=rate))
                n = int(ledger.cell("rates", "n", learning_rate=rate))
                said.append((count, word))
        text = [outcomes(said, n)] if said else []
        if row.unstable and not row.exploded:
            text.append("the training loss moves back up and fluctuates")
        if text:
            found.append((rate, " and ".join(text)))
    missing = ledger.take(numbers.missing_runs)
    tail = f" {counted(missing, 'planned run')} {'is' if missing == 1 else 'are'} missing." if missing else ""
    if not found:
        runs = ledger.take(numbers.rows, table="runs")
        detail = f"All {runs} runs learned{_steadiness(analysis)}." if runs > 1 else "The one run learned."
        over = sorted(map(float, analysis.rates.loc[analysis.rates["overfits"].astype(bool), "learning_rate"]))
        if over:
            detail += (
                f" But validation loss ends well above its least, by more than chance explains, at {rate_labels(over)}."
            )
        return Card("Which went wrong?", NONE_FAILED if over else NONE, detail + tail, None, ledger)
    rates = [rate for rate, _ in found]
    value = rate_labels(sorted(rates)) if len(rates) <= NAMED_ONE_BY_ONE else counted(len(rates), "rate")
    if len(rates) <= NAMED_ONE_BY_ONE:
        detail = "; ".join(f"at {rate_label(rate)}, {text}" for rate, text in found)
    else:
        detail = (
            f"from {rate_label(min(rates))} to {rate_label(max(rates))}; the verdicts below say how each went wrong"
        )
    return Card("Which went wrong?", value, f"{sentence(detail)}{tail}", None, ledger)


def _steadiness(analysis: Analysis) -> str:
    """What is known of the steadiness of rates of which none is unstable."""
    if not analysis.rates["backtrack_median"].notna().any():
        return "; with one epoch, how steady the training loss is cannot be judged"
    return ", and at no rate is the training loss unstable"


def _how_sure(sure: Confidence | None, ledger: Ledger) -> Card:
    if sure is None:
        return Card("How sure?", DASH, "There is no recommended rate to be sure of.", None, ledger)
    return Card("How sure?", sure.level, sure.reason, None, ledger)


def _on_the_test_set(analysis: Analysis) -> Card | None:
    """Accuracy on examples that took no part in the choice, where there are such."""
    choice = analysis.choice
    if choice is None or analysis.origin["settings"]["validation"]["protocol"] == "test":
        return None
    ledger = Ledger(analysis)
    mean, n = (ledger.cell("rates", name, learning_rate=choice.chosen) for name in ("test_accuracy_mean", "n"))
    if not math.isfinite(mean):
        return None  # the data set has no test part
    detail = (
        f"test accuracy of {rate_label(choice.chosen)}, mean of {counted(int(n), 'run')}; the test set took no part in "
        "training or in the choice."
    )
    return Card("On new data?", percent(float(mean), ledger.decimals), detail, None, ledger)
