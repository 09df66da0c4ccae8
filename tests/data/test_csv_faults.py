"""A CSV file that is wrong: each fault in one sentence, status 2, nothing written, the data untouched."""

from __future__ import annotations

import gzip
import json

import pytest
from support.samples import tree

from lrbench.cli import main
from lrbench.data.sources import read_dataset
from lrbench.errors import InputError

TRAIN = "length,label,width\n1,b,-2.5\n2,a,1e2\n3,b,0\n"


FAULTS = {
    "a value that is missing": ("x,y,z\n1,0,2\n\n1,1,\n", "line 4, column 'z' has no value (''); fill it in, or leave"),
    "a value said to be missing": ("x,y,z\nNaN,0,2\n", "line 2, column 'x' has no value ('NaN'); fill it in, or leave"),
    "a label that is missing": (
        "x,y\n1,0\n2, \n",
        "line 3, column 'y' has no value (''); fill it in, or leave the row",
    ),
    "text in a numeric column": (
        "x,y,z\n1,0,2\n1,1,cold\n",
        "line 3, column 'z' has 'cold' where a number belongs; give numbers, or leave the column out.",
    ),
    "truth values": ("x,y\nTrue,0\nTrue,1\n", "line 2, column 'x' has 'True' where a number belongs; give numbers"),
    "a number of Python": ("x,y\n1_0,0\n2,1\n", "line 2, column 'x' has '1_0' where a number belongs; give numbers"),
    "an infinite number": ("x,y\n1,0\ninf,1\n", "line 3, column 'x' has inf, which is no finite number of float32;"),
    "a large number": ("x,y\n1,0\n1e39,1\n", "line 3, column 'x' has 1e39, which is no finite number of float32;"),
    "a row too short": (
        "x,y,z\n1,0,2\n1,1\n",
        "line 3 has 2 values where the header has 3 columns; give one for each.",
    ),
    "a row too long": ("x,y\n1,0,2\n1,1\n", "line 2 has 3 values where the header has 2 columns; give one for each."),
    "a quote that does not end": (
        'x,y\n1,"0\n2",1\n',
        "line 2 cannot be parted into values; end a quoted value on its",
    ),
    "lines ended as on old Macs": (
        "x,y\r1,0\r2,1\r",
        "line 1 has a control character; write the file as text, a row a line.",
    ),
    "a carriage return": ("x,y\n1\r,0\n", "line 2 has a control character; write the file as text, a row a line."),
    "a null": ("x,y\n1,0\n\0,1\n", "line 3 has a control character; write the file as text, a row a line."),
    "no UTF-8": (b"x,y\n1,\xff\n", "line 2 is not text in UTF-8; write the file anew so."),
    "nothing": ("", "line 1 has no two names of columns; begin with a header, its names parted by commas."),
    "semicolons": (
        "x;y\n1;0\n",
        "line 1 has no two names of columns; begin with a header, its names parted by commas.",
    ),
    "no header": ("1,5\n2,6\n", "line 1 has numbers where the names of the columns belong; begin with a header."),
    "a column without a name": (",x,y\n0,1,0\n", "column 1 has no name in line 1; name it, or leave it out if it only"),
    "a column twice": ("x,y,x\n1,0,1\n", "line 1 has the column 'x' 2 times; give each a name of its own."),
    "no rows": ("x,y\n", "has no row after the header; give examples."),
    "no column of labels": (
        "a,b\n1,0\n",
        "no column is called label, class, target or y; say in dataset.label which one has the labels, by its name or "
        "as first or last; its columns are a, b.",
    ),
    "two columns of labels": ("Y,class,b\n1,0,1\n", "2 columns are called label, class, target or y; say in dataset."),
    "labels with a fraction": (
        "x,y\n1,0.5\n2,1.5\n",
        "the labels, in column 'y', are numbers with a fraction, such as 0.5; name the column of the classes in "
        "dataset.label.",
    ),
    "one class": ("x,y\n1,3\n2,3\n", "all labels are 3; give at least two classes."),
    "a damaged gzip file": (gzip.compress(TRAIN.encode())[:-12], "is a damaged gzip file (Compressed file ended"),
}


@pytest.mark.parametrize(("content", "complaint"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_file_is_refused(here, capsys, content, complaint):
    (here / "train.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    before = tree(here)
    holdout = {"train_examples": None, "validation": {"examples": 1, "protocol": "holdout"}}
    for refused in (
        lambda: read_dataset("train.csv"),
        lambda: main(["dataset", "--data", "train.csv", "--split", json.dumps(holdout), "--output", "out/m.json"]),
    ):
        try:
            assert refused() == 2
            said = capsys.readouterr().err.removeprefix("lrbench: ").rstrip("\n")
        except InputError as error:
            said = str(error)
        assert said.startswith(f"train.csv: {complaint}")
        assert said.endswith(".")
    assert tree(here) == before
