"""The answer of an experiment, and all that is written of its analysis.

Sentence, cards, reasons and confidence are all made from the one choice (`lrbench.analysis.choice`) and the one table
of comparisons, so they cannot disagree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lrbench.analysis.choice import Choice
from lrbench.analysis.pipeline import Analysis
from lrbench.findings import numbers
from lrbench.findings.cards import cards
from lrbench.findings.claims import check_claims
from lrbench.findings.ledger import Ledger
from lrbench.findings.next import what_next
from lrbench.findings.numbers import best_rate, least_loss_rate
from lrbench.findings.observations import observe
from lrbench.findings.phrases import by_score_beside, nats_apart
from lrbench.findings.reasons import Confidence, confidence, reasons, speed_told, unsteadiness_words
from lrbench.identity.provenance import canonical_json, write_json
from lrbench.tables.analysis import ANALYSIS_TABLES, FEWEST_SEEDS
from lrbench.tables.conclusions import SHAPES
from lrbench.tables.contracts import check_shape
from lrbench.tables.format import write_csv
from lrbench.tables.index import write_index
from lrbench.training_words import carried_over, schedule_name, scheduled
from lrbench.wording import (
    at_most_points,
    counted,
    listed,
    nats,
    plural_points,
    rate_label,
    rate_labels,
    sentence,
    steps,
    target_label,
)


def recommend(analysis: Analysis) -> dict[str, Any]:
    """The recommendation, JSON-serialisable; every number in its sentences is one of their evidence values.

    Keys
    ----
    chosen, candidates : a learning rate or None; the rates so close to the best score that it was chosen among them
    tied, unresolved : candidates within the threshold of a tie; those that only the validation set cannot resolve
    delta : margin of the candidates, a share, or None
    criterion : the step that decided: only eligible, accuracy, steps, oscillation, score, smaller rate, none eligible
    target : the validation accuracy that speed was compared at, or None
    without_seed : [{seed, chosen}]: seeds without which another rate would be chosen
    confidence, confidence_reason : high, moderate, low or not assessable, and why; None without a choice
    statement, evidence : the answer in one sentence, and the numbers of it and of the confidence
    cards : the answers of the first screen, each {question, value, detail, rate, evidence}
    loss_prefers, loss_statement : the eligible rate of least mean validation loss, where it is another
    others : for every other rate {learning_rate, reason, evidence}
    """
    choice, ledger = analysis.choice, Ledger(analysis)
    rates = analysis.rates.set_index("learning_rate")
    sure, sure_of = None, Ledger(analysis)
    if choice is None:
        statement = _nothing(analysis, ledger)
        preferred, loss_statement = None, None
    else:
        statement = _statement(analysis, choice, ledger)
        sure = confidence(analysis, choice, sure_of)
        statement += _doubts(analysis, choice, ledger, sure)
        preferred, loss_statement = _loss_prefers(analysis, choice, ledger)
    return {
        "chosen": None if choice is None else choice.chosen,
        "candidates": [] if choice is None else list(choice.candidates),
        "tied": [] if choice is None else [rate for rate in choice.candidates if rates.loc[rate, "tied"]],
        "unresolved": [] if choice is None else [rate for rate in choice.candidates if rates.loc[rate, "unresolved"]],
        "delta": analysis.across["delta"] if choice is not None else None,
        "criterion": "none eligible" if choice is None else choice.criterion,
        "target": None if choice is None else choice.target,
        "without_seed": []
        if choice is None
        else [{"seed": seed, "chosen": rate} for seed, rate in sorted(choice.without_seed.items())],
        "confidence": None if sure is None else sure.level,
        "confidence_reason": None if sure is None else sure.reason,
        "statement": statement,
        "cards": [card.as_dict() for card in cards(analysis, sure, sure_of)],
        "loss_prefers": preferred,
        "loss_statement": loss_statement,
        "others": reasons(analysis),
        "evidence": [*ledger.items, *(item for item in sure_of.items if item not in ledger.items)],
    }


def _nothing(analysis: Analysis, ledger: Ledger) -> str:
    learned = []
    for rate in sorted(analysis.rates["learning_rate"]):
        count, planned = (int(ledger.cell("rates", name, learning_rate=rate)) for name in ("learned", "planned"))
        learned.append(f"{count} of {counted(planned, 'run')} at {rate_label(rate)}")
    return f"No rate can be recommended, because none learned in all its planned runs: {', '.join(learned)} learned."


def _statement(analysis: Analysis, choice: Choice, ledger: Ledger) -> str:
    rate = choice.chosen
    n = int(ledger.cell("rates", "n", learning_rate=rate))
    over = f"on average over {counted(n, 'seed')}" if n > 1 else f"with {counted(n, 'seed')}"
    text = f"Train with {_named(analysis, rate)}: it reached {ledger.score(rate)} validation accuracy {over}"
    if choice.criterion == "only eligible":
        return f"{text}, and it is the only rate that learned in all its planned runs."
    if choice.criterion == "accuracy":
        second = by_score_beside(analysis, rate)[0]
        pair = ledger.pair(rate, second)
        text += f"; the next, {rate_label(second)}, reached {ledger.score(second)}"
        seeds = int(ledger.cell("rates", "n", learning_rate=second)) if analysis.search is not None else n
        if seeds != n:
            text += f" over {counted(seeds, 'seed')}"
        if pair is not None and pair.n >= FEWEST_SEEDS and not pair.separated:
            text += ", which is not told apart from it"
        return f"{text}."
    rivals = [other for other in choice.candidates if other != rate]
    return f"{text}. {sentence(_candidates(analysis, choice, ledger, rivals))} {_why(analysis, choice, ledger)}"


def _named(analysis: Analysis, rate: float) -> str:
    """The recommended rate as the answer names it: under a schedule as its peak."""
    settings = analysis.origin["settings"]
    if not scheduled(settings):
        return rate_label(rate)
    return f"a peak learning rate of {rate_label(rate)}, under the {schedule_name(settings)} schedule"


def _candidates(analysis: Analysis, choice: Choice, ledger: Ledger, rivals: list[float]) -> str:
    """Which rates score too close to the best to choose by accuracy, and in which of two ways."""
    rates = analysis.rates.set_index("learning_rate")
    tied = [rate for rate in rivals if rates.loc[rate, "tied"]]
    unresolved = [rate for rate in rivals if not rates.loc[rate, "tied"]]
    parts = []
    if tied and rates.loc[choice.chosen, "tied"]:
        limit = at_most_points(ledger.take(numbers.threshold, name="tie"))
        best = best_rate(analysis)
        named = listed(f"{rate_label(rate)}{' (the best score)' if rate == best else ''}" for rate in tied)
        parts.append(f"{named} {_is(tied)} practically tied with it (within {limit} of the best)")
    elif tied:
        unresolved = rivals
    if unresolved:
        limit = plural_points(ledger.take(numbers.resolution), 2)
        examples = counted(ledger.take(numbers.validation_examples), "validation example")
        parts.append(
            f"{rate_labels(unresolved)} {_is(unresolved)} not resolved from it by {examples} "
            f"(a standard error of {limit})"
        )
    return ", and ".join(parts)


def _is(rates: list[float]) -> str:
    return "are" if len(rates) > 1 else "is"


def _why(analysis: Analysis, choice: Choice, ledger: Ledger) -> str:
    """Why the chosen rate was taken from among the candidates: each step of the rule at which one lost, in order."""
    rate = choice.chosen
    said = []
    for step in ("steps", "oscillation", "score", "smaller rate"):
        lost = sorted(other for other, at in choice.dropped.items() if at == step)
        if not lost:
            continue
        if step == "steps" and choice.target is not None:
            target, at = (
                ledger.cell("reach", name, learning_rate=rate, target=choice.target)
                for name in ("target", "sustained_at")
            )
            said.append(
                f"by the median over runs it got to {target_label(target)} sooner than {rate_labels(lost)}, for good "
                f"by step {steps(at)}, which {speed_told(analysis, choice, lost)}"
            )
        elif step == "oscillation":
            others = " and ".join(f"{nats(ledger.unsteadiness(other))} at {rate_label(other)}" for other in lost[:2])
            others += f" and more at {counted(len(lost) - 2, 'other rate')}" if len(lost) > 2 else ""
            said.append(
                f"its {unsteadiness_words(analysis)} of the training loss is lower ({nats(ledger.unsteadiness(rate))} "
                f"nats against {others}), which decides by the rule, without a test"
            )
        elif step == "score":
            pairs = [ledger.pair(rate, other) for other in lost]
            told = all(pair is not None and pair.separated for pair in pairs)
            doubt = "" if told else ", from which the scores do not tell it apart"
            said.append(f"its score is slightly above that of {rate_labels(lost)}{doubt}")
        else:
            said.append(f"nothing measured prefers it to {rate_labels(lost)}, so the smaller rate is taken")
    return " ".join(f"{'Further,' if place else 'It is preferred because'} {one}." for place, one in enumerate(said))


def _doubts(analysis: Analysis, choice: Choice, ledger: Ledger, sure: Confidence) -> str:
    """What the answer itself adds where the data are weak; the confidence's own reason says why."""
    exploded = int(ledger.cell("rates", "exploded", learning_rate=choice.chosen))
    text = ""
    if exploded:
        n = int(ledger.cell("rates", "n", learning_rate=choice.chosen))
        text = f" Its training loss exploded on the way in {exploded} of {counted(n, 'run')}."
    elif ledger.cell("rates", "unstable", learning_rate=choice.chosen):
        text = " But its training is unstable: the loss moves back up and fluctuates."
    order = analysis.origin["settings"]["initial_weights"]["order"] if carried_over(analysis.origin["settings"]) else []
    before = order[: order.index(choice.chosen)] if choice.chosen in order else []
    if before:
        text += f" Its runs began with the weights that those at {rate_labels(before)} ended with, not with fresh ones."
    return text + (" The confidence in this is low." if sure.level == "low" else "")


