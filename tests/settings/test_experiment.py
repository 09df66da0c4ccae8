"""What a right config becomes."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.configs import CONFIG, FULL
from support.histories import THRESHOLDS
from support.samples import BOUNDED, FEW

from lrbench.data.formats import GIVE, dataset_files
from lrbench.errors import InputError
from lrbench.settings.experiment import read_experiments
from lrbench.settings.targets import foreign_targets
from lrbench.tables import analysis as written
from lrbench.tables.names import ANALYSIS_TABLES
from lrbench.wording import rate_label


def read(folder, text, overrides=None):
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    (experiment,) = read_experiments([folder / "config.yaml"], overrides).values()
    return experiment


ADAM = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}


def test_what_is_left_out_has_its_default(project):
    experiment = read(project, CONFIG)
    assert (experiment.name, experiment.title, experiment.dataset_name) == ("mine", "mine", "Digits")
    assert (experiment.dataset_path, experiment.config_path) == ("data", "config.yaml")
    assert experiment.training_settings == {
        "batch_size": 32,
        "device": "cpu",
        "epochs": 10,
        "model": {"hidden_units": [128, 64]},
        "optimizer": {"name": "adam", "keras": {"class": "Adam"}, **ADAM},
        "threads": 1,
        "train_examples": None,
        "validation": {"protocol": "test", "examples": None},
    }
    assert experiment.plan == {"learning_rates": [0.01, 0.1], "seeds": [0, 1]}
    assert experiment.analysis_settings == {"targets": {"relative": [0.95, 0.99]}, "thresholds": THRESHOLDS}
    assert experiment.seeds_per_job == 5


def test_what_is_written_is_kept(project):
    experiment = read(project, FULL)
    assert (experiment.name, experiment.title, experiment.dataset_name) == ("whole", "Everything said", "Digits")
    assert (experiment.dataset_path, experiment.config_path) == ("data", "config.yaml")
    assert experiment.training_settings == {
        "batch_size": 7,
        "device": "cpu",
        "epochs": 2,
        "model": {"hidden_units": []},
        "optimizer": {"name": "nesterov", "keras": {"class": "SGD", "nesterov": True}, "momentum": 0.5},
        "threads": 2,
        "train_examples": 5,
        "validation": {"protocol": "holdout", "examples": 3},
    }
    assert experiment.plan == {"learning_rates": [0.001, 1.0], "seeds": [4, 5, 12]}
    assert experiment.analysis_settings == {"targets": [0.8, 0.9], "thresholds": THRESHOLDS | {"tie": 0.02}}
    assert experiment.seeds_per_job == 5


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("adam", {"keras": {"class": "Adam"}, **ADAM}),
        ("adamw", {"keras": {"class": "AdamW"}, "weight_decay": 0.004, **ADAM}),
        ("sgd", {"keras": {"class": "SGD"}}),
        ("momentum", {"keras": {"class": "SGD"}, "momentum": 0.9}),
        ("nesterov", {"keras": {"class": "SGD", "nesterov": True}, "momentum": 0.9}),
        (
            "rmsprop",
            {"keras": {"class": "RMSprop"}, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False},
        ),
    ],
)
def test_each_optimizer_has_its_own_parameters(project, name, expected):
    settings = read(project, CONFIG + f"optimizer: {{name: {name}}}\n").training_settings
    assert settings["optimizer"] == {"name": name} | expected


@pytest.mark.parametrize(
    ("given_text", "key", "expected"),
    [
        ("{name: adam, beta_1: 0}", "beta_1", 0.0),
        ("{name: adamw, weight_decay: 1e-2}", "weight_decay", 0.01),
        ("{name: momentum, momentum: 0.5}", "momentum", 0.5),
        ("{name: rmsprop, centered: true}", "centered", True),
        ("{name: rmsprop, epsilon: 1}", "epsilon", 1.0),
    ],
)
def test_a_parameter_that_is_given_replaces_its_default(project, given_text, key, expected):
    value = read(project, CONFIG + f"optimizer: {given_text}\n").training_settings["optimizer"][key]
    assert (value, type(value)) == (expected, type(expected))


def test_probes_are_no_part_of_what_is_trained_or_concluded(project):
    asked, plain = read(project, CONFIG), read(project, CONFIG + "probes: []\n")
    assert (asked.probes, plain.probes) == (("backpropagation", "mistakes"), ())
    for name in ("training_settings", "plan", "analysis_settings", "split_settings"):
        assert getattr(asked, name) == getattr(plain, name)
    assert read(project, CONFIG, {"probes": []}).probes == ()


def test_whole_numbers_may_be_written_as_decimals(project):
    experiment = read(project, CONFIG.replace("seeds: [1, 0]", "seeds: [1.0, 0]") + "epochs: 1e1\n")
    assert (experiment.epochs, experiment.seeds) == (10, (0, 1))
    assert type(experiment.epochs) is int


@pytest.mark.parametrize(
    ("seeds", "per_job", "expected"),
    [
        ([0, 1, 2, 3, 4], 5, {0: (0, 1, 2, 3, 4)}),
        ([4, 5, 12], 5, {0: (4,), 1: (5,), 2: (12,)}),
        ([9, 3, 4, 2], 2, {1: (2, 3), 2: (4,), 4: (9,)}),
        ([7], 1, {7: (7,)}),
    ],
)
def test_block_k_holds_the_seeds_with_seed_over_seeds_per_job_k(project, seeds, per_job, expected):
    text = CONFIG.replace("[1, 0]", str(seeds)) + f"seeds_per_job: {per_job}\n"
    assert read(project, text).blocks() == expected


@given(
    seeds=st.sets(st.integers(0, 50), min_size=1, max_size=8),
    more=st.integers(0, 50),
    per_job=st.integers(1, 9),
)
@FEW
def test_another_seed_touches_its_own_block_only(project, seeds, more, per_job):
    def blocks(chosen):
        return read(project, CONFIG.replace("[1, 0]", str(sorted(chosen))) + f"seeds_per_job: {per_job}\n").blocks()

    before, after = blocks(seeds), blocks(seeds | {more})
    assert {k: v for k, v in after.items() if k != more // per_job} == {
        k: v for k, v in before.items() if k != more // per_job
    }
    assert sorted(seed for block in before.values() for seed in block) == sorted(seeds)


def test_order_and_comments_change_nothing(project):
    reordered = """\
