"""Folders of images: what is read, and in which order."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.configs import config
from support.image_folders import COLOUR, GREY, cut, emptied, refused, save, write_folder
from support.samples import SPLIT, arrays, idx_folder

from lrbench.data.formats import content_digest, dataset_files, format_of
from lrbench.data.manifest import dataset_manifest
from lrbench.data.sources import data_digest, read_dataset
from lrbench.data.split import Parts
from lrbench.errors import InputError
from lrbench.identity.provenance import file_digest
from lrbench.learning.outline import check_outline
from lrbench.places import PROJECT
from lrbench.settings.experiment import read_experiments

HOLDOUT = {"train_examples": None, "validation": {"examples": 2, "protocol": "holdout"}}


@pytest.fixture
def folder(here):
    """The examples of `arrays()` as images; labels 0, 1, 2 are the folders a, b, c."""
    write_folder()
    return here


def by_class(part):
    """The good examples in the order of their classes, as images in folders are."""
    given = arrays()
    order = np.argsort(given[f"y_{part}"], kind="stable")
    return given[f"x_{part}"][order], given[f"y_{part}"][order]


def test_images_in_folders_are_the_arrays_of_other_formats(folder):
    data = read_dataset("data")
    for part, examples in (("train", data.train), ("test", data.test)):
        pixels, labels = by_class(part)
        np.testing.assert_array_equal(examples.images, pixels)
        np.testing.assert_array_equal(examples.labels, labels)
        assert (examples.images.dtype, examples.labels.dtype) == (np.uint8, np.uint8)
    assert data.class_names == ("a", "b", "c")
    assert data.notes == ()
    (train, train_labels), (test, test_labels) = by_class("train"), by_class("test")
    np.savez("data.npz", x_train=train, y_train=train_labels, x_test=test, y_test=test_labels)
    assert data_digest(data) == data_digest(read_dataset("data.npz"))


def test_neither_times_nor_how_files_are_packed_nor_the_order_of_writing_count(folder):
    before = data_digest(read_dataset("data"))
    shutil.copytree("data/train/b", "kept")
    shutil.rmtree("data/train/b")
    Path("data/train/b").mkdir()
    for file in sorted(os.listdir("kept"), reverse=True):
        save(f"data/train/b/{file}", Image.open(f"kept/{file}"), compress_level=0)
        os.utime(f"data/train/b/{file}", (1, 1))
    assert data_digest(read_dataset("data")) == before
    save("data/train/b/1.png", GREY)
    assert data_digest(read_dataset("data")) != before


def test_classes_and_files_are_in_plain_order(here):
    for name in ("10", "2", "B", "a"):
        for place in (10, 2):
            save(f"data/{name}/{place}.png", np.full((2, 3), place, np.uint8))
    assert dataset_files("data") == tuple(
        f"data/{name}/{file}.png" for name in ("10", "2", "B", "a") for file in (10, 2)
    )
    data = read_dataset("data")
    assert data.class_names == ("10", "2", "B", "a")
    assert data.train.images[:, 0, 0].tolist() == [10, 2] * 4
    assert (data.test, data.validation) == (None, None)
    assert "no test part" in _problem(here)


def _problem(here):
    (here / "config.yaml").write_text(config())
    with pytest.raises(InputError) as caught:
        read_experiments(["config.yaml"])
    return str(caught.value)


@pytest.mark.parametrize("name", ["val", "valid", "validation", "Valid"])
def test_a_validation_part_is_the_folder_val_valid_or_validation(folder, name):
    shutil.copytree("data/test", f"data/{name}")
    assert format_of("data").parts_of("data") == ("train", "validation", "test")
    np.testing.assert_array_equal(read_dataset("data").validation.images, by_class("test")[0])


def test_folders_called_as_parts_are_classes_where_images_lie_in_them(here):
    for name in ("train", "test", "ship"):
        save(f"data/{name}/1.png", GREY)
    assert read_dataset("data").class_names == ("ship", "test", "train")


def test_hidden_files_and_what_systems_add_are_passed_over(folder):
    before = data_digest(read_dataset("data"))
    for name in ("data/.DS_Store", "data/train/Thumbs.db", "data/train/a/.hidden.png", "data/test/a/Thumbs.db"):
        Path(name).write_bytes(b"none")
    Path("data/__MACOSX").mkdir()
    assert data_digest(read_dataset("data")) == before


@pytest.mark.parametrize(
    ("image", "pixels"),
    [
        (Image.fromarray(GREY > 2), np.where(GREY > 2, 255, 0)),
        (Image.fromarray(COLOUR).convert("RGBA"), COLOUR),
        (Image.fromarray(GREY).convert("LA"), GREY),
        (Image.fromarray(GREY).convert("P"), np.stack([GREY] * 3, axis=2)),
    ],
    ids=["bilevel", "opaque", "grey with opaque alpha", "palette"],
)
def test_kinds_of_png_become_grey_or_colour(here, image, pixels):
    for name in "ab":
        save(f"data/{name}/1.PNG", image, format="PNG")
    np.testing.assert_array_equal(read_dataset("data").train.images, [pixels, pixels])


def test_a_jpeg_is_what_pillow_decodes_whatever_it_is_called(here):
    for name in "ab":
        save(f"data/{name}/1.png", COLOUR, format="JPEG")
    with Image.open("data/a/1.png") as image:
        np.testing.assert_array_equal(read_dataset("data").train.images[1], np.asarray(image))


def test_image_shape_makes_images_alike(here):
    save("data/a/1.png", np.full((4, 6), 90, np.uint8))
    save("data/b/1.png", np.full((2, 3, 3), (10, 20, 30), np.uint8))
    data = read_dataset("data", {"image_shape": [2, 3]})
    assert data.train.images.shape == (2, 2, 3)
    assert [np.unique(image).tolist() for image in data.train.images] == [[90], [18]]  # 0.299 R + 0.587 G + 0.114 B
    assert data.notes == ("resized to 2 x 3 pixels, bilinear", "colours made grey")
    data = read_dataset("data", {"image_shape": [2, 3, 3]})
    assert data.train.images[:, 0, 0].tolist() == [[90, 90, 90], [10, 20, 30]]
    assert data.notes == ("resized to 2 x 3 pixels, bilinear", "grey made colour")
    assert read_dataset("data", {"image_shape": [2, 3, 1]}).train.images.shape == (2, 2, 3, 1)


def test_a_folder_of_idx_files_with_a_picture_below_stays_one(here):
    idx_folder(here / "data")
    save("data/pictures/1.png", GREY)
    assert format_of("data").CALLED == "a folder of IDX files"


def test_a_list_of_digests_is_held_against_the_images(folder):
    lines = [f"{file_digest(file)}  {os.path.relpath(file, 'data')}\n" for file in dataset_files("data")]
    Path("data/SHA256SUMS").write_text("".join(lines))
    read_dataset("data")
    save("data/train/a/0.png", GREY.T)
    assert refused("data") == (
        "data/train/a/0.png: does not have the SHA-256 that data/SHA256SUMS gives; restore the file."
    )


def test_an_outline_counts_files_and_opens_one_of_each_class(folder):
    cut(Path("data/train/a/3.png"))
    check_outline("data", SPLIT)
    with pytest.raises(InputError, match="more than"):
        check_outline("data", {**SPLIT, "train_examples": 10})
    emptied(Path("data/train/b/1.png"))
    with pytest.raises(InputError, match=r"data/train/b/1\.png: cannot be read"):
        check_outline("data", SPLIT)


def test_what_the_workflow_knows_of_files_is_their_names_below_the_folder_and_their_contents(folder):
    before = content_digest("data")
    shutil.copytree("data", "elsewhere/data")
    assert content_digest("elsewhere/data") == before
    os.utime("data/train/a/0.png", (1, 1))
    assert content_digest("data") == before
    for place, label in enumerate("aaabb"):
        save(f"other/{label}/{place}.png", GREY + place)
    before = content_digest("other")
    os.rename("other/a/2.png", "other/b/2.png")  # the same names of files, with the same contents, in the same order
    assert content_digest("other") != before


def test_the_manifest_names_folders_of_many_files_and_what_was_done_to_images(here):
    for name in ("cat", "dog"):
        for place in range(12):
            save(f"data/{name}/{place}.png", np.full((2, 3), place, np.uint8))
    manifest = dataset_manifest("data", {**HOLDOUT, "data_options": {"image_shape": [4, 4]}})
    assert sorted(manifest["files"]) == ["cat", "dog"]
    assert manifest["notes"] == ["resized to 4 x 4 pixels, bilinear"]
    assert (manifest["kind"], manifest["image_shape"], manifest["class_names"]) == ("images", [4, 4], ["cat", "dog"])
    assert manifest["parts"]["train"]["class_counts"] == [11, 11]


def test_the_first_digits_of_mnist_as_images_are_the_same_data(here):
    digits = read_dataset(str(PROJECT / "resources/mnist"))
    parts = {"train": digits.train.take(np.arange(200)), "test": digits.test.take(np.arange(100))}
    sorted_ = {}
    for part, examples in parts.items():
        order = np.argsort(examples.labels, kind="stable")
        sorted_[part] = examples.take(order)
        for place, (pixels, label) in enumerate(zip(examples.images, examples.labels, strict=True)):
            save(f"digits/{part}/{label}/{place:03}.png", pixels)
    expected = Parts(sorted_["train"], sorted_["test"])
    read = read_dataset("digits")
    assert data_digest(read) == data_digest(expected)
    assert read.class_names == tuple("0123456789")
