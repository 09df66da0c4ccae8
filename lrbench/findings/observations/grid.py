"""Observations of the grid of rates, and of data whose classes are unequal."""

from __future__ import annotations

import math

from lrbench.findings import numbers
from lrbench.findings.numbers import best_rate, class_shares, plateau, trained_range
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
from lrbench.findings.phrases import by_rate
from lrbench.tables.analysis import FEWEST_SEEDS, UNEQUAL_CLASSES
from lrbench.wording import (
    counted,
    exact_points,
    number,
    outcomes,
    percent,
    rate_label,
    rate_labels,
    sentence,
    significant,
)

FEWEST_FOR_EDGE = 3  # rates of which one is not at the edge of the grid
ERROR = 10.0  # how many times too low or too high a rate is whose price is told ...
NEAR_ERROR = 2.0  # ... by the tried rate that is nearest, at most this factor from it
ENDED = (
    ("diverged", "diverged"),
    ("exploded", "exploded on the way"),
    ("failed", "failed to learn"),
    ("collapsed", "collapsed"),
)
NO_CHOICE = "No rate is recommended, since none has all its runs present and learned."


def how_it_ended(ledger: Ledger, rate: float) -> str:
    """How the runs of a rate ended, as in `of 3 runs, 2 diverged and 1 failed to learn`."""
    row = ledger.analysis.rates.set_index("learning_rate").loc[rate]
    n = ledger.cell("rates", "n", learning_rate=rate)
    if not n:
        return "no run of it is there"
    ends = [(ledger.cell("rates", name, learning_rate=rate), words) for name, words in ENDED if row[name]]
    if not ends:
        return f"{n} of {counted(ledger.cell('rates', 'planned', learning_rate=rate), 'planned run')} are there"
    return outcomes(ends, n)


