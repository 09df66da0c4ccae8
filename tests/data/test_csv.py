"""CSV files: what they may hold, how two of them fit together, and what a config says of them."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from support.configs import config, refusal
from support.samples import arrays

from lrbench.data.paths import joined
from lrbench.data.sources import data_digest, read_dataset
from lrbench.data.split import split
from lrbench.errors import InputError
from lrbench.learning.outline import check_outline
from lrbench.settings.experiment import read_experiments

TRAIN = "length,label,width\n1,b,-2.5\n2,a,1e2\n3,b,0\n"
TEST = "length,label,width\n4,a,7\n"
BOTH = joined("train.csv", "test.csv")


@pytest.fixture
def files(here):
    """Two good files."""
    (here / "train.csv").write_text(TRAIN)
    (here / "test.csv").write_text(TEST)
    return here


def images(data):
    return data.train.images.tolist()


def test_columns_are_features_and_labels(files):
    data = read_dataset(BOTH)
    np.testing.assert_array_equal(data.train.images, np.array([[1, -2.5], [2, 100], [3, 0]], np.float32), strict=True)
    np.testing.assert_array_equal(data.train.labels, np.array([1, 0, 1], np.uint8), strict=True)
    np.testing.assert_array_equal(data.test.images, np.array([[4, 7]], np.float32), strict=True)
    assert (data.test.labels.tolist(), data.class_names, data.notes) == ([0], ("a", "b"), ())


def test_one_file_has_no_test_part(files):
    data = read_dataset("train.csv")
    assert data.test is None
    assert data_digest(data) != data_digest(read_dataset(BOTH))


FORMS = {
    "lines ended as on Windows": TRAIN.replace("\n", "\r\n").encode(),
    "no end of the last line": TRAIN.rstrip().encode(),
    "a mark of the order of bytes": b"\xef\xbb\xbf" + TRAIN.encode(),
    "blank lines": TRAIN.replace("\n", "\n\n").encode(),
    "blanks around values": TRAIN.replace(",", " , ").encode(),
    "quotes": TRAIN.replace(",b,", ',"b",').replace("3", '"3"').encode(),
    "gzipped": gzip.compress(TRAIN.encode()),
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS)
def test_every_form_of_a_file_gives_the_same_examples(files, content):
    expected = data_digest(read_dataset("train.csv"))
    (files / "other.csv").write_bytes(content)
    data = read_dataset("other.csv")
    assert (data_digest(data), data.class_names) == (expected, ("a", "b"))


@pytest.mark.parametrize(
    ("header", "label", "expected"),
    [
        ("a,b,c", "first", 0),
        ("a,b,c", "last", 2),
        ("a,b,c", "b", 1),
        ("a,Class,c", None, 1),
        ("y,b,c", None, 0),
        ("y,class,c", "c", 2),
        ("0,1,2", "last", 2),
    ],
)
def test_the_column_of_labels_is_found(here, header, label, expected):
    (here / "train.csv").write_text(f"{header}\n1,2,3\n4,5,6\n")
    data = read_dataset("train.csv", {} if label is None else {"label": label})
    assert images(data) == np.delete([[1.0, 2, 3], [4, 5, 6]], expected, axis=1).tolist()
    assert data.class_names == (str(expected + 1), str(expected + 4))


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["10", "9"], ("9", "10")),
        (["10.0", "9."], ("9", "10")),
        (["1", "0"], None),
        (["10", "9b"], ("10", "9b")),
        (["-1", "+1"], ("-1", "1")),
        (["NA", "none"], ("NA", "none")),
        (["a,b", 'c"d'], ("a,b", 'c"d')),
    ],
)
def test_labels_are_whole_numbers_or_texts(here, labels, expected):
    rows = "".join('{},"{}"\n'.format(1, label.replace('"', '""')) for label in labels)
    (here / "train.csv").write_text(f"x,y\n{rows}")
    assert read_dataset("train.csv").class_names == expected


def csv_of(images, labels):
    """Kaggle's layout: the label, then a pixel a column."""
    flat = images.reshape(len(images), -1)
    rows = "".join(f"{label},{','.join(map(str, row))}\n" for label, row in zip(labels, flat.tolist(), strict=True))
    return f"label,{','.join(f'pixel{place}' for place in range(flat.shape[1]))}\n{rows}"


def test_rows_become_images(here):
    given = arrays()
    (here / "train.csv").write_text(csv_of(given["x_train"], given["y_train"]))
    (here / "test.csv").write_text(csv_of(given["x_test"], given["y_test"]))
    np.savez("data.npz", **given)
    data = read_dataset(BOTH, {"image_shape": [2, 3]})
    assert data_digest(data) == data_digest(read_dataset("data.npz"))
    assert read_dataset("train.csv", {"image_shape": [1, 2, 3]}).train.images.shape == (9, 1, 2, 3)
    assert read_dataset("train.csv").train.images.dtype == np.float32


@pytest.mark.parametrize("value", [-1, 256, 0.5])
def test_pixels_that_are_no_bytes_stay_as_they_are(here, value):
    given = arrays()
    pixels = given["x_test"].astype(float)
    pixels[1, 1, 1] = value
    (here / "train.csv").write_text(csv_of(given["x_train"], given["y_train"]))
    (here / "test.csv").write_text(csv_of(pixels, given["y_test"]))
    data = read_dataset(BOTH, {"image_shape": [2, 3]})
    np.testing.assert_array_equal(data.train.images, given["x_train"].astype(np.float32), strict=True)
    np.testing.assert_array_equal(data.test.images, pixels.astype(np.float32), strict=True)


