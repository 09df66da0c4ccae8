"""Labels of every kind that data sets have, numbered from 0; the mapping worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from support.data_files import changed_arrays, dataset, labels
from support.samples import arrays, idx_folder

from lrbench.data.sources import data_digest, read_dataset
from lrbench.errors import InputError
from lrbench.identity.provenance import read_sealed

NUMBERS = arrays()["y_train"]  # 0, 1, 2, 0, 1, 2, 0, 1, 2
TEST_NUMBERS = arrays()["y_test"]
KINDS = {
    "from 0": (np.array([0, 1, 2]), None),
    "from 1": (np.array([1, 2, 3], np.uint8), ("1", "2", "3")),
    "with gaps": (np.array([0, 7, 300]), ("0", "7", "300")),
    "negative": (np.array([-5, -1, 0], np.int8), ("-5", "-1", "0")),
    "texts": (np.array(["Ankle boot", "bag", "ü"]), ("Ankle boot", "bag", "ü")),
    "bytes": (np.array([b"a", b"b", "ü".encode()]), ("a", "b", "ü")),
    "one-hot": (np.eye(3), None),
    "one-hot whole numbers": (np.eye(3, dtype=np.int64), None),
    "one-hot with a class of no example": (np.eye(4)[[0, 1, 3]], ("0", "1", "3")),
    "a column": (np.array([[4], [5], [6]]), ("4", "5", "6")),
    "a column of texts": (np.array([["a"], ["b"], ["c"]]), ("a", "b", "c")),
}


@pytest.mark.parametrize(("each", "names"), KINDS.values(), ids=KINDS)
def test_labels_are_numbered_in_ascending_order(here, each, names):
    np.savez("data.npz", **changed_arrays(y_train=each[NUMBERS], y_test=each[TEST_NUMBERS]))
    data = read_dataset("data.npz")
    assert data.class_names == names
    np.testing.assert_array_equal(data.train.labels, NUMBERS, strict=True)
    np.testing.assert_array_equal(data.test.labels, TEST_NUMBERS, strict=True)


def test_a_text_that_training_does_not_have_is_refused(here):
    named = np.array(["a", "b", "c"])
    np.savez("data.npz", **changed_arrays(y_train=named[NUMBERS], y_test=np.array(["a", "zebra", "b"])))
    with pytest.raises(InputError, match="has label 'zebra' but training has the classes 'a', 'b', 'c'"):
        read_dataset("data.npz")


def test_names_of_classes_are_no_part_of_the_digest_but_of_the_manifest(here, capsys):
    named = np.array(["a", "b", "c"])
    np.savez("plain.npz", **arrays())
    np.savez("named.npz", **changed_arrays(y_train=named[NUMBERS], y_test=named[TEST_NUMBERS]))
    assert data_digest(read_dataset("plain.npz")) == data_digest(read_dataset("named.npz"))
    assert dataset("named.npz") == 0
    assert read_sealed(here / "out" / "manifest.json")["class_names"] == ["a", "b", "c"]


def test_more_than_256_classes_have_numbers_of_two_bytes(here):
    each = np.arange(300)
    np.savez("data.npz", **changed_arrays(x_train=np.zeros((300, 2, 3), np.uint8), y_train=each[::-1]))
    data = read_dataset("data.npz")
    np.testing.assert_array_equal(data.train.labels, each[::-1].astype(np.uint16), strict=True)
    np.testing.assert_array_equal(data.test.labels, TEST_NUMBERS.astype(np.uint16), strict=True)


def test_idx_labels_from_1_are_numbered(here):
    one_more = [int(label) + 1 for label in NUMBERS]
    idx_folder(here / "data", train_labels=labels(*one_more), t10k_labels=labels(1, 2, 3))
    data = read_dataset("data")
    assert data.class_names == ("1", "2", "3")
    np.testing.assert_array_equal(data.train.labels, NUMBERS, strict=True)
