"""Reading a data set whatever its bytes are."""

from __future__ import annotations

import numpy as np
from support.samples import assert_sentence, tree

from lrbench.data.sources import read_dataset
from lrbench.errors import InputError


def read_or_refused(here, path, options=None):
    """Read a data set; what comes of it is four good arrays or one sentence, and no file."""
    before = tree(here)
    try:
        data = read_dataset(path, options)
    except InputError as error:
        assert_sentence(error, "data")
    else:
        classes = set(range(int(data.train.labels.max()) + 1))
        assert set(data.train.labels.tolist()) == classes
        assert data.class_names is None or len(set(data.class_names)) == len(classes)
        for examples in data.named().values():
            assert examples.images.dtype in (np.uint8, np.float32, np.int32)
            assert examples.labels.dtype == np.uint8
            assert len(examples.images) == len(examples.labels) > 0
            assert set(examples.labels.tolist()) <= classes
            assert examples.images.shape[1:] == data.train.images.shape[1:]
            assert np.isfinite(examples.images).all()
    assert tree(here) == before
