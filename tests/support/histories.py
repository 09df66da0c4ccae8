"""Made-up experiments from a few numbers per run, for tests whose answers are worked out by hand.

    made = experiment({0.01: [run([0.9, 0.95]), run([0.9, 0.94])], 0.1: [run([0.1, 0.1]), None]})
    recommend(made.analyse())["chosen"]

A rate's runs are those of seeds 0, 1, 2, …; None is a planned run that is missing.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lrbench.analysis.pipeline import Analysis, analyse_measurements
from lrbench.settings.named import name_of
from lrbench.settings.optimizers import OPTIMIZERS
from lrbench.settings.problems import checked
from lrbench.settings.schedules import ASchedule
from lrbench.settings.thresholds import Thresholds
from lrbench.tables.training import EXPERIMENT_TABLES

THRESHOLDS = {
    "relative_skill": 0.25,
    "exploded_ratio": 2.0,
    "backtrack": 0.2,
    "oscillation": 0.01,
    "overfit": 0.05,
    "improvement": 0.05,
    "tie": 0.001,
    "significance": 0.05,
    "plateau": 0.01,
    "slower": 2.0,
    "rising_epochs": 0.1,
}
STEPS_PER_EPOCH = 10
MACHINE = {"architecture": "x86_64", "cpu": "A processor", "system": "Linux"}
OPTIMIZERS_BY_NAME = {name_of(one): one(name=name_of(one)).for_training() for one in OPTIMIZERS}
VERSIONS = {"keras": "3.15.1", "numpy": "2.4.6", "tensorflow": "2.21.0"}


def correct_by_class(accuracy: float, class_counts: Sequence[int]) -> list[int]:
    """For each class, as many of its examples as the accuracy says."""
    return [0 if not math.isfinite(accuracy) else round(accuracy * count) for count in class_counts]


@dataclasses.dataclass(frozen=True)
class Run:
    """One run's curves, one value per epoch; see `run`."""

    val_accuracy: np.ndarray
    val_loss: np.ndarray
    train_loss: np.ndarray
    loss: np.ndarray
    early: Mapping[int, Mapping[str, float]]
    batch_loss: Mapping[int, float]
    initial: Mapping[str, float]
    finite: bool
    test: Mapping[str, float] | None
    gradient_norm: np.ndarray


def run(
    val_accuracy: Sequence[float],
    val_loss: Sequence[float] | None = None,
    train_loss: Sequence[float] | None = None,
    loss: Sequence[float] | None = None,
    early: Mapping[int, Mapping[str, float]] | None = None,
    batch_loss: Mapping[int, float] | None = None,
    initial: Mapping[str, float] | None = None,
    finite: bool = True,
    test: Mapping[str, float] | None = None,
    gradient_norm: Sequence[float] | None = None,
) -> Run:
    """A run from its curves, one value per epoch.

    val_accuracy, val_loss : at epoch ends; without a loss, 1 - accuracy
    train_loss : of evaluations, at epoch ends; without it, half of val_loss
    loss : Keras' running training loss; without it, train_loss
    early : columns of further evaluations, by step, as {5: {"val_accuracy": 0.8}}; what is left out is as at step 0
    batch_loss : batch losses by step, where they differ from 1
    initial : columns of the evaluation at step 0
    finite : whether all weights are; test : loss and accuracy on a test set
    gradient_norm : at epoch ends; without it 1
    """
    accuracy = np.array(val_accuracy, dtype=float)
    valid = 1 - accuracy if val_loss is None else np.array(val_loss, dtype=float)
    train = valid / 2 if train_loss is None else np.array(train_loss, dtype=float)
    running = train if loss is None else np.array(loss, dtype=float)
    norm = np.ones(len(accuracy)) if gradient_norm is None else np.array(gradient_norm, dtype=float)
    return Run(accuracy, valid, train, running, early or {}, batch_loss or {}, initial or {}, finite, test, norm)


@dataclasses.dataclass(frozen=True)
class Made:
    """A made-up experiment: the tables of lrbench.tables.training, their origin, the manifest and the settings."""

    epochs: pd.DataFrame
    evaluations: pd.DataFrame
    steps: pd.DataFrame
    origin: dict[str, Any]
    dataset: dict[str, Any]
    settings: dict[str, Any]

    def analyse(self) -> Analysis:
        """The analysis of it all, observations and claims apart."""
        return analyse_measurements(
            self.epochs, self.evaluations, [self.steps], self.origin, self.dataset, self.settings
        )

    def shuffled(self, generator: np.random.Generator) -> Made:
        """The same with rows, runs and plan in another order."""

        def mixed(frame: pd.DataFrame) -> pd.DataFrame:
            return frame.iloc[generator.permutation(len(frame))].reset_index(drop=True)

        plan = {name: generator.permutation(values).tolist() for name, values in self.origin["plan"].items()}
        runs = [self.origin["runs"][index] for index in generator.permutation(len(self.origin["runs"]))]
        return dataclasses.replace(
            self,
            epochs=mixed(self.epochs),
            evaluations=mixed(self.evaluations),
            steps=mixed(self.steps),
            origin=self.origin | {"plan": plan, "runs": runs},
        )


