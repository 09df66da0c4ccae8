"""What the text of a config and of the command line is taken for, and what a misspelled key was to be."""

from __future__ import annotations

import operator
import os
import socket

import pytest
from support.configs import DATASET_KEYS, KEYS, OPTIMIZERS, config, refusal

from lrbench.cli import main
from lrbench.errors import InputError
from lrbench.settings.experiment import read_experiments
from lrbench.settings.yaml_files import command_line_values, read_yaml

PARAMETERS = "beta_1, beta_2, centered, epsilon, momentum, name, rho, weight_decay"
THRESHOLD_KEYS = (
    "backtrack, exploded_ratio, improvement, oscillation, overfit, plateau, relative_skill, "
    "rising_epochs, significance, slower, tie"
)
A_PROBE = "must be one of backpropagation, mistakes, range_test, step_budget"
MEANT = {  # what an unknown key was to be: at its own place, at another, in short, in other letters, as one word of it
    (
        "learning_rate",
        "[0.1]",
    ): f"learning_rate is no known key (did you mean learning_rates?); remove it or use one of {KEYS}",
    ("lr", "[0.1]"): f"lr is no known key (did you mean learning_rates?); remove it or use one of {KEYS}",
    ("Seeds", "[0]"): f"Seeds is no known key (did you mean seeds?); remove it or use one of {KEYS}",
    ("batch-size", "8"): f"batch-size is no known key (did you mean batch_size?); remove it or use one of {KEYS}",
    ("threads", "2"): f"threads is no known key (did you mean training_threads?); remove it or use one of {KEYS}",
    ("hidden_units", "[8]"): (
        f"hidden_units is no known key (did you mean model.hidden_units?); remove it or use one of {KEYS}"
    ),
    ("momentum", "0.9"): (
        f"momentum is no known key (did you mean optimizer.momentum?); remove it or use one of {KEYS}"
    ),
    ("name", "D"): (
        "name is no known key (did you mean dataset.name, optimizer.name or learning_rate_schedule.name?); "
        f"remove it or use one of {KEYS}"
    ),
    ("banana", "1"): f"banana is no known key; remove it or use one of {KEYS}",
    ("dataset", "{name: D, path: data, holdout: 3}"): (
        f"dataset.holdout is no known key (did you mean dataset.holdout_share?); remove it or use one of {DATASET_KEYS}"
    ),
    ("dataset", "{name: D, path: data, epochs: 3}"): (
        "dataset.epochs is no known key (did you mean learning_rate_schedule.epochs or epochs, "
        "at the top level?); "
        f"remove it or use one of {DATASET_KEYS}"
    ),
    ("dataset", "{name: D, path: data, validation: Hold-out}"): (
        "dataset.validation is 'Hold-out' but must be one of test, holdout, own (did you mean holdout?)"
    ),
    ("model", "{hidden_unit: [3]}"): (
        "model.hidden_unit is no known key (did you mean model.hidden_units?); remove it or use one of build, file, "
        "hidden_units"
    ),
    ("thresholds", "{ties: 0.1}"): (
        f"thresholds.ties is no known key (did you mean thresholds.tie?); remove it or use one of {THRESHOLD_KEYS}"
    ),
    ("optimizer", "{name: Adam}"): f"optimizer.name is 'Adam' but must be one of {OPTIMIZERS} (did you mean adam?)",
    ("optimizer", "{name: rmsprob}"): (
        f"optimizer.name is 'rmsprob' but must be one of {OPTIMIZERS} (did you mean rmsprop?)"
    ),
    ("optimizer", "{name: lamb}"): f"optimizer.name is 'lamb' but must be one of {OPTIMIZERS}",
    ("optimizer", "{name: sgd, nesterov: true}"): (
        "optimizer.nesterov is no known key (to choose nesterov, write name: nesterov); remove it or use one of name"
    ),
    ("optimizer", "{name: sgd, Momentum: 0.9}"): (
        "optimizer.Momentum is no known key (SGD with momentum is an optimizer of its own: write name: momentum); "
        "remove it or use one of name"
    ),
    ("optimizer", "{name: adam, beta1: 0.9}"): (
        "optimizer.beta1 is no known key (did you mean optimizer.beta_1?); "
        "remove it or use one of beta_1, beta_2, epsilon, name"
    ),
    ("optimizer", "{name: adam, learning_rate: 0.1}"): (
        "optimizer.learning_rate is no known key (did you mean learning_rates, at the top level?); "
        "remove it or use one of beta_1, beta_2, epsilon, name"
    ),
    ("optimizer", "{nmae: adam}"): (
        f"optimizer.name is missing; add it, one of {OPTIMIZERS}; optimizer.nmae is no known key "
        f"(did you mean optimizer.name?); remove it or use one of {PARAMETERS}"
    ),
    ("probes", "[backpropagate]"): f"probes[0] is 'backpropagate' but {A_PROBE} (did you mean backpropagation?)",
    ("probes", "[backprop]"): f"probes[0] is 'backprop' but {A_PROBE} (did you mean backpropagation?)",
    ("probes", "[back]"): f"probes[0] is 'back' but {A_PROBE} (did you mean backpropagation?)",
    ("probes", "[bac, [], {a: 1}]"): (
        f"probes[0] is 'bac' but {A_PROBE}; probes[1] is [] but {A_PROBE}; probes[2] is {{'a': 1}} but {A_PROBE}"
    ),
    ("probes", "[backpropagation, backpropagation]"): "probes has backpropagation 2 times; write each once",
    ("probes", "backpropagation"): "probes is 'backpropagation' but must be a list",
    ("probes", "null"): "probes is empty but must be a list",
    ("probe", "[backpropagation]"): f"probe is no known key (did you mean probes?); remove it or use one of {KEYS}",
    # what plain YAML reads as something else than it looks
    ("optimizer", "{name: rmsprop, centered: yes}"): "optimizer.centered is 'yes' but must be true or false",
    ("optimizer", "{name: off}"): f"optimizer.name is 'off' but must be one of {OPTIMIZERS}",
    ("epochs", "1:30"): "epochs is '1:30' but must be a whole number",
    ("seeds", "[0o17]"): "seeds[0] is '0o17' but must be a whole number",
    ("seeds", "[2024-01-01]"): "seeds[0] is '2024-01-01' but must be a whole number",
    ("seeds", "[1__0]"): "seeds[0] is '1__0' but must be a whole number",
    ("experiment", "1e5"): "experiment is 100000.0 but must be text; write it in quotes",
    ("title", "true"): "title is True but must be text; write it in quotes",
    ("=", "1"): f"= is no known key; remove it or use one of {KEYS}",
    ("<<", "{epochs: 3}"): f"<< is no known key; remove it or use one of {KEYS}",
}


