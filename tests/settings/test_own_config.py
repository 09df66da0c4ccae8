"""The config that a page hands on asks for its experiment again, whatever file that came from."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.configs import config
from support.samples import idx_folder

from lrbench.places import CONFIGS
from lrbench.settings.own_config import own_config
from lrbench.settings.study import read_configs

SHIPPED = sorted(path for path in CONFIGS.rglob("*.yaml") if "/usr/" not in path.read_text())  # has data elsewhere


@pytest.mark.parametrize("file", SHIPPED, ids=lambda path: path.stem)
def test_every_experiment_of_a_config_comes_out_the_same(file, tmp_path):
    for name, asked in read_configs([file], folders=(CONFIGS.parent,)).experiments.items():
        (tmp_path / "own.yaml").write_text(own_config(asked))
        again = read_configs([tmp_path / "own.yaml"], folders=(CONFIGS, CONFIGS.parent)).experiments[name]
        assert (again.config, again.order, again.probes) == (asked.config, asked.order, asked.probes)
        assert again.training_settings == asked.training_settings


def test_no_path_of_the_machine_is_in_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = idx_folder(tmp_path / "data")
    Path("config.yaml").write_text(config(dataset=f"{{name: D, path: {data}}}"))
    text = own_config(read_configs(["config.yaml"]).experiments["mine"])
    assert text.startswith("# Put in where your copy lies: dataset.path.\n")
    assert "  path: data\n" in text
    assert str(tmp_path) not in text
