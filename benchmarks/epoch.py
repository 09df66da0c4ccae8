"""Seconds an epoch: lrbench on one thread beside `model.fit` with its defaults, in alternating rounds.

    python benchmarks/epoch.py            # five rounds of each, then docs/performance.md

Each round is a fresh process: one epoch to warm up, two that count, on the full MNIST.
"""

from __future__ import annotations

import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).parents[1]
ROUNDS, COUNTED = 5, 2
SETTINGS = {
    "batch_size": 32,
    "device": "cpu",
    "epochs": 1 + COUNTED,
    "hidden_units": [128, 64],
    "optimizer": {"name": "adam"},
    "threads": 1,
    "train_examples": None,
    "validation": {"protocol": "test", "examples": None},
}


def lrbench_round() -> list[float]:
    """Seconds of each epoch as the workflow trains it, all measuring in between included."""
    from lrbench.learning.model import set_up_tensorflow

    set_up_tensorflow(threads=1)
    from lrbench.learning.dataset import split
    from lrbench.learning.settings import RunSettings
    from lrbench.learning.sources import read_dataset
    from lrbench.learning.training import TensorData, train

    data = TensorData(split(*read_dataset(str(PROJECT / "resources/mnist")), SETTINGS))
    ends = [time.perf_counter()]
    history = train(RunSettings.of(SETTINGS, 0.001, 0), data, lambda _: ends.append(time.perf_counter()))
    return [*(b - a for a, b in itertools.pairwise(ends)), float(history.epochs["val_accuracy"][-1])]


def fit_round() -> list[float]:
    """Seconds of each epoch of `model.fit` with its default settings, validation after each."""
    import keras
    import numpy as np

    from lrbench.learning.dataset import scaled
    from lrbench.learning.sources import read_dataset

    train, test = read_dataset(str(PROJECT / "resources/mnist"))
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    ends = [time.perf_counter()]
    clock = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(time.perf_counter()))
    history = model.fit(
        scaled(train.images),
        train.labels,
        epochs=1 + COUNTED,
        validation_data=(scaled(test.images), test.labels),
        callbacks=[clock],
        verbose=0,
    )
    return [*np.diff(ends).tolist(), history.history["val_accuracy"][-1]]


def main() -> None:
    """Run the rounds in turn and write what was measured."""
    contenders = {"lrbench, one thread": "lrbench", "`model.fit`, defaults": "fit"}
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    accuracy: dict[str, float] = {}
    for number in range(ROUNDS):
        for name, argument in contenders.items():
            done = subprocess.run(
                [sys.executable, __file__, argument], capture_output=True, text=True, check=True, cwd=PROJECT
            )
            *epochs, accuracy[name] = json.loads(done.stdout.splitlines()[-1])
            seconds[name].append(statistics.mean(epochs[1:]))
            print(f"round {number + 1}, {name}: {seconds[name][-1]:.3f} s an epoch", flush=True)
    ours, theirs = seconds.values()
    ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
    rows = "\n".join(
        f"| {name} | {statistics.median(values):.2f} | {min(values):.2f}–{max(values):.2f} | {accuracy[name]:.4f} |"
        for name, values in seconds.items()
    )
    from lrbench.learning.jobs import machine
    from lrbench.provenance import TRAINING_LIBRARIES, library_versions

    versions = ", ".join(f"{name} {version}" for name, version in library_versions(*TRAINING_LIBRARIES).items())
    text = f"""# Performance

Written by `python benchmarks/epoch.py`; run it on a machine that does nothing else.

## Seconds an epoch

One epoch of the default experiment at learning rate 0.001: 1,875 steps on the full MNIST, and validation after it.
Each of {ROUNDS} rounds is a fresh process, the two contenders in turn; one epoch warms up, {COUNTED} count. What
lrbench measures along the way is part of its time. `model.fit` uses every core ({os.cpu_count()} here), lrbench one;
`fit` shuffles its own batches, so accuracies differ as between seeds; on the same batches they agree bit for bit.

| | median | range over rounds | val_accuracy after epoch {1 + COUNTED} |
| --- | --- | --- | --- |
{rows}

Ratio round by round: median **{statistics.median(ratios):.1f}**, from {min(ratios):.1f} to {max(ratios):.1f}.

Machine: {machine()["cpu"]}, {platform.system()}. Versions: {versions}.
"""
    (PROJECT / "docs" / "performance.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(json.dumps({"lrbench": lrbench_round, "fit": fit_round}[sys.argv[1]]()))
    else:
        main()
