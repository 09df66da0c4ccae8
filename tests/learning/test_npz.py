"""An .npz that is wrong: each fault in one sentence, status 2, nothing written, the data untouched."""

from __future__ import annotations

import numpy as np
import pytest
from data_files import assert_refused, changed_arrays, good_members, npy, npz
from samples import arrays

from lrbench.learning import sources

NPZ_FAULTS = {
    "missing array": ({"y_test": None}, "lacks y_test; give an .npz with x_train, y_train, x_test, y_test."),
    "float images": (
        {"x_train": arrays()["x_train"] / 255},
        "x_train has dtype float64; give images as uint8, 0 to 255.",
    ),
    "wide images": (
        {"x_test": arrays()["x_test"].astype(np.int32)},
        "x_test has dtype int32; give images as uint8, 0 to 255.",
    ),
    "flat images": (
        {"x_train": arrays()["x_train"].reshape(9, 6)},
        "x_train has shape (9, 6); give images as (examples, height, width) or (examples, height, width, channels), "
        "none of them 0.",
    ),
    "no images": (
        {"x_test": np.zeros((0, 2, 3), np.uint8)},
        "x_test has shape (0, 2, 3); give images as (examples, height, width) or "
        "(examples, height, width, channels), none of them 0.",
    ),
    "float labels": (
        {"y_train": arrays()["y_train"].astype(float)},
        "y_train has shape (9,) and dtype float64; give whole numbers, (examples,).",
    ),
    "one-hot labels": (
        {"y_train": np.eye(3, dtype=np.uint8)[arrays()["y_train"]]},
        "y_train has shape (9, 3) and dtype uint8; give whole numbers, (examples,).",
    ),
    "no labels": (
        {"y_test": np.zeros(0, np.uint8)},
        "y_test has shape (0,) and dtype uint8; give whole numbers, (examples,).",
    ),
    "negative label": (
        {"y_train": np.array([0, 1, 2, 0, 1, 2, 0, 1, -1])},
        "y_train goes from -1 to 2; labels must be classes from 0 to at most 255.",
    ),
    "label over a byte": (
        {"y_test": np.array([0, 1, 256])},
        "y_test goes from 0 to 256; labels must be classes from 0 to at most 255.",
    ),
    "unequal counts": (
        {"y_train": np.array([0, 1, 2], np.uint8)},
        "has 3 labels for 9 training images; give one for each.",
    ),
    "class without example": (
        {"y_train": np.array([0, 1, 3, 0, 1, 3, 0, 1, 3])},
        "has labels up to 3 but none is 2; number the classes from 0 without a gap.",
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
        "is no .npz that lrbench loads (it holds pickled objects); give plain numeric arrays.",
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
        "data.npz: is no .npz that lrbench loads (it holds pickled objects); give plain numeric arrays.",
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
        "lacks x_train, y_train, x_test, y_test; give an .npz with x_train, y_train, x_test, y_test.",
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
    monkeypatch.setattr(sources, "MAX_BYTES", 500)
    assert_refused(
        here, capsys, "data.npz", "data.npz: says it holds 596 bytes, over the cap of 500; give a smaller data set."
    )


def test_a_missing_npz_is_named(here, capsys):
    complaint = "cannot be read (No such file or directory); give a folder of IDX files or an .npz file."
    assert_refused(here, capsys, "data.npz", f"data.npz: {complaint}")


def test_an_empty_path_is_refused(here, capsys):
    assert_refused(here, capsys, "", ".: cannot be read (Is a directory); give a folder of IDX files or an .npz file.")
