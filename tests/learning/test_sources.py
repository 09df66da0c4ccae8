"""Data sets that are wrong: each fault in one sentence, status 2, nothing written, the data untouched."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import (
    SPLIT,
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    arrays,
    as_json,
    assert_sentence,
    fuzz,
    idx,
    idx_files,
    idx_folder,
    mutated,
    tree,
)

from lrbench.arguments import SCHEMA
from lrbench.cli import main
from lrbench.errors import InputError
from lrbench.learning import sources
from lrbench.learning.sources import data_digest, describe, read_dataset

MNIST = SCHEMA.parents[2] / "resources" / "mnist"
GOOD = idx_files()
FOUR = "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte"


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def dataset(data, output="out/manifest.json", split=SPLIT):
    """Status of `lrbench dataset`."""
    return main(["dataset", "--data", str(data), "--split", as_json(split), "--output", str(output)])


def assert_refused(work, capsys, data, complaint):
    """The data are refused with this sentence by the reader and by the command, and nothing is written."""
    before = tree(work)
    with pytest.raises(InputError) as caught:
        read_dataset(data)
    assert str(caught.value) == complaint
    assert dataset(data) == 2
    assert capsys.readouterr() == ("", f"lrbench: {' '.join(complaint.split())}\n")
    assert tree(work) == before


def labels(*values):
    return idx(np.array(values, np.uint8))


IDX_FAULTS = {
    "missing": (
        {"train_labels": None},
        f"data/{TRAIN_LABELS}: cannot be read (No such file or directory); give a folder with the four IDX files "
        f"{FOUR}, each plain or .gz.",
    ),
    "empty file": (
        {"train_images": b""},
        f"data/{TRAIN_IMAGES}: starts with 0x where an IDX file of images has 0x00000803; "
        "give an IDX file of unsigned bytes.",
    ),
    "labels for images": (
        {"train_images": GOOD[TRAIN_LABELS]},
        f"data/{TRAIN_IMAGES}: starts with 0x00000801 where an IDX file of images has 0x00000803; "
        "give an IDX file of unsigned bytes.",
    ),
    "wrong dtype": (
        {"t10k_images": b"\0\0\x0d\x03" + GOOD[TEST_IMAGES][4:]},
        f"data/{TEST_IMAGES}: starts with 0x00000d03 where an IDX file of images has 0x00000803; "
        "give an IDX file of unsigned bytes.",
    ),
    "gzipped without saying so": (
        {"train_labels": gzip.compress(GOOD[TRAIN_LABELS])},
        f"data/{TRAIN_LABELS}: starts with 0x1f8b0800 where an IDX file of labels has 0x00000801; "
        "give an IDX file of unsigned bytes.",
    ),
    "header cut": (
        {"train_images": GOOD[TRAIN_IMAGES][:10]},
        f"data/{TRAIN_IMAGES}: ends within its header; fetch it again.",
    ),
    "truncated": (
        {"train_images": GOOD[TRAIN_IMAGES][:-1]},
        f"data/{TRAIN_IMAGES}: ends after 53 of 54 bytes of images; fetch it again.",
    ),
    "trailing bytes": (
        {"t10k_labels": GOOD[TEST_LABELS] + b"\0"},
        f"data/{TEST_LABELS}: goes on after its 3 bytes of labels; fetch it again.",
    ),
    "dimensions that disagree with the length": (
        {"train_images": b"\0\0\x08\x03" + struct.pack(">3I", 9, 3, 3) + bytes(54)},
        f"data/{TRAIN_IMAGES}: ends after 54 of 81 bytes of images; fetch it again.",
    ),
    "over the cap": (
        {"train_images": b"\0\0\x08\x03" + struct.pack(">3I", 1 << 20, 1 << 10, 1 << 10)},
        f"data/{TRAIN_IMAGES}: says it holds 1099511627776 bytes, over the cap of 4294967296; give a smaller data set.",
    ),
    "no images": (
        {"train_images": b"\0\0\x08\x03" + struct.pack(">3I", 0, 2, 3)},
        f"data/{TRAIN_IMAGES}: holds no images (its dimensions are (0, 2, 3)); give a file with some.",
    ),
    "images without pixels": (
        {"train_images": b"\0\0\x08\x03" + struct.pack(">3I", 9, 0, 3)},
        f"data/{TRAIN_IMAGES}: holds no images (its dimensions are (9, 0, 3)); give a file with some.",
    ),
    "no test labels": (
        {"t10k_labels": b"\0\0\x08\x01\0\0\0\0"},
        f"data/{TEST_LABELS}: holds no labels (its dimensions are (0,)); give a file with some.",
    ),
    "fewer labels": (
        {"train_labels": labels(0, 1, 2)},
        f"data/{TRAIN_LABELS}: has 3 labels for 9 training images; give one for each.",
    ),
    "more test labels": (
        {"t10k_labels": labels(0, 1, 2, 0)},
        f"data/{TEST_LABELS}: has 4 labels for 3 test images; give one for each.",
    ),
    "class without example": (
        {"train_labels": labels(0, 1, 3, 0, 1, 3, 0, 1, 3)},
        f"data/{TRAIN_LABELS}: has labels up to 3 but none is 2; number the classes from 0 without a gap.",
    ),
    "one class": (
        {"train_labels": labels(*[0] * 9), "t10k_labels": labels(0, 0, 0)},
        f"data/{TRAIN_LABELS}: all labels are 0; give at least two classes.",
    ),
    "label outside the classes": (
        {"t10k_labels": labels(0, 1, 3)},
        f"data/{TEST_LABELS}: has label 3 but training has the classes 0 to 2; leave out what cannot be learned.",
    ),
    "test images of another size": (
        {"t10k_images": idx(np.zeros((3, 3, 2), np.uint8))},
        f"data/{TEST_IMAGES}: has images of 3 x 2 but training has 2 x 3; give one size.",
    ),
}


@pytest.mark.parametrize("gzipped", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize(("changed", "complaint"), IDX_FAULTS.values(), ids=IDX_FAULTS)
def test_a_faulty_idx_file_is_refused(work, capsys, gzipped, changed, complaint):
    idx_folder(work / "data", gzipped, **changed)
    if gzipped and None not in changed.values():
        for name in (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS):
            complaint = complaint.replace(f"data/{name}:", f"data/{name}.gz:")
    assert_refused(work, capsys, "data", complaint)


GZIP_FAULTS = {
    "checksum": (
        lambda whole: whole[:-8] + bytes([whole[-8] ^ 1]) + whole[-7:],
        "CRC check failed",
    ),
    "length": (lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]), "Incorrect length of data produced"),
    "cut": (lambda whole: whole[:-9], "Compressed file ended before the end-of-stream marker was reached"),
    "trailing rubbish": (lambda whole: whole + b"rubbish", "Not a gzipped file (b'ru')"),
    "not gzip": (lambda whole: gzip.decompress(whole), "Not a gzipped file (b'\\x00\\x00')"),
    "deflate": (lambda whole: whole[:10] + b"\xff" * 8 + whole[18:], "Error -3 while decompressing data"),
}


@pytest.mark.parametrize(("spoil", "reason"), GZIP_FAULTS.values(), ids=GZIP_FAULTS)
def test_a_damaged_gzip_file_is_refused(work, capsys, spoil, reason):
    file = idx_folder(work / "data", gzipped=True) / f"{TRAIN_IMAGES}.gz"
    file.write_bytes(spoil(file.read_bytes()))
    before = tree(work)
    assert dataset("data") == 2
    error = capsys.readouterr().err
    assert error.startswith(f"lrbench: data/{TRAIN_IMAGES}.gz: is a damaged gzip file ({reason}")
    assert error.endswith("); fetch it again.\n")
    assert tree(work) == before


def test_more_bytes_than_the_cap_are_not_decompressed(work, capsys, monkeypatch):
    monkeypatch.setattr(sources, "MAX_BYTES", 53)
    idx_folder(work / "data", gzipped=True)
    assert_refused(
        work,
        capsys,
        "data",
        f"data/{TRAIN_IMAGES}.gz: says it holds 54 bytes, over the cap of 53; give a smaller data set.",
    )


def test_a_gzip_bomb_is_read_no_further_than_its_header_says(work, capsys):
    bomb = gzip.compress(GOOD[TRAIN_LABELS] + bytes(50_000_000))
    idx_folder(work / "data", gzipped=True)
    (work / "data" / f"{TRAIN_LABELS}.gz").write_bytes(bomb)
    assert_refused(
        work, capsys, "data", f"data/{TRAIN_LABELS}.gz: goes on after its 9 bytes of labels; fetch it again."
    )


def test_a_folder_in_place_of_a_file_is_refused(work, capsys):
    idx_folder(work / "data", train_labels=None)
    (work / "data" / TRAIN_LABELS).mkdir()
    assert_refused(
        work,
        capsys,
        "data",
        f"data/{TRAIN_LABELS}: cannot be read (Is a directory); give a folder with the four IDX files {FOUR}, "
        "each plain or .gz.",
    )


def changed_arrays(**changed):
    """The good arrays as an .npz, some replaced, None to leave one out."""
    return {name: value for name, value in (arrays() | changed).items() if value is not None}


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
def test_a_faulty_npz_is_refused(work, capsys, changed, complaint):
    np.savez("data.npz", **changed_arrays(**changed))
    assert_refused(work, capsys, "data.npz", f"data.npz: {complaint}")


class Trap:
    """An object whose unpickling leaves a trace."""

    def __reduce__(self):
        return (open, ("trace", "w"))


@pytest.mark.parametrize("name", ["x_train", "y_train", "x_test", "y_test"])
def test_a_pickle_is_never_loaded(work, capsys, name):
    trapped = np.empty(1, object)
    trapped[0] = Trap()
    np.savez("data.npz", **changed_arrays(**{name: trapped}))
    assert_refused(
        work,
        capsys,
        "data.npz",
        "data.npz: is no .npz that lrbench loads (it holds pickled objects); give plain numeric arrays.",
    )
    assert not (work / "trace").exists()


def npz(members, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def good_members():
    return {f"{name}.npy": npy(array) for name, array in arrays().items()}


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
def test_a_file_that_is_no_npz_is_refused(work, capsys, content, complaint):
    (work / "data.npz").write_bytes(content)
    assert_refused(work, capsys, "data.npz", f"data.npz: {complaint}")


def test_an_npz_with_a_wrong_checksum_is_refused(work, capsys):
    whole = npz(good_members())
    place = whole.index(arrays()["x_train"].tobytes())
    (work / "data.npz").write_bytes(whole[:place] + b"\xff" + whole[place + 1 :])
    assert_refused(
        work,
        capsys,
        "data.npz",
        "data.npz: is no .npz that lrbench loads (Bad CRC-32 for file 'x_train.npy'); give plain numeric arrays.",
    )


def test_an_npz_over_the_cap_is_not_decompressed(work, capsys, monkeypatch):
    np.savez_compressed("data.npz", **arrays())
    monkeypatch.setattr(sources, "MAX_BYTES", 500)
    assert_refused(
        work, capsys, "data.npz", "data.npz: says it holds 596 bytes, over the cap of 500; give a smaller data set."
    )


def test_a_missing_npz_is_named(work, capsys):
    complaint = "cannot be read (No such file or directory); give a folder of IDX files or an .npz file."
    assert_refused(work, capsys, "data.npz", f"data.npz: {complaint}")


def test_an_empty_path_is_refused(work, capsys):
    assert_refused(work, capsys, "", ".: cannot be read (Is a directory); give a folder of IDX files or an .npz file.")


def test_every_form_of_a_data_set_gives_the_same_examples(work):
    idx_folder(work / "plain")
    idx_folder(work / "zipped", gzipped=True)
    given_arrays = arrays()
    np.savez("plain.npz", **given_arrays)
    np.savez_compressed("zipped.npz", **{key: np.asfortranarray(value) for key, value in given_arrays.items()})
    np.savez("wide.npz", **(given_arrays | {"y_train": given_arrays["y_train"].astype(">i8")[:, None]}))
    digests = set()
    for path in ("plain", "zipped", "plain.npz", "zipped.npz", "wide.npz"):
        train, test = read_dataset(path)
        for examples, part in ((train, "train"), (test, "test")):
            np.testing.assert_array_equal(examples.images, given_arrays[f"x_{part}"], strict=True)
            np.testing.assert_array_equal(examples.labels, given_arrays[f"y_{part}"], strict=True)
        digests.add(data_digest(train, test))
    assert len(digests) == 1


def test_colour_images_are_taken(work):
    images = np.arange(9 * 2 * 3 * 3, dtype=np.uint8).reshape(9, 2, 3, 3)
    np.savez("data.npz", **changed_arrays(x_train=images, x_test=images[:3]))
    train, _ = read_dataset("data.npz")
    np.testing.assert_array_equal(train.images, images, strict=True)


def test_the_digest_is_of_shapes_and_bytes():
    train, test = (sources.Examples(arrays()[f"x_{part}"], arrays()[f"y_{part}"]) for part in ("train", "test"))
    hasher = hashlib.sha256()
    for array, shape in (
        (train.images, "(9, 2, 3)"),
        (train.labels, "(9,)"),
        (test.images, "(3, 2, 3)"),
        (test.labels, "(3,)"),
    ):
        hasher.update(f"|u1{shape}".encode() + array.tobytes())
    assert data_digest(train, test) == hasher.hexdigest()


def test_the_manifest_says_what_was_read_and_the_data_stay_as_they_were(work, capsys):
    folder = idx_folder(work / "data", gzipped=True)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    assert dataset("data") == 0
    assert capsys.readouterr() == ("data: 9 train, 3 validation examples\n", "")
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()} == before
    train, test = read_dataset("data")
    assert json.loads((work / "out" / "manifest.json").read_text()) == {
        "classes": 3,
        "digest": data_digest(train, test),
        "files": {path.name: hashlib.sha256(content).hexdigest() for path, (content, _) in before.items()},
        "image_shape": [2, 3],
        "parts": {
            "train": {"class_counts": [3, 3, 3], "examples": 9},
            "validation": {"class_counts": [1, 1, 1], "examples": 3},
        },
        "split": {"train_examples": None, "validation": {"examples": None, "protocol": "test"}},
    }


def test_class_counts_name_every_class():
    examples = sources.Examples(np.zeros((2, 1, 1), np.uint8), np.array([0, 2], np.uint8))
    assert describe(examples, 4) == {"class_counts": [1, 0, 1, 0], "examples": 2}


def test_a_file_whose_name_is_no_text_is_refused(work, capsys):
    name = "data-\udcff.npz"
    with open(name, "wb") as file:
        np.savez(file, **arrays())
    assert dataset(name) == 2
    assert capsys.readouterr().err.endswith("cannot be written as UTF-8; rename the file that is called so.\n")
    assert [path for path in (work / "out").rglob("*") if path.is_file()] == []


# checksums

MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


@pytest.mark.parametrize(("name", "expected"), MD5.items())
def test_the_shipped_mnist_has_the_bytes_that_the_field_knows(name, expected):
    content = gzip.decompress((MNIST / f"{name}.gz").read_bytes())
    assert hashlib.md5(content, usedforsecurity=False).hexdigest() == expected


def test_the_shipped_mnist_matches_its_list_of_digests():
    listed = dict(line.split("  ")[::-1] for line in (MNIST / "SHA256SUMS").read_text().splitlines())
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in MNIST.glob("*.gz")}
    assert found == listed
    assert sorted(listed) == sorted(f"{name}.gz" for name in MD5)


def test_the_shipped_mnist_is_read_whole():
    train, test = read_dataset(str(MNIST))
    assert (train.images.shape, test.images.shape) == ((60000, 28, 28), (10000, 28, 28))
    assert describe(train, 10)["class_counts"] == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert describe(test, 10)["class_counts"] == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_an_altered_copy_of_the_shipped_mnist_is_refused(work, capsys):
    shutil.copytree(MNIST, work / "mnist")
    file = work / "mnist" / f"{TEST_LABELS}.gz"
    content = bytearray(gzip.decompress(file.read_bytes()))
    content[8] ^= 1  # the first test label: a valid file with one bit flipped
    file.write_bytes(gzip.compress(bytes(content)))
    assert_refused(
        work,
        capsys,
        "mnist",
        f"mnist/{TEST_LABELS}.gz: does not have the SHA-256 that mnist/SHA256SUMS gives; restore the file.",
    )


def with_sums(folder, form="{digest}  {name}\n"):
    idx_folder(folder)
    lines = [
        form.format(digest=hashlib.sha256(path.read_bytes()).hexdigest(), name=path.name)
        for path in sorted(folder.iterdir())
    ]
    (folder / "SHA256SUMS").write_text("".join(lines))
    return folder


@pytest.mark.parametrize(
    "form", ["{digest}  {name}\n", "{digest} *{name}\n", "{digest}  ./{name}\r\n", "\n{digest}  {name}\n\n"]
)
def test_a_list_of_digests_may_have_any_of_the_usual_forms(work, capsys, form):
    folder = with_sums(work / "data", form)
    assert dataset("data") == 0
    (folder / TRAIN_LABELS).write_bytes(labels(2, 1, 0, 0, 1, 2, 0, 1, 2))
    capsys.readouterr()
    assert_refused(
        work,
        capsys,
        "data",
        f"data/{TRAIN_LABELS}: does not have the SHA-256 that data/SHA256SUMS gives; restore the file.",
    )


def test_a_file_beside_the_listed_ones_is_not_read_in_their_place(work, capsys):
    folder = with_sums(work / "data")
    (folder / TRAIN_LABELS).rename(folder / f"{TRAIN_LABELS}.gz")
    sums = (folder / "SHA256SUMS").read_text().replace(f"{TRAIN_LABELS}\n", f"{TRAIN_LABELS}.gz\n")
    (folder / "SHA256SUMS").write_text(sums)
    (folder / TRAIN_LABELS).write_bytes(labels(2, 1, 0, 0, 1, 2, 0, 1, 2))
    assert_refused(
        work,
        capsys,
        "data",
        f"data/{TRAIN_LABELS}: is not listed in data/SHA256SUMS; remove the file, or add its line.",
    )


def test_a_listed_file_that_is_missing_is_named(work, capsys):
    (with_sums(work / "data") / TEST_IMAGES).unlink()
    assert_refused(
        work,
        capsys,
        "data",
        f"data/{TEST_IMAGES}: cannot be read (No such file or directory); give a folder with the four IDX files "
        f"{FOUR}, each plain or .gz.",
    )


@pytest.mark.parametrize("content", [b"\xff\xfe", None], ids=["bytes", "folder"])
def test_a_list_of_digests_that_is_no_text_is_refused(work, capsys, content):
    folder = idx_folder(work / "data")
    if content is None:
        (folder / "SHA256SUMS").mkdir()
    else:
        (folder / "SHA256SUMS").write_bytes(content)
    assert_refused(
        work, capsys, "data", "data/SHA256SUMS: cannot be read as text; restore it, or remove it to go without."
    )


# whatever the bytes


def read_or_refused(work, path):
    """Read a data set; what comes of it is four good arrays or one sentence, and no file."""
    before = tree(work)
    try:
        train, test = read_dataset(path)
    except InputError as error:
        assert_sentence(error, "data")
    else:
        for examples in (train, test):
            assert examples.images.dtype == examples.labels.dtype == np.uint8
            assert len(examples.images) == len(examples.labels) > 0
            assert examples.labels.max() <= train.labels.max()
        assert train.images.shape[1:] == test.images.shape[1:]
        assert set(train.labels) == set(range(int(train.labels.max()) + 1))
    assert tree(work) == before


@fuzz(100)
@given(data=st.data(), name=st.sampled_from(list(GOOD)), zipped=st.booleans())
def test_any_idx_bytes_give_arrays_or_one_sentence(tmp_path, monkeypatch, data, name, zipped):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data"
    if folder.exists():
        shutil.rmtree(folder)
    idx_folder(folder, gzipped=zipped)
    content = data.draw(mutated(GOOD[name]))
    if zipped:
        spoiled = data.draw(st.booleans())
        whole = gzip.compress(content, mtime=0)
        (folder / f"{name}.gz").write_bytes(data.draw(mutated(whole)) if spoiled else whole)
    else:
        (folder / name).write_bytes(content)
    read_or_refused(tmp_path, "data")


DTYPES = st.sampled_from(
    ["u1", "i1", "<i8", ">i4", "u8", "f4", "f8", "?", "c8", "S3", "U2", "M8[s]", "O", "V4", "u1,u1"]
)
SHAPES = st.one_of(
    st.lists(st.integers(0, 3), max_size=5),
    st.sampled_from([[9, 2, 3], [9], [9, 1], [3, 2, 3], [3], [3, 2, 3, 1]]),
).map(tuple)


@fuzz(100)
@given(changes=st.dictionaries(st.sampled_from(list(arrays())), st.tuples(DTYPES, SHAPES), min_size=1))
def test_any_npz_arrays_give_arrays_or_one_sentence(tmp_path, monkeypatch, changes):
    monkeypatch.chdir(tmp_path)
    made = {name: np.zeros(shape, dtype) for name, (dtype, shape) in changes.items()}
    np.savez("data.npz", **changed_arrays(**made))
    read_or_refused(tmp_path, "data.npz")


@fuzz(100)
@given(
    labels_=st.lists(st.integers(-2, 260), min_size=9, max_size=9),
    kind=st.sampled_from(["<i8", ">i2", "i4"]),
)
def test_any_npz_labels_give_arrays_or_one_sentence(tmp_path, monkeypatch, labels_, kind):
    monkeypatch.chdir(tmp_path)
    np.savez("data.npz", **changed_arrays(y_train=np.array(labels_, kind)))
    read_or_refused(tmp_path, "data.npz")


WHOLE_NPZ = npz(good_members())


@fuzz(100)
@given(content=mutated(WHOLE_NPZ) | st.binary(max_size=100))
@pytest.mark.filterwarnings("ignore")
def test_any_npz_bytes_give_arrays_or_one_sentence(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    Path("data.npz").write_bytes(content)
    read_or_refused(tmp_path, "data.npz")


@fuzz(100)
@given(name=st.sampled_from([f"{name}.npy" for name in arrays()]), data=st.data())
@pytest.mark.filterwarnings("ignore")
def test_any_bytes_of_an_array_give_arrays_or_one_sentence(tmp_path, monkeypatch, name, data):
    monkeypatch.chdir(tmp_path)
    members = good_members()
    Path("data.npz").write_bytes(npz(members | {name: data.draw(mutated(members[name]))}))
    read_or_refused(tmp_path, "data.npz")


@fuzz(100)
@given(header=st.text(alphabet="{}[]()'\",: descrfortanhp<u1TrueFalsL0123456789", max_size=90))
@pytest.mark.filterwarnings("ignore")
def test_any_header_of_an_array_gives_arrays_or_one_sentence(tmp_path, monkeypatch, header):
    monkeypatch.chdir(tmp_path)
    text = header.encode().ljust(117) + b"\n"
    member = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(9)
    Path("data.npz").write_bytes(npz(good_members() | {"y_train.npy": member}))
    read_or_refused(tmp_path, "data.npz")
