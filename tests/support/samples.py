"""Small valid inputs that tests spoil, and what they compare afterwards."""

from __future__ import annotations

import gzip
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# bounded and the same in every run; the fixtures that examples share hold nothing that an example changes
BOUNDED = settings(
    derandomize=True,
    deadline=None,
    max_examples=100,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
FEW = settings(BOUNDED, max_examples=50)
LONG_PROFILE = "long"
LONG_TIMES = 50


def fuzz(examples: int):
    """A decorator for hypothesis' tests of bad input, above `given`: bounded, and counted at the end of the run.

    They run every day on `examples` inputs; `make test-long` draws LONG_TIMES as many.
    """
    times = LONG_TIMES if settings.get_current_profile_name() == LONG_PROFILE else 1
    bounded = settings(BOUNDED, max_examples=examples * times)
    return lambda test: pytest.mark.fuzz(bounded(test))


def mutated(content: bytes):
    """Strategies for bytes near these: some replaced, cut, doubled, or with something put in."""

    def change(edits):
        result = bytearray(content)
        for place, removed, added in edits:
            result[place : place + removed] = added
        return bytes(result)

    edit = st.tuples(st.integers(0, len(content)), st.integers(0, 12) | st.just(len(content)), st.binary(max_size=6))
    return st.lists(edit, min_size=1, max_size=4).map(change)


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.sampled_from(["epochs.csv", "..", ""]),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "sha256", "epochs", "steps", "seed", "run_key"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def spoiled(value, data):
    """The value with something of it, however deep, replaced or left out."""
    if isinstance(value, dict) and value and data.draw(st.booleans()):
        key = data.draw(st.sampled_from(sorted(value)))
        if data.draw(st.booleans()):
            return {name: item for name, item in value.items() if name != key}
        return value | {key: spoiled(value[key], data)}
    if isinstance(value, list) and value and data.draw(st.booleans()):
        return [spoiled(value[0], data), *value[1:]]
    return data.draw(JSON)


TRAIN_IMAGES = "train-images-idx3-ubyte"
TRAIN_LABELS = "train-labels-idx1-ubyte"
TEST_IMAGES = "t10k-images-idx3-ubyte"
TEST_LABELS = "t10k-labels-idx1-ubyte"

SPLIT = {"train_examples": None, "validation": {"examples": None, "protocol": "test"}}
SETTINGS = {
    "batch_size": 4,
    "device": "cpu",
    "epochs": 1,
    "model": {"hidden_units": [3]},
    "optimizer": {"name": "sgd", "keras": {"class": "SGD"}},
    "threads": 1,
    **SPLIT,
}
PLAN = {"learning_rates": [0.1], "seeds": [0]}
MEASURED = {  # what a run's manifest says of how and with what it ended
    "engine": "fused",
    "machine": {"architecture": "a", "cpu": "c", "system": "s"},
    "test": None,
    "validation": {"class_correct": [1, 1, 1]},
    "weights": {"final": "f", "finite": True, "initial": "i"},
}
ORIGIN = {"code": "c0de", "versions": {"keras": "3", "numpy": "2", "tensorflow": "2"}}


def idx(array: np.ndarray) -> bytes:
    """An array of unsigned bytes as an IDX file has it."""
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def arrays() -> dict[str, np.ndarray]:
    """Three classes, nine training examples and three test examples of 2 x 3 pixels."""
    return {
        "x_train": np.arange(54, dtype=np.uint8).reshape(9, 2, 3),
        "y_train": np.array([0, 1, 2, 0, 1, 2, 0, 1, 2], np.uint8),
        "x_test": np.arange(18, dtype=np.uint8).reshape(3, 2, 3),
        "y_test": np.array([0, 1, 2], np.uint8),
    }


def idx_files() -> dict[str, bytes]:
    """The same examples as the contents of four IDX files."""
    given = arrays()
    return {
        TRAIN_IMAGES: idx(given["x_train"]),
        TRAIN_LABELS: idx(given["y_train"]),
        TEST_IMAGES: idx(given["x_test"]),
        TEST_LABELS: idx(given["y_test"]),
    }


def idx_folder(folder: Path, gzipped: bool = False, **changed: bytes | None) -> Path:
    """A folder of the four IDX files; a changed one by its first two words, None to leave it out."""
    folder.mkdir()
    for name, content in idx_files().items():
        key = "_".join(name.split("-")[:2])
        spoiled = changed.get(key, content)
        if spoiled is not None and gzipped:
            (folder / f"{name}.gz").write_bytes(gzip.compress(spoiled, mtime=0))
        elif spoiled is not None:
            (folder / name).write_bytes(spoiled)
    return folder


def tree(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder: the bytes of each file, None for a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def assert_sentence(error: Exception, start: str) -> None:
    """A message of one sentence that begins with what it is about."""
    message = " ".join(str(error).split())
    assert message.startswith(start)
    assert message.endswith(".")


def as_json(value: object) -> str:
    return json.dumps(value)
