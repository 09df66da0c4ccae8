"""Tables, damaged in any way: read as they are or refused in one sentence."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.samples import assert_sentence, fuzz, mutated, tree

from lrbench.errors import InputError
from lrbench.tables.analysis import ANALYSIS_TABLES
from lrbench.tables.format import read_csv, read_parquet, write_csv, write_parquet
from lrbench.tables.training import EXPERIMENT_TABLES, RUN_TABLES

EPOCHS = RUN_TABLES["epochs"]
AGAIN = "delete it and run snakemake again."


def epochs():
    return EPOCHS.frame(
        {
            "epoch": [1, 2],
            "loss": [0.1, np.nan],
            "accuracy": [0.5, 1 / 3],
            "val_loss": [np.inf, 1e-300],
            "val_accuracy": [0.25, 0.75],
        }
    )


HEADER = "epoch,loss,accuracy,val_loss,val_accuracy\n"
CSV_FAULTS = {
    "missing column": (
        "epoch,loss,accuracy,val_loss\n1,2,3,4\n",
        f"is not a table of epochs: of its columns it lacks val_accuracy; {AGAIN}",
    ),
    "foreign column": (
        "epoch,loss,accuracy,val_loss,val_accuracy,note\n1,2,3,4,5,6\n",
        f"is not a table of epochs: of its columns it has note beside them; {AGAIN}",
    ),
    "foreign table": (
        "name,price\ntea,2\n",
        "is not a table of epochs: of its columns it lacks epoch, loss, accuracy, val_loss, val_accuracy and has "
        f"name, price beside them; {AGAIN}",
    ),
    "text for a number": (
        HEADER + "1,high,3,4,5\n",
        f"is not a table of epochs (could not convert string to float: 'high'); {AGAIN}",
    ),
    "decimal for a whole number": (
        HEADER + "1.5,2,3,4,5\n",
        "is not a table of epochs (cannot safely convert passed user dtype of int64 for float64 dtyped data in "
        f"column 0); {AGAIN}",
    ),
    "row cut short": (
        HEADER + "1,2,3,4,5\n2,2,3\n",
        f"line 3 has 3 fields where there are 5; {AGAIN}",
    ),
    "last number cut short": (HEADER + "1,2,3,4,5\n2,2,3,4,0.2", f"is cut short in its last row; {AGAIN}"),
    "rows too long": (
        HEADER + "1,1,2,3,4,5\n",
        f"line 2 has 6 fields where there are 5; {AGAIN}",
    ),
    "rows too long, quoted": (
        HEADER + '1,1,2,3,4,"5"\n',
        f"has rows of more fields than its header names; {AGAIN}",
    ),
    "line without end": (HEADER + "1,2,3,4," + "5" * 20000, f"line 2 has 20000 bytes or more; {AGAIN}"),
    "epoch twice": (HEADER + "1,2,3,4,5\n1,2,3,4,5\n", f"has epoch 1 twice; {AGAIN}"),
    "empty": ("", f"is not a table of epochs (No columns to parse from file); {AGAIN}"),
}


@pytest.mark.parametrize(("text", "complaint"), CSV_FAULTS.values(), ids=CSV_FAULTS)
def test_a_faulty_csv_is_refused(tmp_path, text, complaint):
    path = tmp_path / "epochs.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_csv(path, EPOCHS)
    assert str(caught.value) == f"{path}: {complaint}"


def test_a_row_without_its_key_is_refused(tmp_path):
    path = tmp_path / "epochs.csv"
    path.write_text("learning_rate,seed," + HEADER + "NaN,0,1,2,3,4,5\n")
    with pytest.raises(InputError) as caught:
        read_csv(path, EXPERIMENT_TABLES["epochs"])
    assert str(caught.value) == f"{path}: has a row without learning_rate; {AGAIN}"


def test_a_row_without_its_text_is_refused(tmp_path):
    path, table = tmp_path / "runs.csv", ANALYSIS_TABLES["runs"]
    cells = {"float64": "1", "int64": "1", "bool": "True", "str": "NaN"}
    path.write_text(",".join(table.columns) + "\n" + ",".join(cells[kind] for kind in table.columns.values()) + "\n")
    with pytest.raises(InputError) as caught:
        read_csv(path, table)
    texts = ", ".join(name for name, kind in table.columns.items() if kind == "str")
    assert str(caught.value) == f"{path}: has a row without {texts}; {AGAIN}"


@pytest.mark.parametrize("read", [read_csv, read_parquet])
def test_a_missing_table_is_named(tmp_path, read):
    path = tmp_path / "epochs"
    with pytest.raises(InputError, match=f"^{path}: cannot be read \\(No such file or directory\\); "):
        read(path, EPOCHS)


def test_a_folder_is_no_parquet_table(tmp_path):
    (tmp_path / "epochs.parquet").mkdir()
    write_parquet(epochs(), EPOCHS, tmp_path / "epochs.parquet" / "part.parquet")
    with pytest.raises(InputError, match="cannot be read"):
        read_parquet(tmp_path / "epochs.parquet", EPOCHS)


def test_parquet_of_other_types_is_refused(tmp_path):
    path = tmp_path / "epochs.parquet"
    frame = epochs().astype({"loss": "float32"})
    pq.write_table(pa.Table.from_pandas(frame), path)
    with pytest.raises(InputError) as caught:
        read_parquet(path, EPOCHS)
    assert str(caught.value) == f"{path}: column loss holds float32 where epochs has float64; {AGAIN}"


def test_cut_parquet_is_refused(tmp_path):
    path = tmp_path / "epochs.parquet"
    write_parquet(epochs(), EPOCHS, path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError) as caught:
        read_parquet(path, EPOCHS)
    assert str(caught.value) == f"{path}: is not Parquet or is cut short; {AGAIN}"


def table_or_sentence(folder, read, path):
    before = tree(folder)
    try:
        frame = read(path, EPOCHS)
    except InputError as error:
        assert_sentence(error, f"{path}: ")
    else:
        assert {name: str(kind) for name, kind in frame.dtypes.items()} == EPOCHS.columns
        assert frame["epoch"].is_unique
    assert tree(folder) == before


@fuzz(100)
@given(data=st.data())
def test_any_csv_bytes_give_a_table_or_one_sentence(tmp_path, data):
    path = tmp_path / "epochs.csv"
    write_csv(epochs(), EPOCHS, path)
    cells = st.sampled_from(["1", "2.5", "-1", "1e999", "nan", "NaN", "inf", "", '"', "x", "9" * 30, "\0", "\r", " 1"])
    rows = st.lists(st.lists(cells, max_size=7).map(",".join), max_size=4).map(lambda lines: HEADER + "\n".join(lines))
    path.write_bytes(data.draw(mutated(path.read_bytes()) | rows.map(str.encode)))
    table_or_sentence(tmp_path, read_csv, path)


@fuzz(100)
@given(data=st.data())
def test_any_parquet_bytes_give_a_table_or_one_sentence(tmp_path, data):
    path = tmp_path / "epochs.parquet"
    write_parquet(epochs(), EPOCHS, path)
    path.write_bytes(data.draw(mutated(path.read_bytes())))
    table_or_sentence(tmp_path, read_parquet, path)
