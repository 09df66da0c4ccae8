"""What a public repository says of itself in several places is the same everywhere, and what it names is there."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml
from support.workspace import PROJECT

PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())
WORKFLOWS = sorted((PROJECT / ".github/workflows").glob("*.yml"))


def test_the_version_is_the_same_everywhere():
    version = PYPROJECT["project"]["version"]
    assert yaml.safe_load((PROJECT / "CITATION.cff").read_text())["version"] == version
    assert re.search(r"^## \[(\d.*?)\]", (PROJECT / "CHANGELOG.md").read_text(), re.MULTILINE)[1] == version


def test_the_least_snakemake_is_the_same_everywhere():
    (needed,) = (line for line in PYPROJECT["project"]["dependencies"] if line.startswith("snakemake>"))
    least = re.search(r'^min_version\("(.+)"\)', (PROJECT / "workflow/Snakefile").read_text(), re.MULTILINE)[1]
    assert needed.startswith(f"snakemake>={least},")


def test_tests_run_on_every_python_that_is_supported():
    (matrix,) = (
        job["strategy"]["matrix"]
        for path in WORKFLOWS
        for job in yaml.safe_load(path.read_text())["jobs"].values()
        if "strategy" in job
    )
    assert matrix["python"] == ["3.11", "3.12", "3.13"]
    assert PYPROJECT["project"]["requires-python"] == ">=3.11,<3.14"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_make_targets_of_continuous_integration_are_there(path):
    steps = [step for job in yaml.safe_load(path.read_text())["jobs"].values() for step in job["steps"]]
    targets = [
        word for step in steps for call in re.findall(r"make ([a-z -]+)", step.get("run", "")) for word in call.split()
    ]
    makefile = (PROJECT / "Makefile").read_text()
    assert [name for name in targets if not re.search(f"^{name}:", makefile, re.MULTILINE)] == []
    assert all("permissions" in yaml.safe_load(path.read_text()) for path in WORKFLOWS)


def test_the_site_s_navigation_leads_to_files():
    def files(entries):
        for entry in entries:
            (value,) = entry.values()
            yield from files(value) if isinstance(value, list) else [value]

    missing = [
        name
        for name in files(yaml.safe_load((PROJECT / "mkdocs.yml").read_text())["nav"])
        if not (PROJECT / name).exists()
    ]
    assert missing == []


def test_hooks_before_a_commit_are_the_linters_of_make_lint():
    hooks = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    lint = (PROJECT / "Makefile").read_text().partition("\nlint: ")[2].partition("\n\n")[0]
    programs = [
        hook["entry"].rpartition(".venv/bin/")[2] if "PATH=" not in hook["entry"] else "snakefmt" for hook in hooks
    ]
    assert [program for program in programs if program not in lint] == []
    assert len(programs) == len(lint.splitlines()) - 1
