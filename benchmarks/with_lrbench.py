"""lrbench itself, as the workflow calls it: `lrbench train`, with everything that it measures and stores."""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
import time
from pathlib import Path

import pandas as pd

from benchmarks.commands import Commands, config, dataset
from benchmarks.contenders import Trained
from benchmarks.scale import LEARNING_RATE, MODELS, SEED, Scale
from lrbench.cli import main


class Stamped(io.TextIOBase):
    """A text stream that remembers when each line came."""

    def __init__(self) -> None:
        self.lines: list[tuple[float, str]] = []
        self._rest = ""

    def write(self, text: str) -> int:
        """Take some text."""
        *whole, self._rest = (self._rest + text).split("\n")
        self.lines.extend((time.perf_counter(), line) for line in whole)
        return len(text)


def train(scale: Scale, file: str = "") -> Trained:
    """One run by `lrbench train` in this process; its log gives the epochs' ends, the store all else.

    file : the file in models/ that builds the network, without its ending; "" for the built-in one
    """
    model = {"model": {"file": str(MODELS / f"{file}.py")}} if file else {}
    with tempfile.TemporaryDirectory() as name:
        commands = Commands.of(Path(name), config(epochs=scale.epochs, dataset=dataset(scale.examples), **model))
        _called(commands.dataset())
        begun = time.perf_counter()
        lines = _called(commands.train(LEARNING_RATE, [SEED]))
        finished = time.perf_counter()
        (run,) = (path for path in commands.store.iterdir() if not path.name.startswith("."))
        epochs = pd.read_parquet(run / "epochs.parquet")
    ends = [moment for moment, line in lines if re.search(r", epoch \d+/\d+: ", line)]
    ready = next(moment for moment, line in lines if line.startswith("ready to train"))
    return Trained(
        imports=ready - begun,
        begun=ready,
        ends=ends,
        losses=epochs["loss"],
        accuracies=epochs["accuracy"],
        val_accuracies=epochs["val_accuracy"],
        note="all that it measures along the way, and keeping the run, included",
        finished=finished,
    )


def _called(command: list[str]) -> list[tuple[float, str]]:
    stamped = Stamped()
    with contextlib.redirect_stdout(stamped):
        status = main(command[3:])
    if status:
        raise RuntimeError(f"lrbench {command[3]} ended with status {status}")
    return stamped.lines
