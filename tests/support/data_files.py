"""Data sets as files, and what `lrbench dataset` says to those that are wrong."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from support.samples import SPLIT, arrays, as_json, idx, tree

from lrbench.cli import main
from lrbench.data.sources import read_dataset
from lrbench.errors import InputError

FOUR = "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte"


def dataset(data, output="out/manifest.json", split=SPLIT):
    """Status of `lrbench dataset`."""
    return main(["dataset", "--data", str(data), "--split", as_json(split), "--output", str(output)])


def assert_refused(here, capsys, data, complaint):
    """The data are refused with this sentence by the reader and by the command, and nothing is written."""
    before = tree(here)
    with pytest.raises(InputError) as caught:
        read_dataset(data)
    assert str(caught.value) == complaint
    assert dataset(data) == 2
    assert capsys.readouterr() == ("", f"lrbench: {' '.join(complaint.split())}\n")
    assert tree(here) == before


def labels(*values):
    """Labels as an IDX file has them."""
    return idx(np.array(values, np.uint8))


def changed_arrays(**changed):
    """The good arrays as an .npz, some replaced, None to leave one out."""
    return {name: value for name, value in (arrays() | changed).items() if value is not None}


def npz(members, **options):
    """A zip file of these members, options as for zipfile.ZipFile."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def npy(array):
    """An array as numpy stores it."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def good_members():
    """What an .npz of the good arrays holds."""
    return {f"{name}.npy": npy(array) for name, array in arrays().items()}
