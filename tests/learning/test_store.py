"""Runs are kept whole, checked when taken, and never overwritten."""

from __future__ import annotations

import errno
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest

from lrbench.errors import InputError
from lrbench.identity.provenance import run_key, write_sealed
from lrbench.learning.aggregation import aggregate
from lrbench.learning.jobs import _each_once
from lrbench.learning.settings import RunSettings
from lrbench.learning.store import RunStore
from lrbench.tables.experiment import read_tables, steps_in_parts, write_tables
from lrbench.tables.training import EXPERIMENT_TABLES, RUN_TABLES

SETTINGS = {
    "batch_size": 32,
    "device": "cpu",
    "epochs": 2,
    "model": {"hidden_units": [4]},
    "optimizer": {"name": "sgd", "keras": {"class": "SGD"}},
    "threads": 1,
    "train_examples": None,
    "validation": {"protocol": "test", "examples": None},
}
EXPECTED = {"data": "d", "code": "c", "versions": {"numpy": "2"}}
MANIFEST = {
    "engine": "fused",
    "key": {},
    "machine": {"architecture": "a", "cpu": "x", "system": "s"},
    "test": None,
    "validation": {"class_correct": [1]},
    "weights": {"finite": True, "initial": "i", "final": "f"},
}


def tables(value: float = 0.5):
    return {
        name: {
            column: np.arange(1, 3) if "int" in kind else np.full(2, value, kind)
            for column, kind in table.columns.items()
        }
        for name, table in RUN_TABLES.items()
    }


def key_of(rate: float, seed: int) -> str:
    return run_key(RunSettings.of(SETTINGS, rate, seed).as_json(), "d", "c", {"numpy": "2"})


@pytest.fixture
def store(tmp_path) -> RunStore:
    return RunStore(tmp_path / "runs")


def test_what_is_added_is_held_and_read_back(store):
    store.add("k", tables(np.nan), MANIFEST, {"seconds": 1.0})
    assert store.holds("k")
    assert not store.holds("other")
    epochs = store.table("k", "epochs")
    assert epochs["epoch"].tolist() == [1, 2]
    assert epochs["loss"].isna().tolist() == [True, True]
    assert sorted(path.name for path in store.folder.iterdir()) == ["k"]


def test_a_second_writer_keeps_the_first_ones_run(store):
    store.add("k", tables(0.5), MANIFEST, {})
    before = store.path("k").stat().st_ino
    store.add("k", tables(0.5), MANIFEST, {})
    assert store.path("k").stat().st_ino == before
    assert [path.name for path in store.folder.iterdir()] == ["k"]


def test_a_write_cut_off_leaves_no_run(store, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("lrbench.learning.store.os.rename", stop)
    with pytest.raises(KeyboardInterrupt):
        store.add("k", tables(), MANIFEST, {})
    assert not store.holds("k")
    assert list(store.folder.iterdir()) == []


@pytest.mark.parametrize("name", [*(f"{table}.parquet" for table in RUN_TABLES), "manifest.json"])
@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_damaged_run_is_moved_aside(store, name, damage):
    store.add("k", tables(), MANIFEST, {})
    path = store.path("k") / name
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-3])
    else:
        path.unlink()
    with pytest.raises(InputError, match=r"; run snakemake with --forcerun train, which trains that run again\.$"):
        store.manifest("k")
    assert not store.holds("k")
    assert [path.name.startswith(".k.damaged-") for path in store.folder.iterdir()] == [True]
    store.add("k", tables(), MANIFEST, {})
    assert store.holds("k")


def test_a_run_under_another_runs_name_is_refused(store):
    store.add("k", tables(), MANIFEST, {})
    store.path("k").rename(store.path("other"))
    with pytest.raises(InputError, match="is of run k; run snakemake with --forcerun train"):
        store.manifest("other")


PLAN = {"learning_rates": [0.1, 0.01], "seeds": [0, 1]}


def blocks(tmp_path, store, change=lambda rate, seed: (rate, seed)):
    paths = []
    for rate in PLAN["learning_rates"]:
        runs = []
        for seed in PLAN["seeds"]:
            key = key_of(*change(rate, seed))
            if not store.holds(key):
                store.add(key, tables(rate), MANIFEST, {})
            runs.append({"run_key": key, "seed": seed})
        paths.append(tmp_path / f"{rate}.json")
        write_sealed(paths[-1], {"learning_rate": rate, "runs": runs})
    return paths


def test_aggregate_takes_each_planned_run_once(tmp_path, store):
    found, origin = aggregate(SETTINGS, PLAN, EXPECTED, blocks(tmp_path, store), store)
    epochs = EXPERIMENT_TABLES["epochs"].joined(found["epochs"])
    assert epochs[["learning_rate", "seed", "epoch"]].to_numpy().tolist() == [
        [rate, seed, epoch] for rate in (0.01, 0.1) for seed in (0, 1) for epoch in (1, 2)
    ]
    assert [run["run_key"] for run in origin["runs"]] == [key_of(rate, seed) for rate in (0.01, 0.1) for seed in (0, 1)]


