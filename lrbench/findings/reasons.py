"""Why a rate was not recommended: one sentence for each, with its numbers."""

from __future__ import annotations

from typing import Any

from lrbench.analysis.choice import Choice
from lrbench.analysis.results import Analysis
from lrbench.analysis.speeds import speeds_of
from lrbench.analysis.statistics import FEWEST_FOR_SEPARATION
from lrbench.analysis.wording import exact_steps, nats, outcomes, rate_labels
from lrbench.findings.evidence import Ledger
from lrbench.wording import at_most_points, counted, rate_label, target_label

UNSTEADINESS = {"oscillation": "oscillation", "largest_rise": "median largest rise"}
LOST = (
    ("diverged", "diverged (a loss or weight became infinite or undefined)"),
    ("failed", "failed to learn"),
    ("collapsed", "collapsed (passed the bar for having learned and fell below it again)"),
)


def reasons(analysis: Analysis) -> list[dict[str, Any]]:
    """For every rate but the recommended one {learning_rate, reason, evidence}, ascending."""
    chosen = None if analysis.choice is None else analysis.choice.chosen
    return [_reason(analysis, float(rate)) for rate in sorted(analysis.rates["learning_rate"]) if rate != chosen]


def _reason(analysis: Analysis, rate: float) -> dict[str, Any]:
    ledger = Ledger(analysis)
    row = analysis.rates.set_index("learning_rate").loc[rate]
    choice = analysis.choice
    if not row["eligible"] or choice is None:
        text = _not_eligible(ledger, rate)
    elif rate in choice.candidates:
        text = _lost_tie(analysis, choice, ledger, rate)
    else:
        text = _less_accurate(choice, ledger, rate)
    return {"learning_rate": rate, "reason": text, "evidence": ledger.items}


def _not_eligible(ledger: Ledger, rate: float) -> str:
    n, planned = (int(ledger.cell("rates", name, learning_rate=rate)) for name in ("n", "planned"))
    said = []
    for outcome, words in LOST:
        count = int(ledger.cell("rates", outcome, learning_rate=rate))
        if count:
            said.append((count, words))
    text = outcomes(said, n) if said else ""
    if n < planned:
        text += ("; " if text else "") + (
            f"only {n} of {counted(planned, 'planned run')} {'is' if n == 1 else 'are'} there"
        )
    return f"{rate_label(rate)} is out of the choice: {text}."


def _less_accurate(choice: Choice, ledger: Ledger, rate: float) -> str:
    text = f"{rate_label(rate)} scored {ledger.score(rate)} against {ledger.score(choice.chosen)}"
    pair = ledger.pair(choice.chosen, rate)
    if pair is None or pair.n < FEWEST_FOR_SEPARATION:
        count = int(ledger.cell("rates", "n", learning_rate=rate))
        return f"{text}; {counted(count, 'seed')} cannot tell that from chance."
    text += f", {ledger.gap(pair)} less {ledger.pair_interval(pair, rate_label(choice.chosen))}"
    return f"{text}." if pair.separated else f"{text}, which does not tell them apart."


def _lost_tie(analysis: Analysis, choice: Choice, ledger: Ledger, rate: float) -> str:
    chosen, step = choice.chosen, choice.dropped[rate]
    text = (
        f"{rate_label(rate)} {closeness(analysis, ledger, rate)} ({ledger.score(rate)} against {ledger.score(chosen)})"
    )
    if step == "steps" and choice.target is not None:
        key = {"target": choice.target}
        target = target_label(ledger.cell("reach", "target", learning_rate=rate, **key))
        slow, fast = (
            [ledger.cell("reach", f"{kind}_{end}", learning_rate=one, **key) for kind in ("first", "sustained")]
            for one, end in ((rate, "after"), (chosen, "at"))
        )
        told = speed_told(analysis, choice, [rate])
        return (
            f"{text}, but its median run is slower, which {told}: it first reached {target} after step "
            f"{exact_steps(slow[0])} and kept it from some step after {exact_steps(slow[1])} on; with "
            f"{rate_label(chosen)} these are step {exact_steps(fast[0])} and step {exact_steps(fast[1])} at the latest."
        )
    if step == "oscillation":
        sizes = f"{nats(ledger.unsteadiness(rate))} against {nats(ledger.unsteadiness(chosen))} nats"
        what = f"{unsteadiness_words(analysis)} of its training loss is higher"
        return f"{text}; by the rule it lost because the {what} ({sizes}), which was not tested."
    if step == "score":
        return f"{text}; nothing else distinguishes them, so the higher score was taken."
    return f"{text}; nothing measured distinguishes them, so the smaller rate was taken."


def closeness(analysis: Analysis, ledger: Ledger, rate: float) -> str:
    """How near a candidate's score is to the best: too near to matter, or too near for this validation set."""
    row = analysis.rates.set_index("learning_rate").loc[rate]
    best = ledger.cell("across", "best_score")
    if best == row["score_mean"]:
        return "has the best score"
    if row["tied"]:
        tie = at_most_points(ledger.computed("threshold", name="tie"))
        return f"is practically tied with the best score, within {tie} of it"
    limit = ledger.computed("resolution")
    return (
        f"is not resolved from the best score, within {at_most_points(limit)} of it, one standard error of an accuracy"
    )


def speed_told(analysis: Analysis, choice: Choice, lost: list[float]) -> str:
    """What a lead by the median run's steps rests on: a test, or the rule alone."""
    if choice.target is None:
        raise LookupError("no target was kept by all candidates")
    speeds = speeds_of(analysis)
    open_ = [rate for rate in lost if not speeds.told_apart(choice.chosen, rate, choice.target)]
    if not open_:
        return "is more than chance explains"
    only = f" of {rate_labels(open_)}" if len(open_) < len(lost) else ""
    return f"decides by the rule but is not told apart from chance{only and f' in the case{only}'}"


def unsteadiness_words(analysis: Analysis) -> str:
    """What unsteadiness is measured by here."""
    return UNSTEADINESS[analysis.across["unsteadiness_measure"]]
