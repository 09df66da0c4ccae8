"""A right config, and what its keys and optimizers are."""

from __future__ import annotations

BASE = {
    "experiment": "mine",
    "dataset": "{name: Digits, path: data}",
    "learning_rates": "[0.1, 0.01]",
    "seeds": "[0, 1]",
}
OPTIMIZERS = "adam, adamw, sgd, momentum, nesterov, rmsprop"
KEYS = (
    "batch_size, dataset, epochs, experiment, learning_rates, model, optimizer, seeds, seeds_per_job, targets, "
    "thresholds, title, training_threads"
)


def config(**changes):
    """A right config as YAML, some of its values replaced, None to leave one out."""
    values = BASE | changes
    return "".join(f"{key}: {value}\n" for key, value in values.items() if value is not None)
