"""How far the training of experiments is, by their plans, their block files and the logs of their jobs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrbench.live.progress import Progress, RateProgress
from lrbench.live.watched import Watched, present_plan

PLAN = {"learning_rates": [0.01, 0.1], "seeds": [0, 1, 2, 3]}
LINE = "learning rate {}, seed {}, epoch {}/2: loss 0.5, accuracy 0.8, val_loss 0.4, val_accuracy {}\n"


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def watched(**changes) -> Watched:
    return Watched(
        **{"name": "e", "plan": PLAN, "epochs": 2, "seeds_per_job": 2, "results": Path("results/e")} | changes
    )


def write(path: str, text: str = "{}") -> Path:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)
    return Path(path)


def test_rates_wait_train_and_are_done(here):
    write("results/e/training/lr-0.01/block-0.json")
    write("logs/e/train/lr-0.01/block-0.log", LINE.format(0.01, 1, 2, 0.75))
    progress = Progress([watched()])
    log = Path("logs/e/train/lr-0.01/block-1.log")
    progress.begin(("e", "0.01", "1"), log)
    write(str(log), "ready to train after 1.0 s\n")
    progress.refresh(100.0)
    assert progress.rates("e", 100.0) == [
        RateProgress("0.01", 4, 4, 8, 0.75, "training", None),
        RateProgress("0.1", 4, 0, 8, None, "waiting", None),
    ]
    write(str(log), "ready to train after 1.0 s\n" + LINE.format(0.01, 2, 1, 0.8))
    progress.refresh(110.0)
    # 10 s an epoch: 3 epochs are left of the job, less the 4 s since the last one; 8 epochs of the other rate
    assert progress.rates("e", 114.0)[0] == RateProgress("0.01", 4, 5, 8, 0.8, "training", 26.0)
    assert progress.total(114.0) == (5, 16, 26.0 + 80.0)
    progress.finish(("e", "0.01", "1"), 120.0)
    assert progress.rates("e", 120.0)[0].state == "done"
    assert progress.total(120.0)[:2] == (8, 16)


def test_runs_of_the_store_count_as_trained(here):
    progress = Progress([watched()])
    progress.begin(("e", "0.1", "0"), Path("one.log"))
    write("one.log", "learning rate 0.1: 1 of 2 runs are in the store\n")
    progress.refresh(1.0)
    assert progress.rates("e", 1.0)[1].epochs == 2


def test_a_job_that_is_needed_again_is_not_done(here):
    write("results/e/training/lr-0.01/block-0.json")
    needed = frozenset({("e", "0.01", "0")})
    assert Progress([watched()], needed).rates("e", 0.0)[0].epochs == 0
    assert Progress([watched()]).rates("e", 0.0)[0].epochs == 4


def test_a_failed_job_waits_for_another_attempt(here):
    progress = Progress([watched()])
    progress.begin(("e", "0.1", "0"), Path("one.log"))
    progress.fail(("e", "0.1", "0"))
    assert [rate.state for rate in progress.rates("e", 0.0)] == ["waiting", "waiting"]


def test_a_search_adds_the_runs_of_its_next_round(here):
    first = {"learning_rates": [0.01], "seeds": [0, 1], "first_seeds": [2]}
    more = {"learning_rates": [0.001, 0.01], "seeds": [0, 1, 2, 3], "first_seeds": [2, 4]}
    progress = Progress([watched(plan=first, searches=True)])
    assert [(rate.label, rate.planned) for rate in progress.rates("e", 0.0)] == [("0.01", 4)]
    write("results/e/search/round-1.json", json.dumps({"next": more, "plan": first}))
    progress.plan()
    assert [(rate.label, rate.planned) for rate in progress.rates("e", 0.0)] == [("0.001", 4), ("0.01", 8)]
    write("results/e/search/round-2.json", json.dumps({"next": None, "plan": more}))
    assert present_plan(Path("results/e"), first) == more


def test_an_experiment_that_has_not_begun_is_judged_by_the_others(here):
    other = watched(name="f", results=Path("results/f"))
    progress = Progress([watched(), other])
    assert progress.total(0.0) == (0, 32, None)
    progress.begin(("e", "0.01", "0"), Path("one.log"))
    write("one.log", "ready to train after 1.0 s\n")
    progress.refresh(0.0)
    write("one.log", "ready to train after 1.0 s\n" + LINE.format(0.01, 0, 1, 0.8))
    progress.refresh(2.0)
    assert progress.total(2.0) == (1, 32, 31 * 2.0)
