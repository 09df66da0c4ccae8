"""A range test with every seed: one epoch of training while the learning rate rises from step to step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lrbench.data.split import Parts, batch_order, split
from lrbench.errors import InputError
from lrbench.learning.models import Learners, set_up
from lrbench.learning.schedules import SETTING
from lrbench.learning.settings import RunSettings
from lrbench.probes.range_test.loss_curve import ended, rising_rates, smoothed
from lrbench.probes.range_test.suggestions import suggestions
from lrbench.tables.probes import Training

PIECES = 20  # of an epoch, after each of which it is seen whether the test ends


def measure(settings: Mapping[str, Any], plan: Mapping[str, Any], parts: Parts, training: Training) -> dict[str, Any]:
    """The loss of each step and the suggested rates, by seed, as JSON has it.

    training : with the options `from` and `to`, the rates of the first and of the last step

    Raises InputError where the rate does not rise by these options, or the experiment's own model cannot be trained.
    """
    lowest, highest = (float(training.options.get(end, 0)) for end in ("from", "to"))
    if not 0 < lowest < highest:
        raise InputError("--options: must give the rates `from`, above 0, and `to`, above that one.")
    set_up(settings)
    from lrbench.learning.training import TensorData

    data, learners = TensorData(split(parts, settings)), Learners(settings, training.model)
    steps = data.steps_per_epoch(settings["batch_size"])
    rising = {**settings, "epochs": 1, SETTING: rising_schedule(lowest, highest, steps)}
    found = []
    for seed in sorted(plan["seeds"]):
        found.append(
            _tested(RunSettings.of(rising, highest, seed), data, learners, rising_rates(lowest, highest, steps))
        )
        print(f"seed {seed}: {len(found[-1]['losses'])} of {steps} steps, {found[-1]['end']}", flush=True)
    learners.check("written")
    return {"highest": highest, "lowest": lowest, "seeds": found, "steps": steps}


def rising_schedule(lowest: float, highest: float, steps: int) -> dict[str, Any]:
    """The learning-rate schedule of a test as settings have it: Keras' exponential decay, of a factor above 1."""
    keras = {
        "class": "ExponentialDecay",
        "initial_learning_rate": lowest,
        "decay_steps": max(steps - 1, 1),
        "decay_rate": highest / lowest,
    }
    return {"name": "range_test", "keras": keras}


def _tested(run: RunSettings, data: Any, learners: Learners, rates: np.ndarray) -> dict[str, Any]:
    """One seed's test. The losses are those of the batches, each before the step that it is for."""
    from lrbench.learning.training import weights_fingerprint

    learner = learners(run, data)
    begun = weights_fingerprint(learner.model.get_weights())
    learner.engine.start_epoch(batch_order(run.seed, 1, data.train_examples))
    losses, end = np.empty(0), None
    while end is None:
        done = len(losses)
        more = learner.engine.run(data.train, done, min(done + -(-len(rates) // PIECES), len(rates)))
        losses = np.concatenate([losses, more])
        end = ended(losses, len(rates))
    count, how = end
    return {
        "end": how,
        "initial_weights": begun,
        "losses": losses[:count].tolist(),
        "seed": run.seed,
        "suggestions": suggestions(rates, smoothed(losses[:count]), how),
    }
