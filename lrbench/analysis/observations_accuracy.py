"""Observations of accuracy: which rates are ahead, by how much, and what the grid leaves open."""

from __future__ import annotations

import math

from lrbench.analysis.evidence import FINDING, INCONCLUSIVE, NOT_APPLICABLE, PASSED, Ledger, Outcome, observation
from lrbench.analysis.importance import by_nearness
from lrbench.analysis.pairs import told_apart
from lrbench.analysis.quantities_accuracy import plateau
from lrbench.analysis.quantities_experiment import best_rate, eligible_rates
from lrbench.analysis.results import Analysis
from lrbench.analysis.series import MINIMUM_SEEDS
from lrbench.analysis.wording import LISTED, limited_rates, rate_labels, sentence, significant
from lrbench.names import rate_label
from lrbench.wording import at_most_points, counted, listed, plural_points


def too_few_rates(analysis: Analysis, what: str) -> Outcome | None:
    """The outcome where fewer than two rates are eligible, else None."""
    found = len(eligible_rates(analysis))
    if found >= 2:
        return None
    which = "Only one rate" if found else "No rate"
    return Outcome(NOT_APPLICABLE, f"{which} has all its runs present and learned, so {what}.")


@observation(
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
    span = f"validation accuracy averaged over the last {counted(ledger.computed('score_epochs'), 'epoch')}"
    if len(tied) == 1 and not unresolved:
        following = next(rate for rate in eligible["learning_rate"] if rate != best)
        behind = ledger.computed("score_lead", learning_rate=best, other=following)
        margin = at_most_points(ledger.computed("delta"))
        return Outcome(
            PASSED,
            f"No other rate is practically tied with {rate_label(best)}, whose score ({span}) is {ledger.score(best)}: "
            f"the next, {rate_label(following)}, is {plural_points(behind, max(ledger.decimals, 2))} below, more than "
            f"the margin of {margin}.",
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
        limit = at_most_points(ledger.computed("resolution"))
        parts.append(
            f"{rate_labels(unresolved)} ({scores}) {'are' if len(unresolved) > 1 else 'is'} not resolved from the best "
            f"({rate_label(best)}, {ledger.score(best)}): the scores lie within {limit}, one standard error of an "
            f"accuracy on {counted(ledger.computed('validation_examples'), 'validation example')}"
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
    return f"{rate_label(one)} over {rate_label(other)}, by {ledger.gap(pair)} {ledger.pair_interval(pair)}"


@observation(
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
    if (pairs["n"] < MINIMUM_SEEDS).all():
        seeds = ledger.computed("most_seeds")
        return Outcome(
            INCONCLUSIVE, f"With {counted(seeds, 'seed')} a rate, no pair of rates can be told apart by score."
        )
    others = by_nearness(analysis, chosen)
    apart = [rate for rate in others if told_apart(analysis.comparisons, "score", rate, chosen)]
    open_ = [rate for rate in others if rate not in apart]
    parts = []
    if apart:
        parts.append(f"by score {rate_label(chosen)} is told apart from {limited_rates(apart)}")
        parts.append("; ".join(_lead(ledger, chosen, rate) for rate in apart[:LISTED]))
    if open_:
        parts.append(f"{rate_label(chosen)} is not told apart from {limited_rates(open_)}")
        parts.append("; ".join(_lead(ledger, chosen, rate) for rate in open_[:LISTED]))
    text = sentence(": ".join(parts[:2]))
    if len(parts) > 2:
        text += f" {sentence(': '.join(parts[2:]))}"
    count = ledger.computed("rows", table="comparisons", measure="score", family="others")
    if count:
        found = ledger.computed("rows", table="comparisons", measure="score", family="others", separated=True)
        text += f" Of the {counted(count, 'other pair')}, {found or 'none'} {'is' if found == 1 else 'are'} told apart."
    return Outcome(FINDING if apart else PASSED, text)


@observation(
    rule="the rate with the best mean score is not the one with the least mean final validation loss; a finding if "
    "both measures tell the two apart",
    table="rates",
    figure="sweep",
    thresholds=("significance",),
)
def best_disagreement(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say whether validation accuracy and validation loss prefer different rates."""
    if outcome := too_few_rates(analysis, "accuracy and loss have nothing to disagree about"):
        return outcome
    accurate, confident = best_rate(analysis), best_rate(analysis, "final_val_loss_mean", largest=False)
    if math.isnan(confident):
        return Outcome(NOT_APPLICABLE, "No rate has a finite validation loss in every run.")
    shown = {
        rate: (
            ledger.percent(ledger.cell("rates", "score_mean", learning_rate=rate)),
            significant(ledger.cell("rates", "final_val_loss_mean", learning_rate=rate)),
        )
        for rate in dict.fromkeys((accurate, confident))
    }
    if accurate == confident:
        score, loss = shown[accurate]
        return Outcome(
            PASSED,
            f"Accuracy and loss agree: {rate_label(accurate)} has the best score ({score}) and the "
            f"least mean validation loss at the end ({loss} nats).",
        )
    pair = {"higher": max(shown), "lower": min(shown)}
    pairs = analysis.comparisons
    pairs = pairs.loc[(pairs["higher"] == pair["higher"]) & (pairs["lower"] == pair["lower"])]
    for measure in pairs["measure"]:
        ledger.cell("comparisons", "p_corrected", **pair, measure=measure)
    separated = pairs.set_index("measure")["separated"].astype(bool)
    doubtful = [word for name, word in (("score", "accuracy"), ("val_loss", "loss")) if not separated.get(name, False)]
    text = (
        f"accuracy prefers {rate_label(accurate)} ({shown[accurate][0]} against {shown[confident][0]}), while final "
        f"validation loss prefers {rate_label(confident)} ({shown[confident][1]} against {shown[accurate][1]} nats)"
    )
    if doubtful:
        text += f", but {' and '.join(doubtful)} {'do' if len(doubtful) > 1 else 'does'} not tell the two rates apart"
    return Outcome(INCONCLUSIVE if doubtful else FINDING, sentence(text))


@observation(
    rule="the unbroken run of tried rates around the best whose mean score is within the plateau threshold of it",
    table="rates",
    figure="sweep",
    thresholds=("plateau",),
)
def plateau_width(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say how far the learning rate can be moved before accuracy suffers."""
    if outcome := too_few_rates(analysis, "a plateau has no width"):
        return outcome
    found, best, tried = plateau(analysis), best_rate(analysis), ledger.computed("rows", table="rates")
    limit = f"{100 * analysis.thresholds.plateau:g} accuracy points"
    limit = limit.removesuffix("s") if limit.startswith("1 ") else limit
    if len(found) == 1:
        return Outcome(
            PASSED, f"Of {tried} rates tried, no neighbour of {rate_label(best)} comes within {limit} of it."
        )
    factor, count = ledger.computed("plateau_factor"), ledger.computed("plateau_rates")
    scores = [ledger.cell("rates", "score_mean", learning_rate=rate) for rate in found]
    return Outcome(
        FINDING,
        f"From {rate_label(found[0])} to {rate_label(found[-1])}, a factor of {significant(factor)}, "
        f"the score stays within {limit} of the best: {count} of {tried} rates tried, "
        f"{ledger.percent(min(scores))} to {ledger.percent(max(scores))}.",
    )


@observation(
    rule="the rate with the best mean score is the smallest or the largest of at least 3 tried",
    table="rates",
    figure="sweep",
)
def best_at_edge(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say whether the best rate lies at the edge of the grid, so that a better one may lie outside."""
    tried = ledger.computed("rows", table="rates")
    best = best_rate(analysis)
    if math.isnan(best):
        return Outcome(NOT_APPLICABLE, "No rate has all its runs present and learned, so none is best.")
    if tried < MINIMUM_SEEDS:
        return Outcome(
            NOT_APPLICABLE,
            f"With {counted(tried, 'rate')} tried, whichever is best lies at the edge "
            f"of the grid; a wider grid is needed to see where accuracy falls off.",
        )
    grid = sorted(analysis.rates["learning_rate"])
    score = ledger.percent(ledger.cell("rates", "score_mean", learning_rate=best))
    if best in (grid[0], grid[-1]):
        side, other = ("smallest", "smaller") if best == grid[0] else ("largest", "larger")
        return Outcome(
            FINDING,
            f"The best rate, {rate_label(best)} ({score}), is the {side} of {tried} tried; whether a "
            f"{other} one does better was not measured.",
        )
    place = grid.index(best)
    return Outcome(
        PASSED,
        f"The best of {tried} rates, {rate_label(best)} ({score}), lies inside the grid, between "
        f"{rate_labels([grid[place - 1], grid[place + 1]])}.",
    )
