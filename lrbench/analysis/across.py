"""What all learning rates say together: one JSON-serialisable mapping of an experiment's overall measures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lrbench.analysis.convergence import score_epochs, skill
from lrbench.analysis.rates import resolution, tie_margin, unsteadiness
from lrbench.analysis.runs import accuracy_above_chance, chance_accuracy, learning_bar, validation_examples
from lrbench.analysis.stability import uses_oscillation
from lrbench.analysis.statistics import performance_profile
from lrbench.analysis.thresholds import Thresholds
from lrbench.wording import decimals_for

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
    grid : the learning rates, ascending; seeds : how many are planned
    chance, learning_bar : share of the largest class; final skill that a run needs to have learned
    score_epochs : how many last epochs a score averages
    n_validation, best_score : examples that validate; highest mean score of an eligible rate
    resolution, delta : standard error of that score on these examples; the larger of it and the tie threshold
    accuracy_decimals : decimals of an accuracy in percent wherever one is shown; the first digit of the resolution
    unsteadiness_measure : oscillation (root mean square over runs) or largest_rise (median over runs)
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
        **_sensitivity(runs, evaluations),
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