def experiment(
    runs: Mapping[float, Sequence[Run | None]],
    targets: Sequence[float] | Mapping[str, Sequence[float]] = (0.8, 0.9),
    thresholds: Mapping[str, float] | None = None,
    class_counts: Sequence[int] = (1000,) * 10,
    seeds: Sequence[int] | None = None,
    optimizer: str = "adam",
    schedule: Mapping[str, Any] | None = None,
    search: Mapping[str, Any] | None = None,
) -> Made:
    """An experiment from the runs of each rate; all have as many epochs, ten steps each.

    seeds : those of the runs in order; without it 0, 1, 2, …
    targets : validation accuracies, or shares by the key `relative`
    class_counts : of the validation data
    schedule : the learning-rate schedule, as a config has it; the rates in force are made, falling to a tenth
    search : the settings of a search, by which rates may have different numbers of runs
    """
    count = max(map(len, runs.values()))
    names = list(range(count)) if seeds is None else list(seeds)
    tables: dict[str, list[pd.DataFrame]] = {name: [] for name in EXPERIMENT_TABLES}
    manifests = []
    epochs = 0
    for rate, own in runs.items():
        for seed, one in zip(names, own, strict=False):
            if one is None:
                continue
            epochs = len(one.val_accuracy)
            for name, frame in _tables(one).items():
                own_columns = {"learning_rate": float(rate), "seed": seed}
                if name == "evaluations":
                    fall = 0.9 * frame["epoch"] / epochs if schedule else 0.0
                    own_columns["learning_rate_now"] = float(rate) * (1 - fall)
                tables[name].append(frame.assign(**own_columns))
            weights = {"finite": one.finite, "initial": f"{seed}", "final": f"{rate} {seed}"}
            manifests.append(
                {"learning_rate": float(rate), "seed": seed, "weights": weights, "test": one.test}
                | {"validation": {"class_correct": correct_by_class(one.val_accuracy[-1], class_counts)}}
                | {"machine": MACHINE, "run_key": f"{len(manifests):064x}"}
            )
    frames = {
        name: EXPERIMENT_TABLES[name].frame(dict(pd.concat(parts, ignore_index=True).items()))
        for name, parts in tables.items()
    }
    split = {"train_examples": None, "validation": {"protocol": "test", "examples": None}}
    digest = "0" * 64
    origin = {
        "expected": {"code": "c0de" * 16, "data": digest, "versions": VERSIONS},
        "plan": {"learning_rates": sorted(map(float, runs)), "seeds": sorted(names)},
        "runs": manifests,
        "settings": {
            "epochs": epochs,
            "batch_size": 32,
            "device": "cpu",
            "model": {"hidden_units": [128, 64]},
            "optimizer": OPTIMIZERS_BY_NAME[optimizer],
            "threads": 1,
        }
        | ({} if schedule is None else {"learning_rate_schedule": trained_schedule(schedule)})
        | split,
    }
    dataset = {
        "class_names": None,
        "classes": len(class_counts),
        "digest": digest,
        "files": {"train-images-idx3-ubyte": "0b36" * 16},
        "image_shape": [28, 28],
        "parts": {
            "train": {"class_counts": [32] * 10, "examples": 320},
            "validation": {"class_counts": list(class_counts), "examples": sum(class_counts)},
        },
        "split": split,
    }
    asked = {name: list(shares) for name, shares in targets.items()} if isinstance(targets, Mapping) else list(targets)
    settings = {"targets": asked, "thresholds": THRESHOLDS | dict(thresholds or {})}
    if search is not None:
        settings["search"] = dict(search)
        origin["plan"] |= {"first_seeds": [len(own) for _, own in sorted(runs.items())]}
    return Made(**frames, origin=origin, dataset=dataset, settings=settings)


def trained_schedule(written: Mapping[str, Any]) -> dict[str, Any]:
    """What training takes of a schedule that is written so in a config."""
    found, problems = checked(dict(written), ASchedule)
    if problems:
        raise ValueError(problems)
    return found.for_training()


def _tables(one: Run) -> dict[str, pd.DataFrame]:
    epoch = np.arange(1, len(one.val_accuracy) + 1)
    last = len(epoch) * STEPS_PER_EPOCH
    history = pd.DataFrame(
        {
            "epoch": epoch,
            "loss": one.loss,
            "accuracy": one.val_accuracy,
            "val_loss": one.val_loss,
            "val_accuracy": one.val_accuracy,
        }
    )
    blank = {"train_loss": 2.3, "train_accuracy": 0.1, "val_loss": 2.3, "val_accuracy": 0.1, "gradient_norm": 1.0}
    first = blank | dict(one.initial)
    rows = [{"step": 0, "epoch": 0.0, "update_ratio": math.nan} | first]
    rows.extend(
        {"step": step, "epoch": step / STEPS_PER_EPOCH, "update_ratio": 0.01} | first | dict(columns)
        for step, columns in one.early.items()
    )
    rows.extend(
        {
            "step": (index + 1) * STEPS_PER_EPOCH,
            "epoch": float(index + 1),
            "train_loss": one.train_loss[index],
            "train_accuracy": one.val_accuracy[index],
            "val_loss": one.val_loss[index],
            "val_accuracy": one.val_accuracy[index],
            "gradient_norm": one.gradient_norm[index],
            "update_ratio": 0.01,
        }
        for index in range(len(epoch))
    )
    step = np.arange(1, last + 1)
    batch = np.array([one.batch_loss.get(int(number), 1.0) for number in step])
    return {
        "epochs": history,
        "evaluations": pd.DataFrame(rows),
        "steps": pd.DataFrame({"step": step, "batch_loss": batch}),
    }


def thresholds(**changed: float) -> Thresholds:
    """The default thresholds, some of them changed."""
    return Thresholds(**(THRESHOLDS | changed))


def flat(accuracy: float, epochs: int = 10, loss: float | None = None) -> Run:
    """A run that is the same at every epoch's end."""
    return run([accuracy] * epochs, None if loss is None else [loss] * epochs)


def noisy(generator: np.random.Generator, accuracy: float, sd: float, epochs: int = 10) -> Run:
    """A run whose accuracy wobbles around one value."""
    return run(np.clip(accuracy + sd * generator.standard_normal(epochs), 0, 1).tolist())
