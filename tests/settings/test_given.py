"""Configs that another workflow gives as settings: they count as the file that they are kept in does."""

from __future__ import annotations

from collections import OrderedDict

import pytest
import yaml
from support.configs import config
from support.samples import idx_folder

from lrbench.errors import InputError
from lrbench.settings.given import GivenConfig, given_configs
from lrbench.settings.study import read_configs
from lrbench.settings.yaml_files import read_yaml, yaml_text

STUDY = "study: both\nbase: {}\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    idx_folder(tmp_path / "data")
    return tmp_path


def as_snakemake_reads(text: str):
    return OrderedDict(yaml.safe_load(text))


def test_settings_are_those_of_the_file_that_they_are_kept_in(here):
    text = config(learning_rates="[1e-1, 1e-2]", title="'2024'")
    (given,) = given_configs(as_snakemake_reads(text) | {"pathvars": {}})
    assert str(given) == "results/mine/config.yaml"
    asked = read_configs([given])
    (here / "results/mine").mkdir(parents=True)
    (here / "results/mine/config.yaml").write_text(yaml_text(given.values))
    assert asked == read_configs(["results/mine/config.yaml"])
    assert asked.experiments["mine"].learning_rates == (0.01, 0.1)
    assert asked.experiments["mine"].title == "2024"


def test_a_list_has_files_and_settings(here):
    (here / "mine.yaml").write_text(config())
    given = given_configs({"configs": ["mine.yaml", as_snakemake_reads(config(experiment="other"))]})
    assert list(map(str, given)) == ["mine.yaml", "results/other/config.yaml"]
    assert list(read_configs(given).experiments) == ["mine", "other"]


def test_a_study_is_kept_under_its_own_name():
    (given,) = given_configs(as_snakemake_reads(STUDY))
    assert (str(given), read_yaml(given)) == ("results/both/config.yaml", {"study": "both", "base": {}})


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "{} is given but must be the settings of an experiment or a study, or have the key configs, "),
        ({"configs": [3]}, "3 is given but must be the settings of an experiment or a study, "),
        ({"configs": []}, "configs is [] but must be a list of config files or of their settings."),
        ({"configs": "a.yaml"}, "configs is 'a.yaml' but must be a list of config files or of their settings."),
        ({"configs": ["a.yaml"], "epochs": 3}, "configs stands beside epochs; move that into one of the configs."),
    ],
)
def test_what_is_no_config_is_refused(given, problem):
    with pytest.raises(InputError) as caught:
        given_configs(given)
    assert str(caught.value).startswith(problem)


def test_a_wrong_setting_is_named_with_the_file(here):
    with pytest.raises(InputError, match=r"^results/mine/config.yaml: epochs is 0 but must be 1 or more"):
        read_configs(given_configs(as_snakemake_reads(config(epochs="0"))))


def test_settings_of_a_config_cannot_be_changed_through_what_is_read():
    given = GivenConfig("results/a/config.yaml", {"experiment": "a"})
    read_yaml(given)["experiment"] = "b"
    assert given.values == {"experiment": "a"}
