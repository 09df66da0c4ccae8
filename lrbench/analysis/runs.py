"""The table `runs`: what became of every run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lrbench.analysis import course
from lrbench.analysis.statistics import median
from lrbench.settings.thresholds import Thresholds
from lrbench.tables.analysis import RUNS
from lrbench.tables.training import RUN, by_run

ROUNDING = 1e-12  # of a skill, which double precision cannot hold exactly


def chance_accuracy(dataset: Mapping[str, Any]) -> float:
    """The largest class's share of the validation data: what a model that learned nothing can reach."""
    counts = dataset["parts"]["validation"]["class_counts"]
    return max(counts) / sum(counts)


def validation_examples(dataset: Mapping[str, Any]) -> int:
    """How many examples validate."""
    return int(sum(dataset["parts"]["validation"]["class_counts"]))


def analyse_runs(
    epochs: pd.DataFrame,
    evaluations: pd.DataFrame,
    steps: pd.DataFrame,
    origin: Mapping[str, Any],
    dataset: Mapping[str, Any],
    thresholds: Thresholds,
) -> pd.DataFrame:
    """The table `runs` of the runs that are there.

    epochs, evaluations : tables of lrbench.tables.training, whole runs, rows in any order
    steps : the summary of `lrbench.analysis.steps.summarise_steps`
    origin : content of tables.json; its `runs` say whether weights are finite and give test results
    dataset : the data set's manifest
    """
    chance = chance_accuracy(dataset)
    class_counts = dataset["parts"]["validation"]["class_counts"]
    examples = validation_examples(dataset)
    manifests = {(float(run["learning_rate"]), int(run["seed"])): run for run in origin["runs"]}
    rows: list[dict[str, Any]] = []
    measured = dict(by_run(evaluations, "step"))
    non_finite = steps["non_finite"].to_dict()
    for key, history in by_run(epochs, "epoch"):
        run = dict(zip(RUN, key, strict=True))
        manifest = manifests[key]
        lost = int(non_finite.get(key, 0))
        found = _measures(history, measured[key], lost, manifest, chance, examples, thresholds)
        correct = manifest["validation"]["class_correct"]
        rows.append(run | found | {"balanced_accuracy": balanced_accuracy(correct, class_counts)})
    least = accuracy_above_chance(chance, examples, len(evaluations), thresholds.significance)
    _give_outcomes(rows, course.skill(least, chance), thresholds)
    return RUNS.frame({name: [row[name] for row in rows] for name in RUNS.columns})


def _measures(
    history: Mapping[str, np.ndarray],
    measured: Mapping[str, np.ndarray],
    non_finite_steps: int,
    manifest: Mapping[str, Any],
    chance: float,
    examples: int,
    thresholds: Thresholds,
) -> dict[str, Any]:
    val_accuracy, val_loss = history["val_accuracy"], history["val_loss"]
    train_loss, epoch = measured["train_loss"], measured["epoch"]
    ends = (epoch > 0) & (epoch == np.round(epoch))  # of epochs; step 0 is none
    end_losses = train_loss[ends]
    test = manifest.get("test") or {}
    finite = np.isfinite(train_loss) & np.isfinite(measured["val_loss"])
    finite_losses = finite.all() and np.isfinite(history["loss"]).all() and np.isfinite(val_loss).all()
    bad_evaluations = int(np.count_nonzero(~(finite & np.isfinite(measured["gradient_norm"]))))
    skills = course.skills(course.share_correct(measured["val_accuracy"], examples), chance)
    return {
        "diverged": not (finite_losses and non_finite_steps == 0 and manifest["weights"]["finite"]),
        "skills": skills,
        "exploded": course.exploded(train_loss, thresholds.exploded_ratio),
        "non_finite": bad_evaluations + non_finite_steps,
        "score": course.score(val_accuracy),
        "final_val_accuracy": val_accuracy[-1],
        "best_val_accuracy": _best(val_accuracy, np.fmax),
        "best_epoch": int(np.argmax(np.nan_to_num(val_accuracy, nan=-math.inf))) + 1,
        "initial_val_loss": measured["val_loss"][0],
        "final_val_loss": val_loss[-1],
        "best_val_loss": _best(val_loss, np.fmin),
        "final_train_loss": end_losses[-1],
        "final_train_accuracy": measured["train_accuracy"][ends][-1],
        "initial_train_loss": train_loss[0],
        "final_skill": course.skill(float(course.share_correct(val_accuracy[-1:], examples)[0]), chance),
        "best_skill": _best(skills, np.fmax),
        "backtrack": course.backtrack(end_losses),
        "oscillation": course.oscillation(end_losses),
        "largest_rise": course.largest_rise(end_losses),
        "largest_spike": course.largest_spike(train_loss),
        "generalisation_gap": val_loss[-1] - end_losses[-1],
        "test_loss": _number(test.get("loss")),
        "test_accuracy": _number(test.get("accuracy")),
    }


def _best(values: np.ndarray, choose: np.ufunc) -> float:
    return float(choose.reduce(values))  # passes over NaN where there is a number


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def balanced_accuracy(class_correct: Sequence[int], class_counts: Sequence[int]) -> float:
    """Mean over classes of the share of their examples that are classified correctly; classes without any are left out.

    1 / classes for a model that always names one class, however large that class is.
    """
    shares = [correct / count for correct, count in zip(class_correct, class_counts, strict=True) if count]
    return float(np.mean(shares))


def accuracy_above_chance(chance: float, examples: int, looks: int, significance: float) -> float:
    """The least accuracy that is above chance: no model that guesses is likely to reach it in any of so many looks.

    The number of examples that a guessing model classifies correctly is binomial; its chance of reaching the accuracy
    by luck is at most significance / looks. Above 1 where no accuracy on so few examples is enough.
    """
    return float(stats.binom.isf(significance / looks, examples, chance) + 1) / examples


def learning_bar(skills_by_rate: Mapping[float, Sequence[float]], above_chance: float, thresholds: Thresholds) -> float:
    """The final skill that a run needs to have learned: above chance, and a share of the best rate's median.

    skills_by_rate : final skills of each rate's runs
    above_chance : the skill of the least accuracy that is above chance
    """
    medians = [
        median(np.nan_to_num(np.array(skills, dtype=float), nan=-math.inf)) for skills in skills_by_rate.values()
    ]
    return max([above_chance, *(thresholds.relative_skill * best for best in medians)])


def _give_outcomes(rows: list[dict[str, Any]], above_chance: float, thresholds: Thresholds) -> None:
    """Fill in `outcome`, which depends on all runs together."""
    skills: dict[float, list[float]] = {}
    for row in rows:
        skills.setdefault(row["learning_rate"], []).append(row["final_skill"])
    bar = learning_bar(skills, above_chance, thresholds)
    for row in rows:
        if row["diverged"]:
            row["outcome"] = "diverged"
        elif row["final_skill"] >= bar - ROUNDING:
            row["outcome"] = "learned"
        else:
            row["outcome"] = "collapsed" if (row["skills"] >= bar - ROUNDING).any() else "failed"
