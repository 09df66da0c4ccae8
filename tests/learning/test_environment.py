"""A person's environment changes no bit of a run: it is set, cleared, or counts as another processor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.workspace import PROJECT

from lrbench.learning import environment
from lrbench.learning.environment import processor_settings, set_environment

TRAIN = """
import json
from lrbench.learning.model import set_up_tensorflow
versions = set_up_tensorflow(threads=1)
import numpy as np
from lrbench.data.split import Examples, Parts, split
from lrbench.learning.jobs import machine
from lrbench.learning.settings import RunSettings
from lrbench.learning.fused import learner
from lrbench.learning.training import TensorData, train, weights_fingerprint

def examples(number, seed):
    images = np.random.default_rng(seed).integers(0, 256, (number, 6, 5), dtype=np.uint8)
    return Examples(images, (np.arange(number) % 3).astype(np.uint8))

settings = {
    "batch_size": 32, "device": "cpu", "epochs": 2, "model": {"hidden_units": [7, 4]}, "threads": 1,
    "train_examples": None,
    "optimizer": {"name": "adam", "keras": {"class": "Adam"}, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "validation": {"protocol": "test", "examples": None},
}
run = RunSettings.of(settings, learning_rate=0.01, seed=4)
data = TensorData(split(Parts(examples(203, 0), examples(50, 1)), run.as_json()))
history = train(run, data, learner(run, data), lambda line: None)
rows = {name: np.asarray(column).tobytes().hex() for name, column in history.steps.items()}
print(json.dumps({"bits": [weights_fingerprint(history.weights), rows], "cpu": machine()["cpu"], "versions": versions}))
"""
FLAGS = {
    "TF_XLA_FLAGS": "--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit",
    "XLA_FLAGS": "--no_such_flag=1",
    "TF_ENABLE_ONEDNN_OPTS": "1",
    "TF_NUM_INTRAOP_THREADS": "2",
    "TF_NUM_INTEROP_THREADS": "2",
    "TF_DETERMINISTIC_OPS": "1",
    "TF_USE_LEGACY_KERAS": "1",
    "TF_SET_ONEDNN_FPMATH_MODE": "BF16",
    "ONEDNN_DEFAULT_FPMATH_MODE": "BF16",
    "KERAS_BACKEND": "jax",
    "KERAS_MAX_EPOCHS": "1",
    "KERAS_MAX_STEPS_PER_EPOCH": "2",
    "KERAS_NNX_ENABLED": "1",
    "PYTHONHASHSEED": "7",
    "OMP_NUM_THREADS": "2",
    "MKL_NUM_THREADS": "2",
    "OPENBLAS_NUM_THREADS": "2",
    "LC_ALL": "tr_TR.UTF-8",
}
PROCESSOR = {"OPENBLAS_CORETYPE": "Haswell", "NPY_DISABLE_CPU_FEATURES": "AVX512F"}
KERAS_JSON = {
    "other values": {"image_data_format": "channels_first", "floatx": "float16", "epsilon": 0.01, "backend": "jax"},
    "a backend of variables": {"nnx_enabled": True},
    "values that Keras refuses": {"floatx": "float8"},
    "no mapping": [],
}


def trained(home: Path, keras_json: object = None, **variables: str) -> dict:
    """What a fresh process, with such an environment and such a settings file of Keras, trains."""
    (home / ".keras").mkdir(parents=True)
    if keras_json is not None:
        (home / ".keras/keras.json").write_text(json.dumps(keras_json))
    known = ("DNNL_", "KERAS_", "MKL_", "NPY_", "OMP_", "ONEDNN_", "OPENBLAS_", "PYTHON", "TF_", "XLA_")
    usual = {name: value for name, value in os.environ.items() if not name.startswith(known)}
    ran = subprocess.run(
        [sys.executable, "-c", TRAIN],
        env=usual | {"HOME": str(home)} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("usual") / "home")


def test_flags_and_keras_settings_change_no_bit_of_a_run(usual, tmp_path):
    assert trained(tmp_path / "home", KERAS_JSON["other values"], **FLAGS) == usual


def test_a_limit_on_instructions_is_part_of_the_processor(usual, tmp_path):
    here = trained(tmp_path / "home", **PROCESSOR)
    assert here["versions"] == usual["versions"]
    assert here["cpu"] == f"{usual['cpu']}, with NPY_DISABLE_CPU_FEATURES=AVX512F, with OPENBLAS_CORETYPE=Haswell"


@pytest.mark.long
@pytest.mark.parametrize("kind", sorted(KERAS_JSON))
def test_no_settings_file_of_keras_changes_a_run(kind, usual, tmp_path):
    assert trained(tmp_path / "home", KERAS_JSON[kind]) == usual


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(FLAGS))
def test_no_variable_changes_a_run(name, usual, tmp_path):
    assert trained(tmp_path / "home", None, **{name: FLAGS[name]}) == usual


@pytest.mark.parametrize("onednn", [False, True])
def test_what_could_change_a_run_is_set_or_removed_and_the_rest_left(onednn):
    given = {"TF_XLA_FLAGS": "a", "TF_CPP_MIN_LOG_LEVEL": "0", "ONEDNN_MAX_CPU_ISA": "AVX2", "XLA_FLAGS": "b",
             "KERAS_HOME": "/home/keras", "DNNL_VERBOSE": "1", "HOME": "/home", "MY_TF_FLAGS": "c"}  # fmt: skip
    set_environment(given, onednn)
    assert given == {
        "CUDA_VISIBLE_DEVICES": "-1",
        "HOME": "/home",
        "KERAS_BACKEND": "tensorflow",
        "KERAS_HOME": "/dev/null",
        "MY_TF_FLAGS": "c",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "TF_CPP_MIN_LOG_LEVEL": "0",
        "TF_ENABLE_ONEDNN_OPTS": "1" if onednn else "0",
    }


def test_an_empty_variable_is_no_other_processor():
    assert list(processor_settings({"OPENBLAS_CORETYPE": "", "ONEDNN_MAX_CPU_ISA": ""})) == []
    assert list(processor_settings({"MKL_CBWR": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX"})) == [
        "limited to AVX",
        "with MKL_CBWR=AVX2",
    ]


def test_every_variable_stands_in_the_document_with_what_is_done():
    rows = [line for line in (PROJECT / "docs/reliability.md").read_text().splitlines() if line.startswith("| `")]
    for names, treatment in (
        ([f"{name}={value}" for name, (value, _) in environment.SET.items()], "set"),
        ([environment.ONEDNN], "set"),
        (environment.KEPT, "left"),
        (environment.CLEARED, "removed"),
        (environment.PROCESSOR, "another processor"),
    ):
        for name in names:
            assert [row for row in rows if f"`{name}`" in row and treatment in row.split(" | ")[1]], name
