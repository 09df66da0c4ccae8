"""Everybody who trains the same run: who they are, and how one of them is run in a process of its own.

python -m benchmarks.contenders lrbench full        trains once and prints a record as JSON
"""

from __future__ import annotations

import importlib
import json
import math
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.processes import ONE_THREAD, cores, one_core, run
from benchmarks.scale import PROJECT, SCALES, Scale


@dataclass(frozen=True)
class Contender:
    """One way to train the run.

    name : in results; label : in tables
    trainer : module of this package and its function, which takes a `Scale`, and `model` where there is one, and
        returns a `Trained`
    model : the file in models/ that builds the network, without its ending; none for the built-in network
    """

    name: str
    label: str
    trainer: tuple[str, str]
    cores: str = "one"
    environment: Mapping[str, str] = field(default_factory=dict)
    model: str = ""

    @property
    def pinned(self) -> list[int]:
        """The cores it may use."""
        return one_core() if self.cores == "one" else cores()


QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "KERAS_BACKEND": "tensorflow"}
JAX = {
    "JAX_PLATFORMS": "cpu",
    "PYTHONPATH": str(Path(sys.prefix) / "jax"),  # where the Makefile puts it
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
CONTENDERS = (
    Contender("lrbench", "lrbench", ("with_lrbench", "train"), environment=ONE_THREAD),
    Contender("fit", "`model.fit`, defaults, all cores", ("with_keras", "defaults"), "all", QUIET),
    Contender("fit-pinned", "`model.fit`, defaults", ("with_keras", "defaults"), environment=QUIET),
    Contender(
        "fit-steps",
        "`model.fit`, `steps_per_execution`",
        ("with_keras", "steps_per_execution"),
        environment=QUIET,
    ),
    Contender("fit-jit", "`model.fit`, `jit_compile`", ("with_keras", "jit_compile"), environment=QUIET),
    Contender("torch", "PyTorch, eager", ("with_torch", "eager"), environment=ONE_THREAD),
    Contender("torch-compiled", "PyTorch, compiled", ("with_torch", "compiled"), environment=ONE_THREAD),
    Contender("jax", "JAX, `lax.scan`", ("with_jax", "train"), environment=ONE_THREAD | JAX),
)
BOUNDS = (
    Contender("bound-numpy", "numpy's BLAS", ("bound", "numpy_products"), environment=ONE_THREAD),
    Contender(
        "bound-tensorflow",
        "TensorFlow, Eigen",
        ("bound", "tensorflow_products"),
        environment=QUIET | {"TF_ENABLE_ONEDNN_OPTS": "0"},
    ),
    Contender(
        "bound-onednn",
        "TensorFlow, oneDNN",
        ("bound", "tensorflow_products"),
        environment=QUIET | {"TF_ENABLE_ONEDNN_OPTS": "1"},
    ),
)
OWN_MODELS = {
    model: (
        Contender(f"{model}-lrbench", "lrbench", ("with_lrbench", "train"), environment=ONE_THREAD, model=model),
        Contender(f"{model}-fit", "`model.fit`, defaults", ("with_keras", "defaults"), environment=QUIET, model=model),
        Contender(
            f"{model}-fit-steps",
            "`model.fit`, `steps_per_execution`",
            ("with_keras", "steps_per_execution"),
            environment=QUIET,
            model=model,
        ),
    )
    for model in ("dense", "cnn")
}
BUILT_IN = Contender("built-in", "lrbench, built-in network", ("with_lrbench", "train"), environment=ONE_THREAD)
OF_OWN_MODELS = (*OWN_MODELS["dense"], BUILT_IN, *OWN_MODELS["cnn"])
BY_NAME = {contender.name: contender for contender in (*CONTENDERS, *BOUNDS, *OF_OWN_MODELS)}


@dataclass
class Trained:
    """One run, as it went. Seconds are of one clock.

    imports : seconds that loading the libraries took
    begun : when the model began to be built, with libraries and data loaded
    ends : when each epoch ended, its validation done
    losses, accuracies, val_accuracies : of each epoch; none for a bound
    note : how it was set up
    finished : when all was done, where that is later than the last epoch's end
    """

    imports: float
    begun: float
    ends: Sequence[float]
    losses: Sequence[float] = ()
    accuracies: Sequence[float] = ()
    val_accuracies: Sequence[float] = ()
    note: str = ""
    finished: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The record of this run."""
        if not all(math.isfinite(loss) for loss in self.losses):
            raise RuntimeError("the training loss is not finite")
        return {
            "imports": self.imports,
            "seconds": max(self.finished, self.ends[-1]) - self.begun,
            "epochs": [b - a for a, b in zip([self.begun, *self.ends[:-1]], self.ends, strict=True)],
            "losses": list(map(float, self.losses)),
            "accuracies": list(map(float, self.accuracies)),
            "val_accuracies": list(map(float, self.val_accuracies)),
            "note": self.note,
        }


def timed_import(*names: str) -> tuple[float, list[Any]]:
    """How many seconds loading modules took, and the modules."""
    begun = time.perf_counter()
    modules = [importlib.import_module(name) for name in names]
    return time.perf_counter() - begun, modules


def measured(contender: Contender, scale: Scale) -> dict[str, Any]:
    """The record of one run in a fresh process; `missing` or `failed` says why there is none."""
    command = [sys.executable, "-m", "benchmarks.contenders", contender.name, scale.name]
    usage = run(command, contender.pinned, PROJECT, contender.environment)
    if usage.status:
        lines = [line.strip() for line in usage.errors.splitlines() if line.strip()]
        last = (lines or [f"status {usage.status}"])[-1]
        missing = re.fullmatch(r"ModuleNotFoundError: No module named '(torch|jax)'", last)
        if missing:
            return {"missing": f"{missing[1]} is not installed"}
        return {"failed": last[:300], "errors": usage.errors[-5000:]}
    return json.loads(usage.output.splitlines()[-1]) | {"process": usage.as_json()}


def main(name: str, scale: str) -> None:
    """Train once, as the contender of this name does, and print the record."""
    contender = BY_NAME[name]
    module, function = contender.trainer
    trainer: Callable[..., Trained] = getattr(importlib.import_module(f"benchmarks.{module}"), function)
    given = [SCALES[scale].of_model(contender.model), *([contender.model] if contender.model else [])]
    print(json.dumps(trainer(*given).as_json()))


if __name__ == "__main__":
    main(*sys.argv[1:])
