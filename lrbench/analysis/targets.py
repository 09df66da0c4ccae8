"""Target accuracies: which ones are timed, and the table `targets`, when each run reached them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from lrbench.analysis import convergence
from lrbench.errors import InputError
from lrbench.tables.analysis import TARGETS

ABSOLUTE, RELATIVE = "absolute", "relative"
SCORE, FINAL_ACCURACY = "score", "final accuracy"
DECIMALS = 3  # of a relative target: a tenth of a percentage point ...
FINENESS = 0.01  # ... or a step of this share of the way from chance to the best
ROUNDING = 1e-12  # of a share and of a target, which double precision cannot both hold exactly
MOST_DECIMALS = 9  # ... and at the most so many, where a coarser step does not keep targets apart


@dataclass(frozen=True)
class Targets:
    """The validation accuracies whose reach is timed, and the rule that gave them.

    rule : absolute, as the config lists them; relative, from the shares by `relative_targets`
    shares : of a relative rule, the share of each accuracy, in the same order; of an absolute one, empty
    accuracies : ascending; empty where a relative rule finds nothing above chance
    best : of a relative rule, the accuracy that a share of 1 stands for, or None where no run has one
    best_is : what that is: `score`, the highest mean score of an eligible rate; `final accuracy`, the highest median
        final accuracy of a rate, where none is eligible; None of an absolute rule
    """

    rule: str
    shares: tuple[float, ...]
    accuracies: tuple[float, ...]
    best: float | None = None
    best_is: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The targets as plain data, ready for JSON."""
        return asdict(self) | {"shares": list(self.shares), "accuracies": list(self.accuracies)}


def asked_targets(values: Any) -> tuple[str, tuple[float, ...]]:
    """The rule that the setting `targets` names, and its ascending accuracies or shares.

    values : a list of validation accuracies, or {"relative": shares}

    Raises InputError where it is neither.
    """
    relative = isinstance(values, Mapping) and set(values) == {RELATIVE}
    numbers = values[RELATIVE] if relative else values
    if not isinstance(numbers, list | tuple) or not numbers or not all(map(_is_share, numbers)):
        raise InputError(
            f"the targets are {values!r}; give a list of validation accuracies above 0 and up to 1, or a mapping whose "
            f"key {RELATIVE} has a list of shares, as {{relative: [0.95, 0.99]}}."
        )
    return RELATIVE if relative else ABSOLUTE, tuple(sorted(set(map(float, numbers))))


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1


def relative_targets(shares: Iterable[float], chance: float, best: float) -> dict[float, float]:
    """The accuracy of each share of the way from chance to the best, by share, ascending.

    chance + share * (best - chance), rounded down to a tenth of a percentage point, or to the first decimal whose step
    is at most a hundredth of the way from chance to the best; to a finer step, the same for all, where two targets
    would coincide or one would not be above chance. Of shares that coincide even then, the first is kept. Empty where
    the best is not above chance.

    chance, best : accuracies, 0 to 1; a best that is NaN is not above chance
    """
    if not best > chance:
        return {}
    exact = {share: chance + share * (best - chance) for share in sorted(set(shares))}
    found: dict[float, float] = {}
    within = math.ceil(-math.log10(FINENESS * (best - chance)) - ROUNDING)
    for decimals in range(min(max(DECIMALS, within), MOST_DECIMALS), MOST_DECIMALS + 1):
        found = {share: _rounded_down(accuracy, decimals) for share, accuracy in exact.items()}
        if len(set(found.values())) == len(found) and min(found.values()) > chance:
            break
    first: dict[float, float] = {}
    for share, accuracy in found.items():
        first.setdefault(accuracy, share)
    return {share: accuracy for accuracy, share in first.items()}


def _rounded_down(value: float, decimals: int) -> float:
    """The value rounded down; one that is a multiple of the step but for its last bits stays."""
    return math.floor(round(value * 10**decimals, 4)) / 10**decimals


def resolve_targets(rule: str, values: Sequence[float], rates: pd.DataFrame, chance: float) -> Targets:
    """The targets of an experiment.

    rule, values : as from `asked_targets`
    rates : the table `rates`; chance : share of the largest class in the validation data
    """
    if rule == ABSOLUTE:
        return Targets(ABSOLUTE, (), tuple(values))
    eligible = rates.loc[rates["eligible"], "score_mean"]
    best = float(eligible.max() if len(eligible) else rates["final_val_accuracy_median"].max())
    found = relative_targets(values, chance, best)
    return Targets(
        RELATIVE,
        tuple(found),
        tuple(found.values()),
        best if math.isfinite(best) else None,
        SCORE if len(eligible) else FINAL_ACCURACY,
    )


def reached_targets(evaluations: pd.DataFrame, accuracies: Sequence[float], examples: int) -> pd.DataFrame:
    """When each run reached each target: the table `targets`, a row for each run and target.

    evaluations : the table of lrbench.tables.training, whole runs, rows in any order
    examples : how many validate
    """
    rows: list[dict[str, float]] = []
    for (rate, seed), own in evaluations.groupby(["learning_rate", "seed"]):
        run = {"learning_rate": float(rate), "seed": int(seed)}
        rows.extend(run | row for row in _reached(own.sort_values("step"), accuracies, examples))
    return TARGETS.frame({name: [row[name] for row in rows] for name in TARGETS.columns})


def _reached(measured: pd.DataFrame, accuracies: Sequence[float], examples: int) -> Iterator[dict[str, float]]:
    step = measured["step"].to_numpy()
    accuracy = convergence.share_correct(measured["val_accuracy"].to_numpy(), examples) + ROUNDING
    for target in accuracies:
        first = convergence.first_reached(step, accuracy, target)
        sustained = convergence.sustained_reached(step, accuracy, target)
        yield {
            "target": target,
            "first_after": first.after,
            "first_at": first.at,
            "sustained_after": sustained.after,
            "sustained_at": sustained.at,
        }
