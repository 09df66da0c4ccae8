import json

import pytest

from lrbench.errors import InputError
from lrbench.identity.provenance import write_sealed
from lrbench.tables.index import read_index, write_index


def test_an_index_says_itself_which_files_it_has(tmp_path):
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text(name)
    write_index(tmp_path / "index.json", {"first": tmp_path / "one.csv", "second": tmp_path / "two.csv"}, {"note": "n"})
    content, files = read_index(tmp_path / "index.json", None, {"note": str})
    assert content["note"] == "n"
    assert files == {"first": tmp_path / "one.csv", "second": tmp_path / "two.csv"}
    (tmp_path / "two.csv").write_text("changed")
    with pytest.raises(InputError, match=r"two\.csv: has changed since .*index\.json was written"):
        read_index(tmp_path / "index.json", None, {})


@pytest.mark.parametrize("files", [{"first": {"name": "one.csv"}}, {"first": 5}, {"first": {"name": 5, "sha256": "0"}}])
def test_an_index_whose_files_are_no_files_is_refused(tmp_path, files):
    write_sealed(tmp_path / "index.json", {"files": files})
    assert json.loads((tmp_path / "index.json").read_text())["files"] == files
    with pytest.raises(InputError, match=r"index\.json: holds something else under files than this stage writes"):
        read_index(tmp_path / "index.json", None, {})
