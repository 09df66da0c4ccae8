"""Where the four files of a data set lie and how they may be called; which of several is read, and which refused."""

from __future__ import annotations

import gzip
import hashlib

import numpy as np
import pytest
from support.data_files import FOUR, assert_refused, dataset
from support.samples import TEST_IMAGES, TEST_LABELS, TRAIN_IMAGES, TRAIN_LABELS, arrays, idx_files, idx_folder

from lrbench.data.formats import dataset_files
from lrbench.data.sources import read_dataset

GOOD = idx_files()
OTHER = bytes(8)  # stands where a file must not be read


def place(folder, names, content=GOOD):
    """Write the four files under other names, in the order of dataset_files; a name may lead into folders."""
    for name, usual in zip(names, GOOD, strict=True):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content[usual]) if name.endswith(".gz") else content[usual])


def four(form):
    """The names of the four files, by what stands for part, kind and dimensions in `form`."""
    parts = [("train", "images", 3), ("train", "labels", 1), ("t10k", "images", 3), ("t10k", "labels", 1)]
    return [
        form.format(part=part, what=what, n=n, test="train" if part == "train" else "test") for part, what, n in parts
    ]


FORMS = {
    "usual": four("{part}-{what}-idx{n}-ubyte"),
    "a dot before idx": four("{part}-{what}.idx{n}-ubyte"),
    "a dot, and gzipped": four("{part}-{what}.idx{n}-ubyte.gz"),
    "test for t10k": four("{test}-{what}-idx{n}-ubyte"),
    "EMNIST": four("emnist-letters-{test}-{what}-idx{n}-ubyte.gz"),
    "EMNIST unpacked": four("emnist-letters-{test}-{what}-idx{n}-ubyte"),
    "a name with digits and dots": four("k49_v1.2-{part}-{what}-idx{n}-ubyte"),
    "one folder below": four("mnist/{part}-{what}-idx{n}-ubyte.gz"),
    "torchvision": four("MNIST/raw/{part}-{what}-idx{n}-ubyte"),
    "four folders below": four("a/b/c/d/{part}-{what}-idx{n}-ubyte"),
    "EMNIST's archive": four("gzip/emnist-letters-{test}-{what}-idx{n}-ubyte.gz"),
    "a folder for each file": four("{part}-{what}-idx{n}-ubyte/{part}-{what}-idx{n}-ubyte"),
    "a folder for each file, a dot in it": four("{part}-{what}-idx{n}-ubyte/{part}-{what}.idx{n}-ubyte"),
    "a folder for each file, one below": four("x/{part}-{what}.idx{n}-ubyte/{part}-{what}-idx{n}-ubyte.gz"),
    "a folder for each part": four("{part}/{part}-{what}-idx{n}-ubyte"),
    "mixed": [TRAIN_IMAGES, f"{TRAIN_LABELS}.gz", "t10k-images.idx3-ubyte", "test-labels.idx1-ubyte.gz"],
}


@pytest.mark.parametrize("names", FORMS.values(), ids=FORMS)
def test_a_data_set_is_found_under_each_of_its_names(here, capsys, names):
    place(here / "data", names)
    assert dataset_files("data") == tuple(f"data/{name}" for name in names)
    data = read_dataset("data")
    train, test = data.train, data.test
    for examples, part in ((train, "train"), (test, "test")):
        np.testing.assert_array_equal(examples.images, arrays()[f"x_{part}"], strict=True)
        np.testing.assert_array_equal(examples.labels, arrays()[f"y_{part}"], strict=True)
    assert dataset("data") == 0
    assert capsys.readouterr().out == "data: 9 train, 3 validation examples\n"


BESIDE = {
    "gzipped after plain": ["{part}-{what}-idx{n}-ubyte", "{part}-{what}-idx{n}-ubyte.gz"],
    "a dot after a dash": ["{part}-{what}-idx{n}-ubyte", "{part}-{what}.idx{n}-ubyte"],
    "a dot after a dash that is gzipped": ["{part}-{what}-idx{n}-ubyte.gz", "{part}-{what}.idx{n}-ubyte"],
    "test after t10k": ["{part}-{what}-idx{n}-ubyte.gz", "test-{what}-idx{n}-ubyte"],
    "a folder after a file": ["{part}-{what}.idx{n}-ubyte", "{part}-{what}-idx{n}-ubyte/{part}-{what}-idx{n}-ubyte"],
    "a folder below after the folder itself": ["{part}-{what}.idx{n}-ubyte", "copy/{part}-{what}-idx{n}-ubyte"],
    "another's files after the usual names": [
        "{part}-{what}-idx{n}-ubyte",
        "emnist-letters-{test}-{what}-idx{n}-ubyte",
    ],
    "what macOS adds": ["d/{part}-{what}-idx{n}-ubyte", "__MACOSX/d/{part}-{what}-idx{n}-ubyte"],
    "hidden files": ["d/{part}-{what}-idx{n}-ubyte", ".cache/{part}-{what}-idx{n}-ubyte"],
    "five folders below": ["{part}-{what}-idx{n}-ubyte", "a/b/c/d/e/{part}-{what}-idx{n}-ubyte"],
    "one file of another": ["d/{part}-{what}-idx{n}-ubyte", "d/kuzushiji-train-images-idx3-ubyte"],
}


@pytest.mark.parametrize(("first", "second"), BESIDE.values(), ids=BESIDE)
def test_which_of_two_files_is_read(here, first, second):
    place(here / "data", four(second), dict.fromkeys(GOOD, OTHER))
    place(here / "data", four(first))
    assert dataset_files("data") == tuple(f"data/{name}" for name in four(first))


