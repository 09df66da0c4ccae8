"""The arguments of commands: each required, each of its own kind, refused in one sentence with status 2."""

from __future__ import annotations

import inspect
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.commands import arguments, complaint
from support.samples import SETTINGS, as_json, fuzz, tree

from lrbench.cli import main
from lrbench.commands import stages
from lrbench.flags import parser

FLAGS = [
    (command, flag.removeprefix("--").replace("-", "_"))
    for command in ("dataset", "train", "backpropagate", "aggregate", "analyse", "figures", "report")
    for flag in arguments(command)[1::2]
    if flag not in ("--templates", "--probes")  # one has a default, the other may name no file
]
JSON = ("split", "settings", "expect", "seeds", "plan", "analysis", "experiment")
JSON_FLAGS = [pair for pair in FLAGS if pair[1] in JSON]


def test_the_flags_of_a_command_are_the_parameters_of_its_function():
    (commands,) = (action.choices for action in parser()._actions if isinstance(action.choices, dict))
    flags, parameters = {}, {}
    for name, command in commands.items():
        flags[name] = {action.dest for action in command._actions} - {"help"}
        parameters[name] = set(inspect.signature(command.get_default("handler")).parameters)
    assert flags == parameters
    assert len(flags) >= 13


@pytest.mark.parametrize(("command", "flag"), FLAGS)
def test_every_argument_is_required(work, capsys, command, flag):
    error = complaint(work, capsys, arguments(command, **{flag: None}))
    name = flag.replace("_", "-")
    assert error.endswith(f"lrbench {command}: error: the following arguments are required: --{name}\n")


@pytest.mark.parametrize(("command", "flag"), FLAGS)
def test_every_argument_needs_a_value(work, capsys, command, flag):
    call = arguments(command, **{flag: None})
    error = complaint(work, capsys, [*call, f"--{flag.replace('_', '-')}"])
    assert f"error: argument --{flag.replace('_', '-')}: expected " in error


@pytest.mark.parametrize("text", ["", "{", "[0,]", "NaN", "[1e999]", '"\\ud800"', "'a'", "1" * 5000, "[" * 100000])
@pytest.mark.parametrize(("command", "flag"), JSON_FLAGS)
def test_text_that_is_no_json_is_a_usage_error(work, capsys, command, flag, text):
    error = complaint(work, capsys, arguments(command, **{flag: text}))
    assert error.endswith(f"lrbench {command}: error: argument --{flag}: {text[:60]!r} is not JSON\n")


OPTIMIZERS = "adam, adamw, sgd, momentum, nesterov, rmsprop"
SHAPES = {
    ("dataset", "split", "[]"): "the whole is [] but must be a mapping",
    ("dataset", "split", "{}"): (
        "train_examples is missing; add it, a whole number or null; validation is missing; add it, a mapping"
    ),
    ("dataset", "split", '{"train_examples": null, "validation": {"protocol": "holdout", "examples": null}}'): (
        "validation.examples is empty but must be a whole number"
    ),
    ("dataset", "split", '{"train_examples": 0, "validation": {"protocol": "none", "examples": 1.0}}'): (
        "train_examples is 0 but must be 1 or more; "
        "validation.examples is 1.0 but must be a whole number or null; "
        "validation.protocol is 'none' but must be one of test, holdout, own"
    ),
    ("train", "seeds", '{"a": 1}'): "the whole is {'a': 1} but must be a list",
    ("train", "seeds", "0"): "the whole is 0 but must be a list",
    ("train", "seeds", "[]"): "the whole is [] but must have at least 1 item",
    ("train", "seeds", "[0, 0]"): "the whole has 0 2 times; write each once",
    ("train", "seeds", '["0"]'): "[0] is '0' but must be a whole number",
    ("train", "seeds", "[1.0]"): "[0] is 1.0 but must be a whole number",
    ("train", "seeds", "[-1]"): "[0] is -1 but must be 0 or more",
    ("train", "settings", "[]"): "the whole is [] but must be a mapping",
    ("train", "settings", as_json(SETTINGS | {"epochs": 2.0})): "epochs is 2.0 but must be a whole number",
    ("train", "settings", as_json(SETTINGS | {"device": "gpu"})): "device is 'gpu' but must be one of cpu",
    (
        "train",
        "settings",
        as_json(SETTINGS | {"model": {"hidden_units": 3}}),
    ): "model.hidden_units is 3 but must be a list",
    ("train", "settings", as_json(SETTINGS | {"optimizer": {"name": "lion"}})): (
        f"optimizer.name is 'lion' but must be one of {OPTIMIZERS}"
    ),
    ("train", "settings", as_json(SETTINGS | {"optimizer": SETTINGS["optimizer"] | {"beta_1": 0.9}})): (
        "optimizer.beta_1 is no known key (beta_1 is a parameter of adam, adamw); remove it or use one of keras, name"
    ),
    ("train", "settings", as_json(SETTINGS | {"optimizer": {"name": "sgd", "keras": {"class": "Adam"}}})): (
        "optimizer.keras is {'class': 'Adam'} but must be {'class': 'SGD'}"
    ),
    ("train", "settings", as_json(SETTINGS | {"optimizer": {"name": "momentum", "keras": {"class": "SGD"}}})): (
        "optimizer.momentum is missing; add it, a number"
    ),
    ("train", "settings", as_json({k: v for k, v in SETTINGS.items() if k != "threads"})): (
        "threads is missing; add it, a whole number"
    ),
    ("train", "expect", "{}"): "code is missing; add it, text; versions is missing; add it, a mapping",
    (
        "train",
        "expect",
        '{"code": "c", "versions": {"keras": 3}}',
    ): "versions.keras is 3 but must be text; write it in quotes",
    ("aggregate", "plan", "[0.1]"): "the whole is [0.1] but must be a mapping",
    ("aggregate", "plan", '{"learning_rates": [0], "seeds": [0]}'): (
        "learning_rates[0] is 0 but must be greater than 0"
    ),
    ("aggregate", "settings", "null"): "the whole is empty but must be a mapping",
    ("figures", "settings", "7"): "the whole is 7 but must be a mapping",
    ("figures", "plan", '{"learning_rates": [], "seeds": [0]}'): ("learning_rates is [] but must have at least 1 item"),
    ("report", "experiment", '{"name": "mine", "title": 3}'): (
        "config is missing; add it, text; dataset_name is missing; add it, text; yaml is missing; add it, text; title "
        "is 3 but must be text; write it in quotes"
    ),
}


