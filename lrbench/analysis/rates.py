"""The tables `rates` and `reach`: what the runs of each learning rate say together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lrbench.analysis import convergence, stability
from lrbench.analysis.runs import validation_examples
from lrbench.analysis.statistics import Interval, median, probability_best, summary, t_interval
from lrbench.analysis.thresholds import Thresholds
from lrbench.tables.analysis import RATES, REACH, SUMMARISED

OUTCOMES = ("diverged", "failed", "collapsed", "learned")
HIGHER_IS_BETTER = ("score", "final_val_accuracy", "best_val_accuracy", "final_train_accuracy", "test_accuracy")
FEWEST_FOR_TRENDS = 3  # seeds under which overfitting and improvement are shown, not concluded
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


def tie_margin(best_score: float, n_validation: int, thresholds: Thresholds) -> float:
    """Delta: the difference of accuracy that the validation set can show, and at least one that matters.

    max(tie, sqrt(a (1 - a) / n)), the second the standard error of an accuracy a over n examples.
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
    planned = origin["plan"]["seeds"]
    n_validation = validation_examples(dataset)
    curves = {
        measure: epochs.pivot(index=["learning_rate", "seed"], columns="epoch", values=measure).sort_index(
            axis="columns"
        )
        for measure in ("loss", "val_loss")
    }
    rows = []
    for rate in sorted(origin["plan"]["learning_rates"]):
        own = runs[runs["learning_rate"] == rate].sort_values("seed")
        val_loss, loss = (_curves_of(curves[measure], rate) for measure in ("val_loss", "loss"))
        rows.append(
            {"learning_rate": rate, "planned": len(planned)}
            | _counts(own, len(planned))
            | _summaries(own)
            | {"unstable": _unstable(own, val_loss.shape[1], thresholds)}
            | _overfitting(val_loss, loss, thresholds)
            | _improvement(val_loss, thresholds)
            | {"verdict": "", "remarks": ""}
        )
    table = pd.DataFrame(rows)
    table["best_in"] = _best_in(runs, table["learning_rate"])
    table["probability_best"] = _probabilities(runs, table, n_validation)
    eligible = table.loc[table["eligible"], "score_mean"]
    margin = tie_margin(eligible.max(), n_validation, thresholds) if len(eligible) else math.nan
    table["tied"] = table["eligible"] & (table["score_mean"] >= eligible.max() - margin)
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
    """How unsteady the training loss of one rate's runs is, in nats: what `unstable` and the choice among ties read.

    The root mean square of the runs' oscillation, or under eight epochs the median of their largest rise.
    """
    if stability.uses_oscillation(epochs):
        return stability.root_mean_square(own["oscillation"].to_numpy())
    return float(summary(own["largest_rise"].to_numpy(), larger_is_worse=True)["median"])


def _unstable(own: pd.DataFrame, epochs: int, thresholds: Thresholds) -> bool:
    backtrack = summary(own["backtrack"].to_numpy(), larger_is_worse=True)["median"]
    return bool(backtrack >= thresholds.backtrack and unsteadiness(own, epochs) >= thresholds.oscillation)


def _overfitting(val_loss: np.ndarray, loss: np.ndarray, thresholds: Thresholds) -> dict[str, Any]:
    found = convergence.overfitting(val_loss, loss)
    rise = t_interval(found.rise, thresholds.significance)
    enough = rise.n >= FEWEST_FOR_TRENDS
    return {
        "overfits": bool(enough and rise.low > 0 and rise.mean >= thresholds.overfit and found.training_fell),
        "overfit_onset": found.onset,
        "overfit_mean": rise.mean,
        "overfit_low": rise.low if enough else math.nan,
        "overfit_high": rise.high if enough else math.nan,
        "overfit_rising": int((found.rise > 0).sum()),
    }


def _improvement(val_loss: np.ndarray, thresholds: Thresholds) -> dict[str, Any]:
    """Relative fall of validation loss over the last half, the mean taken of logs and turned back."""
    change: Interval = t_interval(
        np.array([convergence.late_log_change(row) for row in val_loss]), thresholds.significance
    )
    fall, low, high = (1 - math.exp(value) for value in (change.mean, change.high, change.low))
    return {
        "still_improving": bool(change.n >= FEWEST_FOR_TRENDS and low > 0 and fall >= thresholds.improvement),
        "improvement": fall,
        "improvement_low": low,
        "improvement_high": high,
    }


def _best_in(runs: pd.DataFrame, rates: pd.Series) -> pd.Series:
    """In how many seeds each rate has the highest score of the runs that learned; a shared first place counts."""
    learned = runs[runs["outcome"] == "learned"]
    best = learned["score"] == learned.groupby("seed")["score"].transform("max")
    return rates.map(best.groupby(learned["learning_rate"]).sum()).fillna(0).astype("int64")


def _probabilities(runs: pd.DataFrame, rates: pd.DataFrame, n_validation: int) -> pd.Series:
    eligible = rates.loc[rates["eligible"], "learning_rate"]
    scores = {
        float(rate): runs.loc[runs["learning_rate"] == rate].sort_values("seed")["score"].to_numpy()
        for rate in eligible
    }
    return rates["learning_rate"].map(probability_best(scores, 1 / n_validation)).astype("float64")


VERDICTS = (
    "diverges",
    "fails to learn",
    "incomplete",
    "recommended",
    "unstable",
    "too slow",
    "overfits",
    "good",
    "behind",
)


def with_verdicts(rates: pd.DataFrame, chosen: float | None) -> pd.DataFrame:
    """The table `rates` with each rate's verdict, the first of VERDICTS that fits, and its remarks.

    Remarks are the ids of all that is to be said of a rate beside its verdict.
    """
    filled = rates.copy()
    named = [_verdict(row, chosen) for row in rates.to_dict("records")]
    filled["verdict"] = pd.Series([verdict for verdict, _ in named], dtype="str", index=rates.index)
    filled["remarks"] = pd.Series([" ".join(remarks) for _, remarks in named], dtype="str", index=rates.index)
    return filled


def _verdict(rate: Mapping[str, Any], chosen: float | None) -> tuple[str, list[str]]:
    fits = {
        "diverges": rate["diverged"] > 0,
        "fails to learn": rate["failed"] + rate["collapsed"] > 0,
        "incomplete": not rate["complete"],
        "recommended": rate["learning_rate"] == chosen,
        "unstable": rate["unstable"],
        "too slow": rate["still_improving"] and not rate["tied"],
        "overfits": rate["overfits"],
        "good": rate["tied"],
        "behind": True,
    }
    verdict = next(name for name in VERDICTS if fits[name])
    remarks = {
        "diverged": verdict != "diverges" and rate["diverged"] > 0,
        "failed": verdict != "fails to learn" and rate["failed"] > 0,
        "collapsed": rate["collapsed"] > 0,
        "incomplete": verdict != "incomplete" and not rate["complete"],
        "exploded": rate["exploded"] > 0,
        "unstable": verdict != "unstable" and rate["unstable"],
        "still_improving": verdict != "too slow" and rate["still_improving"],
        "overfits": verdict != "overfits" and rate["overfits"],
        "tied": verdict != "good" and rate["tied"] and rate["learning_rate"] != chosen,
    }
    return verdict, [name for name, said in remarks.items() if said]