@pytest.mark.parametrize(("change", "problem"), MEANT.items(), ids=lambda value: str(value)[:60])
def test_a_misspelled_key_or_value_is_answered_with_what_it_may_have_been(project, change, problem):
    key, value = change
    (project / "config.yaml").write_text(config(**{key: value}), encoding="utf-8")
    assert refusal(project) == f"config.yaml: {problem}."


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("010", 10),
        ("08", 8),
        ("-007", -7),
        ("1_000", 1000),
        ("1_000.5", 1000.5),
        ("0x10", 16),
        ("-0b11", -3),
        ("1.5e3", 1500.0),
        (".inf", float("inf")),
        ("True", True),
        ("false", False),
        ("~", None),
        ("", None),
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("y", "y"),
        ("12:30", "12:30"),
        ("1:2:3.5", "1:2:3.5"),
        ("0o10", "0o10"),
        ("2024-01-01", "2024-01-01"),
        ("2024-13-45", "2024-13-45"),
        ("2024_01", "2024_01"),
        ("1_00", "1_00"),
        ("=", "="),
        ("\u0661", "\u0661"),
        ("1\u0661", "1\u0661"),
    ],
)
def test_a_value_is_what_it_looks_like(project, written, read):
    (project / "config.yaml").write_text(f"title: {written}\n", encoding="utf-8")
    value = read_yaml(project / "config.yaml")["title"]
    assert (value, type(value)) == (read, type(read))


