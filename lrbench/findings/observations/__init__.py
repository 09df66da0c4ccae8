"""Every observation: the modules of this package are found, so one is added by adding a function to one, or a module.

What an observation is written with stands here: its decorator, its outcome, its statuses, and the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lrbench.analysis.pipeline import Analysis
from lrbench.findings import numbers
from lrbench.findings.ledger import Ledger
from lrbench.identity.discovery import modules_of
from lrbench.training_words import carried_over

__all__ = [
    "FINDING",
    "INCONCLUSIVE",
    "NOT_APPLICABLE",
    "PASSED",
    "Analysis",
    "Ledger",
    "Observation",
    "Observe",
    "Outcome",
    "observation",
    "observations",
    "observe",
]
FINDING, PASSED, INCONCLUSIVE, NOT_APPLICABLE = "finding", "passed", "inconclusive", "not applicable"
CARRIED = (
    "Rates begin here with the weights that other rates ended with, so what training at one rate does is not looked at."
)


@dataclass(frozen=True)
class Observation:
    """One thing seen, or looked for and not seen, in an experiment.

    evidence : items of value, table, column and row; table `computed` names a function of lrbench.findings.numbers
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


@dataclass(frozen=True)
class Outcome:
    """What an observation came to: its status and its sentence."""

    status: str
    statement: str


@dataclass(frozen=True)
class Observe:
    """How one observation is made: called with an analysis, it returns what was seen there.

    place : its order among all, the most useful first
    function : draws numbers from a ledger and returns an outcome; its name is the observation's id
    rule, figure, table, thresholds : as `Observation` has them, the thresholds by name
    fresh : whether it says what training does from fresh weights on, and nothing of rates that begin with others
    """

    place: int
    function: Callable[[Analysis, Ledger], Outcome]
    rule: str
    table: str
    figure: str | None
    thresholds: tuple[str, ...]
    fresh: bool = False

    @property
    def id(self) -> str:
        """The observation's id."""
        return self.function.__name__.replace("_", "-")

    def __call__(self, analysis: Analysis) -> Observation:
        """The observation of an analysis; without any run it does not apply."""
        ledger = Ledger(analysis)
        if not len(analysis.runs):
            outcome = Outcome(NOT_APPLICABLE, "There are no runs.")
        elif self.fresh and carried_over(analysis.origin["settings"]):
            outcome = Outcome(NOT_APPLICABLE, CARRIED)
        else:
            outcome = self.function(analysis, ledger)
        return Observation(
            id=self.id,
            statement=outcome.statement,
            evidence=tuple(ledger.items),
            rule=self.rule,
            threshold={name: getattr(analysis.thresholds, name) for name in self.thresholds},
            n=int(numbers.most_seeds(analysis)),
            status=outcome.status,
            figure=self.figure,
            table=self.table,
        )


def observation(
    place: int,
    rule: str,
    table: str,
    figure: str | None = None,
    thresholds: tuple[str, ...] = (),
    fresh: bool = False,
) -> Callable[[Callable[[Analysis, Ledger], Outcome]], Observe]:
    """Make an observation of a function; the arguments as `Observe` describes them."""
    return lambda function: Observe(place, function, rule, table, figure, thresholds, fresh)


def observations() -> tuple[Observe, ...]:
    """The observations of this package's modules, by their places: most useful first.

    Raises ValueError where two have one place.
    """
    by_place: dict[int, Observe] = {}
    for module in modules_of(__name__):
        for one in vars(module).values():
            if isinstance(one, Observe) and by_place.setdefault(one.place, one) is not one:
                raise ValueError(f"{one.id} and {by_place[one.place].id} have the same place, {one.place}")
    return tuple(one for _, one in sorted(by_place.items()))


def observe(analysis: Analysis) -> list[dict[str, Any]]:
    """All observations of an experiment as plain data, in the order of `observations`."""
    return [observation(analysis).as_dict() for observation in observations()]
