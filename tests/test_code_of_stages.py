"""An edit of any module of lrbench runs again the stages that it can change, and no other.

What stages take as their code is computed as the workflow does, on a copy of the package;
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

from lrbench.stages import STAGES

PROJECT = Path(__file__).parents[1]
OF_STUDIES = {"compare", "study"}  # read what `analyse` writes, and share with it and with `report` what they can
FED = {  # the stages that read what a stage writes; but for those of studies
    "dataset": {
        "train",
        "train-own-model",
        "backpropagate",
        "aggregate",
        "analyse",
        "contrast",
        "test_range",
        "budget_steps",
        "examine",
        "figures",
        "report",
    },
    "train": {"aggregate", "analyse", "contrast", "examine", "figures", "report"},
    "train-own-model": {"aggregate", "analyse", "contrast", "examine", "figures", "report"},
    "backpropagate": {"figures", "report"},
    "aggregate": {"analyse", "contrast", "examine", "figures", "report"},
    "analyse": {"examine", "figures", "report"},
    "contrast": {"report"},
    "examine": {"figures", "report"},
    "test_range": {"figures", "report"},
    "budget_steps": {"figures", "report"},
    "figures": {"report"},
    "report": set(),
    "compare": {"study"},
    "study": set(),
    "index": set(),
    "decide": set(),  # what it decides is told by its content
}
INDEX = {"index"}  # runs after whatever runs, and so does not stand beside it below
NOTHING: set[str] = set()
PAGE = {"report"}
FIGURES = {"figures", "report"}
WORKED_STEP = {"backpropagate", "figures", "report"}
MISTAKES = {"examine", "figures", "report"}
CONTRAST = {"contrast", "report"}
RANGE_TEST = {"test_range", "figures", "report"}
STEP_BUDGET = {"budget_steps", "figures", "report"}
CONCLUSIONS = {"analyse", "examine", "figures", "report"}
ANALYSIS = {"analyse", "contrast", "examine", "figures", "report"}
TABLES = {"aggregate", "analyse", "contrast", "examine", "figures", "report"}
FUSED = {"train", "test_range", "budget_steps", *TABLES}
OWN_MODEL = {"train-own-model", "test_range", "budget_steps", *TABLES}
TRAINING = {"backpropagate", *FUSED, *OWN_MODEL}
ALL = {"dataset", *TRAINING}
WINGS = {
    "lrbench.analysis": ANALYSIS,
    "lrbench.findings": ANALYSIS,
    "lrbench.findings.observations": CONCLUSIONS,
    "lrbench.reporting": FIGURES,
    "lrbench.tables": TABLES,
    "lrbench.data": ALL,
    "lrbench.probes": WORKED_STEP | MISTAKES | RANGE_TEST | STEP_BUDGET,
    "lrbench.probes.backpropagation": WORKED_STEP,
    "lrbench.probes.backpropagation.figures": FIGURES,
    "lrbench.probes.mistakes": MISTAKES,
    "lrbench.probes.mistakes.figures": FIGURES,
    "lrbench.probes.range_test": RANGE_TEST,
    "lrbench.probes.range_test.figures": FIGURES,
    "lrbench.reporting.index": INDEX,
    "lrbench.reporting.index.lines": INDEX,
    "lrbench.reporting.index.page": INDEX,
    "lrbench.reporting.index.settings": INDEX,
    "lrbench.probes.step_budget": STEP_BUDGET,
    "lrbench.probes.step_budget.figures": FIGURES,
    "lrbench.reporting.sections": PAGE,
    "lrbench.settings": NOTHING,
    "lrbench.live": NOTHING,
    "lrbench.workspace": NOTHING,
    "lrbench.commands": NOTHING,
    "lrbench.api": NOTHING,
    "lrbench.exports": NOTHING,
}
MODULES = {
    "lrbench": ALL,
    "lrbench.__main__": NOTHING,
    "lrbench.cli": NOTHING,
    "lrbench.commands": NOTHING,
    "lrbench.argument_types": NOTHING,
    "lrbench.flags": NOTHING,
    "lrbench.next_config": PAGE,
    "lrbench.parsers": NOTHING,
    "lrbench.places": PAGE,
    "lrbench.stages": NOTHING,
    "lrbench.deciding": NOTHING,
    "lrbench.errors": ALL,
    "lrbench.findings.cards": CONCLUSIONS,
    "lrbench.findings.outcomes": CONCLUSIONS,
    "lrbench.findings.conclusions": CONCLUSIONS,
    "lrbench.findings.contrast": CONTRAST,
    "lrbench.findings.next": CONCLUSIONS,
    "lrbench.findings.phrases": CONCLUSIONS,
    "lrbench.findings.reasons": CONCLUSIONS,
    "lrbench.findings.search": CONCLUSIONS,
    "lrbench.findings.next_search": CONCLUSIONS,
    "lrbench.findings.rounds": CONCLUSIONS,
    "lrbench.findings.proposal": CONCLUSIONS,
    "lrbench.tables.search": PAGE,
    "lrbench.identity": ALL,
    "lrbench.identity.code": NOTHING,
    "lrbench.identity.discovery": ALL,
    "lrbench.identity.model_source": OWN_MODEL,
    "lrbench.identity.provenance": ALL,
    "lrbench.identity.regular_files": ALL,
    "lrbench.learning": TRAINING,
    "lrbench.learning.aggregation": TABLES,
    "lrbench.learning.carried": NOTHING,
    "lrbench.learning.engine": FUSED,
    "lrbench.learning.environment": TRAINING,
    "lrbench.learning.evaluation": FUSED | OWN_MODEL,
    "lrbench.learning.exact": OWN_MODEL,
    "lrbench.learning.exporting": NOTHING,
    "lrbench.learning.fitting": NOTHING,
    "lrbench.learning.fused": FUSED,
    "lrbench.learning.inputs": FUSED | OWN_MODEL,
    "lrbench.learning.jobs": NOTHING,
    "lrbench.learning.model": TRAINING,
    "lrbench.learning.model_file": OWN_MODEL,
    "lrbench.learning.models": RANGE_TEST | STEP_BUDGET,
    "lrbench.learning.outline": NOTHING,
    "lrbench.learning.own": OWN_MODEL,
    "lrbench.learning.quiet": TRAINING,
    "lrbench.learning.schedules": TRAINING,
    "lrbench.learning.settings": TRAINING,
    "lrbench.learning.store": TABLES,
    "lrbench.learning.training": TRAINING,
    "lrbench.learning.timing": NOTHING,
    "lrbench.learning.trying": NOTHING,
    "lrbench.learning.updates": FUSED | OWN_MODEL,
    "lrbench.learning.verification": NOTHING,
    "lrbench.rechecking": NOTHING,
    "lrbench.registry": NOTHING,
    "lrbench.probes.backpropagation.contract": WORKED_STEP,
    "lrbench.probes.backpropagation.loss_course": FIGURES,
    "lrbench.probes.backpropagation.path_picture": PAGE,
    "lrbench.probes.backpropagation.section": PAGE,
    "lrbench.probes.mistakes.confusions": FIGURES,
    "lrbench.probes.mistakes.section": PAGE,
    "lrbench.probes.range_test.judgement": FIGURES,
    "lrbench.probes.range_test.section": PAGE,
    "lrbench.probes.step_budget.judgement": FIGURES,
    "lrbench.probes.step_budget.section": PAGE,
    "lrbench.reporting.citation": PAGE,
    "lrbench.reporting.page": PAGE,
    "lrbench.reporting.svg.compact": PAGE,
    "lrbench.reporting.publication": NOTHING,
    "lrbench.reporting.svg.inline": PAGE,
    "lrbench.reporting.templates": PAGE,
    "lrbench.schedule_arguments": TRAINING | PAGE,
    "lrbench.sentences": NOTHING,
    "lrbench.shared_flags": NOTHING,
    "lrbench.settings": ANALYSIS,
    "lrbench.settings.limits": CONCLUSIONS,
    "lrbench.settings.sections": ANALYSIS,
    "lrbench.settings.spelling": ANALYSIS,
    "lrbench.settings.thresholds": ANALYSIS,
    "lrbench.tables": TABLES | WORKED_STEP | RANGE_TEST | STEP_BUDGET,
    "lrbench.tables.analysis": ANALYSIS,
    "lrbench.tables.conclusions": CONCLUSIONS,
    "lrbench.tables.contracts": ANALYSIS | WORKED_STEP | RANGE_TEST | STEP_BUDGET,
    "lrbench.tables.contrast": CONTRAST,
    "lrbench.tables.figures": FIGURES,
    "lrbench.tables.dictionary": NOTHING,
    "lrbench.tables.fit": PAGE,
    "lrbench.tables.measures": ANALYSIS,
    "lrbench.tables.names": FIGURES | CONTRAST,
    "lrbench.tables.probes": WORKED_STEP | MISTAKES | RANGE_TEST | STEP_BUDGET,
    "lrbench.training_words": ANALYSIS,
    "lrbench.wording": ANALYSIS,
}
EDIT_EACH = """
import functools, importlib.metadata, json
from pathlib import Path

