"""An .npz that is wrong: each fault in one sentence, status 2, nothing written, the data untouched."""

from __future__ import annotations

import numpy as np
import pytest
from support.data_files import assert_refused, changed_arrays, good_members, npy, npz
from support.samples import arrays

from lrbench.data.formats import GIVE

NPZ_FAULTS = {
    "unused arrays": (
        {"x_val": arrays()["x_test"], "y_val": arrays()["y_test"]},
        "has x_val, y_val, which lrbench does not use; "
        "write the file anew with x_train, y_train, x_test, y_test alone, so that nobody takes the others for used.",
    ),
    "many unused arrays": (
        {f"x_{place}": np.zeros(1) for place in range(10)},
        "has x_0, x_1, x_2, x_3, x_4, x_5, x_6, x_7 and 2 more, which lrbench does not use; "
        "write the file anew with x_train, y_train, x_test, y_test alone, so that nobody takes the others for used.",
    ),
    "other names": (
        {"x_train": None, "y_train": None, "train_images": arrays()["x_train"], "train_labels": arrays()["y_train"]},
        "lacks x_train, y_train and has train_images, train_labels; "
        "give an .npz with x_train, y_train, x_test, y_test.",
    ),
    "missing array": ({"y_test": None}, "lacks y_test; give an .npz with x_train, y_train, x_test, y_test."),
    "float images": (
        {"x_train": arrays()["x_train"] / 255},
        "has images of uint8 but training has float32; give one type.",
    ),
    "a number that is none": (
        {"x_train": np.where(arrays()["x_train"] == 20, np.nan, 1.0)},
        "x_train[3, 0, 2] is nan, which is no finite number of float32; give finite ones within its range.",
    ),
    "a number beyond single precision": (
        {"x_train": np.where(arrays()["x_train"] == 20, 1e40, 1.0)},
        "x_train[3, 0, 2] is 1e+40, which is no finite number of float32; give finite ones within its range.",
    ),
    "a whole number beyond 32 bits": (
        {"x_test": np.array([[[1, 2, 3], [4, 5, 2**31]]] * 3)},
        "x_test[0, 1, 2] is 2147483648, which is no finite number of int32; give finite ones within its range.",
    ),
    "complex images": (
        {"x_train": np.zeros((9, 2, 3), complex)},
        "x_train has dtype complex128; give whole numbers or numbers with a fraction.",
    ),
    "wide images": (
        {"x_test": arrays()["x_test"].astype(np.int64)},
        "has images of int32 but training has uint8; give one type.",
    ),
    "flat images": (
        {"x_train": arrays()["x_train"].reshape(9, 6)},
        "has images of 2 x 3 but training has 6; give one size.",
    ),
    "images of no dimension": (
        {"x_train": np.zeros(9, np.uint8)},
        "x_train has shape (9,); give examples as (examples, features) or (examples, height, width[, ch"
        "annels]), up to 8 dimensions, none of them 0.",
    ),
    "no images": (
        {"x_test": np.zeros((0, 2, 3), np.uint8)},
        "x_test has shape (0, 2, 3); give examples as (examples, features) or (examples, height, width[, ch"
        "annels]), up to 8 dimensions, none of them 0.",
    ),
    "float labels": (
        {"y_train": arrays()["y_train"].astype(float)},
        "y_train has shape (9,) and dtype float64; "
        "give whole numbers or texts, (examples,), or one-hot rows, (examples, classes).",
    ),
    "labels of several classes": (
        {"y_train": np.eye(3, dtype=np.uint8)[arrays()["y_train"]] | np.eye(3, dtype=np.uint8)[0]},
        "y_train has shape (9, 3) and dtype uint8; "
        "give whole numbers or texts, (examples,), or one-hot rows, (examples, classes).",
    ),
    "rows of no class": (
        {"y_train": np.zeros((9, 3))},
        "y_train has shape (9, 3) and dtype float64; "
        "give whole numbers or texts, (examples,), or one-hot rows, (examples, classes).",
    ),
    "no labels": (
        {"y_test": np.zeros(0, np.uint8)},
        "y_test has shape (0,) and dtype uint8; "
        "give whole numbers or texts, (examples,), or one-hot rows, (examples, classes).",
    ),
    "texts where training has numbers": (
        {"y_test": np.array(["0", "1", "2"])},
        "has texts for labels where training has numbers; give one kind.",
    ),
    "a label that cannot be shown": (
        {"y_train": np.array(["a", "b\x1b", "c"] * 3), "y_test": np.array(["a", "a", "c"])},
        "has label 'b\\x1b', which cannot be shown; give it visible characters.",
    ),
    "a long label": (
        {"y_train": np.array(["a", "b" * 201, "c"] * 3), "y_test": np.array(["a", "a", "c"])},
        "has a label of 201 characters, over the cap of 200; shorten it.",
    ),
    "a label that is too large": (
        {"y_train": np.array([0, 1, 2**63] * 3, np.uint64)},
        "y_train has label 9223372036854775808, which is too large; give smaller numbers.",
    ),
    "negative label": (
        {"y_train": np.array([0, 1, 2, 0, 1, 2, 0, 1, -1]), "y_test": np.array([0, -1, -2])},
        "has label -2 but training has the classes -1 to 2; leave out what cannot be learned.",
    ),
    "label over a byte": (
        {"y_test": np.array([0, 1, 256])},
        "has label 256 but training has the classes 0 to 2; leave out what cannot be learned.",
    ),
    "unequal counts": (
        {"y_train": np.array([0, 1, 2], np.uint8)},
        "has 3 labels for 9 training images; give one for each.",
    ),
    "class without example": (
        {"y_train": np.array([0, 1, 3, 0, 1, 3, 0, 1, 3])},
        "has label 2 but training has the classes 0, 1, 3; leave out what cannot be learned.",
    ),
    "one class": ({"y_train": np.zeros(9, np.uint8)}, "all labels are 0; give at least two classes."),
    "label outside the classes": (
        {"y_test": np.array([0, 1, 3], np.uint8)},
        "has label 3 but training has the classes 0 to 2; leave out what cannot be learned.",
    ),
    "test images of another size": (
        {"x_test": np.zeros((3, 3, 2), np.uint8)},
        "has images of 3 x 2 but training has 2 x 3; give one size.",
    ),
    "test images of another depth": (
        {"x_test": np.zeros((3, 2, 3, 1), np.uint8)},
        "has images of 2 x 3 x 1 but training has 2 x 3; give one size.",
    ),
    "pickled objects": (
        {"y_train": np.array([0, 1, 2, None, 1, 2, 0, 1, 2], object)},
        "is no .npz that lrbench loads (it holds pickled objects); give numbers, or texts as y.astype(str) has them.",
    ),
}


