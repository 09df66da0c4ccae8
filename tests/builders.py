"""Experiments made from tables alone, without training or analysis: curves of the right shape, conclusions to match."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from worked_steps import worked

from lrbench.reporting.inputs import Measured
from lrbench.tables.analysis import ANALYSIS_TABLES, STATISTICS, SUMMARISED
from lrbench.tables.experiment import ExperimentTables
from lrbench.tables.training import EXPERIMENT_TABLES

TUTORIAL = (0.0001, 0.001, 0.01)
STEPS_PER_EPOCH = 1875
TEMPLATES = Path(__file__).parents[1] / "templates"

LEARNED, FAILED, DIVERGED = "learned", "failed", "diverged"


def measured(
    learning_rates: tuple[float, ...] = TUTORIAL,
    seeds: int = 3,
    epochs: int = 6,
    fate: dict[float, str] | None = None,
) -> Measured:
    """Tables of an experiment; `fate` says which rates fail or are NaN from the start."""
    random = np.random.default_rng(0)
    outcome = {rate: (fate or {}).get(rate, LEARNED) for rate in learning_rates}
    epoch_rows, evaluation_rows, run_rows, target_rows = [], [], [], []
    for rate, seed in itertools.product(learning_rates, range(seeds)):
        one = _evaluations(rate, seed, epochs, outcome[rate], random)
        evaluation_rows.extend(one)
        ends = [row for row in one if row["epoch"] >= 1 and float(row["epoch"]).is_integer()]
        epoch_rows.extend(
            {
                "learning_rate": rate,
                "seed": seed,
                "epoch": int(row["epoch"]),
                "loss": row["train_loss"] * 1.1,
                "accuracy": row["train_accuracy"],
                "val_loss": row["val_loss"],
                "val_accuracy": row["val_accuracy"],
            }
            for row in ends
        )
        run_rows.append(_run(rate, seed, outcome[rate], one, ends))
        target_rows.extend(_targets(rate, seed, one))
    runs = ANALYSIS_TABLES["runs"].frame(pd.DataFrame(run_rows))
    targets = ANALYSIS_TABLES["targets"].frame(pd.DataFrame(target_rows))
    rates = _rates(runs, seeds)
    origin = _origin(learning_rates, seeds, epochs)
    tables = ExperimentTables(
        epochs=EXPERIMENT_TABLES["epochs"].frame(pd.DataFrame(epoch_rows)),
        evaluations=EXPERIMENT_TABLES["evaluations"].frame(pd.DataFrame(evaluation_rows)),
        steps=Path("steps.parquet"),
        origin=origin,
        digest="7ab1" * 16,
    )
    return Measured(
        tables=tables,
        runs=runs,
        targets=targets,
        reach=_reach(targets),
        rates=rates,
        comparisons=_comparisons(runs, rates),
        target_rule=TARGET_RULE,
        dataset=DATASET,
        worked=worked(learning_rates)
        | {
            "initial_weights": origin["runs"][0]["weights"]["initial"],
            "made_from": {"data": DATASET["digest"], "plan": origin["plan"], "settings": origin["settings"]},
        },
        made_from={"analysis": "a11a" * 16, "backpropagation": "bacb" * 16},
    )


TARGET_RULE = {"accuracies": [0.95, 0.97], "best": None, "best_is": None, "rule": "absolute", "shares": []}
DATASET = {
    "classes": 10,
    "digest": "52cd" * 16,
    "files": {"train-images-idx3-ubyte": "0b36" * 16},
    "image_shape": [28, 28],
    "parts": {
        "train": {"class_counts": [6000] * 10, "examples": 60000},
        "validation": {"class_counts": [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009], "examples": 10000},
    },
    "split": {"train_examples": None, "validation": {"examples": None, "protocol": "test"}},
}


def _evaluations(rate: float, seed: int, epochs: int, fate: str, random: np.random.Generator) -> list[dict[str, Any]]:
    steps = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, *(STEPS_PER_EPOCH * epoch for epoch in range(1, epochs + 1))]
    optimum = -3.0
    distance = abs(np.log10(rate) - optimum)
    speed = 10 ** (0.7 * (np.log10(rate) + 3))
    floor = 0.05 + 0.06 * distance**2
    rows = []
    for step in steps:
        progress = 1 / (1 + speed * step / 150)
        noise = 1 + random.normal(0, 0.04 + 0.12 * max(np.log10(rate) + 2.5, 0))
        loss = (floor + 2.25 * progress) * abs(noise)
        accuracy = float(np.clip(1 - 0.9 * min(loss / 2.35, 1) - random.normal(0, 0.002), 0.08, 0.999))
        values = {
            "train_loss": loss * 0.8,
            "train_accuracy": min(accuracy + 0.006, 1.0),
            "val_loss": loss,
            "val_accuracy": accuracy,
            "gradient_norm": 0.7 * loss * abs(noise),
            "update_ratio": 0.02 * rate**0.7 * abs(noise) if step else np.nan,
        }
        if fate == FAILED and step > 0:
            values |= {"train_loss": 2.35, "val_loss": 2.34, "train_accuracy": 0.1135, "val_accuracy": 0.1135}
        if fate == DIVERGED and step > 0:
            values = dict.fromkeys(values, np.nan) | {"train_accuracy": 0.098, "val_accuracy": 0.098}
        rows.append({"learning_rate": rate, "seed": seed, "step": step, "epoch": step / STEPS_PER_EPOCH, **values})
    return rows


def _run(rate: float, seed: int, fate: str, one: list[dict[str, Any]], ends: list[dict[str, Any]]) -> dict[str, Any]:
    train = np.array([row["train_loss"] for row in ends])
    accuracy = np.array([row["val_accuracy"] for row in ends])
    val_loss = np.array([row["val_loss"] for row in ends])
    moves = np.diff(train)
    moved = float(np.abs(moves).sum())
    return {
        "learning_rate": rate,
        "seed": seed,
        "outcome": fate,
        "exploded": False,
        "non_finite": int(sum(not np.isfinite(row["val_loss"]) for row in one)),
        "score": float(accuracy[-1]),
        "final_val_accuracy": float(accuracy[-1]),
        "best_val_accuracy": float(accuracy.max()),
        "best_epoch": int(accuracy.argmax()) + 1,
        "final_val_loss": float(val_loss[-1]),
        "best_val_loss": float(val_loss.min()),
        "final_train_loss": float(train[-1]),
        "final_train_accuracy": float(ends[-1]["train_accuracy"]),
        "initial_train_loss": float(one[0]["train_loss"]),
        "final_skill": float((accuracy[-1] - 0.1135) / 0.8865),
        "best_skill": float((accuracy.max() - 0.1135) / 0.8865),
        "backtrack": float(moves[moves > 0].sum() / moved) if moved else np.nan if not np.isfinite(moved) else 0.0,
        "oscillation": float(np.sqrt((np.diff(train, 2) ** 2).mean() / 6)) if len(train) > 2 else np.nan,
        "largest_rise": float(max(moves.max(), 0)) if len(moves) else np.nan,
        "largest_spike": float((train - np.minimum.accumulate(train)).max()),
        "generalisation_gap": float(val_loss[-1] - train[-1]),
        "test_loss": np.nan,
        "test_accuracy": np.nan,
    }


def _targets(rate: float, seed: int, one: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    steps = [row["step"] for row in one]
    accuracy = np.array([row["val_accuracy"] for row in one])
    for target in (0.95, 0.97):
        row = {"learning_rate": rate, "seed": seed, "target": target}
        above = accuracy >= target
        below = np.flatnonzero(~above)
        first = int(above.argmax()) if above.any() else None
        kept = (int(below[-1]) + 1 if below.size else 0) if above[-1] else None
        for name, place in (("first", first), ("sustained", kept)):
            row[f"{name}_at"] = np.inf if place is None else float(steps[place])
            row[f"{name}_after"] = np.inf if place is None else float(steps[max(place - 1, 0)])
        rows.append(row)
    return rows


def _reach(targets: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (rate, target), own in targets.groupby(["learning_rate", "target"]):
        row = {
            "learning_rate": rate,
            "target": target,
            "n": len(own),
            "first_reached": int(np.isfinite(own["first_at"]).sum()),
            "sustained_reached": int(np.isfinite(own["sustained_at"]).sum()),
        }
        for column in ("first_after", "first_at", "sustained_after", "sustained_at"):
            row[column] = float(np.sort(own[column].to_numpy())[(len(own) - 1) // 2])
        rows.append(row)
    return ANALYSIS_TABLES["reach"].frame(pd.DataFrame(rows))


def _rates(runs: pd.DataFrame, seeds: int) -> pd.DataFrame:
    learned = runs.groupby("learning_rate").filter(lambda own: (own["outcome"] == LEARNED).all())
    best = None
    if len(learned):
        best = float(learned.groupby("learning_rate")["score"].mean().idxmax())
    rows = []
    for rate, own in runs.groupby("learning_rate"):
        counts = {name: int((own["outcome"] == name).sum()) for name in (DIVERGED, FAILED, "collapsed", LEARNED)}
        row: dict[str, Any] = {"learning_rate": rate, "planned": seeds, "n": len(own), **counts, "exploded": 0}
        for measure in SUMMARISED:
            values = own[measure].to_numpy()
            found = [
                values.mean(),
                values.std(ddof=1) if len(values) > 1 else np.nan,
                np.median(values),
                values.min(),
                values.max(),
            ]
            row |= {f"{measure}_{name}": float(value) for name, value in zip(STATISTICS, found, strict=True)}
        unstable = counts[LEARNED] == seeds and row["backtrack_median"] > 0.3
        verdict = "diverges" if counts[DIVERGED] else "fails to learn" if counts[FAILED] else "behind"
        verdict = "unstable" if verdict == "behind" and unstable else verdict
        row |= {
            "complete": True,
            "eligible": counts[LEARNED] == seeds,
            "unstable": unstable,
            "overfits": False,
            "overfit_onset": np.nan,
            "overfit_mean": np.nan,
            "overfit_low": np.nan,
            "overfit_high": np.nan,
            "overfit_rising": 0,
            "still_improving": False,
            "improvement": 0.1,
            "improvement_low": 0.0,
            "improvement_high": 0.2,
            "best_in": seeds if rate == best else 0,
            "probability_best": np.nan,
            "tied": rate == best,
            "verdict": "recommended" if rate == best else verdict,
            "remarks": "still_improving" if rate == min(runs["learning_rate"]) else "",
        }
        rows.append(row)
    return ANALYSIS_TABLES["rates"].frame(pd.DataFrame(rows))


def _comparisons(runs: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for lower, higher in itertools.combinations(rates.loc[rates["eligible"], "learning_rate"], 2):
        for measure, column in (("score", "score"), ("val_loss", "final_val_loss")):
            first, second = (runs.loc[runs["learning_rate"] == rate, column].to_numpy() for rate in (higher, lower))
            gaps = first - second
            n, mean = len(gaps), float(gaps.mean())
            sd = float(gaps.std(ddof=1)) if n > 1 else np.nan
            half = 2.5 * sd / np.sqrt(n)
            p = float(np.exp(-abs(mean) / max(half, 1e-9))) if n > 1 else np.nan
            row = {"higher": higher, "lower": lower, "measure": measure, "n": n, "difference": mean, "sd": sd}
            row |= {
                "low": mean - half,
                "high": mean + half,
                "p": p,
                "p_holm": p,
                "separated": n > 2 and abs(mean) > half,
            }
            rows.append(row)
    columns = ANALYSIS_TABLES["comparisons"].columns
    return ANALYSIS_TABLES["comparisons"].frame(pd.DataFrame(rows, columns=list(columns)))


def _origin(learning_rates: tuple[float, ...], seeds: int, epochs: int) -> dict[str, Any]:
    runs = [
        {
            "learning_rate": rate,
            "machine": {"architecture": "x86_64", "cpu": "A processor", "system": "Linux"},
            "run_key": f"{place:064x}",
            "seed": seed,
            "test": None,
            "validation": {"class_correct": [500] * 10},
            "weights": {"final": f"{place + 7:064x}", "finite": True, "initial": f"{seed:064x}"},
        }
        for place, (rate, seed) in enumerate(itertools.product(learning_rates, range(seeds)))
    ]
    return {
        "expected": {
            "code": "b535" * 16,
            "data": DATASET["digest"],
            "versions": {"keras": "3.15.1", "numpy": "2.4.6", "tensorflow": "2.21.0"},
        },
        "plan": {"learning_rates": list(learning_rates), "seeds": list(range(seeds))},
        "runs": runs,
        "settings": {
            "batch_size": 32,
            "device": "cpu",
            "epochs": epochs,
            "hidden_units": [128, 64],
            "optimizer": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07, "name": "adam"},
            "threads": 1,
            "train_examples": None,
            "validation": {"examples": None, "protocol": "test"},
        },
    }


def experiment(**changes: str) -> dict[str, str]:
    """What the report says of an experiment beside its measurements."""
    return {
        "config": "config/config.yaml",
        "dataset_name": "MNIST",
        "name": "made",
        "title": "Three learning rates",
    } | changes


EXPERIMENTS = {
    "three": lambda: measured(),
    "one-seed": lambda: measured(seeds=1),
    "one-rate": lambda: measured(learning_rates=(0.001,)),
    "all-failed": lambda: measured(fate=dict.fromkeys(TUTORIAL, FAILED)),
    "diverged": lambda: measured(learning_rates=(0.001, 0.01, 10.0), fate={10.0: DIVERGED, 0.01: FAILED}),
    "all-diverged": lambda: measured(fate=dict.fromkeys(TUTORIAL, DIVERGED)),
    "eight": lambda: measured(
        learning_rates=tuple(float(f"{rate:.2g}") for rate in np.geomspace(1e-4, 0.3, 8)), seeds=3
    ),
    "thirty": lambda: measured(
        learning_rates=tuple(float(f"{rate:.3g}") for rate in np.geomspace(1e-5, 3.0, 30)),
        seeds=20,
        epochs=10,
        fate={
            float(f"{rate:.3g}"): fate
            for rate, fate in zip(np.geomspace(1e-5, 3.0, 30)[-3:], (FAILED, FAILED, DIVERGED), strict=True)
        },
    ),
}