@observation(
    place=230,
    rule="the unbroken run of tried rates around the best whose mean score is within the plateau threshold of it",
    table="rates",
    figure="sweep",
    thresholds=("plateau",),
    fresh=True,
)
def plateau_width(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say how far the learning rate can be moved before accuracy suffers."""
    if outcome := too_few_rates(analysis, "a plateau has no width"):
        return outcome
    found, best, tried = plateau(analysis), best_rate(analysis), ledger.take(numbers.rows, table="rates")
    limit = exact_points(analysis.thresholds.plateau)
    if len(found) == 1:
        return Outcome(
            PASSED,
            f"Of {counted(tried, 'rate')} tried, no neighbour of {rate_label(best)}, which has the best score, comes "
            f"within {limit} of it.",
        )
    factor, count = ledger.take(numbers.plateau_factor), ledger.take(numbers.plateau_rates)
    scores = [ledger.cell("rates", "score_mean", learning_rate=rate) for rate in found]
    return Outcome(
        FINDING if ledger.take(numbers.fewest_seeds) >= FEWEST_SEEDS else INCONCLUSIVE,
        f"{rate_labels(found)}, {count} of {tried} rates tried and a factor of {significant(factor)} from the lowest "
        f"to the highest, score within {limit} of the best ({ledger.percent(min(scores))} to "
        f"{ledger.percent(max(scores))}); what lies between them was not measured.",
    )


@observation(
    place=240,
    rule="the recommended rate is the smallest or the largest of at least 3 tried, or no run of the next one learned",
    table="rates",
    figure="sweep",
    fresh=True,
)
def best_at_edge(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say whether the recommended rate lies at the edge of the grid, so that a better one may lie outside."""
    tried = ledger.take(numbers.rows, table="rates")
    if analysis.choice is None:
        return Outcome(NOT_APPLICABLE, NO_CHOICE)
    if tried < FEWEST_FOR_EDGE:
        return Outcome(
            NOT_APPLICABLE,
            f"With {counted(tried, 'rate')} tried, whichever is best lies at the edge "
            f"of the grid; a wider grid is needed to see where accuracy falls off.",
        )
    chosen = analysis.choice.chosen
    grid = sorted(map(float, analysis.rates["learning_rate"]))
    which = f"{rate_label(chosen)} ({ledger.score(chosen)})"
    if chosen in (grid[0], grid[-1]):
        side, other = ("smallest", "smaller") if chosen == grid[0] else ("largest", "larger")
        return Outcome(
            FINDING,
            f"The recommended rate, {which}, is the {side} of {tried} tried; whether a {other} one does better was "
            "not measured.",
        )
    place = grid.index(chosen)
    around = [grid[place - 1], grid[place + 1]]
    learned = analysis.rates.set_index("learning_rate")["learned"]
    barren = [rate for rate in around if not learned.loc[rate]]
    text = f"The recommended of {tried} rates, {which}, lies between {rate_labels(around)}"
    if barren:
        ends = "; ".join(f"at {rate_label(rate)}, {how_it_ended(ledger, rate)}" for rate in barren)
        return Outcome(
            FINDING, f"{text}, but not between rates that learned: {ends}. What lies between them was not measured."
        )
    return Outcome(PASSED, f"{text}, at both of which runs learned.")


@observation(
    place=100,
    rule="the unbroken run of tried rates around the recommended one all of whose runs learned, and the next tried "
    "rate on either side; the size of the first update is its norm over that of the weights",
    table="rates",
    figure="sweep",
    fresh=True,
)
def range_that_trains(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say over which range of rates every run learned, and where that breaks."""
    if analysis.choice is None:
        return Outcome(NOT_APPLICABLE, NO_CHOICE)
    if len(analysis.rates) < 2:
        return Outcome(NOT_APPLICABLE, "With one rate tried there is no range.")
    found, below, above = trained_range(analysis)
    if len(found) == 1:
        text = f"every run learned at {rate_label(found[0])}, but at no tried rate next to it"
    else:
        decades = number(ledger.take(numbers.trained_decades), 1)
        text = (
            f"every run learned at each tried rate from {rate_label(found[0])} to {rate_label(found[-1])}, a factor "
            f"of {significant(ledger.take(numbers.trained_factor))} ({decades} decades)"
        )
    blown = [rate for rate in found if analysis.rates.set_index("learning_rate").loc[rate, "exploded"]]
    if blown:
        text += "; " + "; ".join(f"at {rate_label(rate)}, {how_it_ended(ledger, rate)}" for rate in blown)
    ends = []
    for side, edge, rate in (("below", found[0], below), ("above", found[-1], above)):
        if rate is None:
            ends.append(f"{side} {rate_label(edge)} no rate was tried")
        else:
            ends.append(
                f"{side} {rate_label(edge)}, at {rate_label(rate)}, {how_it_ended(ledger, rate)}"
                + _first_update(ledger, rate, analysis.choice.chosen)
            )
    if below is None and above is None:
        ends = ["no rate was tried below or above"]
    said = f"{sentence(text)} {sentence('; '.join(ends))}"
    return Outcome(PASSED if below is None and above is None else FINDING, said)


def _first_update(ledger: Ledger, rate: float, chosen: float) -> str:
    """The size of a rate's first update beside that of the recommended rate, or nothing where it was not measured."""
    sizes = {}
    for one in (rate, chosen):
        value = ledger.take(numbers.first_update_ratio, learning_rate=one)
        if not math.isfinite(value):
            return ""
        sizes[one] = f"{significant(100 * value)} %"
    return (
        f" (its first update is {sizes[rate]} of the size of the weights, that of {rate_label(chosen)} {sizes[chosen]})"
    )


@observation(
    place=90,
    rule="the tried rates nearest to a tenth of the recommended rate and to ten times of it, each within a factor of 2 "
    "of that: the difference of score, paired by seed and corrected as in the table of pairs",
    table="comparisons",
    figure="sweep",
    thresholds=("significance",),
    fresh=True,
)
def price_of_erring(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say what a rate about ten times too low or too high costs in accuracy."""
    if analysis.choice is None:
        return Outcome(NOT_APPLICABLE, NO_CHOICE)
    chosen = analysis.choice.chosen
    wrong = {
        "low": _nearest(analysis, chosen / ERROR),
        "high": _nearest(analysis, chosen * ERROR),
    }
    if not any(wrong.values()):
        return Outcome(NOT_APPLICABLE, f"No rate about ten times as low or as high as {rate_label(chosen)} was tried.")
    said, costs = [], False
    for side, rate in wrong.items():
        if rate is None:
            said.append(f"ten times too {side} was not tried")
            continue
        text, told = _price(ledger, chosen, rate, side)
        said.append(text)
        costs = costs or told
    few = analysis.rates.set_index("learning_rate").loc[chosen, "planned"] < FEWEST_SEEDS
    status = FINDING if costs else INCONCLUSIVE if few else PASSED
    return Outcome(status, sentence(f"against {rate_label(chosen)}, {'; '.join(said)}"))


def _nearest(analysis: Analysis, wanted: float) -> float | None:
    """The tried rate nearest to a wanted one, by their ratio, if it is within the factor NEAR_ERROR."""
    distances = {float(rate): abs(math.log(rate / wanted)) for rate in analysis.rates["learning_rate"]}
    rate = min(distances, key=lambda one: (distances[one], one))
    return rate if distances[rate] <= math.log(NEAR_ERROR) * (1 + 1e-9) else None


def _price(ledger: Ledger, chosen: float, rate: float, side: str) -> tuple[str, bool]:
    """What a rate costs against the chosen one, and whether that is told from chance or the rate fails."""
    large, small = (chosen, rate) if side == "low" else (rate, chosen)
    factor = significant(ledger.take(numbers.rate_factor, learning_rate=large, other=small))
    text = f"{rate_label(rate)}, {factor} times too {side},"
    pair = ledger.pair(chosen, rate)
    if pair is None:
        return f"{text} cannot be relied on: {how_it_ended(ledger, rate)}", True
    behind = pair.difference < 0
    shown = ledger.pair(rate, chosen) if behind else pair
    bounds = ledger.pair_interval(shown or pair, rate_label(rate if behind else chosen))
    if pair.separated and pair.difference > 0:
        return f"{text} costs {ledger.gap(pair)} {bounds}", True
    if pair.separated:
        return f"{text} costs nothing: it scores {ledger.gap(pair)} more {bounds}", False
    direction = "less" if pair.difference > 0 else "more"
    seeds = counted(pair.n, "seed")
    open_ = "which does not tell the two apart"
    if pair.n < FEWEST_SEEDS:
        open_ = f"but {seeds} {'is' if pair.n == 1 else 'are'} too few to tell that from chance"
    return f"{text} scores {ledger.gap(pair)} {direction} {bounds}, {open_}", False


@observation(
    place=150,
    rule="the largest class has more than twice the examples of the smallest, or more than twice an equal share; near "
    "chance is a mean final skill below the bar of having learned",
    table="rates",
)
def unequal_classes(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say what always naming the largest class would get, and how well the classes are recognised one by one."""
    shares = class_shares(analysis)
    if shares.max() <= UNEQUAL_CLASSES * shares.min() and shares.max() <= UNEQUAL_CLASSES / len(shares):
        return Outcome(
            NOT_APPLICABLE, "The largest class of the validation data has at most twice the examples of the smallest."
        )
    bar = analysis.across["learning_bar"]
    rates = analysis.rates.loc[analysis.rates["n"] > 0].set_index("learning_rate")
    chance = float(shares.max())
    chosen = None if analysis.choice is None else analysis.choice.chosen
    level = chance + bar * (1 - chance)
    near = [
        float(rate) for rate in rates.index if rate != chosen and rates.loc[rate, "final_val_accuracy_mean"] < level
    ]

    def balanced(rate: float) -> str:
        accuracy, mean = (
            ledger.cell("rates", f"{name}_mean", learning_rate=rate)
            for name in ("final_val_accuracy", "balanced_accuracy")
        )
        even = percent(mean, 1) if math.isfinite(mean) else "not measured"
        return f"{ledger.percent(accuracy)} at {rate_label(rate)} is a balanced accuracy of {even}"

    text = (
        f"Always naming the largest class would be right on {percent(ledger.take(numbers.largest_class), 1)} of the "
        f"validation examples (the smallest has {percent(ledger.take(numbers.smallest_class), 1)})"
    )
    if chosen is not None:
        text += f"; {balanced(chosen)}, the mean over classes"
    if near:
        text += f"; near chance: {by_rate(ledger, near, balanced)}"
    return Outcome(FINDING, f"{text}.")
