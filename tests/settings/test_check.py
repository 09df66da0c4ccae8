"""What lrbench check says of a right config, and of data that do not fit it."""

from __future__ import annotations

import pytest
from support.configs import CONFIG, FULL

from lrbench.cli import main


def test_check_says_what_a_config_asks_for(work, capsys):
    (work / "config.yaml").write_text(FULL)
    assert main(["check", "config.yaml"]) == 0
    assert capsys.readouterr().out == "whole: 2 learning rates x 3 seeds x 2 epochs on Digits\n"


def test_check_refuses_data_by_their_headers(work, capsys):
    (work / "right.yaml").write_text(FULL)
    (work / "wrong.yaml").write_text(CONFIG.replace("path: data", "path: data, train_examples: 10"))
    assert main(["check", "right.yaml", "wrong.yaml"]) == 2
    assert capsys.readouterr() == (
        "",
        "lrbench: dataset.train_examples is 10 but there are 9 to train on; "
        "ask for no more than that, or remove the key to take all.\n",
    )
    (work / "data/train-images-idx3-ubyte").unlink()
    assert main(["check", "right.yaml"]) == 2
    assert capsys.readouterr().err.startswith("lrbench: data/train-images-idx3-ubyte: cannot be read (No such file")
    assert main(["check", "--report", "right.yaml"]) == 0
    assert capsys.readouterr().out == f"{work}/reports/whole.html\n"


def test_a_home_folder_may_be_written_as_a_tilde(work, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(work / "home"))
    (work / "home").mkdir()
    (work / "data").rename(work / "home" / "data")
    (work / "home" / "config.yaml").write_text(CONFIG.replace("path: data", "path: ~/data"))
    assert main(["check", "~/config.yaml"]) == 0
    assert capsys.readouterr().out == "mine: 2 learning rates x 2 seeds x 10 epochs on Digits\n"


def test_check_without_files_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["check"])
    assert caught.value.code == 2
    assert capsys.readouterr().err.endswith("lrbench check: error: the following arguments are required: config\n")
