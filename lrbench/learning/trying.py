"""An experiment's model built and tried for a few steps: what it is, and how long training will take here."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lrbench.data.sources import read_dataset
from lrbench.data.split import Examples, batch_order
from lrbench.learning.models import Learners, set_up
from lrbench.learning.settings import RunSettings
from lrbench.tables.plan import planned_runs
from lrbench.training_words import duration

WARM_UP, STEPS = 3, 20  # steps before time is taken, and of which it is taken


def tried(settings: Mapping[str, Any], plan: Mapping[str, Any], dataset: str, model: str | None) -> Iterator[str]:
    """Lines that say an experiment's layers, its parameters, seconds a step here, and an estimate of all its training.

    The data's labels and headers are read, and random numbers of their shape are trained on.

    settings, plan : of the experiment; dataset : its path; model : the file of its own model, or None

    Raises InputError where the model cannot be trained.
    """
    set_up(settings)
    from lrbench.learning.training import TensorData

    parts = read_dataset(dataset, settings.get("data_options"), images=False)
    shape, classes = parts.train.images.shape[1:], int(parts.train.labels.max()) + 1
    run = RunSettings.of(settings, plan["learning_rates"][0], plan["seeds"][0])
    batch = min(run.batch_size, len(parts.train))
    data = TensorData(_random(shape, classes, batch * (WARM_UP + STEPS), parts.train.images.dtype))
    learners = Learners(settings, model)
    learner = learners(run, data)
    yield f"  {'layer':<28} {'output':<20} parameters"
    for layer in learner.model.layers:
        output = getattr(getattr(layer, "output", None), "shape", "")
        yield f"  {type(layer).__name__:<28} {output!s:<20} {layer.count_params():,}"
    trainable = sum(int(np.prod(weight.shape)) for weight in learner.model.trainable_weights)
    yield f"  {learner.model.count_params():,} parameters, {trainable:,} of them trained; the {learners.engine} engine"
    learner.engine.start_epoch(batch_order(run.seed, 1, batch * (WARM_UP + STEPS)))
    learner.engine.run(data.train, 0, WARM_UP)
    started = time.perf_counter()
    learner.engine.run(data.train, WARM_UP, WARM_UP + STEPS)
    step = (time.perf_counter() - started) / STEPS
    examples = settings["train_examples"] or len(parts.train)
    steps = -(-examples // run.batch_size) * run.epochs
    runs = planned_runs(plan)
    yield (
        f"  {1000 * step:.2g} ms a step here, one process alone; {steps:,} steps a run, {runs} runs: about "
        f"{duration(step * steps * runs)} of one core, and evaluations beside"
    )


def _random(shape: tuple[int, ...], classes: int, count: int, kind: np.dtype) -> Any:
    """As many examples of this shape and type as are asked for, as a split has them."""
    from lrbench.data.split import Split

    generator = np.random.default_rng(0)
    numbers = generator.integers(0, 256, (count, *shape)).astype(kind)
    examples = Examples(numbers, (np.arange(count) % classes).astype("int64"))
    few = examples.take(np.arange(min(count, classes)))
    return Split(examples, few, None, classes, np.arange(count))
