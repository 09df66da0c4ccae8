"""How long training will take: measured on a few steps, put together for jobs side by side, and said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.configs import config
from support.samples import tree

from lrbench.cli import main
from lrbench.commands import times
from lrbench.learning.timing import Times

MEASURED = Times(begin=5.0, build=1.0, step=0.001, evaluation=0.1, steps=1000, evaluations=20, data="d")


def test_a_run_is_its_model_its_steps_and_its_evaluations():
    assert MEASURED.run == 1.0 + 1.0 + 2.0


@pytest.mark.parametrize(
    ("jobs", "cores", "here", "seconds"),
    [
        ([], 2, 2, 0.0),
        ([10.0], 3, 2, 10.0),
        ([10.0, 6.0, 5.0], 2, 2, 11.0),
        ([10.0, 6.0, 5.0], 1, 2, 21.0),
        ([10.0, 6.0, 5.0], 3, 2, 15.0),  # each half as slow again
    ],
)
def test_jobs_side_by_side(jobs, cores, here, seconds):
    assert times.together(jobs, cores, here) == pytest.approx(seconds)


@pytest.fixture
def configs(work, monkeypatch) -> Path:
    Path("one.yaml").write_text(config())
    Path("two.yaml").write_text(config(experiment="two", seeds="[0, 1, 2]"))
    monkeypatch.setattr(times, "cores_here", lambda: 2)
    return work


def test_runs_of_the_store_and_those_of_another_experiment_are_not_counted(configs, capsys, monkeypatch):
    monkeypatch.setattr("lrbench.learning.timing.measured", lambda *_: MEASURED)
    assert main(["check", "--time", "one.yaml", "two.yaml"]) == 0
    detail = "each about 4 s (1,000 steps of 1.0 ms, 20 evaluations of 100 ms)"
    assert capsys.readouterr().out.splitlines()[2:] == [
        f"mine: training takes about 13 s on 3 cores, of which this machine has 2: 4 runs to train, {detail}",
        "two: training takes about 9 s on 3 cores, of which this machine has 2: 2 runs to train, "
        f"4 runs trained with another experiment, {detail}",
        "all together about 22 s on 3 cores",
    ]


def test_a_few_steps_are_really_tried_and_leave_nothing(configs, capsys):
    before = tree(configs)
    assert main(["check", "--time", "--cores", "2", "one.yaml"]) == 0
    said = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(
        r"mine: training takes about \d+ s on 2 cores: 4 runs to train, each about \d+ s "
        r"\(10 steps of [\d.]+ ms, \d+ evaluations of [\d.]+ ms\)",
        said,
    )
    assert tree(configs) == before
