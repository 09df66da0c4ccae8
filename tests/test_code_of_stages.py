"""An edit of any module of lrbench runs again the stages that it can change, and no other.

What stages take as their code is read from the workflow's files and computed as they do, on a copy of the package;
tests/workflow/test_reruns.py has real snakemake do it for some module of each stage.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
FED = {  # the stages that read what a stage writes
    "dataset": {"train", "backpropagate", "aggregate", "analyse", "figures", "report"},
    "train": {"aggregate", "analyse", "figures", "report"},
    "backpropagate": {"figures", "report"},
    "aggregate": {"analyse", "figures", "report"},
    "analyse": {"figures", "report"},
    "figures": {"report"},
    "report": set(),
}
NOTHING: set[str] = set()
PAGE = {"report"}
FIGURES = {"figures", "report"}
WORKED_STEP = {"backpropagate", "figures", "report"}
ANALYSIS = {"analyse", "figures", "report"}
TABLES = {"aggregate", "analyse", "figures", "report"}
TRAINING = {"train", "backpropagate", "aggregate", "analyse", "figures", "report"}
ALL = {"dataset", "train", "backpropagate", "aggregate", "analyse", "figures", "report"}
WINGS = {
    "lrbench.analysis": ANALYSIS,
    "lrbench.findings": ANALYSIS,
    "lrbench.reporting": FIGURES,
    "lrbench.tables": TABLES,
    "lrbench.data": ALL,
    "lrbench.probes": WORKED_STEP,
    "lrbench.settings": NOTHING,
    "lrbench.workspace": NOTHING,
}
MODULES = {
    "lrbench": ALL,
    "lrbench.__main__": NOTHING,
    "lrbench.cli": NOTHING,
    "lrbench.commands": NOTHING,
    "lrbench.errors": ALL,
    "lrbench.identity": ALL,
    "lrbench.identity.discovery": ALL,
    "lrbench.identity.provenance": ALL,
    "lrbench.identity.regular_files": ALL,
    "lrbench.learning": TRAINING,
    "lrbench.learning.aggregation": TABLES,
    "lrbench.learning.engine": TRAINING,
    "lrbench.learning.environment": TRAINING,
    "lrbench.learning.jobs": NOTHING,
    "lrbench.learning.model": TRAINING,
    "lrbench.learning.outline": NOTHING,
    "lrbench.learning.settings": TRAINING,
    "lrbench.learning.store": TABLES,
    "lrbench.learning.training": TRAINING,
    "lrbench.learning.verification": NOTHING,
    "lrbench.rechecking": NOTHING,
    "lrbench.reporting.content": PAGE,
    "lrbench.reporting.page": PAGE,
    "lrbench.reporting.path_picture": PAGE,
    "lrbench.reporting.svg": PAGE,
    "lrbench.reporting.worked": PAGE,
    "lrbench.sentences": NOTHING,
    "lrbench.tables.analysis": ANALYSIS,
    "lrbench.tables.names": FIGURES,
    "lrbench.wording": ANALYSIS,
}
EDIT_EACH = """
import ast, functools, json, sys
from pathlib import Path

from lrbench.identity.provenance import code_digest

ast.parse, walk = functools.cache(ast.parse), ast.walk  # of a hundred files, one differs each time
ast.walk = functools.cache(lambda tree: list(walk(tree)))
stages = json.loads(sys.argv[1])


def digests():
    return {stage: code_digest(*modules) for stage, modules in stages.items()}


before, changed = digests(), {}
for file in sorted(Path("lrbench").rglob("*.py")):
    source = file.read_bytes()
    file.write_bytes(source + b"# changed\\n")
    now = digests()
    file.write_bytes(source)
    name = ".".join(file.with_suffix("").parts).removesuffix(".__init__")
    changed[name] = [stage for stage in stages if now[stage] != before[stage]]
print(json.dumps(changed))
"""


def digested(text: str) -> list[str]:
    """The modules that calls of `code` and `code_digest` name."""
    calls = re.findall(r"\bcode(?:_digest)?\((.*?)\)", text, re.DOTALL)
    return [module for call in calls for module in re.findall(r'"(lrbench[\w.]*)"', call)]


def digested_by_stages() -> dict[str, list[str]]:
    rules = {path.stem: path.read_text() for path in (PROJECT / "workflow/rules").glob("*.smk")}
    origin = digested(rules["common"])
    return {stage: digested(rules[stage]) + origin * ("training_origin" in rules[stage]) for stage in FED}


@pytest.fixture(scope="module")
def rerun(tmp_path_factory) -> dict[str, set[str]]:
    """By module, the stages that run again after an edit of it: those that take it as code, and what they feed."""
    copy = tmp_path_factory.mktemp("project")
    shutil.copytree(PROJECT / "lrbench", copy / "lrbench", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-c", EDIT_EACH, json.dumps(digested_by_stages())]
    done = subprocess.run(command, cwd=copy, env={}, capture_output=True, text=True, check=True)
    changed = json.loads(done.stdout)
    return {module: set(stages).union(*(FED[stage] for stage in stages)) for module, stages in changed.items()}


def test_every_stage_names_its_code():
    assert [stage for stage, modules in digested_by_stages().items() if not modules] == []


def test_every_module_of_lrbench_was_edited(rerun):
    files = (PROJECT / "lrbench").rglob("*.py")
    names = {".".join(file.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__") for file in files}
    assert set(rerun) == names
    assert set(MODULES) <= names


def test_an_edit_of_a_module_runs_again_what_it_can_change(rerun):
    expected = {
        module: MODULES[module] if module in MODULES else WINGS[".".join(module.split(".")[:2])] for module in rerun
    }
    assert rerun == expected
