"""Whatever the bytes of a data set: four good arrays or one sentence."""

from __future__ import annotations

import gzip
import shutil
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.data_files import changed_arrays, good_members, npz
from support.fuzzed_data import read_or_refused
from support.samples import arrays, assert_sentence, fuzz, idx_files, idx_folder, mutated

from lrbench.data.formats import dataset_files
from lrbench.data.paths import joined
from lrbench.errors import InputError

GOOD = idx_files()


@fuzz(100)
@given(data=st.data(), name=st.sampled_from(list(GOOD)), zipped=st.booleans())
def test_any_idx_bytes_give_arrays_or_one_sentence(tmp_path, monkeypatch, data, name, zipped):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data"
    if folder.exists():
        shutil.rmtree(folder)
    idx_folder(folder, gzipped=zipped)
    content = data.draw(mutated(GOOD[name]))
    if zipped:
        spoiled = data.draw(st.booleans())
        whole = gzip.compress(content, mtime=0)
        (folder / f"{name}.gz").write_bytes(data.draw(mutated(whole)) if spoiled else whole)
    else:
        (folder / name).write_bytes(content)
    read_or_refused(tmp_path, "data")


PIECES = {
    "folder": ["", "", "", "d/", "d/e/", "a/b/c/d/e/", "__MACOSX/", "train-images-idx3-ubyte/"],
    "set": ["", "", "", "emnist-letters-", "emnist-mnist-", "._", "-"],
    "part": ["train", "t10k", "test", "valid"],
    "what": ["images", "labels"],
    "mark": ["-", "-", "."],
    "dimensions": ["idx3", "idx1"],
    "end": ["-ubyte", "-ubyte", "-ubyte.gz", ".ubyte", "-ubyte.gz.gz"],
}


NAMES = st.tuples(*map(st.sampled_from, PIECES.values())).map(
    lambda pieces: "{}{}{}-{}{}{}{}".format(*pieces).removesuffix("/")
)


@fuzz(100)
@given(
    names=st.lists(NAMES, max_size=9, unique=True),
    usual=st.booleans(),
    packed=st.booleans(),
    folders=st.booleans(),
    listed=st.none() | st.binary(max_size=60),
)
def test_any_names_of_files_give_arrays_or_one_sentence(tmp_path, monkeypatch, names, usual, packed, folders, listed):
    monkeypatch.chdir(tmp_path)
    if Path("data").exists():
        shutil.rmtree("data")
    Path("data").mkdir()
    for name in [*names, *(GOOD if usual else [])]:
        path = Path("data", name)
        if any(parent.is_file() for parent in path.parents) or path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if folders and name not in GOOD:
            path.mkdir()
            continue
        role = (
            f"{'train' if 'train' in path.name else 't10k'}-{'images-idx3' if 'images' in path.name else 'labels-idx1'}"
        )
        content = GOOD[f"{role}-ubyte"]
        path.write_bytes(gzip.compress(content, mtime=0) if packed else content)
    if listed is not None:
        Path("data", "SHA256SUMS").write_bytes(listed)
    files = []
    try:
        files = dataset_files("data")
    except InputError as error:
        assert_sentence(error, "data: holds ")
    assert len(files) in (0, 4)
    assert all(file.startswith("data/") for file in files)
    read_or_refused(tmp_path, "data")


DTYPES = st.sampled_from(
    ["u1", "i1", "<i8", ">i4", "u8", "f4", "f8", "?", "c8", "S3", "U2", "M8[s]", "O", "V4", "u1,u1"]
)


SHAPES = st.one_of(
    st.lists(st.integers(0, 3), max_size=5),
    st.sampled_from([[9, 2, 3], [9], [9, 1], [3, 2, 3], [3], [3, 2, 3, 1]]),
).map(tuple)


@fuzz(100)
@given(changes=st.dictionaries(st.sampled_from(list(arrays())), st.tuples(DTYPES, SHAPES), min_size=1))
def test_any_npz_arrays_give_arrays_or_one_sentence(tmp_path, monkeypatch, changes):
    monkeypatch.chdir(tmp_path)
    made = {name: np.zeros(shape, dtype) for name, (dtype, shape) in changes.items()}
    np.savez("data.npz", **changed_arrays(**made))
    read_or_refused(tmp_path, "data.npz")


@fuzz(100)
@given(
    labels_=st.lists(st.integers(-2, 260), min_size=9, max_size=9),
    kind=st.sampled_from(["<i8", ">i2", "i4"]),
)
def test_any_npz_labels_give_arrays_or_one_sentence(tmp_path, monkeypatch, labels_, kind):
    monkeypatch.chdir(tmp_path)
    np.savez("data.npz", **changed_arrays(y_train=np.array(labels_, kind)))
    read_or_refused(tmp_path, "data.npz")


WHOLE_NPZ = npz(good_members())


