"""The container recipe, as far as it can be checked without building it."""

from __future__ import annotations

import re

from support.workspace import PROJECT, SOURCES

INSTRUCTIONS = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "CMD"}


def recipe() -> list[tuple[str, str]]:
    """Instructions and their arguments, in order."""
    text = re.sub(r"^#.*\n", "", (PROJECT / "Containerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


def arguments(name: str) -> list[str]:
    return [words for instruction, words in recipe() if instruction == name]


def test_every_line_is_an_instruction():
    assert {instruction for instruction, _ in recipe()} == INSTRUCTIONS
    assert recipe()[0][0] == "FROM"
    assert all(len(line) == 2 for line in recipe())


def test_what_it_copies_is_there_and_is_all_that_running_needs():
    copied = {source for words in arguments("COPY") for source in words.split()[:-1]}
    assert [source for source in sorted(copied) if not (PROJECT / source).exists()] == []
    needed = {
        *SOURCES,
        "docs",
        "models",
        "resources",
        "requirements.lock",
        "pyproject.toml",
        "README.md",
        "LICENSE",
    } - {"Makefile"}
    assert copied == needed


def test_packages_come_from_the_lock_with_their_hashes():
    installs = [words for words in arguments("RUN") if words.startswith("pip install")]
    assert all("--no-deps" in words for words in installs)
    assert "--require-hashes --requirement requirements.lock" in installs[0]
    assert [words.split()[-2:] for words in installs[1:]] == [["--editable", "."]]


def test_its_python_is_one_that_lrbench_supports_and_its_user_is_not_root():
    assert arguments("FROM")[0].startswith("docker.io/library/python:3.11-")
    assert 'requires-python = ">=3.11,' in (PROJECT / "pyproject.toml").read_text()
    assert arguments("USER") == ["lrbench"]
    last = [instruction for instruction, _ in recipe()]
    assert last.index("USER") > max(place for place, name in enumerate(last) if name in ("COPY", "RUN"))