@pytest.mark.parametrize(("changed", "complaint"), NPZ_FAULTS.values(), ids=NPZ_FAULTS)
def test_a_faulty_npz_is_refused(here, capsys, changed, complaint):
    np.savez("data.npz", **changed_arrays(**changed))
    assert_refused(here, capsys, "data.npz", f"data.npz: {complaint}")


class Trap:
    """An object whose unpickling leaves a trace."""

    def __reduce__(self):
        return (open, ("trace", "w"))


@pytest.mark.parametrize("name", ["x_train", "y_train", "x_test", "y_test"])
def test_a_pickle_is_never_loaded(here, capsys, name):
    trapped = np.empty(1, object)
    trapped[0] = Trap()
    np.savez("data.npz", **changed_arrays(**{name: trapped}))
    assert_refused(
        here,
        capsys,
        "data.npz",
        "data.npz: is no .npz that lrbench loads (it holds pickled objects); "
        "give numbers, or texts as y.astype(str) has them.",
    )
    assert not (here / "trace").exists()


NOT_NPZ = {
    "text": (b"not a zip file", "is no .npz that lrbench loads (File is not a zip file); give plain numeric arrays."),
    "empty": (b"", "is no .npz that lrbench loads (File is not a zip file); give plain numeric arrays."),
    "cut": (
        npz(good_members())[:-30],
        "is no .npz that lrbench loads (File is not a zip file); give plain numeric arrays.",
    ),
    "a member that is no array": (
        npz(good_members() | {"y_train.npy": b"0 1 2"}),
        "y_train is no array; write the file with numpy.savez.",
    ),
    "a member that ends early": (
        npz(good_members() | {"y_train.npy": npy(arrays()["y_train"])[:-1]}),
        "y_train says it holds an array of shape (9,) and dtype uint8 but has 8 bytes of it; fetch the file again.",
    ),
    "no members": (
        npz({}),
        "lacks x_train, y_train; give an .npz with x_train, y_train.",
    ),
}


@pytest.mark.parametrize(("content", "complaint"), NOT_NPZ.values(), ids=NOT_NPZ)
def test_a_file_that_is_no_npz_is_refused(here, capsys, content, complaint):
    (here / "data.npz").write_bytes(content)
    assert_refused(here, capsys, "data.npz", f"data.npz: {complaint}")


def test_an_npz_with_a_wrong_checksum_is_refused(here, capsys):
    whole = npz(good_members())
    place = whole.index(arrays()["x_train"].tobytes())
    (here / "data.npz").write_bytes(whole[:place] + b"\xff" + whole[place + 1 :])
    assert_refused(
        here,
        capsys,
        "data.npz",
        "data.npz: is no .npz that lrbench loads (Bad CRC-32 for file 'x_train.npy'); give plain numeric arrays.",
    )


def test_an_npz_over_the_cap_is_not_decompressed(here, capsys, monkeypatch):
    np.savez_compressed("data.npz", **arrays())
    monkeypatch.setattr("lrbench.data.arrays.MAX_BYTES", 500)
    assert_refused(
        here, capsys, "data.npz", "data.npz: says it holds 596 bytes, over the cap of 500; give a smaller data set."
    )


def test_a_missing_npz_is_named(here, capsys):
    complaint = f"cannot be read (No such file or directory); {GIVE}."
    assert_refused(here, capsys, "data.npz", f"data.npz: {complaint}")


def test_an_empty_path_is_refused(here, capsys):
    assert_refused(here, capsys, "", f".: cannot be read (Is a directory); {GIVE}.")
