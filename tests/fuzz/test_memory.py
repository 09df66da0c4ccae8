"""Readers take no more memory than a fixed multiple of a file, whatever the file says it holds.

A reader may grow by MULTIPLE times the file's bytes, or by SMALL where that is more; YAML, which is capped at a
megabyte, by YAML_MULTIPLE times. Each file is read in a process of its own, whose peak is measured by the system.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from support.samples import arrays, idx

PROGRAM = Path(__file__).with_name("memory_program.py")
MULTIPLE = 200
YAML_MULTIPLE = 500
SMALL = 160 * 1024**2
MB = 1_000_000
HEADER_OF_TABLE = b"a,b,y\n"
HEADER = b"epoch,loss,accuracy,val_loss,val_accuracy\n"


def idx_header(*shape):
    return bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)


def zeros(megabytes):
    """That many megabytes of zeros, gzipped: members one after the other."""
    return gzip.compress(bytes(10 * MB), mtime=0) * (megabytes // 10)


def npz(packing=zipfile.ZIP_DEFLATED, **changed):
    """The good arrays as an .npz, some members replaced by bytes, and others added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression=packing) as archive:
        for name, array in arrays().items():
            archive.writestr(f"{name}.npy", changed.pop(name, npy(array)))
        for name, content in changed.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def npy(array, shape=None):
    """An array as numpy stores it; its header may speak of another shape."""
    buffer = io.BytesIO()
    header = {"descr": array.dtype.str, "fortran_order": False, "shape": shape or array.shape}
    np.lib.format.write_array_header_2_0(buffer, header)
    return buffer.getvalue() + array.tobytes()


def bomb_that_lies():
    """A member packed by bzip2, whose unpacked size is given as that of the good array."""
    content = npy(np.zeros(200 * MB, np.uint8))
    whole = npz(zipfile.ZIP_BZIP2, x_train=content)
    return whole.replace(struct.pack("<I", len(content)), struct.pack("<I", len(npy(arrays()["x_train"]))))


def parquet(**columns):
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, compression="zstd")
    return buffer.getvalue()


def steps(rows):
    """A table of steps that are all alike, so that they take next to no room."""
    return parquet(step=np.zeros(rows, np.int64), batch_loss=np.zeros(rows, np.float32))


def picture(mode, side, kind="PNG"):
    """A square image of one colour, opaque, as the bytes of a file."""
    buffer = io.BytesIO()
    Image.new(mode, (side, side), 0 if mode == "P" else "white").save(buffer, format=kind)
    return buffer.getvalue()


