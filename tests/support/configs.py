"""A right config, what its keys and optimizers are, and what reading one complains of."""

from __future__ import annotations

import pytest

from lrbench.errors import InputError
from lrbench.settings.experiment import read_experiments

BASE = {
    "experiment": "mine",
    "dataset": "{name: Digits, path: data}",
    "learning_rates": "[0.1, 0.01]",
    "seeds": "[0, 1]",
}
OPTIMIZERS = "adam, adamw, sgd, momentum, nesterov, rmsprop"
DATASET_KEYS = (
    "holdout_examples, holdout_share, image_shape, label, name, path, standardize, test_path, train_examples, "
    "transpose, validation"
)
KEYS = (
    "batch_size, dataset, epochs, experiment, learning_rate_schedule, learning_rates, model, optimizer, probes, seeds, "
    "seeds_per_job, targets, thresholds, title, training_threads"
)


def config(**changes):
    """A right config as YAML, some of its values replaced, None to leave one out."""
    values = BASE | changes
    return "".join(f"{key}: {value}\n" for key, value in values.items() if value is not None)


def refusal(folder):
    """What reading the folder's config complains of."""
    with pytest.raises(InputError) as caught:
        read_experiments([folder / "config.yaml"])
    return str(caught.value)