@pytest.mark.parametrize(("call", "problem"), SHAPES.items(), ids=lambda value: str(value)[:50])
def test_json_of_another_shape_is_refused_in_one_sentence(work, capsys, call, problem):
    command, flag, text = call
    assert complaint(work, capsys, arguments(command, **{flag: text})) == f"lrbench: --{flag}: {problem}.\n"


@pytest.mark.parametrize("text", ["0", "-0.1", "nan", "inf", "1e-400"])
def test_a_learning_rate_is_a_number_above_0(work, capsys, text):
    error = complaint(work, capsys, arguments("train", learning_rate=f"{text}"))
    assert error.endswith(f"error: argument --learning-rate: {text!r} is not a number greater than 0\n")


def test_a_learning_rate_has_all_its_digits_in_float32(work, capsys):
    error = complaint(work, capsys, arguments("train", learning_rate="1e-300"))
    assert error.endswith("'1e-300' is less than 1.1754943508222875e-38, the least that float32 holds in full\n")


def test_a_learning_rate_in_words_is_refused(work, capsys):
    error = complaint(work, capsys, arguments("train", learning_rate="fast"))
    assert error.endswith("error: argument --learning-rate: invalid learning_rate value: 'fast'\n")


@pytest.mark.parametrize("text", ["", ".", "/"])
@pytest.mark.parametrize("command", ["dataset", "train", "report"])
def test_an_output_needs_a_name(work, capsys, command, text):
    error = complaint(work, capsys, arguments(command, output=text))
    assert error.endswith(f"error: argument --output: {text!r} is not the name of a file\n")


def test_complaints_of_arguments_are_bounded_and_printable(work, capsys):
    error = complaint(work, capsys, [*arguments("dataset"), "--\x1b[31m", *(["x"] * 5_000)])
    last = error.splitlines()[-1]
    assert last.startswith("lrbench: error: unrecognized arguments: --\\x1b[31m x x")
    assert len(last) < 3100


ANY_JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-1, 3),
        st.floats(),
        st.text(max_size=4),
        st.sampled_from(["test", "sgd"]),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*SETTINGS, "protocol", "examples", "name", "code", "versions", "seeds", "learning_rates"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@fuzz(100)
@given(call=st.sampled_from(JSON_FLAGS), value=ANY_JSON)
def test_any_json_is_taken_or_refused(tmp_path, monkeypatch, call, value):
    monkeypatch.chdir(tmp_path)
    command, flag = call
    reached = []

    def handler(*probe, **given):
        reached.append(given[flag])

    handler.__name__ = command
    monkeypatch.setattr(stages, "probe" if command == "backpropagate" else command, handler)
    try:
        status = main(arguments(command, **{flag: json.dumps(value)}))
    except SystemExit as ended:
        status = ended.code
    assert (status, reached) in [(2, []), (0, [value])]
    assert tree(tmp_path) == {}