@fuzz(100)
@given(content=mutated(WHOLE_NPZ) | st.binary(max_size=100))
@pytest.mark.filterwarnings("ignore")
def test_any_npz_bytes_give_arrays_or_one_sentence(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    Path("data.npz").write_bytes(content)
    read_or_refused(tmp_path, "data.npz")


@fuzz(100)
@given(name=st.sampled_from([f"{name}.npy" for name in arrays()]), data=st.data())
@pytest.mark.filterwarnings("ignore")
def test_any_bytes_of_an_array_give_arrays_or_one_sentence(tmp_path, monkeypatch, name, data):
    monkeypatch.chdir(tmp_path)
    members = good_members()
    Path("data.npz").write_bytes(npz(members | {name: data.draw(mutated(members[name]))}))
    read_or_refused(tmp_path, "data.npz")


WRITABLE = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=3)  # by zipfile


@fuzz(100)
@given(names=st.lists(st.sampled_from([*arrays(), "x_val", "arr_0", "", "a/b"]) | WRITABLE, max_size=7))
@pytest.mark.filterwarnings("ignore")
def test_any_names_of_arrays_give_arrays_or_one_sentence(tmp_path, monkeypatch, names):
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile("data.npz", "w") as archive:
        for name in names:
            archive.writestr(f"{name}.npy", good_members().get(f"{name}.npy", b""))
    read_or_refused(tmp_path, "data.npz")


@fuzz(100)
@given(
    header=st.binary(max_size=40) | st.text(max_size=20).map(str.encode),
    length=st.none() | st.integers(0, 2**32 - 1),
    version=st.integers(0, 4),
)
@pytest.mark.filterwarnings("ignore")
def test_any_length_of_a_header_gives_arrays_or_one_sentence(tmp_path, monkeypatch, header, length, version):
    monkeypatch.chdir(tmp_path)
    given_length = len(header) if length is None else length
    packed = struct.pack("<I", given_length) if version == 2 else struct.pack("<H", given_length % 2**16)
    member = b"\x93NUMPY" + bytes([version, 0]) + packed + header + bytes(9)
    Path("data.npz").write_bytes(npz(good_members() | {"y_train.npy": member}))
    read_or_refused(tmp_path, "data.npz")


@fuzz(100)
@given(header=st.text(alphabet="{}[]()'\",: descrfortanhp<u1TrueFalsL0123456789", max_size=90))
@pytest.mark.filterwarnings("ignore")
def test_any_header_of_an_array_gives_arrays_or_one_sentence(tmp_path, monkeypatch, header):
    monkeypatch.chdir(tmp_path)
    text = header.encode().ljust(117) + b"\n"
    member = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(9)
    Path("data.npz").write_bytes(npz(good_members() | {"y_train.npy": member}))
    read_or_refused(tmp_path, "data.npz")


CSV = b"length,label,width\n1,b,-2.5\n2,a,1e2\n3,b,0\n"


VALUES = st.sampled_from(
    ["", "1", "-2.5", "1e40", "nan", "True", "a", '"b"', '"', "1_0", " 3", "\u0661", "0x1", "\r", "\0"]
)


@fuzz(100)
@given(
    content=mutated(CSV) | st.binary(max_size=60),
    zipped=st.booleans(),
    label=st.none() | st.sampled_from(["first", "last", "label"]),
)
def test_any_csv_bytes_give_arrays_or_one_sentence(tmp_path, monkeypatch, content, zipped, label):
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_bytes(gzip.compress(content, mtime=0) if zipped else content)
    read_or_refused(tmp_path, "data.csv", {} if label is None else {"label": label})


@fuzz(100)
@given(content=mutated(gzip.compress(CSV, mtime=0)))
def test_any_gzipped_csv_gives_arrays_or_one_sentence(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_bytes(content)
    read_or_refused(tmp_path, "data.csv")


@fuzz(100)
@given(
    names=st.lists(st.sampled_from(["y", "class", "a", "b", "", '"c"', "1"]), min_size=1, max_size=3),
    rows=st.lists(st.lists(VALUES, min_size=1, max_size=3), max_size=4),
    options=st.fixed_dictionaries(
        {},
        optional={
            "label": st.sampled_from(["first", "last", "a", "d"]),
            "image_shape": st.sampled_from([[1, 1], [1, 2], [2, 1, 1]]),
            "standardize": st.just(True),
        },
    ),
    tested=st.booleans(),
)
def test_any_csv_values_give_arrays_or_one_sentence(tmp_path, monkeypatch, names, rows, options, tested):
    monkeypatch.chdir(tmp_path)
    text = "".join(f"{','.join(row)}\n" for row in [names, *rows])
    Path("data.csv").write_text(text, newline="")
    Path("data-test.csv").write_text(text, newline="")
    read_or_refused(tmp_path, joined("data.csv", "data-test.csv") if tested else "data.csv", options)