from lrbench.identity import code
from lrbench.registry import PROBES
from lrbench.stages import SHOWN, STAGES, with_probes


def digests():
    shown = {name: with_probes(name, PROBES) for name in SHOWN}
    return {name: stage.origin()["code"] for name, stage in (STAGES | shown).items()}


# a comment changes neither imports nor versions, and no other file while the digests are taken
code._import_closure = functools.cache(code._import_closure)
importlib.metadata.version = functools.cache(importlib.metadata.version)
code.file_digest = functools.cache(code.file_digest)
before, changed = digests(), {}
for file in sorted(Path("lrbench").rglob("*.py")):
    source = file.read_bytes()
    file.write_bytes(source + b"# changed\\n")
    code.file_digest.cache_clear()
    now = digests()
    file.write_bytes(source)
    name = ".".join(file.with_suffix("").parts).removesuffix(".__init__")
    changed[name] = [stage for stage in now if now[stage] != before[stage]]
print(json.dumps(changed))
"""


ADD = """
import json, subprocess, sys
from pathlib import Path

DIGESTS = '''
import json
from lrbench.registry import PROBES
from lrbench.stages import SHOWN, STAGES, with_probes

asked = {"": (), "with all probes: ": tuple(PROBES)}
found = {name: stage for name, stage in STAGES.items() if name not in SHOWN}
found |= {prefix + name: with_probes(name, probes) for prefix, probes in asked.items() for name in SHOWN}
print(json.dumps({name: stage.origin()["code"] for name, stage in found.items()}))
'''