# the same, told in another order
seeds_per_job: 5
seeds: [5, 4, 12]
targets: [8.0e-1, 0.9]
thresholds: {tie: 0.02}
optimizer: {momentum: .5, name: nesterov}   # as before
learning_rates:
  - 0.001
  - 1.0
training_threads: 2
model: {hidden_units: []}
epochs: 2
dataset: {train_examples: 5, holdout_examples: 3, validation: holdout, path: "data", name: 'Digits'}
title: "Everything said"
batch_size: 7
experiment: whole
"""
    assert read(project, reordered) == read(project, FULL)


@given(lines=st.permutations(CONFIG.splitlines()))
@FEW
def test_any_order_of_keys_gives_the_same_experiment(project, lines):
    assert read(project, "\n".join(lines)) == read(project, CONFIG)


def test_overrides_replace_what_the_file_says(project):
    overrides = {"learning_rates": ["0.5", "1e-3"], "epochs": "3", "dataset": {"name": "Other", "path": "data"}}
    experiment = read(project, FULL, overrides)
    assert (experiment.learning_rates, experiment.epochs, experiment.dataset_name) == ((0.001, 0.5), 3, "Other")
    assert experiment.training_settings["validation"] == {"protocol": "test", "examples": None}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("[0.9, 8e-1]", [0.8, 0.9]),
        ("{relative: [1, 9e-1]}", {"relative": [0.9, 1.0]}),
    ],
)
def test_targets_are_accuracies_or_shares(project, written, expected):
    assert read(project, CONFIG + f"targets: {written}\n").analysis_settings["targets"] == expected


def test_shares_may_stand_on_the_command_line(project):
    targets = read(project, FULL, {"targets": {"relative": ["9e-1"]}}).analysis_settings["targets"]
    assert targets == {"relative": [0.9]}


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        ({"epochs": "none"}, "epochs is 'none' but must be a whole number"),
        ({"learning_rates": [0.1, "1e-1"]}, "learning_rates has 0.1 2 times; write each once"),
        (
            {"experiment": "a/b"},
            "experiment is 'a/b' but must be 1 to 64 lower-case letters, digits, '-' or '_', "
            "the first a letter or digit",
        ),
    ],
)
def test_overrides_are_checked_like_the_file(project, overrides, problem):
    with pytest.raises(InputError) as caught:
        read(project, CONFIG, overrides)
    assert str(caught.value) == f"config.yaml: {problem}."


def test_two_files_need_two_names(project):
    for name in ("a.yaml", "b.yaml"):
        (project / name).write_text(CONFIG)
    with pytest.raises(InputError) as caught:
        read_experiments(["a.yaml", "b.yaml"])
    assert str(caught.value) == "b.yaml: experiment 'mine' is also the name in a.yaml; give each its own name."
    (project / "b.yaml").write_text(CONFIG.replace("mine", "other"))
    assert list(read_experiments(["a.yaml", "b.yaml"])) == ["mine", "other"]


def test_a_relative_path_is_looked_for_in_each_folder_in_turn(project):
    (project / "config.yaml").write_text(CONFIG.replace("path: data", "path: sets/mine"))
    (project / "first").mkdir()
    (project / "second" / "sets" / "mine").mkdir(parents=True)
    (experiment,) = read_experiments(["config.yaml"], folders=("first", "second")).values()
    assert experiment.dataset_path == os.path.join("second", "sets", "mine")
    with pytest.raises(InputError) as caught:
        read_experiments(["config.yaml"], folders=("first", ".", "first"))
    assert str(caught.value) == (
        f"config.yaml: dataset.path is 'sets/mine' but no such file or folder exists in . or first; {GIVE}."
    )


def test_the_config_s_own_folder_comes_first(project):
    (project / "own").mkdir()
    (project / "own" / "data").mkdir()
    (project / "own" / "config.yaml").write_text(CONFIG)
    (experiment,) = read_experiments(["own/config.yaml"], folders=(".",)).values()
    assert experiment.dataset_path == os.path.join("own", "data")


def test_an_absolute_path_stays_one(project):
    text = CONFIG.replace("path: data", f"path: {project / 'data'}")
    assert read(project, text).dataset_path == str(project / "data")


def test_plain_files_come_before_gzipped_ones_and_a_missing_one_is_named_plain(project):
    for name in ("train-images-idx3-ubyte", "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"):
        (project / "data" / name).touch()
    assert dataset_files("data") == (
        "data/train-images-idx3-ubyte",
        "data/train-labels-idx1-ubyte.gz",
        "data/t10k-images-idx3-ubyte",
        "data/t10k-labels-idx1-ubyte",
    )
    assert dataset_files("data/mine.npz") == ("data/mine.npz",)


@pytest.mark.parametrize(
    ("rate", "label"), [(0.1, "0.1"), (1e-3, "0.001"), (1.0, "1"), (1e-5, "1e-05"), (1000000.0, "1000000")]
)
def test_rates_have_one_label(rate, label):
    assert rate_label(rate) == label


@given(rate=st.floats(min_value=0, max_value=1e6, exclude_min=True))
@BOUNDED
def test_a_label_reads_back_as_its_rate(rate):
    assert float(rate_label(rate)) == rate


FOREIGN = {
    "results/other/rates.csv": "the experiment 'other' is not among those of this call, which are mine (in a.yaml) and "
    "whole (in b.yaml); give the config file that has it, by --configfile after the target.",
    "reports/other.html": "the experiment 'other' is not among those of this call, which are mine (in a.yaml) and "
    "whole (in b.yaml); give the config file that has it, by --configfile after the target.",
    "results/mine/training/lr-7/block-0.json": "the experiment mine makes no such file; ask for one that it makes.",
}


@pytest.mark.parametrize("target", FOREIGN)
def test_a_target_that_no_experiment_has_is_named(project, target):
    (project / "a.yaml").write_text(CONFIG)
    (project / "b.yaml").write_text(FULL)
    experiments = read_experiments(["a.yaml", "b.yaml"])
    others = ["all", "verify", "results/mine/rates.csv", "./results/mine/rates.csv", "elsewhere/results/other.csv"]
    assert foreign_targets([*others, target], ["results/mine/rates.csv"], experiments) == [
        f"{target}: {FOREIGN[target]}"
    ]


def test_the_workflow_names_the_tables_that_analysis_writes():
    assert tuple(written.ANALYSIS_TABLES) == ANALYSIS_TABLES
