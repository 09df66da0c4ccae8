"""Replays of searches count what they train and know what is right, on a made table whose best rate is known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.page import page
from benchmarks.results import Results
from benchmarks.search_table import EPOCHS, dense_rates
from benchmarks.search_words import GRID, OURS
from benchmarks.searches import TIE, Table, Trainer, grid, range_test, search
from benchmarks.verdicts import verdicts

SEEDS = 15


@pytest.fixture(scope="module")
def table() -> Table:
    """Accuracies fall by 4 points a decade on either side of 0.001, with noise of 0.1 points; none learns above 0.1."""
    rates = np.array(dense_rates())
    means = np.where(rates > 0.1, 0.1, 0.95 - 0.04 * np.abs(np.log10(rates / 1e-3)))
    noise = np.random.default_rng(0).normal(0, 0.001, (len(rates), SEEDS, 1))
    epochs = np.linspace(-0.04, 0, EPOCHS)
    return Table(rates, means[:, None, None] + noise + epochs, np.full(SEEDS, 3e-3))


def test_the_table_spans_five_decades_evenly():
    rates = np.array(dense_rates())
    assert (rates[0], rates[-1], len(rates)) == (1e-5, 1.0, 25)
    np.testing.assert_allclose(rates[1:] / rates[:-1], 10 ** (5 / 24), rtol=1e-3)


def test_a_run_is_trained_once_and_an_epoch_each_time(table):
    trainer = Trainer(table, np.arange(SEEDS)[::-1])
    assert trainer.score(1e-3, 0) == trainer.score(1e-3, 0) == table.scores[table.nearest(1e-3), -1]
    assert trainer.epochs == EPOCHS
    assert trainer.epoch(1e-3, 0, 1) == table.accuracies[table.nearest(1e-3), -1, 1]
    assert trainer.epochs == EPOCHS + 1


def test_the_grid_has_18_rates_of_12_seeds_and_finds_the_best(table):
    trainer = Trainer(table, np.arange(SEEDS))
    assert table.behind(grid(trainer)) <= TIE
    assert trainer.epochs == 18 * 12 * EPOCHS


def test_the_search_finds_it_with_fewer_epochs(table):
    trainer = Trainer(table, np.arange(SEEDS))
    assert table.behind(search(trainer)) <= TIE
    assert 0 < trainer.epochs < 18 * 12 * EPOCHS * 0.4
    assert trainer.epochs == EPOCHS * len(trainer.trained)


def test_the_range_test_takes_an_epoch_and_stands_for_the_nearest_rate(table):
    trainer = Trainer(table, np.arange(SEEDS))
    assert table.nearest(range_test(trainer)) == table.nearest(3e-3)
    assert trainer.epochs == 1


def test_how_far_a_rate_is_behind(table):
    assert table.behind(1e-3) == pytest.approx(0, abs=2e-3)
    assert table.behind(1e-5) == pytest.approx(0.08, abs=5e-3)  # the nearest rates to 0.001 are 0.00083 and 0.0013


def test_a_file_gives_whole_seeds_and_0_where_the_loss_is_lost(tmp_path):
    lines = [
        {"rate": rate, "seed": seed, "val_accuracy": [0.5, 0.6], "val_loss": [1.0, loss]}
        for rate, loss in ((0.1, 0.5), (1.0, float("nan")))
        for seed in (0, 1)
    ]
    lines += [{"seed": 0, "valley": 0.01}, {"seed": 1, "valley": None}, {"seed": 2, "valley": 0.1}]
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    table = Table.read(tmp_path / "t.jsonl")
    assert table.scores.tolist() == [[0.6, 0.6], [0.0, 0.0]]
    assert np.isnan(table.valleys).tolist() == [False, True]


def replays(**behind) -> dict:
    """What four repetitions of some ways left: by how much each answer is behind; epochs 10, 20, 30, 40 of each."""
    ways = {
        way: {"behind": found, "epochs": [100] * 4 if way == GRID else [10, 20, 30, 40]}
        for way, found in behind.items()
    }
    return {
        "data": "Digits",
        "epochs": 5,
        "seeds": 9,
        "rates": [1e-3, 1e-2, 1e-1],
        "means": [0.9, 0.8995, 0.4],
        "tie": 0.001,
        "optuna": "5",
        "ways": ways,
    }


NONE, ONE, HALF = [0.0, 0.0005, 0.0, 0.0], [0.0, 0.0005, 0.02, 0.0], [0.0, 0.0, 0.02, 0.02]
TPE = "Optuna, TPE, median pruner, the search's epochs"


def test_the_page_says_k_of_n_with_its_error_and_what_was_right():
    text = page(Results({}, [replays(**{OURS: ONE, GRID: NONE, TPE: HALF})]))
    assert "| lrbench's search | 3 of 4 (75 % ± 22 %) | 0.51 | 25 | 10 to 40 |" in text
    assert "| full grid | 4 of 4 (100 %) | 0.01 | 100 | 100 |" in text
    assert (
        "3 rates with 9 seeds each, 5 epochs a run. Right are 0.001, 0.01: at most 0.1 points of accuracy below the "
        "highest mean score, 90.00 %. Optuna 5." in text
    )


@pytest.mark.parametrize(
    ("ours", "grid", "other", "words"),
    [
        (NONE, NONE, ONE, ("met", "met", "met")),
        (ONE, ONE, ONE, ("met", "met", "**not met**: 25 % short of it")),
        (HALF, NONE, HALF, ("**not met**: 50 % short of it", "met", "**not met**: 33 % short of it")),
    ],
)
def test_a_search_is_held_against_the_grid_and_every_way_at_its_epochs(ours, grid, other, words):
    found = verdicts(Results({}, [replays(**{OURS: ours, GRID: grid, TPE: other})]))
    assert tuple(one.words for one in found if one.target.startswith("search, Digits")) == words


def test_more_epochs_than_the_share_of_the_grid_are_said():
    record = replays(**{OURS: NONE, GRID: NONE, TPE: NONE})
    record["ways"][OURS]["epochs"] = [50] * 4
    (_, epochs, _) = (one for one in verdicts(Results({}, [record])) if one.target.startswith("search"))
    assert (epochs.value, epochs.words) == (50, "**not met**: 25 % over it")
