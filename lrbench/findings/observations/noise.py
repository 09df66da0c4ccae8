"""Observations of noise: what seeds and the validation set can tell apart, and how far the answer can be trusted."""

from __future__ import annotations

import math

from lrbench.analysis.choice import FEWEST_TO_LEAVE_OUT, MOST_TO_LEAVE_OUT
from lrbench.findings import numbers
from lrbench.findings.numbers import FEWEST_FOR_SPREADS, eligible_rates, rivals_not_told_apart
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
from lrbench.findings.observations.accuracy import too_few_rates
from lrbench.findings.reasons import HIGH, choices_without_a_seed, confidence, small_validation_set
from lrbench.findings.reasons import one_seed_decides as outside_the_tie
from lrbench.tables.analysis import FEWEST_FOR_SPREAD, FEWEST_SEEDS
from lrbench.wording import (
    counted,
    exact_points,
    listed,
    percent,
    plural_points,
    rate_label,
    rate_labels,
    sentence,
    spread,
)

HANGS = "which of the rates that are practically tied or not resolved is recommended hangs on single seeds"


@observation(
    place=260,
    rule="standard deviation of the score over seeds; from 5 seeds on a finding if Levene's test tells the spreads of "
    "the rates that learned apart and the widest is above the narrowest by at least the tie threshold",
    table="rates",
    figure="accuracy",
    thresholds=("significance", "tie"),
)
def seed_spread(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say how much the score varies between seeds, and whether that depends on the rate."""
    eligible = eligible_rates(analysis).sort_values("score_sd", kind="stable")
    if eligible.empty:
        return Outcome(NOT_APPLICABLE, "No rate has all its runs present and learned, so the spread means little.")
    fewest = eligible.sort_values("planned", kind="stable")["learning_rate"].iloc[0]
    seeds = ledger.cell("rates", "planned", learning_rate=float(fewest))
    if seeds < FEWEST_FOR_SPREAD:
        return Outcome(NOT_APPLICABLE, "With one seed the spread between seeds cannot be measured.")

    def deviation(rate: float) -> str:
        text = spread(100 * ledger.cell("rates", "score_sd", learning_rate=rate))
        return f"{text} {'point' if text == '1' else 'points'}"

    least, most = (float(eligible["learning_rate"].iloc[place]) for place in (0, -1))
    spreads = dict(zip(eligible["learning_rate"], eligible["score_sd"], strict=True))
    wide, narrow = (
        sorted(rate for rate, sd in spreads.items() if math.isclose(sd, spreads[end], rel_tol=1e-6))
        for end in (most, least)
    )
    text = f"Between seeds the score has a standard deviation of {deviation(most)} at {rate_labels(wide)}"
    if least == most:
        return Outcome(NOT_APPLICABLE, f"{text}; there is no other rate to compare it with.")
    if wide == narrow:
        text += ", the same at all the rates that learned"
    else:
        narrowest = f"{deviation(least)} at {rate_labels(narrow)}"
        text += f" and of {narrowest}, the widest and the narrowest of the rates that learned"
    if seeds < FEWEST_FOR_SPREADS:
        return Outcome(INCONCLUSIVE, f"{text}; {counted(seeds, 'seed')} are too few to compare spreads.")
    p = ledger.take(numbers.spread_p)
    if math.isfinite(p) and p < analysis.thresholds.significance:
        wider = eligible["score_sd"].iloc[-1] - eligible["score_sd"].iloc[0]
        if wider >= analysis.thresholds.tie:
            return Outcome(FINDING, f"{text}: the spread depends on the rate.")
        return Outcome(
            PASSED,
            f"{text}: the spread depends on the rate, but by less than {exact_points(analysis.thresholds.tie)}.",
        )
    return Outcome(PASSED, f"{text}; by Levene's test the rates' spreads are not told apart.")


@observation(
    place=270,
    rule="sqrt(a (1 - a) / n), the standard error of the best accuracy a on n validation examples; a finding if it is "
    "above the plateau threshold",
    table="rates",
    figure="differences",
    thresholds=("plateau",),
)
def validation_resolution(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say which digits of an accuracy the validation set is too small to show."""
    if outcome := too_few_rates(analysis, "there is no difference of accuracy to resolve"):
        return outcome
    if warned := small_validation_set(analysis, ledger):
        return Outcome(FINDING, " ".join(map(sentence, (text.removesuffix(".") for text in warned))))
    examples, limit = ledger.take(numbers.validation_examples), ledger.take(numbers.resolution)
    if limit == 0:
        return Outcome(
            PASSED, f"The best accuracy on {counted(examples, 'validation example')} leaves no error to count."
        )
    return Outcome(
        PASSED,
        f"One accuracy on {counted(examples, 'validation example')} has a standard error of {plural_points(limit, 2)} "
        "at the best score; digits below that say nothing about new data.",
    )


@observation(
    place=60,
    rule="the rule of the recommendation, applied without the runs of each seed in turn: a finding if another rate "
    "would then be chosen",
    table="rates",
    figure="sweep",
    thresholds=("tie",),
)
def one_seed_decides(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say whether the answer hangs on a single seed."""
    choice = analysis.choice
    if choice is None:
        return Outcome(NOT_APPLICABLE, "No rate is recommended, so no seed decides.")
    if too_few_rates(analysis, ""):
        return Outcome(NOT_APPLICABLE, "Only one rate learned in all its planned runs, so no seed decides.")
    seeds = ledger.cell("across", "seeds")
    if seeds < FEWEST_TO_LEAVE_OUT:
        return Outcome(
            NOT_APPLICABLE, f"With {counted(seeds, 'seed')} none can be left out and the rule applied again."
        )
    if seeds > MOST_TO_LEAVE_OUT:
        return Outcome(NOT_APPLICABLE, f"Among {counted(seeds, 'seed')} a single one hardly moves a mean.")
    if decides := outside_the_tie(analysis, ledger):
        return Outcome(FINDING, " ".join(decides))
    if not choice.without_seed:
        return Outcome(PASSED, f"Leaving out any one of the {seeds} seeds, the recommended rate stays the same.")
    said = "; ".join(
        f"without seed {listed(map(str, own), 'or')}, it would be {rate_label(rate)}"
        for rate, own in choices_without_a_seed(choice, ledger)
    )
    return Outcome(
        FINDING,
        f"Which of the rates that are practically tied or not resolved is recommended hangs on single seeds: {said}.",
    )


@observation(
    place=110,
    rule="seeds with which a paired two-sided t test at the significance level finds the measured difference of score "
    "with a probability of 80 %, if it is what it is here and its spread that of the table of pairs (noncentral t); "
    "for the nearest rate that is not told apart and further away than the tie threshold; a finding from 5 seeds on",
    table="comparisons",
    figure="differences",
    thresholds=("significance", "tie"),
    fresh=True,
)
def seeds_needed(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say how many seeds it would take to tell the recommended rate from its nearest rival."""
    if outcome := too_few_rates(analysis, "there is no rival"):
        return outcome
    if analysis.choice is None:
        return Outcome(NOT_APPLICABLE, "No rate is recommended, so there is no rival.")
    chosen = analysis.choice.chosen
    planned = ledger.cell("rates", "planned", learning_rate=chosen)
    if planned < FEWEST_FOR_SPREAD:
        return Outcome(
            INCONCLUSIVE, "With one seed the spread of differences is unknown, and so is the number of seeds needed."
        )
    rivals = rivals_not_told_apart(analysis)
    if not rivals:
        apart = f"By score {rate_label(chosen)} is told apart from every other rate that learned each time."
        return Outcome(PASSED, apart)
    tie = analysis.thresholds.tie
    near = [rate for rate, row in rivals if abs(float(row["difference"])) <= tie]
    far = [(rate, row) for rate, row in rivals if abs(float(row["difference"])) > tie]
    said = []
    if near:
        said.append(
            f"the measured difference of {rate_label(chosen)} to {rate_labels(sorted(near))} is within "
            f"{exact_points(tie)}, too little to matter, so no number of seeds is worked out for it"
        )
    if not far:
        return Outcome(PASSED, f"{sentence('; '.join(said))}")
    rival = far[0][0]
    pair = ledger.pair(chosen, rival)
    count = ledger.take(numbers.seeds_needed, learning_rate=rival, other=chosen)
    gap = ledger.gap(pair) if pair is not None else ""
    seeds = planned if pair is None else pair.n
    if math.isfinite(count):
        needed = f"about {counted(count, 'seed')} a rate"
    else:
        needed = f"more than {counted(ledger.take(numbers.most_seeds_considered), 'seed')} a rate"
    chance = percent(ledger.take(numbers.wanted_power), 0)
    said.append(
        f"to tell {rate_label(chosen)} from {rate_label(rival)}, the nearest rate that {seeds} seeds do not tell "
        f"apart from it ({gap}), {needed} would be needed for a chance of {chance}, if the difference is as measured, "
        "its spread is the one that the tests use, and only this pair is tested"
    )
    if seeds >= FEWEST_FOR_SPREADS:
        return Outcome(FINDING, " ".join(map(sentence, said)))
    said[-1] += f"; {counted(seeds, 'seed')} hardly show that spread, so the number may be far off"
    return Outcome(INCONCLUSIVE, " ".join(map(sentence, said)))


@observation(
    place=280,
    rule="concerns: validation on the test set, fewer than 3 seeds, missing runs, a confidence that is not high, a "
    "small validation set, a single seed that decides, a recommended rate some of whose runs exploded",
    table="rates",
)
def trust(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say what the reader should know before relying on the numbers."""
    concerns = _concerns(analysis, ledger)
    planned = ledger.take(numbers.total, table="rates", column="planned")
    seeds = ledger.take(numbers.fewest_seeds)
    least = "" if seeds == ledger.take(numbers.most_seeds) else "at least "
    facts = [f"{least}{counted(seeds, 'seed')} at each rate"]
    if not ledger.take(numbers.missing_runs):
        facts.insert(0, "the planned run is present" if planned == 1 else f"all {planned} planned runs are present")
    pairs = ledger.take(numbers.rows, table="comparisons", measure="score")
    if pairs:
        tried = ledger.take(numbers.rows, table="rates")
        all_pairs = tried * (tried - 1) // 2
        of = "" if pairs == all_pairs else " (of those that learned in all planned runs)"
        facts.append(f"{counted(pairs, 'pair')} of rates compared{of}")
    text = "; ".join(facts)
    if concerns:
        return Outcome(FINDING, f"Before relying on this: {'; '.join(concerns)}. Otherwise: {text}.")
    return Outcome(
        PASSED,
        f"Nothing speaks against relying on this: {text}, the confidence is high, and validation examples were kept "
        "apart from the test set.",
    )


def _concerns(analysis: Analysis, ledger: Ledger) -> list[str]:
    seeds, missing = ledger.take(numbers.fewest_seeds), ledger.take(numbers.missing_runs)
    concerns = []
    if analysis.origin["settings"]["validation"]["protocol"] == "test":
        concerns.append("validation ran on the test set, so no accuracy here is an independent test of the rate chosen")
    if seeds < FEWEST_SEEDS:
        which = "a" if seeds == ledger.take(numbers.most_seeds) else "at some"
        concerns.append(
            f"with {counted(seeds, 'seed')} {which} rate, what the seed does cannot be told from what the rate does"
        )
    if missing:
        planned = ledger.take(numbers.total, table="rates", column="planned")
        concerns.append(f"{missing} of {planned} planned runs {'is' if missing == 1 else 'are'} missing")
    if analysis.choice is None:
        return [*concerns, "no rate learned in all its planned runs, so none is recommended"]
    level = confidence(analysis, analysis.choice, Ledger(analysis)).level
    if level != HIGH:
        state = "cannot be assessed" if level == "not assessable" else f"is {level}"
        concerns.append(f"the confidence in the recommended rate {state}")
    exploded = ledger.cell("rates", "exploded", learning_rate=analysis.choice.chosen)
    if exploded:
        chosen = analysis.choice.chosen
        runs = counted(ledger.cell("rates", "n", learning_rate=chosen), "run")
        concerns.append(f"at the recommended {rate_label(chosen)} the training loss exploded in {exploded} of {runs}")
    if analysis.choice.without_seed and not outside_the_tie(analysis, Ledger(analysis)):
        concerns.append(
            "which of the rates that are practically tied or not resolved is recommended hangs on single seeds"
        )
    doubts = [*small_validation_set(analysis, ledger), *outside_the_tie(analysis, ledger)]
    return [*concerns, *(f"{text[0].lower()}{text[1:].removesuffix('.')}" for text in doubts)]