def digests():
    return json.loads(subprocess.run([sys.executable, "-c", DIGESTS], capture_output=True, check=True).stdout)


before = digests()
for name in sys.argv[1:]:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text("COMMAND, ABOUT = 'more', ''\\n")
now = digests()
print(json.dumps([stage for stage in now if now[stage] != before.get(stage)]))
"""
PROBE = ("__init__", "measurement", "contract", "section", "figures")
SHOWN = ["with all probes: figures", "with all probes: report"]


@pytest.mark.parametrize(
    ("added", "stages"),
    [
        (["data/formats/csv.py"], ["dataset"]),
        (["findings/observations/more.py"], ["analyse"]),
        (["findings/claims/more.py"], ["analyse", "contrast"]),
        (["reporting/figures/more.py"], ["figures", SHOWN[0]]),
        ([f"probes/more/{name}.py" for name in PROBE], ["more", *SHOWN]),
    ],
)
def test_an_addition_changes_the_code_of_no_other_stage(tmp_path, added, stages):
    shutil.copytree(PROJECT / "lrbench", tmp_path / "lrbench", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-c", ADD, *(f"lrbench/{name}" for name in added)]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == stages


@pytest.fixture(scope="module")
def rerun(tmp_path_factory) -> dict[str, set[str]]:
    """By module, the stages that run again after an edit of it: those that take it as code, and what they feed."""
    copy = tmp_path_factory.mktemp("project")
    shutil.copytree(PROJECT / "lrbench", copy / "lrbench", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-c", EDIT_EACH]
    done = subprocess.run(command, cwd=copy, env={}, capture_output=True, text=True, check=True)
    changed = json.loads(done.stdout)
    fed = {module: set(stages).union(*(FED[stage] for stage in stages)) for module, stages in changed.items()}
    return {module: stages if stages == INDEX else stages - INDEX for module, stages in fed.items()}


STUDIES = {
    "lrbench.studies.comparison": OF_STUDIES,
    "lrbench.studies.pairs": OF_STUDIES,
    "lrbench.studies.variants": OF_STUDIES,
    "lrbench.studies.conclusions": OF_STUDIES,
    "lrbench.studies.findings": OF_STUDIES,
    "lrbench.studies.limits": OF_STUDIES,
    "lrbench.studies": OF_STUDIES,
    "lrbench.studies.asking": OF_STUDIES,
    "lrbench.studies.next": OF_STUDIES,
    "lrbench.reporting.study": {"study"},
    "lrbench.reporting.study.figures": {"study"},
    "lrbench.reporting.study.figures.accuracy_by_rate": {"study"},
    "lrbench.reporting.study.figures.best_rates": {"study"},
    "lrbench.reporting.study.inputs": {"study"},
    "lrbench.reporting.study.page": {"study"},
    "lrbench.settings.study": NOTHING,
    "lrbench.settings.study_schema": NOTHING,
    "lrbench.tables.study": OF_STUDIES,
}


def test_an_edit_of_what_compares_variants_runs_nothing_else_again(rerun):
    assert {module: rerun[module] for module in STUDIES} == STUDIES
    assert {module for module in rerun if "stud" in module or "variant" in module} == {
        *STUDIES,
        "lrbench.api.study",
        "lrbench.commands.studies",
    }


def test_what_decides_in_a_search_is_the_code_of_what_scores_runs_and_of_the_policy(rerun):
    deciding = {module for module, stages in rerun.items() if "decide" in stages}
    assert {
        "lrbench.analysis.pairs",
        "lrbench.analysis.runs",
        "lrbench.findings.rounds",
        "lrbench.findings.search",
        "lrbench.learning.aggregation",
        "lrbench.tables.plan",
        "lrbench.tables.search",
    } <= deciding
    assert not {"lrbench.findings.conclusions", "lrbench.findings.next_search", "lrbench.reporting.page"} & deciding


def test_every_rule_tells_its_stage_its_code():
    rules = {path.stem: path.read_text() for path in (PROJECT / "workflow/rules").glob("*.smk")}
    assert set(STAGES) == set(FED)
    for stage in STAGES:
        if stage.startswith("train"):  # its runs' own code, which other stages expect as well
            assert "expect=training_origin" in rules["train"]
            assert "--expect {params.expect:q}" in rules["train"]
        else:
            assert re.search(rf'[ =]code\("{stage}"', rules[stage])
            assert "--code {params.code:q}" in rules[stage]


def test_every_module_of_lrbench_was_edited(rerun):
    files = (PROJECT / "lrbench").rglob("*.py")
    names = {".".join(file.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__") for file in files}
    assert set(rerun) == names
    assert set(MODULES) <= names


def stages_of(module: str) -> set[str]:
    """What the tables say of a module: its own entry, or that of the nearest package around it."""
    package = module
    while package and package not in WINGS:
        package = package.rpartition(".")[0]
    return MODULES[module] if module in MODULES else WINGS[package]


def test_an_edit_of_a_module_runs_again_what_it_can_change(rerun):
    others, elsewhere = rerun.keys() - STUDIES.keys(), {*OF_STUDIES, "decide"}
    assert {module: rerun[module] - elsewhere for module in others} == {module: stages_of(module) for module in others}