FILES = {
    "images-that-are-none": (lambda: idx_header(4, 1 << 15, 1 << 15) + bytes(20), "over 100 times its 36"),
    "images-that-are-none.gz": (lambda: gzip.compress(idx_header(4, 1 << 15, 1 << 15)), "over 100 times its"),
    "images-of-zeros.gz": (lambda: gzip.compress(idx_header(1, 20_000, 10_000)) + zeros(200), "over 100 times its"),
    "images-packed-well.gz": (lambda: gzip.compress(idx_header(1, 6_000, 10_000)) + zeros(60), None),
    "images-that-are-true": (lambda: idx(np.zeros((8, 1000, 1000), np.uint8)), None),
    "labels-that-go-on.gz": (lambda: gzip.compress(idx_header(10)) + zeros(400), "goes on after its 10 bytes"),
    "data-of-zeros.npz": (lambda: npz(x_train=npy(np.zeros((2, 10_000, 10_000), np.uint8))), "over 100 times its"),
    "data-of-another-shape.npz": (lambda: npz(x_train=npy(arrays()["x_train"], (9, 20_000, 20_000))), "54 bytes of it"),
    "data-of-long-items.npz": (
        lambda: npz(x_train=npy(np.zeros(1, "u1")).replace(b"'|u1'", b"'S2000000000'")),
        "x_train",
    ),
    "data-of-a-long-header.npz": (
        lambda: npz(y_train=b"\x93NUMPY\2\0" + struct.pack("<I", 20 * MB) + b"(" * 20 * MB),
        "has a header of 20000000 bytes",
    ),
    "data-of-many-arrays.npz": (lambda: npz(**{f"x_{place}": b"" for place in range(50_000)}), "x_7 and 49992 more"),
    "data-packed-by-bzip2.npz": (bomb_that_lies, "packed in a way that numpy does not use"),
    "data-of-digits.csv": (lambda: HEADER_OF_TABLE + b"1,2,3\n4,5,6\n" * 500_000, None),
    "data-of-zeros.csv.gz": (lambda: gzip.compress(HEADER_OF_TABLE + (b"0" * 116 + b",0,1\n") * MB), "bytes of text"),
    "data-packed-well.csv.gz": (lambda: gzip.compress(HEADER_OF_TABLE + b"0,0,1\n0,0,0\n" * 1_200_000), None),
    "data-of-columns.csv": (lambda: b",".join(b"%d" % column for column in range(2 * MB)) + b"\n", "more than 4194304"),
    "data-of-most-columns.csv": (
        lambda: b"y," + b",".join(b"%x" % column for column in range(32_767)) + b"\n" + b"1," * 32_767 + b"1\n",
        "all labels are 1",
    ),
    "data-of-a-long-line.csv": (lambda: HEADER_OF_TABLE + b"1" * 40 * MB, "line 2 has more than 4194304 bytes"),
    "data-of-labels.csv": (lambda: b"x,y\n" + b"".join(b"1,a%d\n" % row for row in range(MB)), "different labels"),
    "image-in-grey.png": (lambda: picture("L", 5700), None),
    "image-in-colour.png": (lambda: picture("RGBA", 2800), None),
    "image-of-one-colour.png": (lambda: picture("RGB", 8000), "says it has 8000 x 8000 pixels"),
    "image-of-a-palette.png": (lambda: picture("P", 8000), "says it has 8000 x 8000 pixels"),
    "image-of-one-colour.jpg": (lambda: picture("RGB", 4000, "JPEG"), "says it has 4000 x 4000 pixels"),
    "image-of-many-pixels.png": (lambda: picture("1", 20_000), "could be decompression bomb"),
    "sums-of-zeros": (lambda: bytes(16 * MB), None),
    "sums-of-short-lines": (lambda: b"".join(b"%x \n" % number for number in range(2 * MB)), None),
    "sums-that-go-on": (lambda: bytes(20 * MB), "is larger than 16777216 bytes"),
    "json-of-lists": (lambda: b'{"a":[' + b"[]," * MB + b"1]}", None),
    "json-of-mappings": (lambda: b'{"a":[' + b"{}," * MB + b"1]}", None),
    "json-of-wide-text": (lambda: b'{"a":"' + "\U0001f600".encode() + b"a" * 8 * MB + b'"}', None),
    "json-nested": (lambda: b"[" * 2 * MB, "is not JSON"),
    "config-nested": (lambda: b"[" * MB, "nested too deeply"),
    "config-of-laughs": (lambda: b"a: &a [1, 1]\nb: &b [*a, *a]\n", "aliases are not allowed"),
    "csv-of-columns": (lambda: b"," * 2 * MB, "line 1 has 20000 bytes or more"),
    "csv-of-short-rows": (lambda: HEADER + b"1\n" * MB, "line 2 has 1 fields"),
    "csv-of-a-long-row": (lambda: HEADER + b"1," * MB, "line 2 has 20000 bytes or more"),
    "csv-of-rows": (lambda: HEADER + b"".join(b"%d,1,1,1,1\n" % row for row in range(100_000)), None),
    "parquet-of-zeros": (lambda: steps(20 * MB), "says it holds 20000000 rows"),
    "parquet-packed-well": (lambda: steps(MB), "twice"),
    "parquet-of-text": (lambda: parquet(step=["x" * 50_000] * 4000), "lacks batch_loss"),
    "parquet-that-is-true": (
        lambda: parquet(step=np.arange(MB), batch_loss=np.random.default_rng(0).random(MB, np.float32)),
        None,
    ),
}
LONG_FILES = {"config-of-lists": (lambda: b"a: [" + b"[]," * 330_000 + b"1]", None)}


def assert_bounded(folder, files):
    """Have the program read files; each grew the reader within bounds and gave the outcome that belongs to it."""
    for name, (content, _) in files.items():
        (folder / name).write_bytes(content())
    search = os.pathsep.join(filter(None, [str(PROGRAM.parents[2]), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, PROGRAM, folder],
        env=os.environ | {"PYTHONPATH": search},
        capture_output=True,
        text=True,
        check=False,
    )
    found = {one["name"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert sorted(found) == sorted(files), done.stderr
    multiples = {name: YAML_MULTIPLE if name.startswith("config") else MULTIPLE for name in files}
    bounds = {name: max(SMALL, multiples[name] * (folder / name).stat().st_size) for name in files}
    assert {name: one["growth"] for name, one in found.items() if one["growth"] > bounds[name]} == {}
    for name, (_, expected) in files.items():
        outcome = found[name]["outcome"]
        assert outcome is None if expected is None else expected in (outcome or ""), (name, outcome)


def test_no_file_takes_more_memory_than_a_multiple_of_its_size(tmp_path):
    assert_bounded(tmp_path, FILES)


@pytest.mark.long
def test_the_largest_config_takes_a_multiple_of_its_size(tmp_path):
    assert_bounded(tmp_path, LONG_FILES)
