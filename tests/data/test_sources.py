"""Data sets as they are read: every form of one, its digest and manifest, and the checksums beside it."""

from __future__ import annotations

import gzip
import hashlib
import shutil

import numpy as np
import pytest
from support.data_files import FOUR, assert_refused, changed_arrays, dataset, labels
from support.samples import TEST_IMAGES, TEST_LABELS, TRAIN_LABELS, arrays, idx_folder

from lrbench.data import sources
from lrbench.data.sources import data_digest, describe, read_dataset
from lrbench.identity.provenance import read_sealed
from lrbench.places import PROJECT

MNIST = PROJECT / "resources" / "mnist"


def test_every_form_of_a_data_set_gives_the_same_examples(here):
    idx_folder(here / "plain")
    idx_folder(here / "zipped", gzipped=True)
    given_arrays = arrays()
    np.savez("plain.npz", **given_arrays)
    np.savez_compressed("zipped.npz", **{key: np.asfortranarray(value) for key, value in given_arrays.items()})
    np.savez("wide.npz", **(given_arrays | {"y_train": given_arrays["y_train"].astype(">i8")[:, None]}))
    digests = set()
    for path in ("plain", "zipped", "plain.npz", "zipped.npz", "wide.npz"):
        data = read_dataset(path)
        train, test = data.train, data.test
        for examples, part in ((train, "train"), (test, "test")):
            np.testing.assert_array_equal(examples.images, given_arrays[f"x_{part}"], strict=True)
            np.testing.assert_array_equal(examples.labels, given_arrays[f"y_{part}"], strict=True)
        digests.add(data_digest(sources.Parts(train, test)))
    assert len(digests) == 1


def test_colour_images_are_taken(here):
    images = np.arange(9 * 2 * 3 * 3, dtype=np.uint8).reshape(9, 2, 3, 3)
    np.savez("data.npz", **changed_arrays(x_train=images, x_test=images[:3]))
    data = read_dataset("data.npz")
    train, _ = data.train, data.test
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
    assert data_digest(sources.Parts(train, test)) == hasher.hexdigest()


def test_the_manifest_says_what_was_read_and_the_data_stay_as_they_were(here, capsys):
    folder = idx_folder(here / "data", gzipped=True)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    assert dataset("data") == 0
    assert capsys.readouterr() == ("data: 9 train, 3 validation examples\n", "")
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()} == before
    data = read_dataset("data")
    train, test = data.train, data.test
    assert read_sealed(here / "out" / "manifest.json") == {
        "class_names": None,
        "classes": 3,
        "digest": data_digest(sources.Parts(train, test)),
        "files": {path.name: hashlib.sha256(content).hexdigest() for path, (content, _) in before.items()},
        "image_shape": [2, 3],
        "kind": "images",
        "notes": [],
        "parts": {
            "train": {"class_counts": [3, 3, 3], "examples": 9, "shape": [9, 2, 3]},
            "validation": {"class_counts": [1, 1, 1], "examples": 3, "shape": [3, 2, 3]},
        },
        "split": {"train_examples": None, "validation": {"examples": None, "protocol": "test"}},
    }


def test_class_counts_name_every_class():
    examples = sources.Examples(np.zeros((2, 1, 1), np.uint8), np.array([0, 2], np.uint8))
    assert describe(examples, 4) == {"class_counts": [1, 0, 1, 0], "examples": 2, "shape": [2, 1, 1]}


def test_a_file_whose_name_is_no_text_is_refused(here, capsys):
    name = "data-\udcff.npz"
    with open(name, "wb") as file:
        np.savez(file, **arrays())
    assert dataset(name) == 2
    assert capsys.readouterr().err.endswith("cannot be written as UTF-8; rename the file that is called so.\n")
    assert [path for path in (here / "out").rglob("*") if path.is_file()] == []


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
    data = read_dataset(str(MNIST))
    train, test = data.train, data.test
    assert (train.images.shape, test.images.shape) == ((60000, 28, 28), (10000, 28, 28))
    assert describe(train, 10)["class_counts"] == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert describe(test, 10)["class_counts"] == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_an_altered_copy_of_the_shipped_mnist_is_refused(here, capsys):
    shutil.copytree(MNIST, here / "mnist")
    file = here / "mnist" / f"{TEST_LABELS}.gz"
    content = bytearray(gzip.decompress(file.read_bytes()))
    content[8] ^= 1  # the first test label: a valid file with one bit flipped
    file.write_bytes(gzip.compress(bytes(content)))
    assert_refused(
        here,
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
def test_a_list_of_digests_may_have_any_of_the_usual_forms(here, capsys, form):
    folder = with_sums(here / "data", form)
    assert dataset("data") == 0
    (folder / TRAIN_LABELS).write_bytes(labels(2, 1, 0, 0, 1, 2, 0, 1, 2))
    capsys.readouterr()
    assert_refused(
        here,
        capsys,
        "data",
        f"data/{TRAIN_LABELS}: does not have the SHA-256 that data/SHA256SUMS gives; restore the file.",
    )


def test_a_file_beside_the_listed_ones_is_not_read_in_their_place(here, capsys):
    folder = with_sums(here / "data")
    (folder / TRAIN_LABELS).rename(folder / f"{TRAIN_LABELS}.gz")
    sums = (folder / "SHA256SUMS").read_text().replace(f"{TRAIN_LABELS}\n", f"{TRAIN_LABELS}.gz\n")
    (folder / "SHA256SUMS").write_text(sums)
    (folder / TRAIN_LABELS).write_bytes(labels(2, 1, 0, 0, 1, 2, 0, 1, 2))
    assert_refused(
        here,
        capsys,
        "data",
        f"data/{TRAIN_LABELS}: is not listed in data/SHA256SUMS; remove the file, or add its line.",
    )


def test_a_listed_file_that_is_missing_is_named(here, capsys):
    (with_sums(here / "data") / TEST_IMAGES).unlink()
    assert_refused(
        here,
        capsys,
        "data",
        f"data/{TEST_IMAGES}: cannot be read (No such file or directory); give a folder with the four IDX files "
        f"{FOUR}, each plain or .gz.",
    )


@pytest.mark.parametrize("content", [b"\xff\xfe", None], ids=["bytes", "folder"])
def test_a_list_of_digests_that_is_no_text_is_refused(here, capsys, content):
    folder = idx_folder(here / "data")
    if content is None:
        (folder / "SHA256SUMS").mkdir()
    else:
        (folder / "SHA256SUMS").write_bytes(content)
    assert_refused(
        here, capsys, "data", "data/SHA256SUMS: cannot be read as text; restore it, or remove it to go without."
    )
