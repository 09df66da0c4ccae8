"""Experiments whose weights are carried over, and the one that each is set against: the same, with fresh weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from lrbench.errors import InputError
from lrbench.settings.carried_over import COMPANION
from lrbench.settings.experiment import Experiment


def companion(experiment: Experiment) -> Experiment | None:
    """The same experiment with fresh weights at every rate; None where weights are not carried over."""
    if not experiment.order:
        return None
    changes = {
        "experiment": experiment.name + COMPANION,
        "initial_weights": "fresh",
        "title": f"{experiment.title}, each rate from fresh weights",
    }
    config = experiment.config.model_copy(update=changes)
    return dataclasses.replace(experiment, config=config, order=(), companion_of=experiment.name)


def with_companions(experiments: Mapping[str, Experiment]) -> dict[str, Experiment]:
    """The experiments, each that needs one followed by the experiment that it is set against.

    Raises InputError where such a one has the name of another experiment.
    """
    found: dict[str, Experiment] = {}
    for experiment in experiments.values():
        beside = companion(experiment)
        for one in filter(None, (experiment, beside)):
            if one.name in found or (one is beside and one.name in experiments):
                raise InputError(
                    f"{experiment.config_path}: the experiment {experiment.name} is set against one of the name "
                    f"{experiment.name}{COMPANION}, which another config has; give that another name."
                )
            found[one.name] = one
    return found
