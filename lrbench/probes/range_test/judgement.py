"""Suggested rates held against the sweep: which tried rate each stands for, and what that says of range tests."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lrbench.probes.range_test import ID
from lrbench.reporting.inputs import Measured
from lrbench.wording import counted, listed, rounded

NAMES = {
    "valley": "valley (fastai)",
    "steepest": "steepest slope (fastai)",
    "minimum": "a tenth of the minimum (fastai)",
    "lightning": "steepest slope (Lightning)",
}  # in the order of the page; the first is fastai's default
DEFAULT_RULE = "valley"
TIED, PLATEAU, OUTSIDE, UNTRIED = "tied", "plateau", "outside", "untried"
WORDS = {
    TIED: "stands for a practically tied rate",
    PLATEAU: "stands for another rate of the plateau",
    OUTSIDE: "lies outside the plateau",
    UNTRIED: "lies beyond the end of the grid, which is on the plateau,",
}
SUPPORTED, CONTRADICTED, INCONCLUSIVE, MIXED = "supported", "contradicted", "inconclusive", "mixed"
NOT_TESTED = "not tested"
FEWEST_SEEDS = 3  # of a verdict, as of the other claims


@dataclass(frozen=True)
class Judged:
    """The suggestions of a rule over the seeds.

    rule : its key in `NAMES`
    values : the suggested rates, ascending, of the seeds that have one
    seeds : how many seeds were tested
    places : how many of the suggestions are where, by the keys of `WORDS`; empty without a sweep to hold against
    """

    rule: str
    values: tuple[float, ...]
    seeds: int
    places: Counter[str]

    @property
    def factor(self) -> float:
        """The largest suggestion over the smallest; NaN without any."""
        return self.values[-1] / self.values[0] if self.values else math.nan

    @property
    def verdict(self) -> str:
        """What the suggestions say of the claim that a range test finds the rate to use, by `VERDICT_RULE`."""
        if not self.places:
            return NOT_TESTED
        if self.seeds < FEWEST_SEEDS:
            return INCONCLUSIVE
        if self.places[TIED] == self.seeds:
            return SUPPORTED
        return CONTRADICTED if 2 * self.places[OUTSIDE] > self.seeds else INCONCLUSIVE

    @property
    def sentence(self) -> str:
        """Where the suggestions lie, in how many seeds, and how far they spread."""
        name = NAMES[self.rule]
        start = f"{name[0].upper()}{name[1:]}: "
        if not self.values:
            return f"{start}no suggestion" + (f" in any of {self.seeds} seeds." if self.seeds > 1 else ".")
        if self.values[0] == self.values[-1]:
            spread = f"the suggested rate is {rounded(self.values[0])}"
        else:
            spread = f"suggested rates from {rounded(self.values[0])} to {rounded(self.values[-1])}"
            spread += f", a factor of {rounded(self.factor)}"
        if not self.places:
            return f"{start}{spread}."
        counts = {words: self.places[place] for place, words in WORDS.items()}
        counts["is missing"] = self.seeds - len(self.values)
        first, *others = [(words, count) for words, count in counts.items() if count]
        said = [f"{first[0]} in {first[1]} of {counted(self.seeds, 'seed')}"]
        said += [f"{words} in {count}" for words, count in others]
        return f"{start}the suggestion {listed(said)}; {spread}."


VERDICT_RULE = (
    "Fixed in advance. Supported by a rule: the suggestion of every seed stands for a practically tied rate. "
    "Contradicted: the suggestions of more than half of the seeds lie outside the plateau. Otherwise inconclusive, "
    f"also under {FEWEST_SEEDS} seeds. The claim is supported where every rule supports it, contradicted where a rule "
    "contradicts it and none supports it, mixed where rules do both, and otherwise inconclusive."
)


def stands_for(suggestion: float, grid: Sequence[float]) -> float | None:
    """The tried rate nearest to a suggestion on a logarithmic scale; None beyond the grid.

    A suggestion is beyond the grid where it lies farther out than half the distance between the last two rates.

    grid : two rates or more, ascending
    """
    edges = edges_of(grid)
    for rate, low, high in zip(grid, edges, edges[1:], strict=False):
        if low <= suggestion <= high:
            return rate
    return None


def edges_of(grid: Sequence[float]) -> list[float]:
    """Between which rates a suggestion stands for each rate of a grid, shape (len(grid) + 1,)."""
    middles = [math.sqrt(low * high) for low, high in itertools.pairwise(grid)]
    return [grid[0] ** 2 / middles[0], *middles, grid[-1] ** 2 / middles[-1]]


def plateau_of(measured: Measured) -> list[float]:
    """The rates of the plateau, ascending; none where no rate learned in every planned run."""
    plateau = measured.across["plateau"]
    return [float(rate) for rate in plateau["rates"]] if plateau else []


def judged(measured: Measured) -> list[Judged]:
    """The suggestions of each rule held against the sweep, in the order of the page."""
    tests, grid, flat = measured.probes[ID]["seeds"], measured.learning_rates, plateau_of(measured)
    tied = {float(rate) for rate in measured.recommendation["tied"]}
    found = []
    for rule in NAMES:
        values = sorted(float(one["suggestions"][rule]) for one in tests if one["suggestions"][rule] is not None)
        known = values if len(grid) > 1 and flat else []
        places = Counter(_place(value, grid, tied, flat) for value in known)
        found.append(Judged(rule, tuple(values), len(tests), places))
    return found


def _place(suggestion: float, grid: Sequence[float], tied: Iterable[float], flat: Sequence[float]) -> str:
    """Where a suggestion lies; beyond an end of the grid that is on the plateau nobody knows whether that goes on."""
    rate = stands_for(suggestion, grid)
    if rate is None:
        return UNTRIED if (grid[0] if suggestion < grid[0] else grid[-1]) in flat else OUTSIDE
    return TIED if rate in tied else PLATEAU if rate in flat else OUTSIDE


def verdict_of(rules: Sequence[Judged]) -> str:
    """The verdict on the whole claim."""
    verdicts = {one.verdict for one in rules}
    if CONTRADICTED in verdicts:
        return MIXED if SUPPORTED in verdicts else CONTRADICTED
    return verdicts.pop() if len(verdicts) == 1 else INCONCLUSIVE
