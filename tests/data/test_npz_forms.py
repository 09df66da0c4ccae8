"""What an .npz may hold: layouts, shapes and types of numbers."""

from __future__ import annotations

import numpy as np
import pytest
from support.data_files import assert_refused, changed_arrays, dataset
from support.samples import arrays

from lrbench.data.formats.npz import MEDMNIST, parts_of
from lrbench.data.sources import data_digest, read_dataset
from lrbench.identity.provenance import read_sealed


def medmnist():
    """The good examples in MedMNIST's layout, its labels a column, with two validation examples."""
    given = arrays()
    return {
        "train_images": given["x_train"],
        "train_labels": given["y_train"][:, None],
        "val_images": given["x_train"][4:6],
        "val_labels": given["y_train"][4:6, None],
        "test_images": given["x_test"],
        "test_labels": given["y_test"][:, None],
    }


def test_an_npz_without_a_test_part_has_the_other_parts(here):
    np.savez("keras.npz", **{name: array for name, array in arrays().items() if name.endswith("train")})
    np.savez("data.npz", **{name: array for name, array in medmnist().items() if not name.startswith("test")})
    assert (parts_of("data.npz"), parts_of("keras.npz")) == (("train", "validation"), ("train",))
    data = read_dataset("keras.npz")
    assert (len(data.train), data.validation, data.test) == (9, None, None)


def test_the_validation_part_of_medmnist_is_its_own(here, capsys):
    np.savez("data.npz", **medmnist())
    np.savez("keras.npz", **arrays())
    assert (parts_of("data.npz"), parts_of("keras.npz")) == (("train", "validation", "test"), ("train", "test"))
    data = read_dataset("data.npz")
    np.testing.assert_array_equal(data.validation.images, arrays()["x_train"][4:6], strict=True)
    assert data.validation.labels.tolist() == [1, 2]
    assert data_digest(data) != data_digest(read_dataset("keras.npz"))
    split = {"train_examples": None, "validation": {"examples": None, "protocol": "own"}}
    assert dataset("data.npz", split=split) == 0
    assert capsys.readouterr().out == "data.npz: 9 train, 2 validation, 3 test examples\n"
    parts = read_sealed(here / "out" / "manifest.json")["parts"]
    assert {name: part["class_counts"] for name, part in parts.items()} == {
        "train": [3, 3, 3],
        "validation": [0, 1, 1],
        "test": [1, 1, 1],
    }


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"val_labels": None}, f"lacks val_labels; give an .npz with {', '.join(MEDMNIST.values())}."),
        ({"val_labels": np.array([1, 5])}, "has label 5 but training has the classes 0 to 2; leave out what cannot be"),
        ({"val_labels": np.array([1, 2, 0])}, "has 3 labels for 2 validation images; give one for each."),
        ({"val_images": np.zeros((2, 4, 4), np.uint8)}, "has images of 4 x 4 but training has 2 x 3; give one size."),
    ],
)
def test_a_faulty_validation_part_is_refused(here, capsys, changed, complaint):
    np.savez("data.npz", **{name: array for name, array in (medmnist() | changed).items() if array is not None})
    assert_refused(here, capsys, "data.npz", f"data.npz: {complaint}" + " learned." * complaint.endswith("be"))


def test_a_validation_part_of_one_class_is_refused(here, capsys):
    np.savez("data.npz", **medmnist() | {"val_labels": np.array([1, 1])})
    split = {"train_examples": None, "validation": {"examples": None, "protocol": "own"}}
    assert dataset("data.npz", split=split) == 2
    assert capsys.readouterr().err == (
        "lrbench: data.npz: the validation part has 2 examples (all of class 1), so that validating on it cannot show "
        "what is learned; give validation examples of two classes or more, or set dataset.validation to holdout.\n"
    )


TYPES = {"f2": "f4", "f4": "f4", ">f4": "f4", "f8": "f4", "u1": "u1", "i1": "i4", ">u2": "i4", "i4": "i4", "i8": "i4"}


@pytest.mark.parametrize(("given", "expected"), TYPES.items(), ids=TYPES)
@pytest.mark.parametrize("shape", [(9, 5), (9, 2, 3), (9, 2, 3, 1), (9, 1, 2, 1, 2)])
def test_numbers_of_any_type_and_shape_are_taken(here, given, expected, shape):
    numbers = np.arange(np.prod(shape)).reshape(shape).astype(given)
    np.savez("data.npz", **changed_arrays(x_train=numbers, x_test=numbers[:3]))
    data = read_dataset("data.npz")
    np.testing.assert_array_equal(data.train.images, numbers.astype(expected), strict=True)
    headers = read_dataset("data.npz", images=False).train.images
    assert (headers.shape, headers.dtype, headers.strides) == (shape, np.dtype(expected), (0,) * len(shape))


@pytest.mark.parametrize(
    ("shape", "dtype", "kind"),
    [
        ((9, 2, 3), "u1", "images"),
        ((9, 2, 3, 3), "f4", "images"),
        ((9, 5), "f4", "features"),
        ((9, 5), "i4", "features"),
        ((9, 2, 3), "i4", "features"),
        ((9, 2, 3, 1, 1), "f4", "features"),
    ],
)
def test_the_manifest_says_whether_examples_are_images(here, capsys, shape, dtype, kind):
    numbers = np.zeros(shape, dtype)
    np.savez("data.npz", **changed_arrays(x_train=numbers, x_test=numbers[:3]))
    assert dataset("data.npz") == 0
    manifest = read_sealed(here / "out" / "manifest.json")
    assert manifest["kind"] == kind
    assert manifest["image_shape"] == list(shape[1:])
    assert manifest["parts"]["train"]["shape"] == list(shape)
