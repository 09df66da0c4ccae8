"""The budget of a run's steps: replayed, stopped at some moments, and expanded to second order there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from lrbench.data.split import Parts, split
from lrbench.errors import InputError
from lrbench.learning.models import EXACT, FUSED, Learners, set_up
from lrbench.learning.schedules import learning_rate, rate_at
from lrbench.learning.settings import RunSettings
from lrbench.probes.step_budget.expansion import PARTS, Expansion
from lrbench.probes.step_budget.moments import FEWEST_STEPS, moments, remembers, stops
from lrbench.probes.step_budget.replay import Replay
from lrbench.probes.step_budget.terms import (
    Terms,
    gradient_moments,
    mean_of,
    noise_scale,
    of_one_state,
    of_window,
)
from lrbench.tables.probes import Training

if TYPE_CHECKING:
    from lrbench.learning.training import TensorData

MOST_HELD_OUT = 2048  # examples
FEWEST_HELD_OUT = {FUSED: 1024, EXACT: 256}  # by the engine: fewer where each may take long
TRAINED_PER_HELD_OUT = 512  # examples that a run trains on for each that is held out, so that time grows with training
LEAST_SHARE = 4  # a quarter of the training examples is held out at most
AT_ONCE = 128  # examples of a model of one's own that are held at once, if a batch has no more
THINNED = 4  # states of a window for one at which the gradients of minibatches are looked at
HELD_OUT_DRAW, BATCHES_DRAW = 3, 4  # in the seeds of the draws
SHARPNESS = ("sgd", "momentum")  # optimizers for which a threshold of batch sharpness is known


def measure(settings: Mapping[str, Any], plan: Mapping[str, Any], parts: Parts, training: Training) -> dict[str, Any]:
    """The budgets of the runs of the first seeds, as JSON has them.

    training : with the options `at_most`, the number of seeds, and `steps`, that of the minibatch steps of a moment

    Raises InputError where the options are others, or the experiment's own model cannot be trained.
    """
    at_most, steps = (training.options.get(name, 0) for name in ("at_most", "steps"))
    if not (isinstance(at_most, int) and isinstance(steps, int) and at_most >= 1 and steps >= FEWEST_STEPS):
        raise InputError(f"--options: must give `at_most`, 1 or more, and `steps`, {FEWEST_STEPS} or more.")
    set_up(settings)
    from lrbench.learning.training import TensorData

    data, learners = TensorData(split(parts, settings)), Learners(settings, training.model)
    held_out, pool = drawn(data.train_examples, settings["epochs"], learners.engine)
    found: dict[str, Any] = {
        "batch": min(settings["batch_size"], len(pool)),
        "held_out": len(held_out),
        "refused": "",
        "runs": [],
        "steps": steps,
        "steps_per_epoch": data.steps_per_epoch(settings["batch_size"]),
    }
    if not len(held_out):
        return found | {"refused": "few"}
    first = RunSettings.of(settings, plan["learning_rates"][0], min(plan["seeds"]))
    model = learners.model(data.input_shape, data.classes, first)
    most = len(held_out) if learners.engine == FUSED else AT_ONCE
    expansion = Expansion(model, _taken(data, held_out), max(most, found["batch"]))
    sample = Sample(expansion, pool, found["batch"], steps)
    if not sample.differentiable():
        return found | {"refused": "second derivative"}
    for seed in sorted(plan["seeds"])[:at_most]:
        found["runs"] += _of_seed(settings, plan, seed, data, learners, sample)
    learners.check("written")
    return found


class Sample:
    """What the steps of every run are measured on.

    expansion : of the loss of the held-out examples; pool : places of the others, from which minibatches are drawn
    batch : examples of a minibatch; steps : minibatch steps of a moment
    """

    def __init__(self, expansion: Expansion, pool: np.ndarray, batch: int, steps: int) -> None:
        self.expansion = expansion
        self.pool = pool
        self.batch = batch
        self.steps = steps

    def differentiable(self) -> bool:
        """Whether TensorFlow has the second derivative of the loss."""
        import tensorflow as tf

        try:
            self.expansion.product(np.zeros_like(self.expansion.gradient()), 0)
        except (LookupError, NotImplementedError, TypeError, ValueError, tf.errors.OpError) as error:
            print(f"no second derivative: {error}", flush=True)
            return False
        return True

    def batches(self, seed: int, step: int, number: int) -> list[np.ndarray]:
        """Independent minibatches for the state before a step of a seed's runs, the same at every rate."""
        random = np.random.default_rng((seed, step, BATCHES_DRAW))
        return [random.choice(self.pool, self.batch, replace=False) for _ in range(number)]


