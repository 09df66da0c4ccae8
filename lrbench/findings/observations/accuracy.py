"""Observations of accuracy: which rates are ahead, by how much, whether loss agrees, and whether a lead is lost."""

from __future__ import annotations

import math

from lrbench.analysis.choice import told_apart
from lrbench.findings import numbers
from lrbench.findings.numbers import (
    best_rate,
    deficits_at_end,
    early_leads,
    eligible_rates,
    first_epoch_end,
    least_loss_rate,
    measured_rates,
    train_loss,
)
from lrbench.findings.observations import (
    FINDING,
    INCONCLUSIVE,
    NOT_APPLICABLE,
    PASSED,
    Analysis,
    Ledger,
    Outcome,
    observation,
)
from lrbench.findings.phrases import by_nearness, by_rate, nats_apart, points_above
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.wording import (
    at_most_points,
    counted,
    listed,
    plural_points,
    rate_label,
    rate_labels,
    score_span,
    sentence,
    steps,
    target_label,
)


def too_few_rates(analysis: Analysis, what: str) -> Outcome | None:
    """The outcome where fewer than two rates are eligible, else None."""
    found = len(eligible_rates(analysis))
    if found >= 2:
        return None
    which = "Only one rate" if found else "No rate"
    return Outcome(NOT_APPLICABLE, f"{which} has all its runs present and learned, so {what}.")


