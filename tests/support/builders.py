"""Experiments without training: made curves of the right shape, and what the real analysis says of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from support.histories import THRESHOLDS, Made, correct_by_class
from support.worked_steps import worked

from lrbench.analysis.pipeline import analyse_measurements
from lrbench.findings.conclusions import recommend
from lrbench.reporting.inputs import Measured
from lrbench.tables.analysis import ANALYSIS_TABLES
from lrbench.tables.experiment import ExperimentTables
from lrbench.tables.training import EXPERIMENT_TABLES

TUTORIAL = (0.0001, 0.001, 0.01)
STEPS_PER_EPOCH = 1875

LEARNED, FAILED, DIVERGED = "learned", "failed", "diverged"


def measured(
    learning_rates: tuple[float, ...] = TUTORIAL,
    seeds: int = 3,
    epochs: int = 6,
    fate: dict[float, str] | None = None,
    class_counts: Sequence[int] | None = None,
    holdout: bool = False,
) -> Measured:
    """An experiment of made curves, analysed; `fate` says which rates fail or are NaN from the start.

    class_counts : of the validation data; holdout : whether that is held out, so that the test set is examined too
    """
    random = np.random.default_rng(0)
    outcome = {rate: (fate or {}).get(rate, LEARNED) for rate in learning_rates}
    epoch_rows, evaluation_rows = [], []
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
    data = DATASET if class_counts is None else _dataset(class_counts)
    table = EXPERIMENT_TABLES["epochs"].frame(pd.DataFrame(epoch_rows))
    origin = _origin(table, learning_rates, seeds, epochs, data, holdout)
    tables = ExperimentTables(
        epochs=table,
        evaluations=EXPERIMENT_TABLES["evaluations"].frame(pd.DataFrame(evaluation_rows)),
        steps=Path("steps.parquet"),
        origin=origin,
        digest="7ab1" * 16,
    )
    return analysed(tables, _steps(learning_rates, seeds, epochs), data)


def analysed(
    tables: ExperimentTables,
    steps: Iterable[pd.DataFrame],
    dataset: Mapping[str, Any],
    settings: Mapping[str, Any] | None = None,
) -> Measured:
    """What the real analysis makes of measurements, ready to be drawn; steps in parts, settings of the analysis."""
    origin, settings = tables.origin, settings or SETTINGS
    found = analyse_measurements(tables.epochs, tables.evaluations, steps, origin, dataset, settings)
    rates = tuple(origin["plan"]["learning_rates"])
    return Measured(
        tables=tables,
        **{name: getattr(found, name) for name in (*ANALYSIS_TABLES, "across")},
        recommendation=recommend(found),
        thresholds=settings["thresholds"],
        dataset=dataset,
        probes={
            "backpropagation": worked(rates)
            | {
                "initial_weights": origin["runs"][0]["weights"]["initial"],
                "made_from": {"data": dataset["digest"], "plan": origin["plan"], "settings": origin["settings"]},
            }
        },
        made_from={"analysis": "a11a" * 16, "backpropagation": "bacb" * 16},
    )


def drawn_from(made: Made) -> Measured:
    """A made-up experiment of `histories`, analysed, ready to be drawn."""
    plain = measured((0.1,), seeds=1, epochs=1).tables.origin
    weights = {"final": "f" * 64, "finite": True, "initial": "0" * 64}
    runs = [
        plain["runs"][0] | run | {"weights": weights | {"finite": run["weights"]["finite"]}}
        for run in made.origin["runs"]
    ]
    origin = plain | made.origin | {"runs": runs, "settings": plain["settings"] | made.origin["settings"]}
    tables = ExperimentTables(made.epochs, made.evaluations, Path("steps.parquet"), origin, "7ab1" * 16)
    return analysed(tables, [made.steps], made.dataset, made.settings)


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
SETTINGS = {"targets": [0.95, 0.97], "thresholds": THRESHOLDS}


def _dataset(class_counts: Sequence[int]) -> dict[str, Any]:
    parts = DATASET["parts"] | {"validation": {"class_counts": list(class_counts), "examples": sum(class_counts)}}
    return DATASET | {"classes": len(class_counts), "parts": parts}


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


def _steps(learning_rates: Sequence[float], seeds: int, epochs: int) -> Iterator[pd.DataFrame]:
    """The loss of every batch, run by run."""
    step = np.arange(1, STEPS_PER_EPOCH * epochs + 1)
    for rate, seed in itertools.product(learning_rates, range(seeds)):
        yield EXPERIMENT_TABLES["steps"].frame(
            {"learning_rate": np.full(len(step), rate), "seed": np.full(len(step), seed), "step": step}
            | {"batch_loss": np.ones(len(step))}
        )


def _origin(
    table: pd.DataFrame,
    learning_rates: tuple[float, ...],
    seeds: int,
    epochs: int,
    data: Mapping[str, Any],
    holdout: bool,
) -> dict[str, Any]:
    """What tables.json says; table : epochs, whose last gives how many examples of each class are classified right."""
    last = table[table["epoch"] == epochs].set_index(["learning_rate", "seed"])["val_accuracy"]
    counts = data["parts"]["validation"]["class_counts"]
    runs = [
        {
            "learning_rate": rate,
            "machine": {"architecture": "x86_64", "cpu": "A processor", "system": "Linux"},
            "run_key": f"{place:064x}",
            "seed": seed,
            "test": {"accuracy": float(last[rate, seed]) - 0.004, "loss": 0.1} if holdout else None,
            "validation": {"class_correct": correct_by_class(float(last[rate, seed]), counts)},
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
            "optimizer": {
                "beta_1": 0.9,
                "beta_2": 0.999,
                "epsilon": 1e-07,
                "keras": {"class": "Adam"},
                "name": "adam",
            },
            "threads": 1,
            "train_examples": None,
            "validation": {"examples": 10000, "protocol": "holdout"}
            if holdout
            else {"examples": None, "protocol": "test"},
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
    "near": lambda: measured((0.0009, 0.001, 0.0011), seeds=5, epochs=10),
    "holdout": lambda: measured(class_counts=(5000, 2000, 1000), holdout=True),
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
