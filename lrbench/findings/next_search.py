"""What to ask for after a search: wider limits, or a larger budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrbench.analysis.pipeline import Analysis
from lrbench.analysis.runs import validation_examples
from lrbench.findings import numbers
from lrbench.findings import search as policy
from lrbench.findings.ledger import Ledger
from lrbench.findings.proposal import Answer, Proposal, Rule
from lrbench.findings.rounds import LEARNED, search_of
from lrbench.findings.search import Done, Run
from lrbench.settings.limits import LARGEST_RATE, MOST_RATES, MOST_ROUNDS, SMALLEST_FLOAT32
from lrbench.wording import rate_label, rate_labels, sentence

WIDER = 100  # times: two decades beyond a limit
MORE_ROUNDS = 2
MORE_RATES = 4
LATER = "What later rounds ask for depends on the results."


def _limits(analysis: Analysis, ledger: Ledger) -> Answer:
    """Limits farther out where the recommended rate or the best score is at one, or no rate learned."""
    asked: Mapping[str, Any] = analysis.search or {}
    low, high = asked["rates"]["from"], asked["rates"]["to"]
    chosen, best = analysis.chosen, numbers.best_rate(analysis)
    edges = [limit for limit in (low, high) if chosen is None or limit in (chosen, best)]
    if not edges:
        return None, f"The recommended rate, {rate_label(chosen or best)}, lies between the limits of the search."
    lowest = max(float(f"{low / WIDER:.12g}"), SMALLEST_FLOAT32) if low in edges else low
    highest = min(float(f"{high * WIDER:.12g}"), LARGEST_RATE) if high in edges else high
    if (lowest, highest) == (low, high):
        return None, "A config's limits leave no further rate to search."
    rates = {**asked["rates"], "from": lowest, "to": highest}
    asks = {**asked, "rates": rates}
    search = search_of({"search": asks, "thresholds": {"tie": analysis.thresholds.tie}}, 1)
    plan = policy.first_plan(search).seeds
    tried = {
        (float(rate), int(seed))
        for rate, seed in zip(analysis.runs["learning_rate"], analysis.runs["seed"], strict=True)
    }
    new = sum((rate, seed) not in tried for rate, seeds in plan.items() for seed in range(seeds))
    if chosen is None:
        said = f"no rate between the limits, {rate_labels((low, high))}, learned in all its runs"
    else:
        named = [f"{rate_label(edge)} ({ledger.score(edge)})" for edge in edges]
        what = "the recommended rate" if edges == [chosen] else "the best by score" if len(edges) == 1 else "the best"
        said = f"{what}, {' and '.join(named)}, is at a limit of the search; beyond it a rate may do better"
    title = f"Search from {rate_label(lowest)} to {rate_label(highest)}"
    return _proposed(analysis, title, {"search": asks}, new), f"{sentence(said)} {LATER}"


def _budget(analysis: Analysis, _ledger: Ledger) -> Answer:
    """A larger budget where the search ended because its own was spent."""
    asked: Mapping[str, Any] = analysis.search or {}
    settings = {"search": asked, "thresholds": {"tie": analysis.thresholds.tie}}
    search = search_of(settings, validation_examples(analysis.dataset))
    columns = (analysis.runs[name].tolist() for name in ("learning_rate", "seed", "score", "outcome"))
    runs = [Run(rate, seed, score, outcome != LEARNED) for rate, seed, score, outcome in zip(*columns, strict=True)]
    found = policy.decide(search, search.rounds, runs)
    if not isinstance(found, Done) or found.why == policy.SETTLED:
        return None, "By the rules of the search nothing was left to ask for."
    seeds = {float(rate): int(count) for rate, count in analysis.runs.groupby("learning_rate")["seed"].count().items()}
    more = {one.learning_rate: one.seeds - seeds.get(one.learning_rate, 0) for one in found.wanted}
    new = sorted(rate for rate in more if rate not in seeds)
    old = sorted(rate for rate in more if rate in seeds)
    wanted = [f"for {rate_labels(new)}"] * bool(new) + [f"for more seeds of {rate_labels(old)}"] * bool(old)
    if found.why == policy.NO_ROUND:
        rounds = min(search.rounds + MORE_ROUNDS, MOST_ROUNDS)
        asks, title = {**asked, "rounds": rounds}, f"Search on, in up to {rounds} rounds"
        said = "the search ended because its rounds were spent"
    else:
        rates = min(search.most_rates + MORE_RATES, MOST_RATES)
        asks = {**asked, "rates": {**asked["rates"], "at_most": rates}}
        title = f"Search on, with up to {rates} rates"
        said = "the search ended because it had tried as many rates as it might"
    if asks == asked:
        return None, f"{sentence(said)} A config takes no larger budget."
    reason = sentence(f"{said}; it would have asked {', and '.join(wanted)}")
    return _proposed(analysis, title, {"search": asks}, sum(more.values())), f"{reason} {LATER}"


def _proposed(analysis: Analysis, title: str, asks: Mapping[str, Any], runs: int) -> Proposal:
    return Proposal(title, asks, runs, runs * int(analysis.origin["settings"]["epochs"]))


SEARCH_RULES: Mapping[str, Rule] = {"limits": _limits, "budget": _budget}
