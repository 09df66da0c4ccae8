"""Configs of studies: variants made from a base, every problem said at once with its variant, names taken once."""

from __future__ import annotations

import pytest
import yaml
from support.configs import CONFIG

from lrbench.cli import main
from lrbench.errors import InputError
from lrbench.settings.arguments import Study as StudyArgument
from lrbench.settings.merging import merged_settings
from lrbench.settings.problems import checked
from lrbench.settings.study import names_in, read_configs
from lrbench.workspace.launch import record_configs, refuse_other_configs

BASE = {"dataset": {"name": "Digits", "path": "data"}, "learning_rates": [0.1, 0.01], "seeds": [0, 1]}


def study(work, **keys):
    """What reading a study's config gives."""
    (work / "study.yaml").write_text(yaml.safe_dump({"study": "s", "base": BASE} | keys, sort_keys=False))
    return read_configs(["study.yaml"])


def refusal(work, **keys):
    with pytest.raises(InputError) as caught:
        study(work, **keys)
    return str(caught.value)


def test_variants_are_the_base_with_their_changes(work):
    asked = study(work, title="T", variants={"a": {}, "b": {"epochs": 3, "title": "B", "optimizer": {"name": "sgd"}}})
    assert list(asked.experiments) == ["s-a", "s-b"]
    one, other = asked.experiments.values()
    assert (one.title, one.epochs, one.config.optimizer.name) == ("T: a", 10, "adam")
    assert (other.title, other.epochs, other.config.optimizer.name) == ("B", 3, "sgd")
    assert asked.studies["s"].variants[1].changes == "epochs: 3, title: B, optimizer: {name: sgd}"
    assert asked.studies["s"].axis is None
    assert asked.configs == dict.fromkeys(["s-a", "s-b", "s"], "study.yaml")
    assert asked.pages == ["s"]


def test_an_axis_of_numbers_ascends(work):
    asked = study(work, vary={"batch_size": [128, 2, 16]}).studies["s"]
    assert asked.axis == "batch_size"
    assert [(one.name, one.label, one.value) for one in asked.variants] == [
        ("2", "batch size 2", 2.0),
        ("16", "batch size 16", 16.0),
        ("128", "batch size 128", 128.0),
    ]


def test_an_axis_may_be_a_key_in_a_section_and_have_no_numbers(work):
    asked = study(work, vary={"model.hidden_units": [[8], [16, 4], []]}).studies["s"]
    assert [(one.name, one.label, one.value) for one in asked.variants] == [
        ("8", "hidden units 8", None),
        ("16-4", "hidden units 16–4", None),
        ("none", "hidden units none", None),
    ]
    assert asked.variants[1].experiment.training_settings["model"] == {"hidden_units": [16, 4]}
    names = study(work, vary={"optimizer.name": ["sgd", "adam"]}).studies["s"]
    assert [one.experiment.config.optimizer.name for one in names.variants] == ["sgd", "adam"]


def test_sections_are_merged_but_for_another_kind():
    base = {"optimizer": {"name": "adam", "beta_1": 0.8}, "dataset": {"name": "D", "path": "d", "train_examples": 5}}
    assert merged_settings(base, {"optimizer": {"beta_2": 0.9}})["optimizer"] == base["optimizer"] | {"beta_2": 0.9}
    assert merged_settings(base, {"optimizer": {"name": "sgd"}})["optimizer"] == {"name": "sgd"}
    assert merged_settings(base, {"dataset": {"name": "E"}})["dataset"] == base["dataset"] | {"name": "E"}
    model = {"model": {"hidden_units": [8]}}
    assert merged_settings(model, {"model": {"file": "m.py"}})["model"] == {"file": "m.py"}
    assert merged_settings(model, {"model": {"hidden_units": [4]}})["model"] == {"hidden_units": [4]}
    assert merged_settings({"model": {"file": "m.py"}}, {"model": {"build": "b"}})["model"]["file"] == "m.py"


