"""What a sentence rests on: its numbers, each with the place where anybody can find it again.

A `Ledger` hands out numbers and keeps where each came from, so a sentence written from it cannot hold
one that its evidence lacks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import wraps
from typing import Any

import numpy as np

from lrbench.analysis.pairs import comparison
from lrbench.analysis.results import Analysis
from lrbench.analysis.series import STATISTICS
from lrbench.analysis.wording import step_interval
from lrbench.findings.quantities import QUANTITIES
from lrbench.findings.quantities_accuracy import delta, resolution
from lrbench.findings.quantities_experiment import most_seeds
from lrbench.wording import counted, decimals_for, difference_decimals, percent, plural_points, points, target_label

FINDING, PASSED, INCONCLUSIVE, NOT_APPLICABLE = "finding", "passed", "inconclusive", "not applicable"
STEP_COUNTS = ("_after", "_at")  # how columns of steps end, in which infinite means never


@dataclass(frozen=True)
class Observation:
    """One thing seen, or looked for and not seen, in an experiment.

    evidence : items of value, table, column and row; table `computed` names a function of `quantities`
    threshold : the thresholds of the rule by name
    n : runs of the rate that has most
    figure, table : the ones that show it; figure None where none does
    """

    id: str
    statement: str
    evidence: tuple[Mapping[str, Any], ...]
    rule: str
    threshold: Mapping[str, float]
    n: int
    status: str
    figure: str | None
    table: str

    def as_dict(self) -> dict[str, Any]:
        """The observation as plain data, ready for JSON."""
        return asdict(self) | {"evidence": [dict(item) for item in self.evidence]}


def plain(value: Any, never: bool = False) -> dict[str, Any]:
    """A value as JSON can hold it: one that is not finite becomes null with a status that says so."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"value": None, "status": "never" if never and value > 0 else "not finite"}
    return {"value": value}


def look_up(source: Any, item: Mapping[str, Any]) -> Any:
    """The value that an item of evidence names, found or computed anew.

    source : an `Analysis`, or what has the tables that are cited
    """
    value = _found(source, item["table"], item["column"], dict(item["row"]))
    return value.item() if isinstance(value, np.generic) else value


def _found(source: Any, table: str, column: str, row: dict[str, Any]) -> Any:
    if table == "computed":
        return QUANTITIES[column](source, **row)
    if table == "across":
        entry = source.across[column]
        return entry if not row else next(one[column] for one in entry if row.items() <= one.items())
    frame = getattr(source, table)
    found = np.ones(len(frame), dtype=bool)
    for key, value in row.items():
        found &= frame[key].to_numpy() == value
    places = np.flatnonzero(found)
    if len(places) != 1:
        raise LookupError(f"{table} has {len(places)} rows of {row}, not one")
    return frame[column].iloc[int(places[0])]


def cited(source: Any, table: str, column: str, /, **row: Any) -> tuple[Any, dict[str, Any]]:
    """A value and the item of evidence for it; arguments as for `look_up`.

    An item is the value with the place where it can be looked up: a table's column, in the row that has these
    values. Of table `computed` the column is a quantity and the row its arguments; table `across` is a mapping, whose
    entry `column` is the value, or a list of mappings of which the row names one.
    """
    place = {"table": table, "column": column, "row": row}
    value = look_up(source, place)
    computed = table == "computed"
    never = column == "steps_ratio" if computed else table in ("targets", "reach") and column.endswith(STEP_COUNTS)
    return value, plain(value, never) | place | ({"from": QUANTITIES.sentences[column]} if computed else {})


@dataclass(frozen=True)
class Pair:
    """How one rate stands against another by a measure: one less other, over the seeds, paired.

    difference, low, high : mean and the ends of its corrected interval; ahead, behind : seeds in which one is better,
    or worse; separated : whether the two are told apart; p : of this pair alone
    """

    difference: float
    low: float
    high: float
    n: int
    p: float
    p_corrected: float
    ahead: int
    behind: int
    separated: bool


