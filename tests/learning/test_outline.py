"""What labels and headers show of data that cannot be used."""

from __future__ import annotations

import gzip
import tracemalloc

import numpy as np
import pytest
from support.data_files import changed_arrays, labels
from support.samples import SPLIT, TEST_LABELS, TRAIN_IMAGES, arrays, idx, idx_files, idx_folder

from lrbench.errors import InputError
from lrbench.learning.outline import check_outline


def split(train_examples=None, held=None):
    protocol = "test" if held is None else "holdout"
    return {"train_examples": train_examples, "validation": {"protocol": protocol, "examples": held}}


@pytest.mark.parametrize("settings", [SPLIT, split(9), split(5, 3)])
def test_right_data_pass(here, settings):
    idx_folder(here / "plain")
    idx_folder(here / "packed", gzipped=True)
    np.savez(here / "one.npz", **arrays())
    np.savez_compressed(here / "two.npz", **arrays())
    for path in ("plain", "packed", "one.npz", "two.npz"):
        check_outline(path, settings)


GOOD = idx_files()
IDX = {
    "cut short": (
        {"train_images": GOOD[TRAIN_IMAGES][:-1]},
        f"data/{TRAIN_IMAGES}: ends after 53 of 54 bytes of images; fetch it again.",
    ),
    "goes on": (
        {"train_images": GOOD[TRAIN_IMAGES] + b"x"},
        f"data/{TRAIN_IMAGES}: goes on after its 54 bytes of images; fetch it again.",
    ),
    "another kind of file": (
        {"train_images": GOOD[TEST_LABELS]},
        f"data/{TRAIN_IMAGES}: starts with 0x00000801 where an IDX file of images has 0x00000803; "
        "give an IDX file of unsigned bytes.",
    ),
    "a label too few": (
        {"train_labels": labels(0, 1, 2)},
        "data/train-labels-idx1-ubyte: has 3 labels for 9 training images; give one for each.",
    ),
    "a class that training lacks": (
        {"t10k_labels": labels(0, 1, 3)},
        f"data/{TEST_LABELS}: has label 3 but training has the classes 0 to 2; leave out what cannot be learned.",
    ),
    "images of two sizes": (
        {"t10k_images": idx(np.zeros((3, 3, 3), np.uint8))},
        "data/t10k-images-idx3-ubyte: has images of 3 x 3 but training has 2 x 3; give one size.",
    ),
}


@pytest.mark.parametrize(("changed", "problem"), IDX.values(), ids=IDX)
def test_wrong_idx_files_are_named(here, changed, problem):
    idx_folder(here / "data", **changed)
    with pytest.raises(InputError) as caught:
        check_outline("data", SPLIT)
    assert str(caught.value) == problem


NPZ = {
    "no test labels": ({"y_test": None}, "lacks y_test; give an .npz with x_train, y_train, x_test, y_test."),
    "images of floats": (
        {"x_train": np.zeros((9, 2, 3), np.float32)},
        "has images of uint8 but training has float32; give one type.",
    ),
    "flat images": ({"x_test": np.zeros((3, 6), np.uint8)}, "has images of 6 but training has 2 x 3; give one size."),
}


@pytest.mark.parametrize(("changed", "problem"), NPZ.values(), ids=NPZ)
def test_wrong_npz_files_are_named(here, changed, problem):
    np.savez(here / "data.npz", **changed_arrays(**changed))
    with pytest.raises(InputError) as caught:
        check_outline("data.npz", SPLIT)
    assert str(caught.value).startswith("data.npz: ")
    assert str(caught.value).removeprefix("data.npz: ") == problem


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (
            split(10),
            "dataset.train_examples is 10 but there are 9 to train on; "
            "ask for no more than that, or remove the key to take all.",
        ),
        (
            split(None, 9),
            "dataset.holdout_examples is 9 but the training set has 9 examples; "
            "hold out fewer, so that some are left to train on.",
        ),
    ],
)
def test_more_examples_than_there_are_is_named(here, settings, problem):
    idx_folder(here / "data")
    with pytest.raises(InputError) as caught:
        check_outline("data", settings)
    assert str(caught.value) == problem


@pytest.mark.parametrize("packed", [False, True])
def test_images_are_not_read(here, packed):
    images = np.zeros((9, 1000, 2000), np.uint8)
    changed = {"x_train": images, "x_test": images[:3]}
    (np.savez_compressed if packed else np.savez)(here / "data.npz", **(arrays() | changed))
    idx_folder(here / "data", train_images=idx(images), t10k_images=idx(images[:3]))
    if packed:
        for file in (here / "data").iterdir():
            (here / "data" / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
            file.unlink()
    for path in ("data", "data.npz"):
        tracemalloc.start()
        check_outline(path, SPLIT)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most < 3_000_000, path
