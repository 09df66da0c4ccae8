"""What to train next: proposals that may change the answer or make it surer, and why there is nothing else to ask for.

A rule looks at the analysis and proposes, or says why it does not. `docs/metrics.md` defines each.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

from lrbench.analysis.pipeline import Analysis
from lrbench.findings import numbers
from lrbench.findings.ledger import Ledger
from lrbench.findings.next_search import SEARCH_RULES
from lrbench.findings.observations.grid import how_it_ended
from lrbench.findings.phrases import by_rate
from lrbench.findings.proposal import (
    ENOUGH_SEEDS,
    NO_CHOICE,
    NO_RATE_LEFT,
    NOTHING,
    SOMETHING,
    Answer,
    Proposal,
    Rule,
)
from lrbench.settings.limits import MOST_EPOCHS, middle_rate, new_rates, new_seeds, rates_beyond
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.tables.plan import planned_runs
from lrbench.training_words import carried_over, rate_noun
from lrbench.wording import (
    counted,
    number,
    percent,
    rate_label,
    rate_labels,
    sentence,
    share_decimals,
    significant,
)

LONGER = 2  # times as many epochs
FIRST = "First the experiment has to be whole."
CARRIED = "Nothing is proposed where weights are carried over."


def what_next(analysis: Analysis) -> dict[str, Any]:
    """What to train next, JSON-serialisable; every number in a reason is a value of its evidence, or a rate.

    Keys
    ----
    proposals : in order of their rules; each {rule, title, reason, evidence, asks, runs, epochs}: `asks` has the keys
        of a config that change, `runs` and `epochs` count what is trained anew if no other experiment has it
    settled : {rule, reason, evidence} of the rules that propose nothing
    statement : what there is to do, in a sentence
    """
    proposals: list[dict[str, Any]] = []
    settled: list[dict[str, Any]] = []
    rules = RULES if analysis.choice is not None else WITHOUT_CHOICE
    if analysis.search is not None:
        rules = {**SEARCH_RULES, "epochs": _longer}
    if carried_over(analysis.origin["settings"]):
        rules = {"weights": _carried}
    if numbers.missing_runs(analysis):
        rules = {"missing": _missing}
    for name, rule in rules.items():
        ledger = Ledger(analysis)
        proposal, reason = rule(analysis, ledger)
        said = {"rule": name, "reason": reason, "evidence": ledger.items}
        if proposal is None:
            settled.append(said)
        else:
            cost = {"runs": proposal.runs, "epochs": proposal.epochs}
            proposals.append(said | {"title": proposal.title, "asks": dict(proposal.asks)} | cost)
    statement = SOMETHING if proposals else FIRST if "missing" in rules else CARRIED if "weights" in rules else NOTHING
    return {"proposals": proposals, "settled": settled, "statement": statement}


def _missing(_analysis: Analysis, ledger: Ledger) -> Answer:
    count = ledger.take(numbers.missing_runs)
    return None, (
        f"{counted(count, 'planned run')} {'is' if count == 1 else 'are'} missing; the same config, run again, trains "
        f"{'it' if count == 1 else 'them'}."
    )


def _carried(_analysis: Analysis, _ledger: Ledger) -> Answer:
    return None, (
        "Weights are carried over from rate to rate here, so what a rate reaches depends on the rates before it; the "
        "same experiment with fresh weights, which is made beside this one, says what to train next."
    )


def _beyond(analysis: Analysis, ledger: Ledger) -> Answer:
    """Rates beyond an edge of the grid at which the recommended rate or the best score is."""
    grid, chosen, tried = _grid(analysis), analysis.chosen, ledger.take(numbers.rows, table="rates")
    if chosen is None:
        return None, NO_CHOICE
    edges = [rate for rate in dict.fromkeys((grid[0], grid[-1])) if rate in (chosen, numbers.best_rate(analysis))]
    said = []
    for edge in edges:
        what = (
            f"the recommended rate, {rate_label(edge)}" if edge == chosen else f"{rate_label(edge)}, the best by score"
        )
        side, other = ("smallest", "smaller") if edge == grid[0] else ("largest", "larger")
        alone = f"the only rate tried, {rate_label(edge)}, reached {ledger.score(edge)}; another one may do better"
        edged = f"{what} ({ledger.score(edge)}), is the {side} of {tried} tried; a {other} one may do better"
        said.append(alone if len(grid) == 1 else edged)
    if not edges:
        place = grid.index(chosen)
        around = rate_labels((grid[place - 1], grid[place + 1]))
        return None, f"The recommended of {tried} rates, {rate_label(chosen)}, lies between {around}."
    return _ask_rates(analysis, rates_beyond(grid, edges), [*said, *_steps_in_words(ledger, grid, edges)])


def _towards_learning(analysis: Analysis, ledger: Ledger) -> Answer:
    """Where no rate is recommended: the rates at which runs may neither diverge or explode nor fail to learn.

    These are below the smallest rate where runs of it diverge or explode; where only those of larger rates do, between
    the neighbours at which that begins; and beyond both ends where none do, since too large a rate may fail quietly.
    """
    grid = _grid(analysis)
    rates = analysis.rates.set_index("learning_rate")
    blown = {rate for rate in grid if rates.loc[rate, "diverged"] or rates.loc[rate, "exploded"]}
    begins = [(low, high) for low, high in itertools.pairwise(grid) if high in blown and low not in blown]
    edges = [] if begins else [grid[0]] if grid[0] in blown else list(dict.fromkeys((grid[0], grid[-1])))
    ends = dict.fromkeys(rate for pair in begins for rate in pair) if begins else dict.fromkeys((grid[0], grid[-1]))
    how = "; ".join(f"at {rate_label(rate)}, {how_it_ended(ledger, rate)}" for rate in ends)
    found = [middle_rate(*pair) for pair in begins] or rates_beyond(grid, edges)
    said = [f"no rate learned in all its runs: {how}", *_steps_in_words(ledger, grid, edges)]
    return _ask_rates(analysis, found, said)


def _steps_in_words(ledger: Ledger, grid: list[float], edges: list[float]) -> list[str]:
    """The factor between each edge and the rate beside it, where there is one."""
    said = []
    for edge in edges if len(grid) > 1 else []:
        low, high = grid[:2] if edge == grid[0] else grid[-2:]
        factor = ledger.take(numbers.rate_factor, learning_rate=high, other=low)
        said.append(f"the grid's step at {rate_label(edge)} is a factor of {_factor(factor)}")
    return said


def _between(analysis: Analysis, ledger: Ledger) -> Answer:
    """The geometric middles between the recommended rate, or the best by score, and neighbours that are far away."""
    if analysis.chosen is None:
        return None, NO_CHOICE
    centres = list(dict.fromkeys((analysis.chosen, numbers.best_rate(analysis))))
    gaps = [pair for pair in itertools.pairwise(_grid(analysis)) if set(pair) & set(centres)]
    finest = ledger.take(numbers.finest_factor)
    wide = [(low, high) for low, high in gaps if high / low > finest * (1 + 1e-9)]
    if not gaps:
        return None, f"{rate_label(analysis.chosen)} is the only rate tried, so nothing lies between it and another."
    if not wide:
        return (
            None,
            f"The neighbours of {rate_labels(centres)} are within a factor of {number(finest, 0)}, near enough.",
        )
    said = []
    for low, high in wide:
        factor = _factor(ledger.take(numbers.rate_factor, learning_rate=high, other=low))
        said.append(f"{rate_labels((low, high))} are a factor of {factor} apart")
    said.append(
        f"whether a rate between does better than {rate_label(analysis.chosen)}, the recommended, was not tried"
    )
    return _ask_rates(analysis, [middle_rate(*pair) for pair in wide], said)


def _factor(value: float) -> str:
    return significant(value) if value < 1e6 else "more than a million"


def _ask_rates(analysis: Analysis, found: list[float], said: list[str]) -> Answer:
    """A proposal of those of the rates that a config takes and that were not tried, the nearest first where few fit."""
    grid = _grid(analysis)
    new = new_rates(grid, found)
    if not new:
        return None, " ".join(map(sentence, [*said, NO_RATE_LEFT]))
    noun = rate_noun(analysis.origin["settings"])
    title = f"Try the {noun}{'s' if len(new) > 1 else ''} {rate_labels(new)}"
    seeds, length = len(analysis.origin["plan"]["seeds"]), int(analysis.origin["settings"]["epochs"])
    runs = len(new) * seeds
    asks = {"learning_rates": sorted([*grid, *new])}
    return Proposal(title, asks, runs, runs * length), " ".join(map(sentence, dict.fromkeys(said)))


def _more_seeds(analysis: Analysis, ledger: Ledger) -> Answer:
    """The seeds with which the recommended rate is likely told from its nearest rival that is not practically tied."""
    chosen = analysis.chosen
    if chosen is None or len(numbers.eligible_rates(analysis)) < 2:
        return None, "There are no two rates that learned in all their runs, so there is no pair to tell apart."
    planned = int(ledger.cell("rates", "planned", learning_rate=chosen))
    if planned < FEWEST_SEEDS:
        reason = (
            f"{counted(planned, 'seed')} a rate {'is' if planned == 1 else 'are'} too few to tell anything from chance."
        )
        return _ask_seeds(analysis, ENOUGH_SEEDS, reason)
    rivals = numbers.rivals_not_told_apart(analysis)
    if not rivals:
        return None, f"{planned} seeds tell {rate_label(chosen)} from every other rate that learned each time."
    tie = ledger.take(numbers.threshold, name="tie")
    far = [rate for rate, row in rivals if abs(float(row["difference"])) > tie]
    if not far:
        which = rate_labels(sorted(rate for rate, _ in rivals))
        limit = f"{significant(100 * tie)} point{'' if 100 * tie == 1 else 's'}"
        return None, (
            f"The measured difference of {rate_label(chosen)} to {which} is within {limit}, too little to matter, so "
            "more seeds are not worth it."
        )
    rival, pair = far[0], ledger.pair(chosen, far[0])
    gap = "" if pair is None else f" ({ledger.gap(pair)})"
    needed = ledger.take(numbers.seeds_needed, learning_rate=rival, other=chosen)
    both = f"{planned} seeds do not tell {rate_label(chosen)} from {rate_label(rival)}{gap}"
    if not math.isfinite(needed):
        most = ledger.take(numbers.most_seeds_considered)
        return None, f"{both}; it would take more than {most} seeds a rate, which is not worth it."
    if needed > planned:
        return _ask_seeds(
            analysis,
            int(needed),
            f"{both}; about {counted(needed, 'seed')} a rate likely would, if it is as measured and only this pair is "
            "tested.",
        )
    return _ask_seeds(
        analysis,
        2 * planned,
        f"{both}; for this pair alone about {counted(needed, 'seed')} would do, but the test is corrected for all "
        "pairs, so twice as many are proposed.",
    )


def _ask_seeds(analysis: Analysis, wanted: int, reason: str) -> Answer:
    """A proposal of so many seeds a rate: those there are, and the smallest others."""
    plan = analysis.origin["plan"]
    seeds = sorted(map(int, plan["seeds"]))
    new = new_seeds(seeds, wanted)
    if not new:
        return None, f"{reason} A config takes no more seeds."
    runs = len(new) * len(plan["learning_rates"])
    asks = {"seeds": sorted([*seeds, *new])}
    epochs = runs * int(analysis.origin["settings"]["epochs"])
    return Proposal(f"Train with {counted(len(new), 'seed')} more", asks, runs, epochs), reason


def _longer(analysis: Analysis, ledger: Ledger) -> Answer:
    """More epochs where the recommended rate was still improving, or one that is behind was and may catch up."""
    rates = analysis.rates.set_index("learning_rate").sort_index()
    if not rates["improvement"].notna().any():
        return None, "There are too few epochs of finite validation loss to see a trend at the end of training."
    chosen, best = analysis.chosen, numbers.best_rate(analysis)
    improving = [float(rate) for rate in rates.index[rates["still_improving"].astype(bool)]]
    others = [rate for rate in improving if rate != chosen]
    if chosen is not None:
        margin, able = ledger.take(numbers.delta), rates["eligible"]
        others = [rate for rate in others if able[rate] and numbers.score_lead(analysis, best, rate) > margin]
    span = f"over the last {ledger.take(numbers.last_half)} epochs"
    said = []
    if chosen in improving:
        said.append(f"the validation loss of the recommended rate was still falling {span}: {_falls(ledger, [chosen])}")
    if others:
        said.append(f"validation loss was still falling {span} where scores are low: {_falls(ledger, others)}")
    if not said:
        where = "" if chosen is None else " of the recommended rate, or of one that is clearly behind,"
        return None, f"No validation loss{where} was clearly still falling {span}."
    if others and chosen is not None:
        they = "these" if len(others) > 1 else "it"
        said.append(f"the best score is {ledger.score(best)}, so with more epochs {they} may catch up")
    reason, length = " ".join(map(sentence, said)), int(ledger.take(numbers.epochs))
    total = min(LONGER * length, MOST_EPOCHS)
    if total <= length:
        return None, f"{reason} A config takes no more epochs."
    runs = planned_runs(analysis.origin["plan"])
    return Proposal(f"Train for {total} epochs", {"epochs": total}, runs, runs * total), reason


def _falls(ledger: Ledger, rates: list[float]) -> str:
    """By how much the validation loss of rates fell, with their scores; of many the recommended and its neighbours."""

    def fall(rate: float) -> str:
        size = ledger.cell("rates", "improvement", learning_rate=rate)
        return f"at {rate_label(rate)}, by {percent(size, share_decimals(size))} to a score of {ledger.score(rate)}"

    return by_rate(ledger, rates, fall)


def _grid(analysis: Analysis) -> list[float]:
    return sorted(map(float, analysis.rates["learning_rate"]))


RULES: Mapping[str, Rule] = {"beyond": _beyond, "between": _between, "seeds": _more_seeds, "epochs": _longer}
WITHOUT_CHOICE: Mapping[str, Rule] = {"beyond": _towards_learning, "epochs": _longer}