@dataclass
class Ledger:
    """Gives numbers of an analysis and remembers where each came from."""

    analysis: Analysis
    items: list[dict[str, Any]] = field(default_factory=list)

    def cell(self, table: str, column: str, /, **row: Any) -> Any:
        """The value of one cell, named by the row's key."""
        value, item = cited(self.analysis, table, column, **row)
        self._keep(item)
        return value

    def computed(self, quantity: str, /, **row: Any) -> Any:
        """A number computed by a registered function."""
        return self.cell("computed", quantity, **row)

    def statistics(self, quantity: str, /, **row: Any) -> tuple[float, float, float]:
        """Mean over seeds and the ends of its interval, of a quantity that has a `statistic`."""
        mean, low, high = (self.computed(quantity, **row, statistic=name) for name in STATISTICS)
        return mean, low, high

    def score(self, learning_rate: float) -> str:
        """A rate's mean score, with the digits that the validation set supports."""
        return self.percent(self.cell("rates", "score_mean", learning_rate=learning_rate))

    def unsteadiness(self, learning_rate: float) -> float:
        """How unsteady a rate's training loss is, in nats; NaN where that was not measured."""
        value = self.cell("across", "unsteadiness", learning_rate=learning_rate)
        return math.nan if value is None else float(value)

    def pair(self, one: float, other: float, measure: str = "score") -> Pair | None:
        """How a rate stands against another, or None where the two are not compared."""
        row = comparison(self.analysis.comparisons, measure, one, other)
        if row is None:
            return None
        place = {"higher": max(one, other), "lower": min(one, other), "measure": measure}
        values = row.to_dict()
        for name in ("difference", "low", "high", "n", "p", "p_corrected", "higher_ahead", "lower_ahead"):
            self._keep(plain(values[name]) | {"table": "comparisons", "column": name, "row": place})
        low, high, ahead, behind = (values[name] for name in ("low", "high", "higher_ahead", "lower_ahead"))
        sign = 1 if one > other else -1
        if sign < 0:
            low, high, ahead, behind = -high, -low, behind, ahead
        return Pair(
            difference=sign * values["difference"],
            low=low,
            high=high,
            n=values["n"],
            p=values["p"],
            p_corrected=values["p_corrected"],
            ahead=ahead,
            behind=behind,
            separated=bool(values["separated"]),
        )

    def _keep(self, item: dict[str, Any]) -> None:
        if item not in self.items:
            self.items.append(item)

    def pair_interval(self, pair: Pair, who: str = "") -> str:
        """Interval and wins of a pair's scores, as in `(95 % interval 0.5 to 1.3; ahead in 5 of 5 seeds)`.

        who : the label of the rate that is ahead in so many seeds, where the sentence does not say
        """
        wins = f"{who} ahead in".strip() + f" {pair.ahead} of {counted(pair.n, 'seed')}"
        if not math.isfinite(pair.low):
            return f"({wins})"
        digits = self._digits(pair)
        return f"({self.interval(pair.low, pair.high, lambda end: points(end, digits))}; {wins})"

    def gap(self, pair: Pair) -> str:
        """The size of a difference of scores in points, with digits that its interval supports."""
        return plural_points(abs(pair.difference), self._digits(pair))

    def _digits(self, pair: Pair) -> int:
        """Decimals of a difference of scores in points and of the ends of its interval."""
        margins = (self.analysis.thresholds.tie, delta(self.analysis))
        return difference_decimals(pair.difference, pair.low, pair.high, margins, self.decimals)

    def sustained(self, learning_rate: float, target: float) -> str:
        """Between which steps the median run of a rate reached a target for good."""
        key = {"learning_rate": learning_rate, "target": target}
        return step_interval(*(self.cell("reach", f"sustained{end}", **key) for end in STEP_COUNTS))

    @property
    def decimals(self) -> int:
        """Decimals of a percentage that the validation set can tell apart."""
        return decimals_for(resolution(self.analysis))

    def percent(self, share: float) -> str:
        """An accuracy with the digits that the validation set supports."""
        return percent(share, self.decimals)

    def interval(self, low: float, high: float, text: Any) -> str:
        """The interval in brackets, its level named, its ends written by `text`."""
        level = target_label(self.computed("confidence_level"))
        return f"{level} interval {text(low)} to {text(high)}"

    def share(self, mean: float, low: float, high: float) -> str:
        """A share as a percentage, with its interval where there is one."""
        bounds = self.interval(low, high, lambda end: percent(end, 0)) if math.isfinite(low) else "no interval"
        return f"{percent(mean, 0)} ({bounds})"


# Observations


@dataclass(frozen=True)
class Outcome:
    """What an observation came to: its status and its sentence."""

    status: str
    statement: str


def observation(
    rule: str, table: str, figure: str | None = None, thresholds: tuple[str, ...] = ()
) -> Callable[[Callable[[Analysis, Ledger], Outcome]], Callable[[Analysis], Observation]]:
    """Make an observation of a function that draws numbers from a ledger and returns an outcome.

    Its id is the function's name; without any run it does not apply.
    """

    def decorate(function: Callable[[Analysis, Ledger], Outcome]) -> Callable[[Analysis], Observation]:
        @wraps(function)
        def observe(analysis: Analysis) -> Observation:
            ledger = Ledger(analysis)
            if len(analysis.runs):
                outcome = function(analysis, ledger)
            else:
                outcome = Outcome(NOT_APPLICABLE, "There are no runs.")
            return Observation(
                id=function.__name__.replace("_", "-"),
                statement=outcome.statement,
                evidence=tuple(ledger.items),
                rule=rule,
                threshold={name: getattr(analysis.thresholds, name) for name in thresholds},
                n=int(most_seeds(analysis)),
                status=outcome.status,
                figure=figure,
                table=table,
            )

        return observe

    return decorate
