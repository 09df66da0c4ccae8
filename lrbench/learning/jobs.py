"""What one training job does: a block of seeds at one learning rate, each taken from the store or trained."""

from __future__ import annotations

import math
import os
import platform
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lrbench.data.sources import data_digest, read_dataset
from lrbench.data.split import split
from lrbench.errors import WorkError
from lrbench.identity.code import Code
from lrbench.identity.provenance import run_key
from lrbench.learning.environment import processor_settings
from lrbench.learning.models import MODULES, Learners, engine_of, set_up
from lrbench.learning.settings import RunSettings, carried_on
from lrbench.learning.store import RunStore


def train_block(
    settings: Mapping[str, Any],
    learning_rate: float,
    seeds: Sequence[int],
    dataset: str,
    expected: Mapping[str, Any],
    store: RunStore,
    model: Path | str | None = None,
) -> list[dict[str, Any]]:
    """Run keys of a block's runs, after training those that the store lacks.

    Parameters
    ----------
    settings : the experiment's training settings
    dataset : path of the data set
    expected : `data`, `code` and `versions` that the runs are to come from; what this process really
        reads and imports must be the same
    model : the file of the experiment's own model, if it has one

    Raises
    ------
    InputError
        Where that file builds no model that can be trained.
    WorkError
        Where this process would train with other data, code or libraries than expected.
    """
    runs = [RunSettings.of(settings, learning_rate, seed) for seed in seeds]
    keys = [run_key(run.as_json(), expected["data"], expected["code"], expected["versions"]) for run in runs]
    missing = [(run, key) for run, key in zip(runs, keys, strict=True) if not store.holds(key)]
    print(
        f"learning rate {learning_rate:g}: {len(runs) - len(missing)} of {len(runs)} runs are in the store", flush=True
    )
    if missing:
        _train_missing(missing, dataset, expected, store, model, carried_on(settings, learning_rate))
    return [{"run_key": key, "seed": run.seed} for run, key in zip(runs, keys, strict=True)]


def _train_missing(
    missing: Sequence[tuple[RunSettings, str]],
    dataset: str,
    expected: Mapping[str, Any],
    store: RunStore,
    model: Path | str | None,
    carried_on: bool,
) -> None:
    settings = missing[0][0].as_json()
    code = Code([MODULES[engine_of(settings)]], expected["code"])  # before any of it is imported
    started = time.time()
    versions = set_up(settings)
    from lrbench.learning.carried import Beginnings
    from lrbench.learning.training import TensorData, train, weights_fingerprint

    data = read_dataset(dataset, settings.get("data_options"))
    actual = {"code": code.digest, "data": data_digest(data), "versions": versions}
    for name, value in actual.items():
        if value != expected[name]:
            raise WorkError(
                f"this process has {name} {value} where the workflow expects {expected[name]}: "
                "nothing was trained; run snakemake again, from the environment that lrbench is installed in."
            )
    tensors = TensorData(split(data, settings))
    learners = Learners(settings, model)
    beginnings = Beginnings(learners, tensors, store, expected)
    print(f"ready to train after {time.time() - started:.1f} s", flush=True)
    for run, key in _each_once(missing, store):
        begun = time.time()
        learner = beginnings(run, say)
        history = train(run, tensors, learner, say)
        code.check("stored")
        learners.check("stored")
        store.add(
            key,
            history.tables(),
            {
                "engine": learners.engine,
                "key": {"settings": run.as_json(), **actual},
                "machine": machine(),
                "test": measured(history.test),
                "validation": {"class_correct": history.class_correct.tolist()},
                "weights": {
                    "finite": all(bool((abs(array) < float("inf")).all()) for array in history.weights),
                    "initial": weights_fingerprint(history.initial_weights),
                    "final": weights_fingerprint(history.weights),
                },
            },
            execution(begun),
        )
        if carried_on:
            beginnings.keep(run, learner.model)


def say(line: str) -> None:
    """Write a line to the log of the process at once."""
    print(line, flush=True)


def _each_once(missing: Sequence[tuple[RunSettings, str]], store: RunStore) -> Iterator[tuple[RunSettings, str]]:
    """The runs to train, each while no other process may: first those that none trains, then what others left undone.

    Two jobs that ask for the same runs thus share them out, and neither trains what the other has finished.
    """
    waiting: list[tuple[RunSettings, str]] = []
    for wait in (False, True):
        for run, key in missing if not wait else waiting:
            with store.claimed(key, wait) as claimed:
                if not claimed:
                    print(f"seed {run.seed} is in training by another job", flush=True)
                    waiting.append((run, key))
                elif not store.holds(key):
                    yield run, key


def measured(test: tuple[float, float] | None) -> dict[str, float | None] | None:
    """Loss and accuracy on the test set as a manifest has them: null for what is not finite, which JSON lacks."""
    if test is None:
        return None
    return {
        name: value if math.isfinite(value) else None for name, value in zip(("loss", "accuracy"), test, strict=True)
    }


def machine() -> dict[str, str]:
    """What of this machine may change the last bits of a result.

    A variable of the environment that chooses the instructions of matrix products makes it another processor.
    """
    cpu = ", ".join([_cpu_name(), *processor_settings(os.environ)])
    return {"architecture": platform.machine(), "cpu": cpu, "system": platform.system()}


def _cpu_name() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"


def execution(begun: float) -> dict[str, Any]:
    """When, where and by what a run was trained: kept beside the run, never shown as part of a result."""
    try:
        revision = subprocess.run(
            ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        revision = None
    return {
        "git_revision": revision,
        "host": socket.gethostname(),
        "process": os.getpid(),
        "seconds": time.time() - begun,
        "slurm_job": os.environ.get("SLURM_JOB_ID"),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begun)),
    }
