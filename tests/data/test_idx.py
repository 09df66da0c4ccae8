"""IDX files that are wrong: each fault in one sentence, status 2, nothing written, the data untouched."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest
from support.data_files import FOUR, assert_refused, dataset, labels
from support.samples import TEST_IMAGES, TEST_LABELS, TRAIN_IMAGES, TRAIN_LABELS, idx, idx_files, idx_folder, tree

from lrbench.data.sources import data_digest, read_dataset
from lrbench.errors import InputError

GOOD = idx_files()


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
def test_a_faulty_idx_file_is_refused(here, capsys, gzipped, changed, complaint):
    idx_folder(here / "data", gzipped, **changed)
    if gzipped and None not in changed.values():
        for name in (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS):
            complaint = complaint.replace(f"data/{name}:", f"data/{name}.gz:")
    assert_refused(here, capsys, "data", complaint)


GZIP_FAULTS = {
    "checksum": (
        lambda whole: whole[:-8] + bytes([whole[-8] ^ 1]) + whole[-7:],
        "CRC check failed",
    ),
    "length": (lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]), "Incorrect length of data produced"),
    "cut": (lambda whole: whole[:-9], "Compressed file ended before the end-of-stream marker was reached"),
    "trailing rubbish": (lambda whole: whole + b"rubbish", "Not a gzipped file (b'ru')"),
    "deflate": (lambda whole: whole[:10] + b"\xff" * 8 + whole[18:], "Error -3 while decompressing data"),
}


@pytest.mark.parametrize(("spoil", "reason"), GZIP_FAULTS.values(), ids=GZIP_FAULTS)
def test_a_damaged_gzip_file_is_refused(here, capsys, spoil, reason):
    file = idx_folder(here / "data", gzipped=True) / f"{TRAIN_IMAGES}.gz"
    file.write_bytes(spoil(file.read_bytes()))
    before = tree(here)
    assert dataset("data") == 2
    error = capsys.readouterr().err
    assert error.startswith(f"lrbench: data/{TRAIN_IMAGES}.gz: is a damaged gzip file ({reason}")
    assert error.endswith("); fetch it again.\n")
    assert tree(here) == before


def test_more_bytes_than_the_cap_are_not_decompressed(here, capsys, monkeypatch):
    monkeypatch.setattr("lrbench.data.arrays.MAX_BYTES", 53)
    idx_folder(here / "data", gzipped=True)
    assert_refused(
        here,
        capsys,
        "data",
        f"data/{TRAIN_IMAGES}.gz: says it holds 54 bytes, over the cap of 53; give a smaller data set.",
    )


def test_a_gzip_bomb_is_read_no_further_than_its_header_says(here, capsys):
    bomb = gzip.compress(GOOD[TRAIN_LABELS] + bytes(50_000_000))
    idx_folder(here / "data", gzipped=True)
    (here / "data" / f"{TRAIN_LABELS}.gz").write_bytes(bomb)
    assert_refused(
        here, capsys, "data", f"data/{TRAIN_LABELS}.gz: goes on after its 9 bytes of labels; fetch it again."
    )


def test_a_folder_in_place_of_a_file_is_refused(here, capsys):
    idx_folder(here / "data", train_labels=None)
    (here / "data" / TRAIN_LABELS).mkdir()
    assert_refused(
        here,
        capsys,
        "data",
        f"data/{TRAIN_LABELS}: cannot be read (Is a directory); give a folder with the four IDX files {FOUR}, "
        "each plain or .gz.",
    )


@pytest.mark.parametrize("wrong", [TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS])
def test_gzip_is_told_by_content(here, wrong):
    """A gzipped file without .gz among plain ones, and a plain one with .gz among gzipped ones."""
    idx_folder(here / "plain")
    (here / "plain" / wrong).write_bytes(gzip.compress(GOOD[wrong]))
    idx_folder(here / "packed", gzipped=True)
    (here / "packed" / f"{wrong}.gz").write_bytes(GOOD[wrong])
    idx_folder(here / "right")
    expected = data_digest(read_dataset("right"))
    assert {data_digest(read_dataset(folder)) for folder in ("plain", "packed")} == {expected}


def test_a_file_called_gz_that_is_neither_gzipped_nor_idx_is_refused(here, capsys):
    idx_folder(here / "data", gzipped=True)
    (here / "data" / f"{TRAIN_IMAGES}.gz").write_bytes(b"PK\3\4" + bytes(20))
    assert_refused(
        here,
        capsys,
        "data",
        f"data/{TRAIN_IMAGES}.gz: starts with 0x504b0304 where an IDX file of images has 0x00000803; "
        "give an IDX file of unsigned bytes.",
    )


def test_rows_and_columns_are_exchanged_where_that_is_asked_for(here):
    idx_folder(here / "data")
    data, exchanged = read_dataset("data"), read_dataset("data", {"transpose": True})
    np.testing.assert_array_equal(exchanged.train.images, data.train.images.transpose(0, 2, 1), strict=True)
    assert exchanged.train.images.flags.c_contiguous
    assert exchanged.notes == ("rows and columns exchanged",)
    assert read_dataset("data", {"transpose": True}, images=False).train.images.shape == (9, 3, 2)
    assert data_digest(exchanged) != data_digest(data)


def test_an_option_that_the_format_lacks_is_refused(here):
    idx_folder(here / "data")
    with pytest.raises(InputError) as caught:
        read_dataset("data", {"label": "last"})
    assert str(caught.value) == "data: a folder of IDX files has no option label; leave it out."
