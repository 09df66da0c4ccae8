"""`lrbench new`: a commented config, called as its file is, never over another one."""

from __future__ import annotations

import pytest

from lrbench.cli import main
from lrbench.places import CONFIGS
from lrbench.settings.shipped import config_named_after, shipped_configs
from lrbench.settings.study import read_configs


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_is_the_default_config_under_a_name_of_its_own(here, capsys):
    assert main(["new", "my try.yaml"]) == 0
    assert capsys.readouterr().out == "my try.yaml: edit it, then train it by lrbench run 'my try.yaml'\n"
    default = (CONFIGS / "config.yaml").read_text()
    assert (here / "my try.yaml").read_text() == default.replace("experiment: tutorial", "experiment: my-try")


@pytest.mark.parametrize("name", sorted(set(shipped_configs()) - {"fashion"}))
def test_every_config_that_is_shipped_is_one_to_begin_with(here, name):
    assert main(["new", "mine.yaml", "--from", name]) == 0
    asked = read_configs(["mine.yaml"], folders=(CONFIGS.parent,))
    assert {"mine"} & {*asked.experiments, *asked.studies}
    pattern = shipped_configs()[name].read_text()
    assert (here / "mine.yaml").read_text().count("#") == pattern.count("#")


def test_the_names_are_those_of_the_files_and_no_two_are_the_same():
    assert len(shipped_configs()) == len(list(CONFIGS.rglob("*.yaml")))
    assert {"config", "quick", "cnn", "optimizers"} < set(shipped_configs())


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("mine.yaml", "experiment: mine"),
        ("Über alles 2.yaml", "experiment: uber-alles-2"),
        ("_.yaml", "experiment: quick"),
        ("runs.yaml", "experiment: quick"),  # a name that results has for something else
        (f"{'x' * 65}.yaml", "experiment: quick"),
    ],
)
def test_the_experiment_is_called_as_the_file_where_that_is_a_name(here, file, line):
    text = config_named_after(here / file, CONFIGS / "quick.yaml")
    assert [found for found in text.splitlines() if found.startswith("experiment:")] == [line]


def test_a_file_that_exists_is_kept_unless_forced(here, capsys):
    (here / "mine.yaml").write_text("mine")
    assert main(["new", "mine.yaml"]) == 2
    assert capsys.readouterr().err == (
        "lrbench: mine.yaml: exists; name another file, or give --force to write over it.\n"
    )
    (here / "leads-nowhere.yaml").symlink_to("nowhere")
    assert main(["new", "leads-nowhere.yaml"]) == 2
    assert (here / "mine.yaml").read_text() == "mine"
    assert main(["new", "mine.yaml", "--force"]) == 0
    assert "experiment: mine" in (here / "mine.yaml").read_text()


def test_a_folder_that_is_not_there_is_made_and_a_config_that_is_not_shipped_is_refused(here, capsys):
    assert main(["new", "configs/mine.yaml"]) == 0
    assert (here / "configs/mine.yaml").exists()
    with pytest.raises(SystemExit) as ended:
        main(["new", "other.yaml", "--from", "nothing"])
    assert ended.value.code == 2
    assert "argument --from: invalid choice: 'nothing'" in capsys.readouterr().err
