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

from lrbench.analysis.quantities import QUANTITIES, most_seeds, resolution
from lrbench.analysis.results import Analysis
from lrbench.analysis.wording import decimals_for, percent

FINDING, PASSED, INCONCLUSIVE, NOT_APPLICABLE = "finding", "passed", "inconclusive", "not applicable"


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


def look_up(analysis: Analysis, item: Mapping[str, Any]) -> Any:
    """The value that an item of evidence names, found or computed anew."""
    row = dict(item["row"])
    if item["table"] == "computed":
        return QUANTITIES[item["column"]](analysis, **row)
    if item["table"] == "across":
        entry = analysis.across[item["column"]]
        return entry if not row else next(one[item["column"]] for one in entry if row.items() <= one.items())
    frame = getattr(analysis, item["table"])
    for column, value in row.items():
        frame = frame.loc[frame[column] == value]
    if len(frame) != 1:
        raise LookupError(f"{item['table']} has {len(frame)} rows of {row}, not one")
    return frame[item["column"]].iloc[0]


@dataclass
class Ledger:
    """Gives numbers of an analysis and remembers where each came from."""

    analysis: Analysis
    items: list[dict[str, Any]] = field(default_factory=list)

    def _entered(self, place: dict[str, Any], source: dict[str, str], never: bool) -> Any:
        value = look_up(self.analysis, place)
        value = value.item() if isinstance(value, np.generic) else value
        item = plain(value, never) | place | source
        if item not in self.items:
            self.items.append(item)
        return value

    def cell(self, table: str, column: str, **row: Any) -> Any:
        """The value of one cell, named by the row's key."""
        never = table in ("targets", "reach") and column.endswith(("_after", "_at"))
        return self._entered({"table": table, "column": column, "row": row}, {}, never)

    def computed(self, quantity: str, **row: Any) -> Any:
        """A number computed by a registered function."""
        source = {"from": QUANTITIES[quantity].__doc__ or ""}
        return self._entered({"table": "computed", "column": quantity, "row": row}, source, quantity == "steps_ratio")

    @property
    def decimals(self) -> int:
        """Decimals of a percentage that the validation set can tell apart."""
        return decimals_for(resolution(self.analysis))

    def percent(self, share: float) -> str:
        """An accuracy with the digits that the validation set supports."""
        return percent(share, self.decimals)

    def interval(self, low: float, high: float, text: Any) -> str:
        """The interval in brackets, its level named, its ends written by `text`."""
        level = percent(self.computed("confidence_level"), 0)
        return f"{level} interval {text(low)} to {text(high)}"


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
