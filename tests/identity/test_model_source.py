"""The source of a model is that of its file and of the local modules that it imports, wherever they lie."""

from __future__ import annotations

import shutil

import pytest

from lrbench.errors import InputError
from lrbench.identity.model_source import defines, model_sources, source_digest

FILES = {
    "mine.py": "import keras, os\nfrom parts import blocks\nfrom helpers.layers import big\ndef build(s, c): ...\n",
    "parts/__init__.py": "",
    "parts/blocks.py": "from . import deep\nfrom .deep import more\n",
    "parts/deep/__init__.py": "",
    "parts/deep/more.py": "import numpy\n",
    "helpers/__init__.py": "",
    "helpers/layers.py": "def big():\n    import late\n",
    "late.py": "x = 1\n",
    "unused.py": "y = 1\n",
    "parts/unused.py": "z = 1\n",
}


@pytest.fixture
def folder(tmp_path):
    for name, source in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source)
    return tmp_path


def test_imports_are_followed_within_the_folder(folder):
    assert set(model_sources(folder / "mine.py")) == set(FILES) - {"unused.py", "parts/unused.py"}


@pytest.mark.parametrize("name", FILES)
def test_an_edit_counts_where_the_file_is_imported(folder, name):
    before = source_digest(folder / "mine.py")
    (folder / name).write_text(FILES[name] + "# edited\n")
    assert (source_digest(folder / "mine.py") != before) == ("unused" not in name)


def test_the_place_and_the_name_of_the_file_do_not_count(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "copy"
    shutil.copytree(folder, other)
    (other / "mine.py").rename(other / "yours.py")
    assert source_digest(other / "yours.py") == source_digest(folder / "mine.py")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def build(a, b): ...", True),
        ("from parts import build", True),
        ("from parts import make as build", True),
        ("from parts import *", True),
        ("build = lambda a, b: None", True),
        ("if True:\n    def build(a, b): ...", True),
        ("class build: ...", True),
        ("def other(a, b):\n    build = 1", False),
        ("from parts import build as other", False),
        ("", False),
    ],
)
def test_whether_a_function_may_be_there(tmp_path, source, found):
    (tmp_path / "mine.py").write_text(source)
    assert defines(tmp_path / "mine.py", "build") is found


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"def build(:\n", r"mine.py, line 1: is no Python \(.*\); mend it\.$"),
        (b"x = 1\n\x00\n", r"mine.py.*: is no Python \(.*null bytes.*\); mend it\.$"),
        (b"\xff\xfe", r"mine.py.*: is no Python"),
        (b"(" * 100_000, r"mine.py.*: is no Python"),
        (b"#" * (4 * 1024**2 + 1), r"mine.py: has over 4194304 bytes"),
    ],
)
def test_what_is_no_python_is_named(tmp_path, content, sentence):
    (tmp_path / "mine.py").write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        source_digest(tmp_path / "mine.py")
