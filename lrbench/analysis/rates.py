"""The tables `rates` and `reach`: what the runs of each learning rate say together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lrbench.analysis import course
from lrbench.analysis.course import Reached, Reaching, is_faster_to
from lrbench.analysis.runs import validation_examples
from lrbench.analysis.statistics import corrected, median, probability_best, summary, t_interval
from lrbench.settings.thresholds import Thresholds
from lrbench.tables.analysis import FEWEST_SEEDS, RATES, REACH, SUMMARISED
from lrbench.tables.measures import MEASURES
from lrbench.tables.plan import seeds_by_rate

OUTCOMES = ("diverged", "failed", "collapsed", "learned")
HIGHER_IS_BETTER = (
    "score",
    "final_val_accuracy",
    "best_val_accuracy",
    "balanced_accuracy",
    "final_train_accuracy",
    "test_accuracy",
    *(measure.name for measure in MEASURES if not measure.larger_is_worse),
)
EDGES = ("first_after", "first_at", "sustained_after", "sustained_at")


def reach(targets: pd.DataFrame, origin: Mapping[str, Any]) -> pd.DataFrame:
    """How many runs of each rate reached each target, and after how many steps: the table `reach`.

    Medians are over all n runs of a rate, those that never reach the target counted as infinite.
    """
    rows = []
    for rate in origin["plan"]["learning_rates"]:
        for target in sorted(targets["target"].unique()):
            part = targets[(targets["learning_rate"] == rate) & (targets["target"] == target)]
            rows.append(
                {
                    "learning_rate": rate,
                    "target": target,
                    "n": len(part),
                    "first_reached": int(np.isfinite(part["first_at"]).sum()),
                    "sustained_reached": int(np.isfinite(part["sustained_at"]).sum()),
                    **{edge: median(part[edge].to_numpy()) for edge in EDGES},
                }
            )
    return REACH.frame({name: [row[name] for row in rows] for name in REACH.columns})


def kept_by_all(reach: pd.DataFrame) -> pd.Series:
    """Row by row of `reach`, whether every run of the rate reaches the target and keeps it."""
    return (reach["sustained_reached"] == reach["n"]) & (reach["n"] > 0)


def shared_target(reach: pd.DataFrame, rates: int) -> float | None:
    """The highest target that every run of at least so many rates reaches and keeps, or None."""
    keepers = kept_by_all(reach).groupby(reach["target"]).sum()
    shared = keepers.index[keepers >= rates]
    return float(max(shared)) if len(shared) else None


def reaches_later(reach: pd.DataFrame, target: float, rate: float, other: float) -> bool:
    """Whether a rate's median run gets to a target later than another rate's, first and for good, or never does."""
    rows = reach[reach["target"] == target].set_index("learning_rate")

    def reaching(which: float) -> Reaching:
        row = rows.loc[which]
        first, kept = (
            Reached(float(row[f"{when}_after"]), float(row[f"{when}_at"])) for when in ("first", "sustained")
        )
        return Reaching(first, kept)

    return is_faster_to(reaching(other), reaching(rate))


def tie_margin(best_score: float, n_validation: int, thresholds: Thresholds) -> float:
    """Delta: a difference of accuracy that is larger matters, and the validation set can show it.

    max(tie, resolution).
    """
    return max(thresholds.tie, resolution(best_score, n_validation))


def resolution(accuracy: float, n_validation: int) -> float:
    """Standard error of an accuracy measured on n examples; an accuracy is clipped to what it can be."""
    share = min(max(accuracy, 0.0), 1.0)
    return math.sqrt(share * (1 - share) / n_validation)


def analyse_rates(
    runs: pd.DataFrame,
    epochs: pd.DataFrame,
    origin: Mapping[str, Any],
    dataset: Mapping[str, Any],
    thresholds: Thresholds,
) -> pd.DataFrame:
    """The table `rates`, one row for every planned rate; verdict and remarks are still empty.

    runs : the table `runs`; epochs : Keras' histories, whole runs
    """
    planned = {rate: len(seeds) for rate, seeds in seeds_by_rate(origin["plan"]).items()}
    n_validation = validation_examples(dataset)
    rates = list(planned)
    own = {rate: runs[runs["learning_rate"] == rate].sort_values("seed") for rate in rates}
    curves = {
        measure: epochs.pivot(index=["learning_rate", "seed"], columns="epoch", values=measure).sort_index(
            axis="columns"
        )
        for measure in ("loss", "val_loss")
    }
    val_losses = [_curves_of(curves["val_loss"], rate) for rate in rates]
    losses = [_curves_of(curves["loss"], rate) for rate in rates]
    overfits = _overfitting(val_losses, losses, thresholds)
    improvements = _improvement(val_losses, [own[rate] for rate in rates], thresholds)
    length = int(origin["settings"]["epochs"])
    rows = [
        {"learning_rate": rate, "planned": planned[rate]}
        | _counts(own[rate], planned[rate])
        | _summaries(own[rate])
        | {"unstable": _unstable(own[rate], length, thresholds)}
        | overfits[place]
        | improvements[place]
        | {"verdict": "", "remarks": ""}
        for place, rate in enumerate(rates)
    ]
    table = pd.DataFrame(rows)
    table["best_in"] = _best_in(runs, table["learning_rate"])
    table["probability_best"] = _probabilities(runs, table, n_validation)
    eligible = table.loc[table["eligible"], "score_mean"]
    gap = eligible.max() - table["score_mean"]
    table["tied"] = table["eligible"] & (gap <= thresholds.tie)
    within = gap <= resolution(float(eligible.max()), n_validation) if len(eligible) else False
    table["unresolved"] = table["eligible"] & ~table["tied"] & within
    return RATES.frame(dict(table.items()))


def _curves_of(table: pd.DataFrame, rate: float) -> np.ndarray:
    rows = table.index.get_level_values("learning_rate") == rate
    return table[rows].sort_index().to_numpy()


def _counts(own: pd.DataFrame, planned: int) -> dict[str, Any]:
    counts = {outcome: int((own["outcome"] == outcome).sum()) for outcome in OUTCOMES}
    return counts | {
        "n": len(own),
        "exploded": int(own["exploded"].sum()),
        "complete": len(own) == planned,
        "eligible": counts["learned"] == planned,
    }


def _summaries(own: pd.DataFrame) -> dict[str, float]:
    return {
        f"{measure}_{statistic}": value
        for measure in SUMMARISED
        for statistic, value in summary(own[measure].to_numpy(), measure not in HIGHER_IS_BETTER).items()
    }


def unsteadiness(own: pd.DataFrame, epochs: int) -> float:
    """How unsteady the training loss of one rate's runs is, in nats: what every table, sentence and rule reads.

    The median of the runs' oscillation, or under eight epochs of their largest rise, so that no single run decides.
    """
    measure = "oscillation" if course.uses_oscillation(epochs) else "largest_rise"
    return float(summary(own[measure].to_numpy(), larger_is_worse=True)["median"])


def _unstable(own: pd.DataFrame, epochs: int, thresholds: Thresholds) -> bool:
    """Whether a run exploded, or the loss goes back and fluctuates: after an explosion it may well fall steadily."""
    backtrack = summary(own["backtrack"].to_numpy(), larger_is_worse=True)["median"]
    moves_back = backtrack >= thresholds.backtrack and unsteadiness(own, epochs) >= thresholds.oscillation
    return bool(moves_back or own["exploded"].any())


def _overfitting(
    val_losses: Sequence[np.ndarray], losses: Sequence[np.ndarray], thresholds: Thresholds
) -> list[dict[str, Any]]:
    """For each rate how far validation loss rose again; intervals are corrected for the number of rates."""
    measured = [course.overfitting(*curves) for curves in zip(val_losses, losses, strict=True)]
    trends = corrected([one.rise for one in measured], thresholds.significance)
    return [
        {
            "overfits": bool(
                trend.found
                and trend.interval.mean >= thresholds.overfit
                and t_interval(one.training_change, thresholds.significance).high < 0
            ),
            "overfit_onset": one.onset,
            "overfit_mean": trend.interval.mean,
            "overfit_low": trend.interval.low if trend.interval.n >= FEWEST_SEEDS else math.nan,
            "overfit_high": trend.interval.high if trend.interval.n >= FEWEST_SEEDS else math.nan,
            "overfit_rising": int((one.rise > 0).sum()),
        }
        for one, trend in zip(measured, trends, strict=True)
    ]


def _improvement(
    val_losses: Sequence[np.ndarray], runs: Sequence[pd.DataFrame], thresholds: Thresholds
) -> list[dict[str, Any]]:
    """For each rate the fall of validation loss over the last half; intervals are corrected for the number of rates.

    The mean is taken of logs and turned back. A loss that ends no lower than before training, as after an explosion
    that is partly made good, improves on nothing.
    """
    changes = [np.array([course.late_log_change(row) for row in losses]) for losses in val_losses]
    trends = corrected([-change for change in changes], thresholds.significance)
    rows = []
    for trend, own in zip(trends, runs, strict=True):
        fall, low, high = (
            -math.expm1(-value) for value in (trend.interval.mean, trend.interval.low, trend.interval.high)
        )
        below_start = bool((own["final_val_loss"] < own["initial_val_loss"]).all())
        rows.append(
            {
                "still_improving": bool(trend.found and fall >= thresholds.improvement and below_start),
                "improvement": fall,
                "improvement_low": low,
                "improvement_high": high,
            }
        )
    return rows


def _best_in(runs: pd.DataFrame, rates: pd.Series) -> pd.Series:
    """In how many seeds each rate has the highest score of the runs that learned; a shared first place counts.

    A seed is one of those that the rate has, and is compared with the rates that have it, too.
    """
    learned = runs[runs["outcome"] == "learned"]
    best = learned["score"] == learned.groupby("seed")["score"].transform("max")
    return rates.map(best.groupby(learned["learning_rate"]).sum()).fillna(0).astype("int64")


def _probabilities(runs: pd.DataFrame, rates: pd.DataFrame, n_validation: int) -> pd.Series:
    eligible = rates.loc[rates["eligible"], "learning_rate"]
    own = runs[runs["learning_rate"].isin(eligible)]
    scores = own.pivot(index="seed", columns="learning_rate", values="score").dropna()  # the seeds that all have
    found = probability_best(scores.to_numpy(dtype=float), list(scores.columns), 1 / n_validation)
    return rates["learning_rate"].map(found).astype("float64")
