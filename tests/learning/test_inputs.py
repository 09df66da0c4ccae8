"""What a network is given of examples: bytes divided by 255, every other number as it is."""

from __future__ import annotations

import numpy as np
import pytest

from lrbench.data.split import Examples, Parts, scaled, split
from lrbench.learning.model import set_up_tensorflow
from lrbench.learning.settings import RunSettings

SETTINGS = {
    "model": {"hidden_units": [4]},
    "optimizer": {"name": "sgd", "keras": {"class": "SGD"}},
    "epochs": 1,
    "batch_size": 7,
    "threads": 1,
    "device": "cpu",
    "train_examples": None,
    "validation": {"protocol": "test", "examples": None},
}


def losses(images):
    """The loss of each batch of an epoch."""
    set_up_tensorflow(1)
    from lrbench.learning.fused import learner
    from lrbench.learning.training import TensorData, train

    examples = Examples(images, np.arange(len(images), dtype=np.uint8) % 3)
    data = TensorData(split(Parts(examples, examples), SETTINGS))
    run = RunSettings.of(SETTINGS, 0.1, 0)
    return train(run, data, learner(run, data), lambda line: None).steps["batch_loss"].tolist()


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_numbers_other_than_bytes_are_taken_as_they_are(dtype):
    whole = np.random.default_rng(0).integers(-3, 4, (20, 5)).astype(dtype)
    assert losses(whole) == losses(whole.astype(np.float32))
    np.testing.assert_array_equal(scaled(whole), whole.astype(np.float32), strict=True)


def test_bytes_are_divided_by_255():
    pixels = np.random.default_rng(0).integers(0, 256, (20, 2, 3)).astype(np.uint8)
    assert losses(pixels) == losses(scaled(pixels))
    assert losses(pixels) != losses(pixels.astype(np.float32))
