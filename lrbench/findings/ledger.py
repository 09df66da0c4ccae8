"""What a sentence rests on: its numbers, each with the place where anybody can find it again.

A `Ledger` hands out numbers and keeps where each came from, so a sentence written from it cannot hold
one that its evidence lacks.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from lrbench.analysis.choice import comparison
from lrbench.analysis.measurements import STATISTICS
from lrbench.analysis.pipeline import Analysis
from lrbench.findings import numbers
from lrbench.findings.numbers import delta, resolution
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.tables.plan import FIRST_SEEDS
from lrbench.wording import (
    accuracy,
    counted,
    decimals_beside,
    decimals_for,
    difference_decimals,
    percent,
    plural_points,
    points,
    share_decimals,
    step_interval,
    target_label,
)

COMPUTED = "computed"  # evidence whose column names a function
STEP_COUNTS = ("_after", "_at")  # how columns of steps end, in which infinite means never


def plain(value: Any, never: bool = False) -> dict[str, Any]:
    """A value as JSON can hold it: one that is not finite becomes null with a status that says so.

    never : whether infinity means that something never happened, which the status then says
    """
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
    if table == COMPUTED:
        return _quantity(column)(source, **row)
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


def _quantity(name: str) -> numbers.Quantity:
    """The function that evidence names: a quantity, by its public name under lrbench.findings."""
    module, _, function = name.rpartition(".")
    found = getattr(importlib.import_module(module), function, None) if module.startswith("lrbench.findings") else None
    if not hasattr(found, "sentence"):
        raise LookupError(f"{name} is no function that evidence can name")
    return cast(numbers.Quantity, found)


def cited(source: Any, table: str, column: str, /, **row: Any) -> tuple[Any, dict[str, Any]]:
    """A value and the item of evidence for it; arguments as for `look_up`.

    An item is the value with the place where it can be looked up: a table's column, in the row that has these
    values. Of table `computed` the column is the public name of a quantity and the row its arguments; table `across` is
    a mapping, whose entry `column` is the value, or a list of mappings of which the row names one.
    """
    place = {"table": table, "column": column, "row": row}
    value = look_up(source, place)
    never = table in ("targets", "reach") and column.endswith(STEP_COUNTS)
    return value, plain(value, never) | place


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

    def take(self, quantity: numbers.Quantity, /, **row: Any) -> Any:
        """A number computed by a quantity of this analysis, with these arguments."""
        value = quantity(self.analysis, **row)
        value = value.item() if isinstance(value, np.generic) else value
        place = {"table": COMPUTED, "column": f"{numbers.__name__}.{quantity.__name__}", "row": row}
        self._keep(plain(value, quantity is numbers.steps_ratio) | place | {"from": quantity.sentence})
        return value

    def statistics(self, quantity: numbers.Quantity, /, **row: Any) -> tuple[float, float, float]:
        """Mean over seeds and the ends of its interval, of a quantity that has a `statistic`."""
        mean, low, high = (self.take(quantity, **row, statistic=name) for name in STATISTICS)
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
        both = " that both have" if FIRST_SEEDS in self.analysis.origin["plan"] else ""
        wins = f"{who} ahead in".strip() + f" {pair.ahead} of {counted(pair.n, 'seed')}{both}"
        if not math.isfinite(pair.low) or pair.n < FEWEST_SEEDS:
            return f"({wins})"
        digits = self._digits(pair)
        return f"({self.interval(pair.low, pair.high, lambda end: points(end, digits))}; {wins})"

    def gap(self, pair: Pair) -> str:
        """The size of a difference of scores in points, with digits that its interval supports."""
        return plural_points(abs(pair.difference), self._digits(pair))

    def _digits(self, pair: Pair) -> int:
        """Decimals of a difference of scores in points and of the ends of its interval."""
        tie = self.analysis.thresholds.tie
        return difference_decimals(pair.difference, pair.low, pair.high, tie, delta(self.analysis), self.decimals)

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
        return accuracy(share, self.decimals, self.analysis.targets_asked)

    def interval(
        self, low: float, high: float, text: Any, level: numbers.Quantity = numbers.confidence_level, corrected: int = 1
    ) -> str:
        """An interval in words, as in `95 % interval 0.5 to 1.3, corrected for 3 rates`.

        text : writes an end of it
        corrected : the number of rates that it is corrected for, which is said from 2 on
        """
        said = f"{target_label(self.take(level))} interval {text(low)} to {text(high)}"
        return said if corrected < 2 else f"{said}, corrected for {corrected} rates"

    def share(
        self,
        mean: float,
        low: float,
        high: float,
        margin: float | None = None,
        level: numbers.Quantity = numbers.confidence_level,
        corrected: int = 1,
    ) -> str:
        """A share as a percentage, with its interval where there is one.

        margin : a share, of which the mean must read as being on its side; level, corrected : as for `interval`
        """
        decimals = share_decimals(mean, *(end for end in (low, high) if math.isfinite(end)))
        if margin is not None and math.isfinite(mean):
            decimals = decimals_beside([mean], [margin], decimals)
        if not math.isfinite(low):
            return f"{percent(mean, decimals)} (no interval)"
        bounds = self.interval(low, high, lambda end: percent(end, decimals), level, corrected)
        return f"{percent(mean, decimals)} ({bounds})"