@observation(
    place=50,
    rule="mean score within the tie threshold of the best, among the rates whose runs all learned: practically tied; "
    "within the resolution of the validation set, its standard error: not resolved",
    table="rates",
    figure="sweep",
    thresholds=("tie",),
)
def practically_tied(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the rates whose scores are so close to the best that it does not matter, or cannot be seen."""
    if outcome := too_few_rates(analysis, "there is nothing to tie"):
        return outcome
    eligible = eligible_rates(analysis).sort_values("score_mean", ascending=False, kind="stable")
    best = best_rate(analysis)
    tied = sorted(eligible.loc[eligible["tied"].astype(bool), "learning_rate"])
    unresolved = sorted(eligible.loc[eligible["unresolved"].astype(bool), "learning_rate"])
    span = f"validation accuracy {score_span(int(ledger.take(numbers.score_epochs)))}"
    if len(tied) == 1 and not unresolved:
        following = next(rate for rate in eligible["learning_rate"] if rate != best)
        pair, limit = ledger.pair(best, following), ledger.take(numbers.delta)
        lead = ledger.take(numbers.score_lead, learning_rate=best, other=following)
        behind, margin = points_above(lead, limit)
        if pair is not None:
            behind, margin = ledger.gap(pair), plural_points(limit, 2)
        return Outcome(
            PASSED,
            f"No other rate is practically tied with {rate_label(best)} or not resolved from it; its score ({span}) is "
            f"{ledger.score(best)}, and the next, {rate_label(following)}, is {behind} below, more than the margin of "
            f"{margin}.",
        )
    parts = []
    if len(tied) > 1:
        scores = listed(ledger.score(rate) for rate in tied)
        parts.append(
            f"{rate_labels(tied)} are practically tied: their scores ({span}) are {scores}, within "
            f"{at_most_points(analysis.thresholds.tie)} of the best, a difference too small to matter"
        )
    if unresolved:
        scores = listed(ledger.score(rate) for rate in unresolved)
        parts.append(
            f"{rate_labels(unresolved)} ({scores}) {'are' if len(unresolved) > 1 else 'is'} not resolved from the best "
            f"({rate_label(best)}, {ledger.score(best)}): the difference is within one standard error of an accuracy "
            f"on {counted(ledger.take(numbers.validation_examples), 'validation example')}"
        )
    return Outcome(FINDING, sentence("; ".join(parts)))


def _lead(ledger: Ledger, one: float, other: float) -> str:
    """One pair in words: who scores more, by how much, in how many seeds."""
    pair = ledger.pair(one, other)
    if pair is None:
        raise LookupError(f"{one} and {other} are not compared")
    if pair.difference < 0:
        one, other = other, one
        pair = ledger.pair(one, other) or pair
    if pair.difference == 0:
        return f"{rate_label(one)} and {rate_label(other)} score the same on average {ledger.pair_interval(pair)}"
    return f"{rate_label(one)} over {rate_label(other)}, by {ledger.gap(pair)} {ledger.pair_interval(pair)}"


@observation(
    place=40,
    rule="differences of score, paired by seed; told apart with at least 3 seeds and p below the level: of the "
    "recommended rate against the rest, corrected by the range of as many means as are in question; of all other "
    "pairs, by Holm's correction",
    table="comparisons",
    figure="differences",
    thresholds=("significance",),
)
def separated_pairs(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say from which rates the scores tell the recommended one apart, and how many other pairs."""
    pairs = analysis.comparisons.loc[analysis.comparisons["measure"] == "score"]
    if pairs.empty or analysis.choice is None:
        return Outcome(
            NOT_APPLICABLE, "Fewer than two rates learned in all their planned runs, so no pair is compared."
        )
    chosen = analysis.choice.chosen
    seeds = ledger.cell("rates", "planned", learning_rate=chosen)
    if seeds < FEWEST_SEEDS:
        return Outcome(
            INCONCLUSIVE, f"With {counted(seeds, 'seed')} a rate, no pair of rates can be told apart by score."
        )
    others = by_nearness(analysis, chosen)
    apart = [rate for rate in others if told_apart(analysis.comparisons, "score", rate, chosen)]
    open_ = [rate for rate in others if rate not in apart]
    said = [
        sentence(f"{text} {rate_labels(rates)}: {by_rate(ledger, rates, lambda rate: _lead(ledger, chosen, rate))}")
        for text, rates in (
            (f"by score {rate_label(chosen)} is told apart from", apart),
            (f"{rate_label(chosen)} is not told apart from", open_),
        )
        if rates
    ]
    count = ledger.take(numbers.rows, table="comparisons", measure="score", family="others")
    if count:
        found = ledger.take(numbers.rows, table="comparisons", measure="score", family="others", separated=True)
        left = [float(row.learning_rate) for row in analysis.rates.itertuples() if not row.eligible]
        of = (
            f" ({rate_labels(left)} {'is' if len(left) == 1 else 'are'} in no pair, for want of runs that learned)"
            if left
            else ""
        )
        if count == 1:
            said.append(f"The one other pair is {'' if found else 'not '}told apart{of}.")
        else:
            said.append(
                f"Of the {count} other pairs, {found or 'none'} {'is' if found == 1 else 'are'} told apart{of}."
            )
    return Outcome(FINDING if apart else PASSED, " ".join(said))


@observation(
    place=70,
    rule="the recommended rate is not the one with the least mean final validation loss; a finding if the scores tell "
    "the recommended one ahead of that rate and the losses tell it behind",
    table="rates",
    figure="sweep",
    thresholds=("significance",),
)
def best_disagreement(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say whether validation accuracy, by which a rate is recommended, and validation loss prefer different rates."""
    if outcome := too_few_rates(analysis, "accuracy and loss have nothing to disagree about"):
        return outcome
    other = least_loss_rate(analysis)
    if math.isnan(other) or analysis.choice is None:
        return Outcome(NOT_APPLICABLE, "No rate has a finite validation loss in every run.")
    chosen = analysis.choice.chosen
    losses = [ledger.cell("rates", "final_val_loss_mean", learning_rate=rate) for rate in (other, chosen)]
    one, own = nats_apart(*losses)
    if other == chosen:
        eligible = eligible_rates(analysis)
        rivals = eligible.loc[eligible["learning_rate"] != chosen].sort_values("final_val_loss_mean", kind="stable")
        second = float(rivals["learning_rate"].iloc[0])
        by_loss = ledger.pair(chosen, second, "val_loss")
        apart = "" if by_loss is not None and by_loss.separated else "not "
        text = (
            f"the recommended {rate_label(chosen)} (score {ledger.score(chosen)}) has the least mean validation loss "
            f"at the end ({own} nats), {apart}told apart from that of {rate_label(second)}, the next"
        )
        best = best_rate(analysis)
        if best != chosen:
            text += f"; the best score is that of {rate_label(best)} ({ledger.score(best)})"
        return Outcome(PASSED, sentence(text))
    if math.isnan(losses[1]):
        own = "one that is not finite"
    text = (
        f"the recommended {rate_label(chosen)} scores {ledger.score(chosen)} against {ledger.score(other)}, while the "
        f"mean final validation loss is least at {rate_label(other)} ({one} against {own} nats)"
    )
    pair, by_loss = ledger.pair(chosen, other), ledger.pair(chosen, other, "val_loss")
    ahead = pair is not None and pair.separated and pair.difference > 0
    behind = by_loss is not None and by_loss.separated
    if ahead and behind:
        return Outcome(FINDING, sentence(f"{text}, and both differences are more than chance explains"))
    doubtful = [word for word, sure in (("accuracy", ahead), ("loss", behind)) if not sure]
    if pair is not None and pair.separated and pair.difference < 0:
        return Outcome(
            FINDING if behind else INCONCLUSIVE,
            sentence(f"{text}; in accuracy, too, {rate_label(other)} is ahead, by less than matters"),
        )
    verb = "do" if len(doubtful) > 1 else "does"
    return Outcome(INCONCLUSIVE, sentence(f"{text}, but {' and '.join(doubtful)} {verb} not tell the two rates apart"))


@observation(
    place=210,
    rule="compared with the rate whose mean training loss is least at the end of epoch 1, paired by seed: the loss is "
    "lower at some step of epoch 1, its interval corrected over all rates and steps, and higher at its end, its "
    "interval corrected by the range of as many means; both by at least the threshold's share of the other's loss",
    table="evaluations",
    figure="first-epoch",
    thresholds=("overfit", "significance"),
    fresh=True,
)
def lead_lost(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the rates that are ahead in the first steps and behind at the end of the first epoch."""
    end, tried = first_epoch_end(analysis), measured_rates(analysis)
    if end is None or len(tried) < 2:
        return Outcome(
            NOT_APPLICABLE, "Fewer than two rates have evaluations through the first epoch, so no lead can be lost."
        )
    final = {rate: train_loss(analysis, rate, end) for rate in tried}
    finite = {rate: loss for rate, loss in final.items() if math.isfinite(loss)}
    if len(finite) < 2:
        return Outcome(NOT_APPLICABLE, "Fewer than two rates have a finite training loss at the end of epoch 1.")
    if (analysis.rates["n"] >= FEWEST_SEEDS).sum() < 2:
        seeds = counted(ledger.take(numbers.most_seeds), "seed")
        return Outcome(INCONCLUSIVE, f"{seeds} a rate is too few to say who leads at a step.")
    best = min(finite, key=lambda rate: (finite[rate], rate))
    leads, behind = early_leads(analysis, best), deficits_at_end(analysis, best)
    led = {rate for (rate, _), lead in leads.items() if lead.found}
    lost = [rate for rate in finite if rate in led and behind[rate].found]
    at_end = f"the end of epoch 1 (step {steps(ledger.take(numbers.first_epoch_steps))})"
    if not lost:
        return Outcome(
            PASSED,
            f"No rate is told apart as ahead of {rate_label(best)} in training loss at an evaluated step of epoch 1 "
            f"and as behind it at {at_end}, corrected for all rates and steps looked at.",
        )

    def losses(rate: float, step: int) -> str:
        pair = (ledger.take(numbers.train_loss, learning_rate=one, step=step) for one in (rate, best))
        return f"{' against '.join(nats_apart(*pair))} nats"

    def described(rate: float) -> str:
        pair = {"learning_rate": rate, "other": best}
        first, last = (int(ledger.take(of, **pair)) for of in (numbers.first_led_step, numbers.last_led_step))
        count, looked = (ledger.take(of, **pair) for of in (numbers.led_steps, numbers.steps_before_epoch_1_ends))
        span = f"at {count} of {looked} evaluated steps, " if looked > 1 else ""
        span += (
            f"at step {steps(last)}"
            if first == last
            else f"first at step {steps(first)} and last at step {steps(last)}"
        )
        ledger.take(numbers.early_lead, learning_rate=rate, other=best, step=last, statistic="low")
        ledger.take(numbers.deficit_at_end, learning_rate=rate, other=best, statistic="low")
        return (
            f"{rate_label(rate)} is ahead of {rate_label(best)} in training loss {span} ({losses(rate, last)}), and "
            f"behind at {at_end}, {losses(rate, end)}"
        )

    said, floor = by_rate(ledger, lost, described), target_label(analysis.thresholds.overfit)
    return Outcome(
        FINDING,
        f"An early lead is lost ({floor} or more, corrected for all rates and steps looked at): {said}.",
    )
