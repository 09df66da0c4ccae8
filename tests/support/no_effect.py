"""Made histories without any difference between learning rates: what an analysis finds in them it finds by chance.

Every run of every rate has the same expected curves, which are flat from the third epoch on, and the same expectation
on training, validation and test data. Around them each run lies a little higher or lower, each epoch of each run too,
all independently. Validation and test set have the luck of their finite size, which all runs share.
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats
from support.histories import THRESHOLDS, Made, correct_by_class

from lrbench.findings.observations import observations
from lrbench.tables.training import EXPERIMENT_TABLES

RATES, SEEDS = (2, 3, 5, 11, 20), (3, 5, 10)
EPOCHS, STEPS_PER_EPOCH = 12, 10
ACCURACY = np.array([0.80, 0.88, *[0.93] * (EPOCHS - 2)])
LOSS = np.array([0.60, 0.35, *[0.25] * (EPOCHS - 2)])
EARLY = {1: 2.2, 2: 2.0, 5: 1.2}  # training loss by step of the first epoch
RUN_ACCURACY, EPOCH_ACCURACY = 0.003, 0.005  # standard deviations of accuracies, between runs and between epochs
RUN_LOSS, EPOCH_LOSS = 0.1, 0.1  # of logs of losses
CLASSES, EXAMPLES = 10, 10_000
SIGNIFICANCE = THRESHOLDS["significance"]
NO_TEST = ("seeds_needed",)  # reads the level of a test that it plans and does not make
VERDICTS = ("behind", "too slow", "overfits")
REMARKS = ("behind", "overfits", "still_improving")


def made(rates: int, seeds: int, generator: np.random.Generator) -> Made:
    """An experiment of so many rates and seeds in which the rate changes nothing."""
    grid = [round(1e-4 * 2**place, 6) for place in range(rates)]
    shape = (rates, seeds)
    luck = {
        part: math.sqrt(ACCURACY[-1] * (1 - ACCURACY[-1]) / EXAMPLES) * generator.standard_normal()
        for part in ("val", "test")
    }
    level = RUN_ACCURACY * generator.standard_normal(shape)

    def accuracies(part: str, epochs: int) -> np.ndarray:
        noise = EPOCH_ACCURACY * generator.standard_normal((*shape, epochs))
        return np.clip(ACCURACY[-epochs:] + luck.get(part, 0.0) + level[..., None] + noise, 0, 1)

    def losses() -> np.ndarray:
        run, epoch = (generator.standard_normal((*shape, count)) for count in (1, EPOCHS))
        return LOSS * np.exp(RUN_LOSS * run + EPOCH_LOSS * epoch)

    val_accuracy, train_accuracy = accuracies("val", EPOCHS), accuracies("train", EPOCHS)
    test_accuracy = accuracies("test", 1)[..., 0]
    val_loss, train_loss, loss = losses(), losses(), losses()
    keys = pd.DataFrame([(rate, seed) for rate in grid for seed in range(seeds)], columns=["learning_rate", "seed"])
    runs = keys.loc[keys.index.repeat(EPOCHS)].reset_index(drop=True)
    epoch = np.tile(np.arange(1, EPOCHS + 1), len(keys))
    epochs = runs.assign(
        epoch=epoch,
        loss=loss.ravel(),
        accuracy=train_accuracy.ravel(),
        val_loss=val_loss.ravel(),
        val_accuracy=val_accuracy.ravel(),
    )
    ends = runs.assign(
        step=epoch * STEPS_PER_EPOCH,
        epoch=epoch.astype(float),
        train_loss=train_loss.ravel(),
        train_accuracy=train_accuracy.ravel(),
        val_loss=val_loss.ravel(),
        val_accuracy=val_accuracy.ravel(),
    )
    early = [
        keys.assign(
            step=step,
            epoch=step / STEPS_PER_EPOCH,
            train_loss=value * np.exp(EPOCH_LOSS * (generator.standard_normal(len(keys)) if step else 0.0)),
            train_accuracy=0.1,
            val_loss=value,
            val_accuracy=0.1,
        )
        for step, value in ({0: 2.3} | EARLY).items()
    ]
    evaluations = pd.concat([*early, ends], ignore_index=True).assign(gradient_norm=1.0, update_ratio=0.01)
    evaluations["learning_rate_now"] = evaluations["learning_rate"]
    steps = keys.loc[keys.index.repeat(EPOCHS * STEPS_PER_EPOCH)].reset_index(drop=True)
    steps = steps.assign(step=np.tile(np.arange(1, EPOCHS * STEPS_PER_EPOCH + 1), len(keys)), batch_loss=1.0)
    frames = {
        name: EXPERIMENT_TABLES[name].frame(dict(frame.items()))
        for name, frame in (("epochs", epochs), ("evaluations", evaluations), ("steps", steps))
    }
    counts = [EXAMPLES // CLASSES] * CLASSES
    manifests = [
        {
            "learning_rate": rate,
            "seed": seed,
            "weights": {"finite": True, "initial": f"{seed}", "final": f"{rate} {seed}"},
            "test": {"loss": 0.25, "accuracy": float(test_accuracy[row, seed])},
            "validation": {"class_correct": correct_by_class(float(val_accuracy[row, seed, -1]), counts)},
        }
        for row, rate in enumerate(grid)
        for seed in range(seeds)
    ]
    part = {"class_counts": counts, "examples": EXAMPLES}
    return Made(
        **frames,
        origin={
            "expected": {},
            "plan": {"learning_rates": grid, "seeds": list(range(seeds))},
            "runs": manifests,
            "settings": {
                "epochs": EPOCHS,
                "batch_size": 32,
                "validation": {"protocol": "holdout", "examples": EXAMPLES},
            },
        },
        dataset={
            "classes": CLASSES,
            "digest": "0" * 64,
            "files": {},
            "image_shape": [28, 28],
            "parts": {"train": {"class_counts": [32] * 10, "examples": 320}, "validation": part, "test": part},
        },
        settings={"targets": [0.8, 0.9], "thresholds": dict(THRESHOLDS)},
    )


@functools.cache
def tested() -> tuple[str, ...]:
    """The names of the observations that rest on a test: those whose rule reads the level of significance."""
    analysis = made(2, 3, np.random.default_rng(0)).analyse()
    return tuple(
        function.function.__name__
        for function in observations()
        if "significance" in function(analysis).threshold and function.function.__name__ not in NO_TEST
    )


def said_by_chance(one: Made) -> set[str]:
    """What an experiment without any effect was found to show: findings that rest on a test, verdicts, remarks."""
    analysis = one.analyse()
    names = tested()
    found = {
        item.id
        for item in (function(analysis) for function in observations() if function.function.__name__ in names)
        if item.status == "finding"
    }
    remarks = {name for text in analysis.rates["remarks"] for name in text.split()}
    found |= {f"verdict {name}" for name in VERDICTS if (analysis.rates["verdict"] == name).any()}
    return found | {f"remark {name}" for name in REMARKS if name in remarks}


def looked_for() -> list[str]:
    """Everything that `said_by_chance` can return, in the order of the page."""
    return [
        *(name.replace("_", "-") for name in tested()),
        *(f"verdict {name}" for name in VERDICTS),
        *(f"remark {name}" for name in REMARKS),
    ]


def counted_by_chance(rates: int, seeds: int, experiments: int, first: int = 0) -> Counter[str]:
    """In how many of so many experiments each thing was said; each experiment has its own generator."""
    return Counter(
        name
        for number in range(first, first + experiments)
        for name in said_by_chance(made(rates, seeds, np.random.default_rng([rates, seeds, number])))
    )


def most_allowed(experiments: int, confidence: float = 0.999) -> int:
    """The binomial limit of how often something may be said that is said in `SIGNIFICANCE` of experiments."""
    return int(stats.binom.ppf(confidence, experiments, SIGNIFICANCE))


def as_markdown(
    counts: Mapping[tuple[int, int], Counter[str]], experiments: int, names: Iterable[str], by_cell: bool = True
) -> str:
    """The percentage of experiments in which each thing was said, by rates and seeds, and over all of them.

    experiments : of each cell; by_cell : False for the last column alone, where these are few
    """
    cells = sorted(counts)

    def percentage(part: Sequence[tuple[int, int]], name: str) -> str:
        return f"{100 * sum(counts[cell][name] for cell in part) / (experiments * len(part)):.1f}"

    columns = [[cell] for cell in cells] if by_cell else []
    titles = [f"{rates} × {seeds}" for ((rates, seeds),) in columns]
    rows = [["rates × seeds", *titles, "all"]]
    rows += [[name.replace("_", " "), *(percentage(part, name) for part in [*columns, cells])] for name in names]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, "|---|" + "---:|" * (len(columns) + 1))
    return "\n".join(lines) + "\n"