SEVERAL = {
    "in one folder": (
        ["emnist-letters-{test}-{what}-idx{n}-ubyte.gz", "emnist-digits-{test}-{what}-idx{n}-ubyte.gz"],
        "2 data sets (emnist-digits, emnist-letters)",
    ),
    "in a folder below": (
        ["gzip/emnist-letters-{test}-{what}-idx{n}-ubyte.gz", "gzip/emnist-mnist-{test}-{what}-idx{n}-ubyte.gz"],
        "2 data sets (gzip/emnist-letters, gzip/emnist-mnist)",
    ),
    "in two folders": (
        ["MNIST/raw/{part}-{what}-idx{n}-ubyte", "FashionMNIST/raw/{part}-{what}-idx{n}-ubyte"],
        "2 data sets (FashionMNIST/raw, MNIST/raw)",
    ),
    "many": (
        [f"set{number}/{{part}}-{{what}}-idx{{n}}-ubyte" for number in range(10)],
        "10 data sets (set0, set1, set2, set3, set4, set5, set6, set7 and 2 more)",
    ),
}


@pytest.mark.parametrize(("forms", "named"), SEVERAL.values(), ids=SEVERAL)
def test_of_several_data_sets_none_is_chosen(here, capsys, forms, named):
    for form in forms:
        place(here / "data", four(form))
    assert_refused(here, capsys, "data", f"data: holds {named}; give a folder that holds the four files of one alone.")


MISSING = {
    "no file": ([], TRAIN_IMAGES),
    "one of the usual": ([TRAIN_IMAGES, TRAIN_LABELS, TEST_LABELS], TEST_IMAGES),
    "one below": ([f"d/{TRAIN_IMAGES}", f"d/{TRAIN_LABELS}", f"d/{TEST_IMAGES}"], f"d/{TEST_LABELS}"),
    "one of EMNIST's": (four("emnist-mnist-{test}-{what}-idx{n}-ubyte")[:3], "emnist-mnist-test-labels-idx1-ubyte"),
    "one, though a copy below is whole": ([TRAIN_IMAGES, *four("copy/{part}-{what}-idx{n}-ubyte")], TRAIN_LABELS),
    "all but names that none has": (
        ["train-images-idx2-ubyte", "train_images.npy", "valid-images-idx3-ubyte"],
        TRAIN_IMAGES,
    ),
}


@pytest.mark.parametrize(("names", "missing"), MISSING.values(), ids=MISSING)
def test_a_missing_file_is_named_where_the_others_lie(here, capsys, names, missing):
    (here / "data").mkdir()
    for name in names:
        (here / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        usual = next(
            (one for one in GOOD if one[:12] == name.rpartition("/")[2].removeprefix("emnist-mnist-")[:12]), ""
        )
        content = GOOD[TEST_IMAGES] if "test-images" in name else GOOD.get(usual, OTHER)
        (here / "data" / name).write_bytes(content)
    complaint = (
        f"cannot be read (No such file or directory); give a folder with the four IDX files {FOUR}, each plain or .gz."
    )
    assert_refused(here, capsys, "data", f"data/{missing}: {complaint}")


def test_links_between_folders_are_not_followed_in_the_search(here):
    idx_folder(here / "elsewhere")
    (here / "data" / "a").mkdir(parents=True)
    (here / "data" / "a" / "round").symlink_to(here / "data")
    (here / "data" / "link").symlink_to(here / "elsewhere")
    assert dataset_files("data")[0] == f"data/{TRAIN_IMAGES}"
    assert dataset_files("data/link")[0] == f"data/link/{TRAIN_IMAGES}"


def test_a_search_ends_among_very_many_files(here, monkeypatch):
    monkeypatch.setattr("lrbench.data.formats.idx.SEARCH_ENTRIES", 5)
    place(here / "data", four("z/{part}-{what}-idx{n}-ubyte"))
    assert dataset_files("data") == tuple(f"data/z/{name}" for name in GOOD)
    for number in range(4):
        (here / "data" / f"other-{number}").touch()
    assert dataset_files("data") == tuple(f"data/{name}" for name in GOOD)
    place(here / "data", list(GOOD))
    assert dataset_files("data") == tuple(f"data/{name}" for name in GOOD)


def sums(folder, names):
    """A list of these files' digests in a folder."""
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / "SHA256SUMS").write_text("".join(lines))


@pytest.mark.parametrize("listed_in", ["data", "data/mnist"])
def test_a_list_of_digests_counts_in_each_folder_down_to_the_files(here, capsys, listed_in):
    place(here / "data" / "mnist", list(GOOD))
    sums(here / listed_in, [f"mnist/{name}" if listed_in == "data" else name for name in GOOD])
    assert dataset("data") == 0
    changed = here / "data" / "mnist" / TEST_LABELS
    changed.write_bytes(changed.read_bytes()[:-1] + b"\1")
    capsys.readouterr()
    assert_refused(
        here,
        capsys,
        "data",
        f"data/mnist/{TEST_LABELS}: does not have the SHA-256 that {listed_in}/SHA256SUMS gives; restore the file.",
    )


def test_a_list_beside_the_files_must_have_them_and_one_above_may_be_of_archives(here, capsys):
    place(here / "data" / "mnist", list(GOOD))
    (here / "data" / "SHA256SUMS").write_text(f"{'0' * 64}  mnist.zip\n")
    assert dataset("data") == 0
    sums(here / "data" / "mnist", list(GOOD)[1:])
    capsys.readouterr()
    assert_refused(
        here,
        capsys,
        "data",
        f"data/mnist/{TRAIN_IMAGES}: is not listed in data/mnist/SHA256SUMS; remove the file, or add its line.",
    )
