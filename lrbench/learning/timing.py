"""How long the parts of a training job take here, measured on a few steps in a process of its own.

`measured` starts that process, which reads the data set, builds the model, trains a few steps and evaluates, and keeps
nothing of it: no file is written.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lrbench.errors import InputError, WorkError

STEPS = 20  # at least so many are timed
MODULE = "lrbench.learning.timing"


@dataclass(frozen=True)
class Times:
    """What was measured, times in seconds.

    begin : until a job is ready to train, from its start
    build : what a run takes beside its steps and evaluations: its model is built and compiled
    step, evaluation : one of each
    steps, evaluations : how many of each a run has
    data : digest of the data set
    """

    begin: float
    build: float
    step: float
    evaluation: float
    steps: int
    evaluations: int
    data: str

    @property
    def run(self) -> float:
        """Seconds of a run."""
        return self.build + self.steps * self.step + self.evaluations * self.evaluation


def measured(settings: Mapping[str, Any], learning_rate: float, seed: int, dataset: str, model: str | None) -> Times:
    """Times of a run of an experiment, measured by a process of its own.

    settings : the experiment's training settings; dataset : path of the data set; model : the file of its own model

    Raises InputError where the model or the data cannot be trained, WorkError where that process ends without a word.
    """
    asked = {
        "dataset": dataset,
        "learning_rate": learning_rate,
        "model": model,
        "seed": seed,
        "settings": settings,
        "started": time.time(),
    }
    command = [sys.executable, "-B", "-P", "-m", MODULE]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False)
    try:
        said = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        last = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise WorkError(f"the process that tries a few steps has ended with {last!r}; nothing was timed.") from None
    if "problem" in said:
        raise InputError(said["problem"])
    return Times(**said)


def timed(asked: Mapping[str, Any]) -> Times:
    """Times of a run, measured by this process; `asked` as `measured` puts it together."""
    from lrbench.data.sources import data_digest, read_dataset
    from lrbench.data.split import batch_order, split
    from lrbench.learning.models import Learners, set_up
    from lrbench.learning.settings import RunSettings

    settings = asked["settings"]
    set_up(settings)
    from lrbench.learning.training import TensorData, evaluation_steps

    run = RunSettings.of(settings, asked["learning_rate"], asked["seed"])
    parts = read_dataset(asked["dataset"], settings.get("data_options"))
    digest = data_digest(parts)
    data = TensorData(split(parts, settings))
    learners = Learners(settings, asked["model"])
    begin = time.time() - asked["started"]
    per_epoch = data.steps_per_epoch(run.batch_size)
    some = min(STEPS, per_epoch)
    order = batch_order(run.seed, 1, data.train_examples)

    def train() -> float:
        started = time.perf_counter()
        learner.engine.start_epoch(order)
        learner.engine.run(data.train, 0, some)
        return time.perf_counter() - started

    def evaluate() -> float:
        started = time.perf_counter()
        learner.engine.gradient(data.subset)
        learner.engine.validate(data.validation)
        return time.perf_counter() - started

    started = time.perf_counter()
    learner = learners(run, data)
    train()
    evaluate()
    first = time.perf_counter() - started
    step = min(train() for _ in range(max(3, STEPS // some))) / some
    evaluation = min(evaluate() for _ in range(2))
    return Times(
        begin=begin,
        build=max(first - some * step - evaluation, 0.0),
        step=step,
        evaluation=evaluation,
        steps=per_epoch * run.epochs,
        evaluations=len(evaluation_steps(per_epoch, run.epochs, learner.measured_at)),
        data=digest,
    )


def main() -> None:
    """Read what is asked from the standard input, and print the times, or the problem, as a line of JSON."""
    try:
        said: dict[str, Any] = asdict(timed(json.load(sys.stdin)))
    except InputError as error:
        said = {"problem": str(error)}
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
