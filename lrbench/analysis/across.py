"""Measures over all learning rates together: targets, resolution, sensitivity, plateau, performance profiles."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from lrbench.analysis import course
from lrbench.analysis.course import score_epochs, skill, uses_oscillation
from lrbench.analysis.rates import resolution, tie_margin, unsteadiness
from lrbench.analysis.runs import accuracy_above_chance, chance_accuracy, learning_bar, validation_examples
from lrbench.analysis.statistics import performance_profile
from lrbench.errors import InputError
from lrbench.settings.thresholds import Thresholds
from lrbench.tables.analysis import TARGETS
from lrbench.tables.training import by_run
from lrbench.training_words import carried_over
from lrbench.wording import decimals_for

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
    for (rate, seed), own in by_run(evaluations, "step"):
        run = {"learning_rate": rate, "seed": seed}
        rows.extend(run | row for row in _reached(own, accuracies, examples))
    return TARGETS.frame({name: [row[name] for row in rows] for name in TARGETS.columns})


def _reached(
    measured: Mapping[str, np.ndarray], accuracies: Sequence[float], examples: int
) -> Iterator[dict[str, float]]:
    step = measured["step"]
    accuracy = course.share_correct(measured["val_accuracy"], examples) + ROUNDING
    for target in accuracies:
        first = course.first_reached(step, accuracy, target)
        sustained = course.sustained_reached(step, accuracy, target)
        yield {
            "target": target,
            "first_after": first.after,
            "first_at": first.at,
            "sustained_after": sustained.after,
            "sustained_at": sustained.at,
        }


PROFILE_FACTORS = (1.0, 1.5, 2.0, 3.0, 5.0, 10.0)


def across(
    runs: pd.DataFrame,
    rates: pd.DataFrame,
    targets: pd.DataFrame,
    evaluations: pd.DataFrame,
    origin: Mapping[str, Any],
    dataset: Mapping[str, Any],
    thresholds: Thresholds,
) -> dict[str, Any]:
    """Measures over all rates; None where one is not available.

    Keys
    ----
    grid : the learning rates, ascending; seeds : how many are planned, of the rate that has the most
    chance, learning_bar : share of the largest class; final skill that a run needs to have learned
    score_epochs : how many last epochs a score averages
    n_validation, best_score : examples that validate; highest mean score of an eligible rate
    resolution, delta : standard error of that score on these examples; the larger of it and the tie threshold
    accuracy_decimals : decimals of an accuracy in percent wherever one is shown; the first digit of the resolution
    unsteadiness_measure : oscillation or largest_rise, the median over runs of either
    unsteadiness : its value for each rate, in nats: a list of {learning_rate, unsteadiness}
    sensitivity, initial_val_loss : learning-rate sensitivity in nats, and the validation loss at step 0
    plateau : {low, high, decades, rates}: neighbouring eligible rates within `plateau` of the best score
    performance_profiles : {factors, problems, rates: [{learning_rate, shares}]}
    targets : the accuracies that are timed and where they come from, added by the pipeline: as
        `lrbench.analysis.targets.Targets` describes them
    """
    epochs = int(origin["settings"]["epochs"])
    n_validation = validation_examples(dataset)
    eligible = rates[rates["eligible"]]
    best = float(eligible["score_mean"].max()) if len(eligible) else None
    chance = chance_accuracy(dataset)
    least = accuracy_above_chance(chance, n_validation, len(evaluations), thresholds.significance)
    final_skills = {float(rate): own["final_skill"].tolist() for rate, own in runs.groupby("learning_rate")}
    return {
        "grid": sorted(map(float, origin["plan"]["learning_rates"])),
        "seeds": len(origin["plan"]["seeds"]),
        "chance": chance,
        "learning_bar": learning_bar(final_skills, skill(least, chance), thresholds),
        "score_epochs": score_epochs(epochs),
        "n_validation": n_validation,
        "best_score": best,
        "resolution": None if best is None else resolution(best, n_validation),
        "accuracy_decimals": decimals_for(0.0 if best is None else resolution(best, n_validation)),
        "delta": None if best is None else tie_margin(best, n_validation, thresholds),
        "unsteadiness_measure": "oscillation" if uses_oscillation(epochs) else "largest_rise",
        "unsteadiness": [
            {"learning_rate": float(rate), "unsteadiness": _or_none(unsteadiness(_of(runs, rate), epochs))}
            for rate in rates["learning_rate"]
        ],
        **(
            {"sensitivity": None, "initial_val_loss": None}
            if carried_over(origin["settings"])
            else _sensitivity(runs, evaluations)
        ),
        "plateau": _plateau(rates, thresholds),
        "performance_profiles": _profiles(rates, targets),
    }


def _of(runs: pd.DataFrame, rate: float) -> pd.DataFrame:
    return runs[runs["learning_rate"] == rate].sort_values("seed")


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def learning_rate_sensitivity(final_losses: Mapping[float, np.ndarray], initial_loss: float) -> float:
    """Mean over the grid of how much a rate's loss exceeds the best rate's, in nats (Wortsman et al. 2023).

    E[min(loss, initial loss) - least loss]; a loss that is not finite counts as the initial loss. A number of
    this grid and of no other.

    final_losses : losses of each rate's runs, shape (n,), averaged over runs
    """
    clipped = [
        float(np.mean(np.minimum(np.where(np.isfinite(losses), losses, initial_loss), initial_loss)))
        for _, losses in sorted(final_losses.items())
    ]
    return float(np.mean(clipped)) - min(clipped)


def _sensitivity(runs: pd.DataFrame, evaluations: pd.DataFrame) -> dict[str, float | None]:
    before = evaluations.loc[evaluations["step"] == 0].sort_values(["learning_rate", "seed"])
    by_seed = before.groupby("seed")["val_loss"].first().to_numpy()  # first weights are the seed's, at every rate
    if not len(runs) or not np.isfinite(by_seed).all():
        return {"sensitivity": None, "initial_val_loss": None}
    initial = float(np.mean(by_seed))
    losses = {
        float(rate): own.sort_values("seed")["final_val_loss"].to_numpy() for rate, own in runs.groupby("learning_rate")
    }
    return {"sensitivity": learning_rate_sensitivity(losses, initial), "initial_val_loss": initial}


def _plateau(rates: pd.DataFrame, thresholds: Thresholds) -> dict[str, Any] | None:
    scores = rates["score_mean"].where(rates["eligible"], -math.inf).to_numpy()
    if not np.isfinite(scores).any():
        return None
    first = last = int(np.argmax(scores))
    within = scores >= scores.max() - thresholds.plateau
    while first > 0 and within[first - 1]:
        first -= 1
    while last < len(scores) - 1 and within[last + 1]:
        last += 1
    found = rates["learning_rate"].iloc[first : last + 1].tolist()
    return {"low": found[0], "high": found[-1], "decades": math.log10(found[-1] / found[0]), "rates": found}


def _profiles(rates: pd.DataFrame, targets: pd.DataFrame) -> dict[str, Any] | None:
    """Performance profiles; a problem is a seed with a target, solved when the target is reached for good."""
    table = targets.pivot(index="learning_rate", columns=["seed", "target"], values="sustained_at").sort_index(axis=1)
    if table.empty:
        return None
    steps = table.reindex(rates["learning_rate"]).fillna(math.inf).to_numpy()
    shares = performance_profile(steps, PROFILE_FACTORS)
    return {
        "factors": list(PROFILE_FACTORS),
        "problems": steps.shape[1],
        "rates": [
            {"learning_rate": float(rate), "shares": row.tolist()}
            for rate, row in zip(rates["learning_rate"], shares, strict=True)
        ],
    }
