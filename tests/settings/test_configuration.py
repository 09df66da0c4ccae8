"""Config files that are wrong: each problem in one sentence, status 2, nothing written."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from support.configs import DATASET_KEYS, KEYS, OPTIMIZERS, check, config, refusal
from support.samples import tree

from lrbench.data.formats import GIVE
from lrbench.errors import InputError
from lrbench.places import PROJECT
from lrbench.settings.experiment import read_experiments

NAME_RULE = "must be 1 to 64 lower-case letters, digits, '-' or '_', the first a letter or digit"

PROBLEMS = {
    # unknown and missing keys
    ("epoch", "3"): f"epoch is no known key (did you mean epochs?); remove it or use one of {KEYS}",
    ("7", "3"): f"7 is no known key; remove it or use one of {KEYS}",
    ("dataset", "{name: D, path: data, size: 3}"): (
        f"dataset.size is no known key; remove it or use one of {DATASET_KEYS}"
    ),
    ("model", "{layers: [3]}"): "model.layers is no known key; remove it or use one of build, file, hidden_units",
    ("experiment", None): "experiment is missing; add it, text",
    ("dataset", None): "dataset is missing; add it, a mapping",
    ("dataset", "{path: data}"): "dataset.name is missing; add it, text",
    ("dataset", "{name: D}"): "dataset.path is missing; add it, text",
    ("learning_rates", None): "learning_rates is missing; add it, a list",
    ("seeds", None): "seeds is missing; add it, a list",
    ("optimizer", "{}"): f"optimizer.name is missing; add it, one of {OPTIMIZERS}",
    # wrong types
    ("experiment", "12"): "experiment is 12 but must be text; write it in quotes",
    ("title", "[a]"): "title is ['a'] but must be text",
    ("dataset", "MNIST"): "dataset is 'MNIST' but must be a mapping",
    ("model", "[128, 64]"): "model is [128, 64] but must be a mapping",
    ("model", "{hidden_units: 64}"): "model.hidden_units is 64 but must be a list",
    ("model", "{hidden_units: [8, x]}"): "model.hidden_units[1] is 'x' but must be a whole number",
    ("optimizer", "adam"): "optimizer is 'adam' but must be a mapping",
    ("optimizer", "{name: rmsprop, centered: 1}"): "optimizer.centered is 1 but must be true or false",
    ("optimizer", "{name: adam, beta_1: high}"): "optimizer.beta_1 is 'high' but must be a number",
    ("learning_rates", "0.1"): "learning_rates is 0.1 but must be a list",
    ("learning_rates", "[fast]"): "learning_rates[0] is 'fast' but must be a number",
    ("learning_rates", "[true]"): "learning_rates[0] is True but must be a number",
    ("seeds", "3"): "seeds is 3 but must be a list",
    ("seeds", "[0, 1.5]"): "seeds[1] is 1.5 but must be a whole number",
    ("seeds", "[1, 1.5]"): "seeds[1] is 1.5 but must be a whole number",
    ("epochs", "ten"): "epochs is 'ten' but must be a whole number",
    ("epochs", "2.5"): "epochs is 2.5 but must be a whole number",
    ("epochs", ""): "epochs is empty but must be a whole number",
    ("epochs", "true"): "epochs is True but must be a whole number",
    ("batch_size", "'32'"): "batch_size is '32' but must be a whole number",
    ("targets", "0.9"): "targets is 0.9 but must be a list or a mapping",
    ("targets", "{relative: 0.9}"): "targets.relative is 0.9 but must be a list",
    ("targets", "{relative: [high]}"): "targets.relative[0] is 'high' but must be a number",
    ("targets", "{}"): "targets.relative is missing; add it, a list",
    ("targets", "{relative: [0.9], absolute: [0.9]}"): (
        "targets.absolute is no known key; remove it or use one of relative"
    ),
    # out of range
    ("epochs", "0"): "epochs is 0 but must be 1 or more",
    ("epochs", "10001"): "epochs is 10001 but must be 10000 or less",
    ("batch_size", "-32"): "batch_size is -32 but must be 1 or more",
    ("learning_rates", "[0]"): "learning_rates[0] is 0 but must be greater than 0",
    ("learning_rates", "[-0.1]"): "learning_rates[0] is -0.1 but must be greater than 0",
    ("learning_rates", "[1000001]"): "learning_rates[0] is 1000001 but must be 1000000 or less",
    ("seeds", "[-1]"): "seeds[0] is -1 but must be 0 or more",
    ("seeds", "[4294967296]"): "seeds[0] is 4294967296 but must be 4294967295 or less",
    ("targets", "[0]"): "targets[0] is 0 but must be greater than 0",
    ("targets", "[1.01]"): "targets[0] is 1.01 but must be 1 or less",
    ("targets", "{relative: [0]}"): "targets.relative[0] is 0 but must be greater than 0",
    ("targets", "{relative: [95]}"): "targets.relative[0] is 95 but must be 1 or less",
    ("training_threads", "0"): "training_threads is 0 but must be 1 or more",
    ("seeds_per_job", "0"): "seeds_per_job is 0 but must be 1 or more",
    ("model", "{hidden_units: [0]}"): "model.hidden_units[0] is 0 but must be 1 or more",
    ("model", f"{{hidden_units: {[1] * 17}}}"): (f"model.hidden_units is {[1] * 17} but must have at most 16 items"),
    ("dataset", "{name: D, path: data, train_examples: 0}"): "dataset.train_examples is 0 but must be 1 or more",
    ("dataset", "{name: D, path: data, validation: holdout, holdout_examples: 0}"): (
        "dataset.holdout_examples is 0 but must be 1 or more"
    ),
    ("optimizer", "{name: adam, beta_1: 1}"): "optimizer.beta_1 is 1 but must be less than 1",
    ("optimizer", "{name: adam, epsilon: 0}"): "optimizer.epsilon is 0 but must be greater than 0",
    ("optimizer", "{name: momentum, momentum: 0}"): "optimizer.momentum is 0 but must be greater than 0",
    ("title", "''"): "title is '' but must not be empty",
    ("title", "x" * 501): f"title is '{'x' * 76}... but must have at most 500 characters",
    # choices
    ("initial_weights", "carried"): (
        "initial_weights is 'carried' but must be one of fresh, carried_over (did you mean carried_over?)"
    ),
    ("learning_rate_schedule", "cosine"): "learning_rate_schedule is 'cosine' but must be a mapping",
    ("learning_rate_schedule", "{name: cosin}"): (
        "learning_rate_schedule.name is 'cosin' but must be one of constant, linear_warmup, cosine, linear, step, "
        "exponential (did you mean cosine?)"
    ),
    ("learning_rate_schedule", "{name: cosine, warmup: 1}"): (
        "learning_rate_schedule.warmup is 1 but must be less than 1"
    ),
    ("learning_rate_schedule", "{name: constant, floor: 0.1}"): (
        "learning_rate_schedule.floor is no known key (floor is a parameter of cosine, linear, exponential); "
        "remove it or use one of name"
    ),
    ("learning_rate_schedule", "{name: step}"): "learning_rate_schedule.epochs is missing; add it, a list",
    ("learning_rate_schedule", "{name: step, epochs: [5, 10]}"): (
        "learning_rate_schedule.epochs has 10, but training ends after 10 epochs; name an epoch before the last, or "
        "set epochs higher"
    ),
    ("learning_rate_schedule", "{name: step, epochs: [0, 3, 3]}"): (
        "learning_rate_schedule.epochs has 3 2 times; write each once; "
        "learning_rate_schedule.epochs[0] is 0 but must be 1 or more"
    ),
    ("optimizer", "{name: adamax}"): (
        f"optimizer.name is 'adamax' but must be one of {OPTIMIZERS} (did you mean adam?)"
    ),
    ("dataset", "{name: D, path: data, validation: train}"): (
        "dataset.validation is 'train' but must be one of test, holdout, own"
    ),
    # parameters of another optimizer
    ("optimizer", "{name: adam, momentum: 0.9}"): (
        "optimizer.momentum is no known key (momentum is a parameter of momentum, nesterov, rmsprop); "
        "remove it or use one of beta_1, beta_2, epsilon, name"
    ),
    ("optimizer", "{name: adamw, rho: 0.9}"): (
        "optimizer.rho is no known key (rho is a parameter of rmsprop); "
        "remove it or use one of beta_1, beta_2, epsilon, name, weight_decay"
    ),
    ("optimizer", "{name: sgd, momentum: 0.9}"): (
        "optimizer.momentum is no known key (SGD with momentum is an optimizer of its own: write name: momentum); "
        "remove it or use one of name"
    ),
    ("optimizer", "{name: momentum, beta_1: 0.9}"): (
        "optimizer.beta_1 is no known key (beta_1 is a parameter of adam, adamw); "
        "remove it or use one of momentum, name"
    ),
    ("optimizer", "{name: nesterov, nesterov: true}"): (
        "optimizer.nesterov is no known key; remove it or use one of momentum, name"
    ),
    ("optimizer", "{name: rmsprop, beta_2: 0.9}"): (
        "optimizer.beta_2 is no known key (beta_2 is a parameter of adam, adamw); "
        "remove it or use one of centered, epsilon, momentum, name, rho"
    ),
    # numbers that float32 has not
    ("learning_rates", "[1e-300]"): (
        "learning_rates[0] is 1e-300 but must be 1.1754943508222875e-38 or more, the least that float32 holds in full"
    ),
    ("learning_rates", "[0.1, 1.17549435e-38]"): (
        "learning_rates[1] is 1.17549435e-38 but must be 1.1754943508222875e-38 or more, "
        "the least that float32 holds in full"
    ),
    ("learning_rates", "[0.1, 0.01, 0.1000000001]"): (
        "learning_rates has 0.1 and 0.1000000001, which are the same number in float32; write one of them"
    ),
    ("optimizer", "{name: adam, epsilon: 1e-300}"): (
        "optimizer.epsilon is 1e-300, which float32 does not hold in full; write 1.1754943508222875e-38 or more"
    ),
    ("optimizer", "{name: momentum, momentum: 0.99999999}"): (
        "optimizer.momentum is 0.99999999, which is 1 in float32; write a smaller number"
    ),
    # texts that show nothing
    ("title", "'  '"): "title is ' ', in which nothing is visible; write some words",
    ("title", '"\\u200b\\ufeff"'): "title is '\\u200b\\ufeff', in which nothing is visible; write some words",
    ("dataset", '{name: "\\u3164", path: data}'): (
        "dataset.name is '\u3164', in which nothing is visible; write some words"
    ),
    ("title", '"{problem}\\u0007"'): (
        "title is '{problem}\\x07', with the unprintable character '\\x07'; leave that out"
    ),
    # numbers that no float is, and several problems of one list
    ("learning_rates", f"[1{'0' * 400}]"): (f"learning_rates[0] is 1{'0' * 76}... but must be 1000000 or less"),
    ("seeds", "[3, 3, x]"): "seeds has 3 2 times; write each once; seeds[2] is 'x' but must be a whole number",
    # keys that are no text, or that begin like pydantic's own
    ("model", "{~: 1}"): "model.empty is no known key; remove it or use one of build, file, hidden_units",
    ("optimizer", '{name: adam, "\\0adam": 1}'): (
        "optimizer.\\x00adam is no known key; remove it or use one of beta_1, beta_2, epsilon, name"
    ),
    # numbers that are none
    ("learning_rates", "[.nan]"): "learning_rates[0] is nan, which is not a finite number; give a finite one",
    ("learning_rates", "[.inf]"): "learning_rates[0] is inf, which is not a finite number; give a finite one",
    ("learning_rates", "[1e999]"): "learning_rates[0] is inf, which is not a finite number; give a finite one",
    ("epochs", "-.inf"): "epochs is -inf, which is not a finite number; give a finite one",
    ("seeds", "[.nan]"): "seeds[0] is nan, which is not a finite number; give a finite one",
    ("optimizer", "{name: adam, beta_1: .nan}"): (
        "optimizer.beta_1 is nan, which is not a finite number; give a finite one"
    ),
    # empty lists
    ("learning_rates", "[]"): "learning_rates is [] but must have at least 1 item",
    ("seeds", "[]"): "seeds is [] but must have at least 1 item",
    ("targets", "[]"): "targets is [] but must have at least 1 item",
    ("targets", "{relative: []}"): "targets.relative is [] but must have at least 1 item",
    # duplicates, once canonical
    ("learning_rates", "[0.001, 1e-3]"): "learning_rates has 0.001 2 times; write each once",
    ("learning_rates", "[1, 1.0, 1e0]"): "learning_rates has 1 3 times; write each once",
    ("seeds", "[3, 0, 3]"): "seeds has 3 2 times; write each once",
    ("targets", "[0.9, 9e-1]"): "targets has 0.9 2 times; write each once",
    ("targets", "{relative: [0.9, 9e-1]}"): "targets.relative has 0.9 2 times; write each once",
    ("targets", "{relative: [.nan]}"): "targets.relative[0] is nan, which is not a finite number; give a finite one",
    # holdout
    ("dataset", "{name: D, path: data, validation: holdout}"): (
        "dataset.holdout_examples is missing; add it, or holdout_share, since dataset.validation is holdout"
    ),
    ("dataset", "{name: D, path: data, holdout_examples: 5}"): (
        "dataset.holdout_examples is given but dataset.validation is not holdout; remove one"
    ),
    ("dataset", "{name: D, path: data, holdout_share: 0.1}"): (
        "dataset.holdout_share is given but dataset.validation is not holdout; remove one"
    ),
    ("dataset", "{name: D, path: data, validation: holdout, holdout_share: 0.1, holdout_examples: 5}"): (
        "dataset.holdout_share is given beside holdout_examples; remove one"
    ),
    ("dataset", "{name: D, path: data, validation: holdout, holdout_share: 1}"): (
        "dataset.holdout_share is 1 but must be less than 1"
    ),
    # names of experiments
    ("experiment", "runs"): "experiment is 'runs', a name that lrbench keeps for itself; choose another",
    ("experiment", "index"): "experiment is 'index', a name that lrbench keeps for itself; choose another",
    ("experiment", "default"): "experiment is 'default', a name that lrbench keeps for itself; choose another",
    ("experiment", "a/b"): f"experiment is 'a/b' but {NAME_RULE}",
    ("experiment", "../mine"): f"experiment is '../mine' but {NAME_RULE}",
    ("experiment", "/tmp/mine"): f"experiment is '/tmp/mine' but {NAME_RULE}",  # noqa: S108 - nothing is written there
    ("experiment", "."): f"experiment is '.' but {NAME_RULE}",
    ("experiment", ".."): f"experiment is '..' but {NAME_RULE}",
    ("experiment", "-mine"): f"experiment is '-mine' but {NAME_RULE}",
    ("experiment", "mine/"): f"experiment is 'mine/' but {NAME_RULE}",
    ("experiment", "Mine"): f"experiment is 'Mine' but {NAME_RULE}",
    ("experiment", "''"): f"experiment is '' but {NAME_RULE}",
    ("experiment", '"mine\\n"'): f"experiment is 'mine\\n' but {NAME_RULE}",
    ("experiment", "a" * 65): f"experiment is '{'a' * 65}' but {NAME_RULE}",
    # paths and texts
    ("dataset", "{name: D, path: elsewhere}"): (
        f"dataset.path is 'elsewhere' but no such file or folder exists in .; {GIVE}"
    ),
    ("title", '"a\\u0007b"'): "title is 'a\\x07b', with the unprintable character '\\x07'; leave that out",
    ("dataset", '{name: "\\ud800", path: data}'): (
        "dataset.name is '\\ud800', with the unprintable character '\\ud800'; leave that out"
    ),
}


@pytest.mark.parametrize(("change", "problem"), PROBLEMS.items(), ids=lambda value: str(value)[:60])
def test_a_wrong_value_is_named_with_what_is_allowed(project, capsys, monkeypatch, change, problem):
    key, value = change
    (project / "config.yaml").write_text(config(**{key: value}), encoding="utf-8")
    assert refusal(project) == f"config.yaml: {problem}."
    monkeypatch.setattr("lrbench.commands.people.PROJECT", project)
    expected = f"lrbench: config.yaml: {' '.join(problem.split())}.\n"
    status, error = check(project, capsys)
    assert (status, error) == (2, expected)


@pytest.mark.parametrize("name", ["../mine", "a/b", "/mine", "..", "mine\n", "~"])
def test_a_name_of_the_command_line_leads_no_more_out_of_the_folder_than_one_of_a_file(project, name):
    (project / "config.yaml").write_text(config())
    with pytest.raises(InputError, match=r"^config\.yaml: experiment is .* but must be 1 to 64 lower-case letters"):
        read_experiments([project / "config.yaml"], {"experiment": name})


def test_all_problems_of_a_file_are_named_together(project, capsys):
    text = config(epochs="0", seeds="[2, 2]", experiment="runs", learning_rates="[.nan]", rate="3")
    (project / "config.yaml").write_text(text)
    assert check(project, capsys) == (
        2,
        "lrbench: config.yaml: learning_rates[0] is nan, which is not a finite number; give a finite one; "
        f"rate is no known key (did you mean learning_rates?); remove it or use one of {KEYS}; "
        "epochs is 0 but must be 1 or more; "
        "experiment is 'runs', a name that lrbench keeps for itself; choose another; "
        "seeds has 2 2 times; write each once.\n",
    )


@pytest.mark.parametrize(
    "text", [config(epochs="0"), "a: [\n", config(experiment='"\\ud800"'), "", config(title='"\\ud800"')]
)
def test_the_command_complains_in_one_line_without_traceback(project, text):
    (project / "config.yaml").write_text(text)
    before = tree(project)
    done = subprocess.run(
        [sys.executable, "-m", "lrbench", "check", "config.yaml"],
        cwd=project,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("lrbench: config.yaml")
    assert done.stderr.count("\n") == 1
    assert tree(project) == before


def test_thousands_of_problems_make_a_short_sentence(project, capsys):
    (project / "config.yaml").write_text(config(seeds="[" + "a," * 5_000 + "]"))
    status, error = check(project, capsys)
    assert status == 2
    assert error.startswith(f"lrbench: {os.path.relpath(project / 'config.yaml')}: seeds is ['a', 'a', ")
    assert len(error) < 3100
    assert error.endswith("; and 4981 more problems.\n")
