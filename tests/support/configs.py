"""A right config, what its keys and optimizers are, and what reading one complains of."""

from __future__ import annotations

import pytest
from support.samples import tree

from lrbench.cli import main
from lrbench.errors import InputError
from lrbench.settings.experiment import read_experiments

BASE = {
    "experiment": "mine",
    "dataset": "{name: Digits, path: data}",
    "learning_rates": "[0.1, 0.01]",
    "seeds": "[0, 1]",
}
CONFIG = """\
experiment: mine
dataset: {name: Digits, path: data}
learning_rates: [0.01, 0.1]
seeds: [1, 0]
"""
FULL = """\
experiment: whole
title: Everything said
dataset:
  name: Digits
  path: data
  validation: holdout
  holdout_examples: 3
  train_examples: 5
model:
  hidden_units: []
optimizer:
  name: nesterov
  momentum: 0.5
learning_rates: [1, 1e-3]
seeds: [12, 5, 4]
epochs: 2
batch_size: 7
targets: [0.9, 0.8]
thresholds: {tie: 2e-2}
training_threads: 2
seeds_per_job: 5
"""
OPTIMIZERS = "adam, adamw, sgd, momentum, nesterov, rmsprop"
DATASET_KEYS = (
    "holdout_examples, holdout_share, image_shape, label, name, path, standardize, test_path, train_examples, "
    "transpose, validation"
)
KEYS = (
    "batch_size, dataset, epochs, experiment, initial_weights, learning_rate_schedule, learning_rates, model, "
    "optimizer, probes, range_test, search, seeds, seeds_per_job, step_budget, targets, thresholds, title, "
    "training_threads"
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


def check(folder, capsys):
    """Status and standard error of `lrbench check`, after seeing that it printed and wrote nothing else."""
    before = tree(folder)
    status = main(["check", str(folder / "config.yaml")])
    printed = capsys.readouterr()
    assert printed.out == ""
    assert tree(folder) == before
    return status, printed.err
