"""Digests, keys, atomic writes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys

import pytest

from lrbench.errors import InputError
from lrbench.identity import discovery, provenance


def test_a_run_key_is_the_digest_of_what_determines_a_run():
    text = '{"code":"c","data":"d","settings":{"a":1,"b":[2]},"versions":{"numpy":"2"}}'
    expected = hashlib.sha256(text.encode()).hexdigest()
    assert provenance.run_key({"b": [2], "a": 1}, "d", "c", {"numpy": "2"}) == expected


@pytest.mark.parametrize("change", [{"data": "x"}, {"code": "x"}, {"versions": {}}, {"settings": {"a": 2}}])
def test_a_run_key_changes_with_each_part(change):
    parts = {"settings": {"a": 1}, "data": "d", "code": "c", "versions": {"numpy": "2"}}
    assert provenance.run_key(**parts) != provenance.run_key(**parts | change)


def test_training_depends_on_few_modules():
    assert sorted(provenance._import_closure(("lrbench.learning.training",))) == [
        "lrbench",
        "lrbench.data",
        "lrbench.data.split",
        "lrbench.errors",
        "lrbench.learning",
        "lrbench.learning.engine",
        "lrbench.learning.environment",
        "lrbench.learning.model",
        "lrbench.learning.settings",
        "lrbench.learning.training",
    ]


def test_imports_inside_functions_count():
    closure = provenance._import_closure(("lrbench.learning.jobs",))
    assert "lrbench.learning.training" in closure


def test_the_code_digest_follows_an_edit_however_deep(tmp_path):
    package = tmp_path / "lrbench"
    for folder in ("inner", "identity", "found"):
        (package / folder).mkdir(parents=True)
    for name, text in {
        "__init__.py": "",
        "inner/__init__.py": "",
        "identity/__init__.py": "",
        "found/__init__.py": "from lrbench.identity.discovery import modules_of\n\nMODULES = modules_of(__name__)\n",
        "found/one.py": "VALUE = 1\n",
        "inner/top.py": "def f():\n    from lrbench import found, middle\n",
        "middle.py": "from lrbench.inner import deep\n",
        "inner/deep.py": "VALUE = 1\n",
        "apart.py": "VALUE = 1\n",
    }.items():
        (package / name).write_text(text)
    for module in (discovery, provenance):
        shutil.copy(module.__file__, package / "identity")
    (package / "errors.py").write_text("class InputError(Exception): ...\n")

    def digest() -> str:
        call = "from lrbench.identity.provenance import code_digest; print(code_digest('lrbench.inner.top'))"
        return subprocess.run(
            [sys.executable, "-c", call], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout

    first = digest()
    (package / "apart.py").write_text("VALUE = 2\n")
    assert digest() == first
    (package / "found/two.py").write_text("VALUE = 1\n")
    second = digest()
    assert second != first
    (package / "inner/deep.py").write_text("VALUE = 2\n")
    assert digest() not in (first, second)


def test_a_package_that_finds_its_modules_has_them_all(tmp_path, monkeypatch):
    package = tmp_path / "found_here"
    package.mkdir()
    (package / "__init__.py").write_text("")
    for name in ("second", "first"):
        (package / f"{name}.py").write_text(f"NAME = {name!r}\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert [module.NAME for module in discovery.modules_of("found_here")] == ["first", "second"]
    assert discovery.names_of([str(package)]) == ["first", "second"]


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
