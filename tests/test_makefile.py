"""What make hands to the commands, with stand-ins for them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
from support.workspace import PROJECT

SAYS = """#!/bin/sh
printf '%s' "${0##*/}"
for word; do printf ' <%s>' "$word"; done
echo
"""


@pytest.fixture
def make(tmp_path):
    """Calls make in a folder that is set up, where each command says what it was given."""
    shutil.copy(PROJECT / "Makefile", tmp_path)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    for name in ("requirements.lock", "pyproject.toml", ".venv/.test", ".venv/.run"):
        (tmp_path / name).touch()
    for name, text in {"lrbench": SAYS, "snakemake": SAYS, "python": '#!/bin/sh\nexec "$@"\n'}.items():
        (tmp_path / ".venv/bin" / name).write_text(text)
        (tmp_path / ".venv/bin" / name).chmod(0o755)

    def call(*words: str, **variables: str) -> list[str]:
        files = sorted(path.name for path in tmp_path.iterdir())
        done = subprocess.run(
            ["make", "--silent", *words],
            cwd=tmp_path,
            env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")} | variables,
            capture_output=True,
            text=True,
            check=True,
        )
        assert sorted(path.name for path in tmp_path.iterdir()) == files
        return done.stdout.splitlines()

    return call


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ([], "lrbench <clean> <--all>"),
        (["YES=1"], "lrbench <clean> <--all> <--yes>"),
        (["EXPERIMENT=mine"], "lrbench <clean> <--experiment=mine>"),
        (["EXPERIMENT=mine", "YES=1"], "lrbench <clean> <--experiment=mine> <--yes>"),
        (["EXPERIMENT="], "lrbench <clean> <--experiment=>"),
        (["EXPERIMENT=-x"], "lrbench <clean> <--experiment=-x>"),
        (["EXPERIMENT=a`touch b`\"';$(shell touch c)$$(touch d)"],
         "lrbench <clean> <--experiment=a`touch b`\"';$(shell touch c)$$(touch d)>"),
    ],
)  # fmt: skip
def test_clean_takes_the_name_as_it_is_given(make, words, given):
    assert make("clean", *words) == [given]


def test_clean_takes_the_name_from_the_environment_as_well(make):
    assert make("clean", EXPERIMENT='a"`touch b`') == ['lrbench <clean> <--experiment=a"`touch b`>']
    assert make("clean", EXPERIMENT="") == ["lrbench <clean> <--experiment=>"]


@pytest.mark.parametrize(("words", "given"), [([], "lrbench <ready>"), (["WAIT=1"], "lrbench <ready> <--wait>")])
def test_resume_waits_where_asked_to(make, words, given):
    assert given in make("resume", *words)


def test_what_the_quick_tests_name_is_there():
    text = (PROJECT / "Makefile").read_text().replace("\\\n", " ")
    names = re.search(r"^QUICK = (.*)$", text, re.MULTILINE)[1].split()
    assert [name for name in names if not list(PROJECT.glob(name))] == []
