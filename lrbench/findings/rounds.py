"""What is decided after a round of a search, as its file has it, each decision with its reason in a sentence."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from lrbench.analysis.measurements import summarise_steps
from lrbench.analysis.runs import analyse_runs, validation_examples
from lrbench.findings import search as policy
from lrbench.findings.search import Done, Plan, Reason, Run, Search, Standing
from lrbench.settings.thresholds import Thresholds
from lrbench.tables.plan import plan_of
from lrbench.tables.training import EXPERIMENT_TABLES
from lrbench.wording import counted, exact_points, listed, percent, plural_points, rate_label, rate_labels, significant

LEARNED = "learned"


def search_of(analysis: Mapping[str, Any], examples: int) -> Search:
    """A search as its policy takes it.

    analysis : settings of the analysis, those of the search among them; examples : how many validate
    """
    asked = analysis["search"]
    rates, seeds = asked["rates"], asked["seeds"]
    return Search(
        lowest=rates["from"],
        highest=rates["to"],
        most_rates=rates["at_most"],
        resolution=rates["resolution"],
        first_seeds=seeds["first"],
        most_seeds=seeds["at_most"],
        rounds=asked["rounds"],
        level=asked["level"],
        tie=analysis["thresholds"]["tie"],
        least_sd=1 / examples,
    )


def first_round(analysis: Mapping[str, Any]) -> dict[str, Any]:
    """The plan of the first round, which needs no results."""
    return plan_of(policy.first_plan(search_of(analysis, 1)).seeds)


def scored_runs(
    tables: Mapping[str, Iterable[Mapping[str, np.ndarray]]],
    origin: Mapping[str, Any],
    dataset: Mapping[str, Any],
    analysis: Mapping[str, Any],
) -> list[Run]:
    """The score of every run and whether it failed to learn.

    tables : epochs, evaluations and steps, each in parts of whole runs; origin : content of tables.json
    dataset : the data set's manifest; analysis : settings
    """
    epochs, evaluations = (EXPERIMENT_TABLES[name].joined(tables[name]) for name in ("epochs", "evaluations"))
    steps, thresholds = summarise_steps(tables["steps"]), Thresholds.named(analysis["thresholds"])
    runs = analyse_runs(epochs, evaluations, steps, origin, dataset, thresholds)
    columns = (runs[name].tolist() for name in ("learning_rate", "seed", "score", "outcome"))
    return [Run(rate, seed, score, outcome != LEARNED) for rate, seed, score, outcome in zip(*columns, strict=True)]


def decided(
    number: int, runs: Sequence[Run], origin: Mapping[str, Any], dataset: Mapping[str, Any], analysis: Mapping[str, Any]
) -> dict[str, Any]:
    """What is decided after a round, as `lrbench.tables.search` has it.

    number : of the round, from 1; runs : of this round and those before; the other arguments as for `scored_runs`
    """
    search = search_of(analysis, validation_examples(dataset))
    found = policy.decide(search, number, runs)
    reasons = found.reasons if isinstance(found, Plan) else found.wanted
    words = _Words(search, number, found.standings, runs)
    keys = {(run["learning_rate"], run["seed"]): run["run_key"] for run in origin["runs"]}
    return {
        "ends": found.why if isinstance(found, Done) else None,
        "made_from": {"analysis": dict(analysis), "expected": origin["expected"], "settings": origin["settings"]},
        "next": plan_of(found.seeds) if isinstance(found, Plan) else None,
        "plan": dict(origin["plan"]),
        "reasons": list(words.reasons(reasons)),
        "round": number,
        "runs": [
            {
                "failed": run.failed,
                "learning_rate": run.learning_rate,
                "run_key": keys[run.learning_rate, run.seed],
                "score": run.score if math.isfinite(run.score) else None,
                "seed": run.seed,
            }
            for run in runs
        ],
        "standings": [words.standing(one) for one in found.standings],
        "statement": words.statement(found),
    }


class _Words:
    """Sentences about a decision."""

    def __init__(self, search: Search, number: int, standings: Sequence[Standing], runs: Sequence[Run]) -> None:
        self.search, self.number, self.standings, self.runs = search, number, standings, runs
        self.best = next((one.learning_rate for one in standings if one.verdict == policy.BEST), None)

    def reasons(self, reasons: Sequence[Reason]) -> Iterator[dict[str, Any]]:
        """The reasons of a plan; those of more seeds in one, since the best rate gets as many as its rivals."""
        for rule, group in itertools.groupby(reasons, key=lambda one: one.rule):
            each = list(group)
            for part in [each] if rule == policy.SEEDS else [[one] for one in each]:
                rates = [one.learning_rate for one in part]
                said = self._more_seeds(part) if rule == policy.SEEDS else self._new_rate(part[0])
                yield {"learning_rates": rates, "rule": rule, "sentence": said}

    def _new_rate(self, reason: Reason) -> str:
        low, high = reason.beside
        label, seeds = rate_label(reason.learning_rate), counted(reason.seeds, "seed")
        apart = f"which are a factor of {significant(high / low)} apart"
        if self.best is None:
            return (
                f"{label} with {seeds}: no rate learned yet, and it lies between {rate_labels((low, high))}, {apart}."
            )
        other = low if high == self.best else high
        beside = f"the best rate, {rate_label(self.best)}, and {rate_label(other)}, {apart}"
        return f"{label} with {seeds}: it lies between {beside}."

    def _more_seeds(self, reasons: Sequence[Reason]) -> str:
        asked = listed(f"{rate_label(one.learning_rate)} up to {counted(one.seeds, 'seed')}" for one in reasons)
        best = "the best" if self.best is None else f"{rate_label(self.best)}, the best"
        rivals, unsure = (
            [one.learning_rate for one in self.standings if one.verdict == verdict]
            for verdict in (policy.OPEN, policy.UNSURE)
        )
        said = [f"so many likely tell {best}, from {rate_labels(rivals)}"] * bool(rivals)
        more = exact_points(self.search.tie)
        said += [f"{rate_labels(unsure)} may still be better than {best}, by more than {more}"] * bool(unsure)
        return f"{asked}: {'; '.join(said)}."

    def standing(self, one: Standing) -> dict[str, Any]:
        """How a rate stands, with the sentence that says whether it gets more seeds and why."""
        return {
            "difference": one.difference if math.isfinite(one.difference) else None,
            "learning_rate": one.learning_rate,
            "needed": one.needed,
            "seeds": one.seeds,
            "sentence": f"{rate_label(one.learning_rate)} {self._stands(one)}.",
            "verdict": one.verdict,
        }

    def _stands(self, one: Standing) -> str:
        if one.verdict == policy.BEST:
            return f"has the highest mean score so far, over {counted(one.seeds, 'seed')}"
        if one.verdict == policy.FAILED:
            own = [run for run in self.runs if run.learning_rate == one.learning_rate]
            failed = sum(run.failed for run in own)
            return f"gets no more seeds: {failed} of its {counted(len(own), 'run')} did not learn"
        side = "below" if one.difference < 0 else "above"
        size = f"{plural_points(abs(one.difference), 2)} {side} the best over {counted(one.seeds, 'seed')}"
        if one.verdict == policy.APART:
            return f"gets no more seeds: it is {size}, and told apart"
        if one.verdict == policy.TIED:
            return f"gets no more seeds: it is {size}, practically tied (within {exact_points(self.search.tie)})"
        if one.verdict == policy.TOO_FAR:
            most = counted(self.search.most_seeds, "seed")
            return f"gets no more seeds: it is {size}, not told apart, which would likely take more than {most}"
        more = counted(one.needed or 0, "seed")
        if one.verdict == policy.UNSURE:
            level, tie = percent(1 - self.search.level, 0), exact_points(self.search.tie)
            return f"is {size}, but by its {level} interval may be better by more than {tie}; it gets {more}"
        return f"is {size}, not told apart; {more} likely do"

    def statement(self, found: Plan | Done) -> str:
        """What comes next, or why nothing does."""
        if isinstance(found, Plan):
            more = sum(found.seeds.values()) - len(self.runs)
            return f"Round {self.number + 1} trains {counted(more, 'run')}."
        if found.why == policy.NO_ROUND:
            return f"The search ends, because its {counted(self.search.rounds, 'round')} are spent."
        if found.why == policy.NO_RATE:
            return f"The search ends, because {self.search.most_rates} rates were tried, as many as it may try."
        if self.best is None:
            return "The search ends: no rate learned, and none is left to try between those that were."
        near = f"its neighbours are within a factor of {self.search.resolution:g}"
        if self.best in (self.search.lowest, self.search.highest):
            near = f"it is a limit of the search, and {near}"
        return (
            f"The search ends, because nothing is left to ask for: the best rate is {rate_label(self.best)}, {near}, "
            "and no other is worth more seeds."
        )
