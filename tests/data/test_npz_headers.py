"""An .npz whose headers or list of contents say something else than it holds: each fault in one sentence, status 2."""

from __future__ import annotations

import io
import struct
import zipfile

import numpy as np
import pytest
from support.data_files import assert_refused, good_members, npy, npz
from support.samples import arrays


def header(description, length=None, version=1):
    """The start of an array as numpy stores it, with any text for its description."""
    text = description.encode().ljust(117) + b"\n"
    size = struct.pack("<H" if version == 1 else "<I", len(text) if length is None else length)
    return b"\x93NUMPY" + bytes([version, 0]) + size + text


NINE = "{'descr': '|u1', 'fortran_order': False, 'shape': (9,), }"
HEADERS = {
    "long": (
        header(NINE + " " * 20_000, version=2) + bytes(9),
        "y_train has a header of 20058 bytes, more than the 10000 that describe an array; "
        "write the file with numpy.savez.",
    ),
    "of a field with a long name": (
        npy(np.zeros(9, [("a" * 20_000, "u1")])),
        "y_train has a header of 20150 bytes, more than the 10000 that describe an array; "
        "write the file with numpy.savez.",
    ),
    "longer than the array": (
        header(NINE, length=60_000) + bytes(9),
        "y_train ends within its header; fetch the file again.",
    ),
    "of gigabytes": (
        header(NINE, length=2**32 - 1, version=2) + bytes(9),
        "y_train ends within its header; fetch the file again.",
    ),
    "cut in its length": (b"\x93NUMPY\1\0\x76", "y_train ends within its header; fetch the file again."),
    "of no description": (
        header("9 numbers") + bytes(9),
        "y_train has a header that describes no array; fetch the file again.",
    ),
    "of no dtype": (
        header(NINE.replace("|u1", "u9")) + bytes(9),
        "y_train has a header that describes no array; fetch the file again.",
    ),
    "nested": (header("(" * 9000) + bytes(9), "y_train has a header that describes no array; fetch the file again."),
    "that says pickle": (
        header("pickle") + bytes(9),
        "y_train has a header that describes no array; fetch the file again.",
    ),
    "of a negative shape": (
        header(NINE.replace("(9,)", "(-9, -1)")) + bytes(9),
        "y_train has a header that describes no array (its shape is (-9, -1)); fetch the file again.",
    ),
    "of a huge shape": (
        header(NINE.replace("(9,)", "(9, 10000000000)")) + bytes(9),
        "y_train says it holds an array of shape (9, 10000000000) and dtype uint8 but has 9 bytes of it; "
        "fetch the file again.",
    ),
    "of another version": (
        header(NINE, version=9) + bytes(9),
        "y_train is no plain array; write the file with numpy.savez.",
    ),
    "of objects": (
        header(NINE.replace("|u1", "|O")) + bytes(9),
        "is no .npz that lrbench loads (it holds pickled objects); give numbers, or texts as y.astype(str) has them.",
    ),
}


@pytest.mark.parametrize(("content", "complaint"), HEADERS.values(), ids=HEADERS)
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_a_header_is_named_for_what_it_is(here, capsys, content, complaint):
    (here / "data.npz").write_bytes(npz(good_members() | {"y_train.npy": content}))
    assert_refused(here, capsys, "data.npz", f"data.npz: {complaint}")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_array_that_is_there_twice_is_refused(here, capsys):
    buffer = io.BytesIO(npz(good_members()))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("y_train.npy", npy(np.array([2, 1, 0] * 3, np.uint8)))
        archive.writestr("x_test", npy(arrays()["x_test"]))
    (here / "data.npz").write_bytes(buffer.getvalue())
    complaint = "has y_train, x_test more than once; write the file with numpy.savez."
    assert_refused(here, capsys, "data.npz", f"data.npz: {complaint}")


def of_another_size(whole, size):
    """An .npz whose list of contents gives another size for x_train, the first, than there is of it."""
    place = whole.index(b"PK\1\2") + 24
    return whole[:place] + struct.pack("<I", size) + whole[place + 4 :]


CUT = npy(np.zeros((9, 200, 300), np.uint8))[:-100_000]
LISTED_SIZES = {
    "more": (
        of_another_size(npz(good_members()), 1182),
        "x_train says it holds an array of shape (9, 2, 3) and dtype uint8 but has 1054 bytes of it; "
        "fetch the file again.",
    ),
    "less": (
        of_another_size(npz(good_members()), 162),
        "is no .npz that lrbench loads (Bad CRC-32 for file 'x_train.npy'); give plain numeric arrays.",
    ),
    "as much as the header says": (
        of_another_size(npz(good_members() | {"x_train.npy": CUT}), 540_128),
        "x_train ends before the 540128 bytes that the file says it has; fetch the file again.",
    ),
    "as much as the header says, packed": (
        of_another_size(npz(good_members() | {"x_train.npy": CUT}, compression=zipfile.ZIP_DEFLATED), 540_128),
        "x_train ends before the 540128 bytes that the file says it has; fetch the file again.",
    ),
}


@pytest.mark.parametrize(("content", "complaint"), LISTED_SIZES.values(), ids=LISTED_SIZES)
def test_a_list_of_contents_that_gives_another_size_is_named(here, capsys, content, complaint):
    (here / "data.npz").write_bytes(content)
    assert_refused(here, capsys, "data.npz", f"data.npz: {complaint}")