def drawn(examples: int, epochs: int, engine: str) -> tuple[np.ndarray, np.ndarray]:
    """Places of the training examples that are held out, the same for every run, and of all others."""
    bound = max(FEWEST_HELD_OUT[engine], examples * epochs // TRAINED_PER_HELD_OUT)
    number = min(MOST_HELD_OUT, bound, examples // LEAST_SHARE)
    number -= number % PARTS
    order = np.random.default_rng((0, HELD_OUT_DRAW)).permutation(examples)
    return np.sort(order[:number]), np.sort(order[number:])


def _of_seed(
    settings: Mapping[str, Any],
    plan: Mapping[str, Any],
    seed: int,
    data: TensorData,
    learners: Learners,
    sample: Sample,
) -> list[dict[str, Any]]:
    """The budgets of one seed's runs; carried-over weights are those that the replay of the rate before ended with."""
    from lrbench.learning.training import begin_with

    order = settings.get("initial_weights", {}).get("order")
    found, before = [], None
    for rate in order or plan["learning_rates"]:
        replay = Replay(RunSettings.of(settings, rate, seed), data, learners)
        if before is not None:
            begin_with(replay.learner.model, before)
        found.append(_budget(replay, settings, rate, seed, data, sample))
        before = replay.variables() if order else None
        print(f"learning rate {rate:g}, seed {seed}: {len(found[-1]['moments'])} moments", flush=True)
    return found


def _budget(
    replay: Replay, settings: Mapping[str, Any], rate: float, seed: int, data: TensorData, sample: Sample
) -> dict[str, Any]:
    from lrbench.learning.training import weights_fingerprint

    in_window = remembers(settings["optimizer"])
    each = data.steps_per_epoch(settings["batch_size"])
    asked = stops(each, settings["epochs"], sample.steps, in_window)
    names, rates = moments(each, settings["epochs"]), learning_rate(RunSettings.of(settings, rate, seed), each)
    begun = weights_fingerprint(replay.learner.model.get_weights())
    seen: dict[int, dict[str, Any] | None] = {}
    places = {step: place for steps in asked.values() for place, step in enumerate(steps)}
    for step in replay.before(sorted(places)):
        with np.errstate(all="ignore"):
            if in_window:
                batches = [replay.batch(step), *sample.batches(seed, step, 1)]
            else:
                batches = sample.batches(seed, step, sample.steps)
            seen[step] = _at_state(replay, batches, in_window, places[step], data, settings, sample)
    return {
        "final_weights": weights_fingerprint(replay.learner.model.get_weights()),
        "initial_weights": begun,
        "learning_rate": float(rate),
        "moments": [
            _moment([seen[step] for step in steps], steps[-1] - steps[0] + 1, sample.batch)
            | {"learning_rate_now": rate_at(rates, end), "name": names[end], "states": len(steps), "step": end}
            for end, steps in asked.items()
        ],
        "seed": seed,
    }


def _at_state(
    replay: Replay,
    batches: Sequence[np.ndarray],
    in_window: bool,
    place: int,
    data: TensorData,
    settings: Mapping[str, Any],
    sample: Sample,
) -> dict[str, Any] | None:
    """What is measured of the optimizer's steps from the state that a run is in; None where that state is lost.

    in_window : whether the run makes the first of the steps, its own; the others then count in `second` alone
    place : among the states of the moment, from 0
    """
    expansion = sample.expansion
    variables, weights = replay.variables(), replay.learner.engine.weights()
    expansion.at(variables)
    losses, start = expansion.losses(), _vector(weights)
    if not (np.isfinite(losses).all() and np.isfinite(start).all()):
        return None
    gradient = expansion.gradient()
    looked_at = place % THINNED == 0
    of_batches = _of_batches(expansion, batches, data, settings["optimizer"]) if looked_at else None
    own = 1 if in_window else 0
    ends = list(replay.steps(batches[own:]))
    if in_window:
        ends.insert(0, replay.go_on())
    followed = 1 if in_window else len(ends)
    changes = np.array([_vector(end) for end in ends]) - start
    products = np.array([expansion.product(change, (place + k) % PARTS) for k, change in enumerate(changes[:followed])])
    measured = []
    for end in ends[:followed]:
        expansion.move_to(end)
        measured.append(float((expansion.losses() - losses).mean()))
    return {
        "first": changes[:followed] @ gradient,
        "loss": float(losses.mean()),
        "measured": np.array(measured),
        "second": products @ changes.T,
        "of_batches": of_batches,
    }


def _of_batches(
    expansion: Expansion, batches: Sequence[np.ndarray], data: TensorData, optimizer: Mapping[str, Any]
) -> tuple[float, float, np.ndarray]:
    """The moments of the minibatches' gradients; and the curvature of each minibatch's own loss along its gradient.

    The latter is empty where no threshold is known for it.
    """
    gradients, curvatures = [], []
    for places in batches:
        batch = _taken(data, places)
        gradients.append(expansion.batch_gradient(batch))
        if optimizer["name"] in SHARPNESS:
            product, square = expansion.batch_product(batch, gradients[-1]), gradients[-1] @ gradients[-1]
            curvatures.append(gradients[-1] @ product / square if square else math.nan)
    return *gradient_moments(np.array(gradients)), np.array(curvatures)


def _moment(found: Sequence[Mapping[str, Any] | None], length: int, batch: int) -> dict[str, Any]:
    """What a moment's states have to say; `terms` is null where a state is lost or a number is not finite.

    length : steps from the first state's to the last one's
    """
    moment: dict[str, Any] = {"loss": None, "noise_scale": None, "sharpness": None}
    kept = [one for one in found if one is not None]
    if len(kept) < len(found):
        return moment | {"terms": None}
    first, measured = (np.concatenate([one[key] for one in kept]) for key in ("first", "measured"))
    variances, squares, curvatures = zip(*(one["of_batches"] for one in kept if one["of_batches"]), strict=True)
    sharpness = np.concatenate(curvatures)
    in_window = len(kept[0]["first"]) == 1
    with np.errstate(all="ignore"):
        if in_window:
            own, cross = np.array([one["second"][0] for one in kept]).T
            losses = np.array([one["loss"] for one in kept])
            budget = of_window(first, own, cross, measured, losses, length)
        else:
            budget = of_one_state(first, kept[0]["second"], measured)
        scale = noise_scale(float(np.mean(variances)), float(np.mean(squares)), batch)
    moment["loss"] = float(np.mean([one["loss"] for one in kept]))
    moment["noise_scale"] = scale if scale is not None and math.isfinite(scale) else None
    moment["sharpness"] = _estimate(mean_of(sharpness, in_window)) if len(sharpness) else None
    return moment | {"terms": _as_json(budget)}


def _as_json(budget: Terms) -> dict[str, Any] | None:
    """The terms, None where one is not finite."""
    values = asdict(budget)
    uphill = values.pop("uphill")
    found = {name: _estimate(value) for name, value in values.items()}
    return found | {"uphill": uphill} if None not in found.values() else None


def _estimate(value: tuple[float, float] | None) -> dict[str, float] | None:
    if value is None or not all(map(math.isfinite, value)):
        return None
    return {"error": value[1], "value": value[0]}


def _taken(data: TensorData, places: np.ndarray) -> Any:
    import tensorflow as tf

    return tuple(tf.gather(part, places) for part in data.train)


def _vector(weights: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([one.ravel() for one in weights]).astype(float)
