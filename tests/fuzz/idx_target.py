"""Inputs for the IDX reader that are guided by its coverage: a program for atheris, with libFuzzer's arguments.

The first byte of an input chooses how the others are read: as images or labels, as a file, as one called .gz, or from
a gzip file made of them, which its content tells. Anything but an array or one sentence ends the program with a
traceback.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["gzip", "lrbench.data.formats.idx"]):
    import gzip

    from lrbench.data.formats.idx import read_idx

import numpy as np
from support.samples import assert_sentence

from lrbench.errors import InputError


@atheris.instrument_func
def read_one(folder: Path, data: bytes) -> None:
    """Read the input as its first byte says; what comes of it is an array of all its bytes or one sentence."""
    choice, content = (data[0], data[1:]) if data else (0, b"")
    dimensions = 3 if choice & 1 else 1
    name, stored = [("idx", content), ("idx", gzip.compress(content, 1, mtime=0)), ("idx.gz", content)][choice % 3]
    path = folder / name
    path.write_bytes(stored)
    try:
        array = read_idx(path, dimensions)
    except InputError as error:
        assert_sentence(error, f"{path}: ")
    else:
        assert (array.dtype, array.ndim) == (np.uint8, dimensions)
        assert array.size > 0
        whole = gzip.decompress(stored) if stored.startswith(b"\x1f\x8b") else stored
        assert array.tobytes() == whole[4 + 4 * dimensions :]
    assert os.listdir(folder) == [name]
    path.unlink()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        atheris.Setup(sys.argv, lambda data: read_one(Path(made), data))
        atheris.Fuzz()