def test_many_lines_are_read_in_parts(here, monkeypatch):
    monkeypatch.setattr("lrbench.data.formats.csv_files.CHUNK_BYTES", 20)
    given = arrays()
    (here / "train.csv").write_text(csv_of(given["x_train"], given["y_train"]))
    data = read_dataset("train.csv")
    np.testing.assert_array_equal(data.train.images, given["x_train"].reshape(9, 6).astype(np.float32), strict=True)
    assert data.train.labels.tolist() == given["y_train"].tolist()


@pytest.mark.parametrize(
    ("test", "complaint"),
    [
        ("length,width\n4,7\n", "lacks the columns label beside train.csv; give both files the same header."),
        (
            "label,length,width\na,4,7\n",
            "has other columns, or in another order, beside train.csv; give both files the",
        ),
        (
            "length,label,width\n4,c,7\n",
            "has label 'c' but training has the classes 'a', 'b'; leave out what cannot be",
        ),
        (
            "length,label,width\n4,1,7\n",
            "has label '1' but training has the classes 'a', 'b'; leave out what cannot be",
        ),
    ],
)
def test_a_test_file_that_does_not_fit_is_refused(files, test, complaint):
    (files / "test.csv").write_text(test)
    with pytest.raises(InputError, match=r"test\.csv: ") as caught:
        read_dataset(BOTH)
    assert str(caught.value).startswith(f"test.csv: {complaint}")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (
            {"label": "size"},
            "train.csv: has no column 'size', which dataset.label names; its columns are length, label,",
        ),
        (
            {"image_shape": [2, 2]},
            "dataset.image_shape is [2, 2], which is 4 values, but train.csv has 2 columns beside",
        ),
        ({"transpose": True}, "train.csv: a CSV file has no option transpose; leave it out."),
    ],
)
def test_options_that_do_not_fit_are_refused(files, options, complaint):
    with pytest.raises(InputError) as caught:
        read_dataset("train.csv", options)
    assert str(caught.value).startswith(complaint)


SHARE = {"train_examples": None, "validation": {"examples": None, "protocol": "holdout", "share": 0.25}}


def test_a_share_of_the_training_part_is_held_out(here):
    (here / "train.csv").write_text("x,y\n" + "".join(f"{place},{place % 2}\n" for place in range(10)))
    parts = split(read_dataset("train.csv"), SHARE)
    assert (len(parts.train), len(parts.validation), parts.test) == (8, 2, None)  # 2.5 is rounded to even
    for held, complaint in (
        (0.99, "dataset.holdout_share is 0.99, which is 10 examples, but the training set has 10"),
    ):
        with pytest.raises(InputError) as caught:
            split(read_dataset("train.csv"), SHARE | {"validation": SHARE["validation"] | {"share": held}})
        assert str(caught.value).startswith(complaint)


def test_the_outline_reads_labels_alone(files):
    data = read_dataset(BOTH, images=False)
    assert data.train.images.shape == (3, 2)
    assert data.train.images.strides == (0, 0)
    check_outline("train.csv", SHARE)
    with pytest.raises(InputError) as caught:
        check_outline("train.csv", {"train_examples": 9, "validation": SHARE["validation"]})
    assert str(caught.value).startswith("dataset.train_examples is 9 but there are 2 to train on")


def experiment(folder, dataset):
    (folder / "config.yaml").write_text(config(dataset=dataset))
    return read_experiments(["config.yaml"])["mine"]


def test_a_config_names_both_files_and_what_is_done_with_them(files):
    options = "label: label, image_shape: [1, 2], standardize: true"
    found = experiment(files, f"{{name: D, path: train.csv, test_path: test.csv, {options}}}")
    assert found.dataset_path == BOTH
    assert found.dataset_files == ("train.csv", "test.csv")
    assert found.training_settings["data_options"] == {
        "image_shape": [1, 2],
        "label": "label",
        "standardize": True,
    }
    assert found.training_settings["validation"] == {"protocol": "test", "examples": None}
    assert "data_options" not in experiment(files, "{name: D, path: train.csv, test_path: test.csv}").training_settings


LACKS = "set it to holdout, with dataset.holdout_examples or dataset.holdout_share"


@pytest.mark.parametrize(
    ("dataset", "problem"),
    [
        ("{name: D, path: train.csv}", f"dataset.validation is test but train.csv has no test part; {LACKS}"),
        (
            "{name: D, path: train.csv, validation: own}",
            f"dataset.validation is own but train.csv has no validation part; {LACKS}",
        ),
        (
            "{name: D, path: train.csv, test_path: none.csv}",
            "dataset.test_path is 'none.csv' but no such file or folder exists in .; give a CSV file, a folder of "
            "images by class, a folder of IDX files or an .npz file",
        ),
        ("{name: D, path: train.csv, test_path: 'a:b.csv'}", "dataset.test_path is 'a:b.csv', which has ':' in it; "),
        (
            "{name: D, path: train.csv, image_shape: [28]}",
            "dataset.image_shape is [28] but must have at least 2 items",
        ),
    ],
)
def test_a_config_that_does_not_fit_its_file_is_refused(files, dataset, problem):
    (files / "a:b.csv").write_text(TEST)
    (files / "config.yaml").write_text(config(dataset=dataset))
    assert refusal(files).startswith(f"config.yaml: {problem}")


def test_a_file_whose_name_has_a_colon_is_one_file(here):
    (here / "a:b.csv").write_text(TRAIN)
    assert images(read_dataset("a:b.csv")) == [[1.0, -2.5], [2.0, 100.0], [3.0, 0.0]]
