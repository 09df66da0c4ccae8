"""Ways to find the best rate, as the page has them."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.results import Results
from benchmarks.words import table

OURS, GRID = "lrbench's search", "full grid"
AT_ITS_BUDGET = "the search's epochs"


def right(record: Mapping[str, Any], way: str) -> tuple[int, int]:
    """How many of a way's answers are practically tied with the best rate of the table, and of how many."""
    behind = record["ways"][way]["behind"]
    return sum(one <= record["tie"] for one in behind), len(behind)


def standard_error(k: int, n: int) -> float:
    """That of k, a binomial count."""
    return math.sqrt(k * (n - k) / n)


def rivals(record: Mapping[str, Any]) -> list[str]:
    """The ways beside the search that spend what it does, or less."""
    return [way for way in record["ways"] if way.endswith(AT_ITS_BUDGET) or way.startswith("range test")]


def searches(results: Results) -> Iterator[str]:
    """The section, where something was replayed: a table for each data set."""
    if not results.searches:
        return
    yield "## Searches"
    yield (
        "Ways to find the best rate between 0.00001 and 1, replayed from tables of runs in which every rate was "
        "trained with every seed. A repetition takes the seeds in an order of its own. Right is an answer whose mean "
        "score over all seeds of the table is practically tied with the highest. Epochs are those that training would "
        "take. What this cannot show: the built-in network and Adam alone; repetitions share the table's seeds, so "
        "that their errors are larger than ± says; a rate that is asked for stands for the nearest of the table."
    )
    for one in results.searches:
        yield f"### {one['data']}"
        yield _data(one)
        yield table(
            ["way", "right", "points behind, mean", "epochs: median", "range"],
            [_row(one, way) for way in one["ways"]],
        )


def _data(record: Mapping[str, Any]) -> str:
    best = max(record["means"])
    tied = [rate for rate, mean in zip(record["rates"], record["means"], strict=True) if best - mean <= record["tie"]]
    names = ", ".join(f"{rate:.2g}" for rate in tied)
    return (
        f"{len(record['rates'])} rates with {record['seeds']} seeds each, {record['epochs']} epochs a run. Right "
        f"{'is' if len(tied) == 1 else 'are'} {names}: at most {100 * record['tie']:g} points of accuracy below the "
        f"highest mean score, {100 * best:.2f} %. Optuna {record['optuna']}."
    )


def _row(record: Mapping[str, Any], way: str) -> list[str]:
    k, n = right(record, way)
    epochs: Sequence[float] = record["ways"][way]["epochs"]
    error = f" ± {100 * standard_error(k, n) / n:.0f} %" if 0 < k < n else ""
    return [
        way,
        f"{k} of {n} ({100 * k / n:.0f} %{error})",
        f"{100 * statistics.mean(record['ways'][way]['behind']):.2f}",
        f"{statistics.median(epochs):,.0f}",
        f"{min(epochs):,} to {max(epochs):,}" if min(epochs) < max(epochs) else f"{min(epochs):,}",
    ]
