"""Experiments of any size whose runs are made up: stored as training stores them, for measuring all that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.commands import Commands, config
from benchmarks.processes import Usage, run
from benchmarks.scale import BATCH_SIZE
from lrbench.identity.provenance import canonical_json, read_sealed, run_key, write_sealed
from lrbench.learning.jobs import machine
from lrbench.learning.models import FUSED
from lrbench.learning.settings import RunSettings
from lrbench.learning.store import RunStore
from lrbench.learning.training import evaluation_steps

STEPS_PER_EPOCH = 60000 // BATCH_SIZE
VALIDATION_EXAMPLES = 10000
WORKED: dict[str, tuple[str, Usage]] = {}
STAGES = ("aggregate", "analyse", "figures", "report")


def rates(number: int) -> list[float]:
    """So many learning rates from 0.00001 to 0.1, evenly spaced on a log scale."""
    return [float(f"{rate:.4g}") for rate in np.geomspace(1e-5, 1e-1, number)]


def made_experiment(
    folder: Path, learning_rates: Sequence[float], seeds: int, epochs: int, **asked_else: Any
) -> tuple[Commands, Usage]:
    """The commands of an experiment whose runs are stored, and what its backpropagation, which is real, took.

    asked_else : more of its config
    """
    asked = config(learning_rates=list(learning_rates), seeds=list(range(seeds)), epochs=epochs, **asked_else)
    commands = Commands.of(folder, asked)
    run(commands.dataset()).checked()
    usage = _worked(commands)
    initial = read_sealed(commands.worked, {"initial_weights": str})["initial_weights"]
    data = read_sealed(folder / "manifest.json", {"digest": str})["digest"]
    origin = {**commands.origin, "data": data}
    store = RunStore(commands.store)
    random = np.random.default_rng(0)
    for rate in learning_rates:
        runs = []
        for seed in range(seeds):
            settings = RunSettings.of(commands.experiment.training_settings, rate, seed)
            key = run_key(settings.as_json(), origin["data"], origin["code"], origin["versions"])
            manifest = {
                "engine": FUSED,
                "key": {"settings": settings.as_json(), **origin},
                "machine": machine(),
                "test": None,
                "validation": {"class_correct": [900] * 10},
                "weights": {
                    "finite": True,
                    "initial": initial if seed == 0 else f"{seed:064x}",
                    "final": f"{len(runs):064x}",
                },
            }
            store.add(key, curves(rate, epochs, random), manifest, {})
            runs.append({"run_key": key, "seed": seed})
        block = commands.train(rate, [0])[-1]
        write_sealed(block, {"learning_rate": rate, "runs": runs})
    return commands, usage


def failures(usages: Mapping[str, Usage]) -> str:
    """What the stages that failed say."""
    return "; ".join(f"{stage} failed: {one.errors.strip()[-300:]}" for stage, one in usages.items() if one.status)


def _worked(commands: Commands) -> Usage:
    """Work a step through, once for each plan and settings."""
    asked = canonical_json([commands.experiment.plan, commands.experiment.training_settings])
    if asked not in WORKED:
        usage = run(commands.backpropagate()).checked()
        WORKED[asked] = commands.worked.read_text(encoding="utf-8"), usage
    text, usage = WORKED[asked]
    commands.worked.write_text(text, encoding="utf-8")
    return usage


def follow(commands: Commands) -> dict[str, Usage]:
    """What each stage after training takes, whether it ends well or not."""
    return {stage: run(getattr(commands, stage)()) for stage in STAGES}


def curves(rate: float, epochs: int, random: np.random.Generator) -> dict[str, dict[str, Any]]:
    """The tables of a run that learns the better the nearer its rate is to 0.001, with noise."""
    total = STEPS_PER_EPOCH * epochs
    step = np.array(evaluation_steps(STEPS_PER_EPOCH, epochs))
    distance = np.log10(rate) + 3
    fall = 1 / (1 + 10 ** (0.7 * distance) * step / 150)
    noise = np.abs(1 + random.normal(0, 0.03 + 0.1 * max(distance, 0), len(step)))
    loss = (0.05 + 0.06 * distance**2 + 2.25 * fall) * noise
    accuracy = np.clip(1 - 0.38 * np.minimum(loss, 2.4) + random.normal(0, 0.002, len(step)), 0.08, 0.999)
    evaluations = {
        "step": step,
        "epoch": step / STEPS_PER_EPOCH,
        "train_loss": 0.8 * loss,
        "train_accuracy": np.minimum(accuracy + 0.006, 1),
        "val_loss": loss,
        "val_accuracy": accuracy,
        "gradient_norm": 0.7 * loss,
        "update_ratio": np.where(step == 0, np.nan, 0.02 * rate**0.7 * noise),
        "learning_rate_now": np.full(len(step), rate),
    }
    ends = np.isin(step, STEPS_PER_EPOCH * np.arange(1, epochs + 1))
    return {
        "epochs": {
            "epoch": np.arange(1, epochs + 1),
            "loss": 0.9 * loss[ends],
            "accuracy": accuracy[ends],
            "val_loss": loss[ends],
            "val_accuracy": accuracy[ends],
        },
        "evaluations": evaluations,
        "predictions": {
            "example": np.arange(VALIDATION_EXAMPLES, dtype="int32"),
            "predicted": random.integers(0, 10, VALIDATION_EXAMPLES).astype("uint16"),
        },
        "steps": {
            "step": np.arange(1, total + 1),
            "batch_loss": random.gamma(4, loss[-1] / 4, total).astype("float32"),
        },
    }