@pytest.mark.parametrize("key", ["yes", "no", "on", "off"])
def test_a_key_is_what_it_looks_like(project, key):
    (project / "config.yaml").write_text(f"{key}: 3\n")
    assert read_yaml(project / "config.yaml") == {key: 3}


COMMAND_LINES = {
    "title=2024": {"title": "2024"},
    'title="2024"': {"title": "2024"},
    "title='1e5'": {"title": "1e5"},
    "title=a=b": {"title": "a=b"},
    "title=Which: one?": {"title": "Which: one?"},
    "title=[draft] of mine": {"title": "[draft] of mine"},
    "title='[draft]'": {"title": "[draft]"},
    "title='": {"title": "'"},
    "title=": {"title": None},
    "title=''": {"title": None},
    "learning_rates=[0.1,1e-3]": {"learning_rates": ["0.1", "1e-3"]},
    'dataset={"name": "2024", "path": yes}': {"dataset": {"name": "2024", "path": "yes"}},
    "dataset={'name': '2024', 'path': 'toy.npz'}": {"dataset": {"name": "2024", "path": "toy.npz"}},
}


@pytest.mark.parametrize(("entry", "values"), COMMAND_LINES.items(), ids=COMMAND_LINES)
def test_values_of_the_command_line_are_text_as_it_was_written(entry, values):
    assert command_line_values([entry]) == values


def test_a_key_given_twice_on_the_command_line_is_refused():
    with pytest.raises(InputError, match=r"^--config gives 'title' twice; give it once\.$"):
        command_line_values(["title=a", "epochs=3", "title=b"])
    with pytest.raises(
        InputError, match=r"^--config dataset: the key 'name' is written twice; correct the YAML there\.$"
    ):
        command_line_values(["dataset={name: a, name: b}"])


READ_FROM_THE_COMMAND_LINE = {
    "title=2024": ("title", "2024"),
    'title="2024"': ("title", "2024"),
    "title=1e5": ("title", "1e5"),
    "title=yes": ("title", "yes"),
    "experiment=123": ("experiment", "123"),
    "experiment=007": ("experiment", "007"),
    'dataset={"name": "2024", "path": "data"}': ("dataset.name", "2024"),
    "dataset={name: 1.50, path: data}": ("dataset.name", "1.50"),
    "dataset={name: D, path: data, train_examples: 1e3}": ("dataset.train_examples", 1000),
    "epochs=010": ("epochs", 10),
    'epochs="3"': ("epochs", 3),
    "learning_rates=[1e-3,.5]": ("learning_rates", (0.001, 0.5)),
    "model={hidden_units: [8]}": ("model.hidden_units", (8,)),
    "optimizer={name: rmsprop, centered: True, rho: .5}": ("optimizer.centered", True),
    "optimizer={name: rmsprop, centered: true, rho: 5e-1}": ("optimizer.rho", 0.5),
}


@pytest.mark.parametrize(("entry", "expected"), READ_FROM_THE_COMMAND_LINE.items(), ids=READ_FROM_THE_COMMAND_LINE)
def test_text_of_the_command_line_is_a_number_only_where_one_is_asked_for(project, entry, expected):
    (project / "config.yaml").write_text(config())
    (experiment,) = read_experiments([project / "config.yaml"], command_line_values([entry])).values()
    key, value = expected
    assert operator.attrgetter(key)(experiment.config) == value


@pytest.mark.parametrize("kind", ["a named pipe", "a socket"])
def test_a_config_that_would_block_is_not_opened(project, capsys, kind):
    path = project / "config.yaml"
    if kind == "a named pipe":
        os.mkfifo(path)
    else:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind("config.yaml")
    assert main(["check", "config.yaml"]) == 2
    assert capsys.readouterr().err == (
        f"lrbench: config.yaml: is {kind}, which could be read only once; give a config file.\n"
    )


def test_many_unknown_keys_are_named_without_a_guess_at_each(project):
    (project / "config.yaml").write_text(config() + "".join(f"epoch{place}: 1\n" for place in range(21)))
    assert "did you mean" not in refusal(project)
    (project / "config.yaml").write_text(config() + "".join(f"epoch{place}: 1\n" for place in range(20)))
    assert refusal(project).count("did you mean epochs?") == 20