def _loss_prefers(analysis: Analysis, choice: Choice, ledger: Ledger) -> tuple[float | None, str | None]:
    """The eligible rate of least mean validation loss, where it is not the chosen one, with a sentence."""
    rate = least_loss_rate(analysis)
    if math.isnan(rate) or rate == choice.chosen:
        return None, None
    one, other = nats_apart(
        *(ledger.cell("rates", "final_val_loss_mean", learning_rate=which) for which in (rate, choice.chosen))
    )
    pair = ledger.pair(rate, choice.chosen, "val_loss")
    told = pair is not None and pair.separated
    sure = ", more than chance explains" if told else ", which does not tell the two apart"
    text = (
        f"The mean final validation loss is least at {rate_label(rate)}: {one} nats against {other} at "
        f"{rate_label(choice.chosen)}{sure}. The recommendation does not go by the loss."
    )
    return rate, text


def write_analysis(
    analysis: Analysis, settings: Mapping[str, Any], tables: str, files: Mapping[str, Path], index: Path
) -> str:
    """Write an analysis, each table and conclusion to its file; the answer in a sentence.

    Nothing is written unless everything can be.

    Parameters
    ----------
    settings : targets and thresholds
    tables : digest of the tables that were analysed
    files : where to write, by name of table or conclusion
    index : analysis.json, beside them
    """
    recommendation = recommend(analysis)
    conclusions = {
        "across": analysis.across,
        "claims": check_claims(analysis),
        "next": what_next(analysis),
        "observations": {"observations": observe(analysis)},
        "recommendation": recommendation,
    }
    for name, table in ANALYSIS_TABLES.items():
        table.check(getattr(analysis, name), files[name])
    for name, value in conclusions.items():
        check_shape(value, SHAPES[name], name)
        canonical_json(value)
    for name, table in ANALYSIS_TABLES.items():
        write_csv(getattr(analysis, name), table, files[name])
    for name, value in conclusions.items():
        write_json(files[name], value)
    write_index(index, files, {"settings": dict(settings), "tables": tables})
    return str(recommendation["statement"])
