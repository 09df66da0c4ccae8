"""A big table of runs from which searches are replayed: every rate with every seed, trained once.

python -m benchmarks.search_table FILE     goes on where FILE ends: a line of JSON for each run, one for each range test

The built-in network, Adam, five epochs, by default with a tenth of MNIST. Nothing but the ends of epochs is measured.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.scale import BATCH_SIZE, DATA, HIDDEN_UNITS

LOWEST, HIGHEST, RATES, SEEDS, EPOCHS = 1e-5, 1.0, 25, 40, 5
SETTINGS = {
    "batch_size": BATCH_SIZE,
    "device": "cpu",
    "epochs": EPOCHS,
    "model": {"hidden_units": list(HIDDEN_UNITS)},
    "optimizer": {"name": "adam", "keras": {"class": "Adam"}, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "threads": 1,
    "validation": {"protocol": "test", "examples": None},
}


def dense_rates() -> list[float]:
    """The rates of the table, geometric, shape (RATES,)."""
    return [float(f"{rate:.4g}") for rate in np.geomspace(LOWEST, HIGHEST, RATES)]


def read_table(file: Path) -> list[dict[str, Any]]:
    """The lines of the table: of a run `rate`, `seed`, `val_accuracy`, `val_loss`; of a range test `seed`, `valley`."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def train_table(file: Path, dataset: Path, train_examples: int, seeds: range) -> None:
    """Train what the table lacks of these seeds, seed by seed."""
    from lrbench.learning.models import Learners, set_up

    settings = SETTINGS | {"train_examples": train_examples}
    set_up(settings)
    from lrbench.data.sources import read_dataset
    from lrbench.data.split import split
    from lrbench.learning.training import TensorData

    parts = read_dataset(str(dataset), None)
    data, learners = TensorData(split(parts, settings)), Learners(settings, None)
    known = {(line["seed"], line.get("rate")) for line in read_table(file)}
    with file.open("a", encoding="utf-8") as lines:
        for seed in seeds:
            for rate in dense_rates():
                if (seed, rate) not in known:
                    print(json.dumps(_run(settings, rate, seed, data, learners)), file=lines, flush=True)
            if (seed, None) not in known:
                print(json.dumps(_range_test(settings, seed, parts)), file=lines, flush=True)


def _run(settings: dict[str, Any], rate: float, seed: int, data: Any, learners: Any) -> dict[str, Any]:
    from lrbench.data.split import batch_order
    from lrbench.learning.settings import RunSettings

    engine = learners(RunSettings.of(settings, rate, seed), data).engine
    ends = []
    for epoch in range(1, EPOCHS + 1):
        engine.start_epoch(batch_order(seed, epoch, data.train_examples))
        engine.run(data.train, 0, data.steps_per_epoch(BATCH_SIZE))
        ends.append(engine.evaluate(data.validation))
    return {
        "rate": rate,
        "seed": seed,
        "val_accuracy": [accuracy for _, accuracy in ends],
        "val_loss": [loss for loss, _ in ends],
    }


def _range_test(settings: dict[str, Any], seed: int, parts: Any) -> dict[str, Any]:
    """The valley that a range test of one epoch over four decades more than the table's suggests; None for none."""
    from lrbench.probes.range_test.measurement import measure
    from lrbench.tables.probes import Training

    training = Training(options={"from": LOWEST / 100, "to": HIGHEST * 100}, model=None)
    (found,) = measure(settings, {"seeds": [seed]}, parts, training)["seeds"]
    return {"seed": seed, "valley": found["suggestions"]["valley"]}


def main() -> None:
    """Train a table, or a share of its seeds: two processes may add to one file."""
    parser = argparse.ArgumentParser(description="Train the table of runs from which searches are replayed.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--data", type=Path, default=DATA, help="the data set (default: MNIST)")
    parser.add_argument("--examples", type=int, default=6000, help="training examples (default: 6000)")
    parser.add_argument("--share", default="1/1", metavar="K/N", help="every N-th seed, from the K-th (default: 1/1)")
    arguments = parser.parse_args()
    first, every = map(int, arguments.share.split("/"))
    train_table(arguments.file, arguments.data, arguments.examples, range(first - 1, SEEDS, every))


if __name__ == "__main__":
    main()