def test_every_problem_is_said_with_its_variants(work):
    text = refusal(work, base=BASE | {"epochs": 0}, variants={"a": {"batch_size": 0}, "b": {"seeds": []}, "c": {}})
    assert text == (
        "study.yaml: in variant a, batch_size is 0 but must be 1 or more; in every variant, epochs is 0 but must be 1 "
        "or more; in variant b, seeds is [] but must have at least 1 item."
    )


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({}, "variants and vary are both missing; add one"),
        ({"variants": {"a": {}, "b": {}}, "vary": {"epochs": [1, 2]}}, "variants and vary are both given; remove one"),
        ({"variants": {"a": {}}}, "the study has 1 variant but must have 2 to 20"),
        ({"variants": {"a": {}, "B": {}}}, "variants has 'B' but a name must be 1 to 64 lower-case letters"),
        ({"variants": {"a": {}, "b": 3}}, "variants.b is 3 but must be a mapping"),
        ({"variants": {"a": {}, "b": {"experiment": "x"}}}, "variants.b.experiment is given"),
        ({"vary": {"epochs": [1, 2], "seeds": [1]}}, "vary has 2 keys but must have one"),
        ({"vary": {"epochs": 3}}, "vary.epochs is 3 but must be a list"),
        ({"vary": {"optimizer": [{"name": "sgd"}, 1]}}, "vary.optimizer has {'name': 'sgd'} but must have numbers"),
        ({"vary": {"epochs": [1, 1]}}, "vary has 2 values that are called '1'; write each once"),
        ({"vary": {"experiment": [1, 2]}}, "vary.experiment is no key that varies"),
        ({"vary": {"nix": [1, 2]}}, "in every variant, nix is no known key"),
        ({"base": 3, "vary": {"epochs": [1, 2]}}, "base is 3 but must be a mapping"),
        ({"base": BASE | {"experiment": "x"}, "vary": {"epochs": [1, 2]}}, "base.experiment is given"),
        ({"study": "Big", "vary": {"epochs": [1, 2]}}, "study is 'Big' but must be 1 to 64 lower-case letters"),
        ({"more": 1, "vary": {"epochs": [1, 2]}}, "more is no known key"),
    ],
)
def test_a_wrong_study_is_refused_in_a_sentence(work, keys, text):
    said = refusal(work, **keys)
    assert said.startswith("study.yaml: ")
    assert text in said
    assert said.endswith(".")


def test_names_are_taken_once(work):
    study(work, vary={"epochs": [1, 2]})
    (work / "one.yaml").write_text(CONFIG.replace("mine", "s-1"))
    (work / "whole.yaml").write_text(CONFIG.replace("mine", "s"))
    for other, name in (("one.yaml", "experiment 's-1'"), ("whole.yaml", "experiment 's'")):
        with pytest.raises(InputError, match=rf"{other}: {name} is also the name in study.yaml"):
            read_configs(["study.yaml", other])
    with pytest.raises(InputError, match=r"study.yaml: study 's' is also the name in whole.yaml"):
        read_configs(["whole.yaml", "study.yaml"])
    assert read_configs(["one.yaml"]).pages == ["s-1"]


def test_values_of_the_command_line_hold_for_every_variant(work):
    study(work, vary={"epochs": [1, 2]})
    asked = read_configs(["study.yaml"], {"batch_size": "7"})
    assert [one.config.batch_size for one in asked.experiments.values()] == [7, 7]
    with pytest.raises(InputError, match="--config experiment is given, but a variant is called s-<variant>"):
        read_configs(["study.yaml"], {"experiment": "x"})


def test_the_argument_of_a_study_has_its_shape(work):
    asked = study(work, vary={"epochs": [1, 2]}).studies["s"].as_argument
    assert checked(asked, StudyArgument)[1] == []
    assert checked(asked | {"variants": asked["variants"][:1]}, StudyArgument)[1] != []


def test_another_config_of_the_same_study_is_refused(work):
    asked = study(work, vary={"epochs": [1, 2]})
    assert names_in(yaml.safe_load((work / "study.yaml").read_text())) == {"s", "s-1", "s-2"}
    (work / "results" / "s-1").mkdir(parents=True)
    record_configs(work, asked.configs)
    refuse_other_configs(work, asked.configs)
    (work / "copy.yaml").write_text((work / "study.yaml").read_text() + "title: another\n")
    with pytest.raises(InputError, match=r"the results of experiment 's-1' here were made from .*study.yaml"):
        refuse_other_configs(work, read_configs([work / "copy.yaml"]).configs)


def test_check_and_make_take_a_study(work, capsys):
    study(work, vary={"epochs": [1, 2]})
    assert main(["check", "study.yaml"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "s-1: 2 learning rates x 2 seeds x 1 epochs on Digits",
        "s-2: 2 learning rates x 2 seeds x 2 epochs on Digits",
    ]
    assert main(["check", "--report", "study.yaml"]) == 0
    assert capsys.readouterr().out == f"{work}/reports/s.html\n"
    assert main(["export", "keras", "study.yaml", "best.keras"]) == 2
    assert "its experiments are s-1, s-2; name one with --experiment." in capsys.readouterr().err
