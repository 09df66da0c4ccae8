"""Digests, keys, atomic writes."""

from __future__ import annotations

import hashlib

import pytest

from lrbench.errors import InputError
from lrbench.identity import provenance


def test_a_run_key_is_the_digest_of_what_determines_a_run():
    text = '{"code":"c","data":"d","settings":{"a":1,"b":[2]},"versions":{"numpy":"2"}}'
    expected = hashlib.sha256(text.encode()).hexdigest()
    assert provenance.run_key({"b": [2], "a": 1}, "d", "c", {"numpy": "2"}) == expected


@pytest.mark.parametrize("change", [{"data": "x"}, {"code": "x"}, {"versions": {}}, {"settings": {"a": 2}}])
def test_a_run_key_changes_with_each_part(change):
    parts = {"settings": {"a": 1}, "data": "d", "code": "c", "versions": {"numpy": "2"}}
    assert provenance.run_key(**parts) != provenance.run_key(**parts | change)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "value.json"
    provenance.write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="Out of range"):
        provenance.write_json(path, {"a": float("nan")})
    with pytest.raises(UnicodeEncodeError):
        provenance.write_text(path, "half written, then a character that cannot be: \ud800")
    assert provenance.read_json(path) == {"a": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["value.json"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read (No such file or directory); make it with snakemake."),
        (b'{"a": 1', "is not JSON or is cut short; delete it and run snakemake again."),
        (b"\xff\xfe", "is not JSON or is cut short; delete it and run snakemake again."),
        (b"[1]", "holds no JSON mapping; delete it and run snakemake again."),
        (b'{"a": 1}', "lacks b, c, so it is not a file of this stage; delete it and run snakemake again."),
    ],
)
def test_json_that_is_not_what_was_asked_for(tmp_path, content, sentence):
    path = tmp_path / "value.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        provenance.read_json(path, ("a", "b", "c"))
    assert str(caught.value) == f"{path}: {sentence}"


def test_files_digest_is_of_names_and_contents(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("1")
    missing = provenance.files_digest([first, second])
    second.write_text("2")
    both = provenance.files_digest([first, second])
    assert len({missing, both, provenance.files_digest([second, first])}) == 3