def test_runs_of_one_seed_that_began_with_other_weights_are_refused(tmp_path, store):
    key = key_of(0.1, 1)
    other = MANIFEST | {"weights": {**MANIFEST["weights"], "initial": "another"}}
    store.add(key, tables(0.1), other, {})
    with pytest.raises(
        InputError, match=r"runs of seed 1 at the learning rates 0\.01 and 0\.1 began with other weights"
    ):
        aggregate(SETTINGS, PLAN, EXPECTED, blocks(tmp_path, store), store)


def test_steps_are_put_together_run_by_run(tmp_path, store):
    found, origin = aggregate(SETTINGS, PLAN, EXPECTED, blocks(tmp_path, store), store)
    files = {name: tmp_path / f"{name}.{'parquet' if name == 'steps' else 'csv'}" for name in found}
    write_tables(found, files, origin, tmp_path / "tables.json")
    parts = list(steps_in_parts(read_tables(tmp_path / "tables.json", SETTINGS, PLAN)))
    assert [sorted(set(zip(part["learning_rate"], part["seed"], strict=True))) for part in parts] == [
        [(rate, seed)] for rate in (0.01, 0.1) for seed in (0, 1)
    ]


def test_rows_of_a_run_are_sorted(tmp_path, store):
    backwards = {name: {column: values[::-1] for column, values in one.items()} for name, one in tables(0.1).items()}
    store.add(key_of(0.1, 1), backwards, MANIFEST, {})
    found, _ = aggregate(SETTINGS, PLAN, EXPECTED, blocks(tmp_path, store), store)
    assert [part["step"].tolist() for part in found["steps"]] == [[1, 2]] * 4


def test_aggregate_refuses_a_run_of_other_settings(tmp_path, store):
    paths = blocks(tmp_path, store, lambda rate, seed: (rate, 7 if seed == 1 else seed))
    with pytest.raises(InputError, match=r"learning rate 0\.1 and seed 1 is not the one that the settings ask for"):
        aggregate(SETTINGS, PLAN, EXPECTED, paths, store)


def test_aggregate_refuses_a_missing_run(tmp_path, store):
    paths = blocks(tmp_path, store)
    with pytest.raises(InputError, match=r"2 of 4 runs are in none of the blocks, learning rate 0\.01 with seed 0"):
        aggregate(SETTINGS, PLAN, EXPECTED, paths[:1], store)


def test_aggregate_refuses_a_block_twice(tmp_path, store):
    paths = blocks(tmp_path, store)
    with pytest.raises(InputError, match="is not the one"):
        aggregate(SETTINGS, PLAN, EXPECTED, [paths[0], paths[0], paths[1]], store)


CLAIM = """
import sys
from lrbench.learning.store import RunStore
with RunStore(sys.argv[1]).claimed(sys.argv[2], wait=False) as claimed:
    print(claimed, flush=True)
    sys.stdin.readline()
"""


@contextmanager
def claimant(store, key):
    """Another process that claims a run until it is told to end; whether it has it."""
    command = [sys.executable, "-c", CLAIM, str(store.folder), key]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip() == "True", process
        process.kill()


def test_a_run_is_claimed_by_one_process_at_a_time(store):
    store.folder.mkdir()
    one, other = key_of(0.1, 0), key_of(0.1, 1)
    with claimant(store, one) as (claimed, process):
        assert claimed
        with store.claimed(one, wait=False) as mine:
            assert not mine
        with store.claimed(other, wait=False) as mine:
            assert mine
        process.kill()  # a claim ends with its process, however that ends
        with store.claimed(one, wait=True) as mine:
            assert mine
            with claimant(store, one) as (claimed, _):
                assert not claimed


def test_without_locks_everybody_may_train(store, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.lockf", refuse)
    store.folder.mkdir()
    with store.claimed(key_of(0.1, 0), wait=True) as mine:
        assert mine


def test_jobs_share_out_their_runs_and_train_none_twice(store):
    runs = [(RunSettings.of(SETTINGS, 0.1, seed), key_of(0.1, seed)) for seed in range(3)]
    store.folder.mkdir()
    with claimant(store, runs[0][1]) as (claimed, process):
        assert claimed
        trained = []
        for run, key in _each_once(runs, store):
            trained.append(run.seed)
            store.add(key, tables(), MANIFEST, {})
            if run.seed == 2:  # the other job finishes its own meanwhile
                store.add(runs[0][1], tables(), MANIFEST, {})
                process.kill()
    assert trained == [1, 2]
