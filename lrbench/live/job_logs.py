"""How far a training job is, read from the lines that it adds to its log after each epoch."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

EPOCH = re.compile(
    r"learning rate (?P<rate>\S+), seed (?P<seed>\d+), epoch (?P<epoch>\d+)/\d+: .*val_accuracy (?P<accuracy>\S+)"
)
STORED = re.compile(r"learning rate \S+: (?P<stored>\d+) of \d+ runs are in the store")
READY = re.compile(r"ready to train after ")
Stamp = tuple[int, int] | None  # size and time of a file; None where there is none


def stamp(path: Path) -> Stamp:
    """By what a file is seen to have changed."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


@dataclass
class JobLog:
    """What a training job has said so far.

    path : its log; learning_rate : of its runs
    before : the stamp of what an earlier job left there, which says nothing of this one
    stored : how many of its runs were in the store
    epochs, accuracies : finished epochs, and validation accuracy after the last of them, of the runs that it trains, by
        seed
    accuracy : validation accuracy after the epoch that was over last
    began, latest : when it was ready to train, and when its last epoch was seen to be over (seconds)
    """

    path: Path
    learning_rate: float
    before: Stamp = None
    stored: int = 0
    epochs: dict[int, int] = field(default_factory=dict)
    accuracies: dict[int, float] = field(default_factory=dict)
    accuracy: float | None = None
    began: float | None = None
    latest: float | None = None
    _offset: int = 0

    def read(self, now: float) -> None:
        """Take in what was added since the last time; a file that cannot be read has nothing new."""
        if self.before is not None and stamp(self.path) == self.before:
            return
        self.before = None
        try:
            with self.path.open("rb") as file:
                if os.fstat(file.fileno()).st_size < self._offset:  # another attempt began it anew
                    self._offset, self.stored, self.accuracy, self.began, self.latest = 0, 0, None, None, None
                    self.epochs.clear()
                    self.accuracies.clear()
                file.seek(self._offset)
                added = file.read()
        except OSError:
            return
        whole = added[: added.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.decode(errors="replace").splitlines():
            self._take(line, now)

    def _take(self, line: str, now: float) -> None:
        epoch = EPOCH.match(line)
        if epoch and epoch["rate"] == f"{self.learning_rate:g}":  # else of a run whose weights it begins with
            self.epochs[int(epoch["seed"])] = int(epoch["epoch"])
            self.accuracies[int(epoch["seed"])] = self.accuracy = float(epoch["accuracy"])
            self.latest = now
            self.began = now if self.began is None else self.began
        elif stored := STORED.match(line):
            self.stored = int(stored["stored"])
        elif READY.match(line):
            self.began = now

    @property
    def speaks(self) -> bool:
        """Whether the job has said anything; on a cluster one that was sent away waits first."""
        return self._offset > 0

    @property
    def trained(self) -> int:
        """How many epochs it has trained."""
        return sum(self.epochs.values())

    @property
    def seconds_per_epoch(self) -> float | None:
        """Seconds from one epoch's end to the next, on average; None before the first was over."""
        if self.began is None or self.latest is None or self.latest <= self.began:
            return None
        return (self.latest - self.began) / self.trained
