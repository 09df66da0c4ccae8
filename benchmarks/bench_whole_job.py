"""The whole main job beside the tutorial's loop; then the same workflow finished, and after an edit of a template."""

from __future__ import annotations

import json
import sys

import pytest

from benchmarks.cases import cases, in_turn
from benchmarks.commands import main_job
from benchmarks.processes import Usage, run
from benchmarks.project import SNAKEMAKE, Copy
from benchmarks.scale import PROJECT

EMPTY = 'rule all:\n    """Nothing at all."""\n'


@pytest.fixture(scope="session")
def project(tmp_path_factory, scale):
    return Copy.of(tmp_path_factory.mktemp("project") / "lrbench", main_job(scale))


def test_main_job(project, once):
    def whole():
        usage = project.snakemake()
        return usage.as_json() | {
            "jobs": project.jobs(),
            "run_seconds": project.run_seconds(),
            "val_accuracies": project.val_accuracies(),
        }

    once(whole, what="main job")


def test_tutorial(scale, once, tmp_path):
    def whole():
        command = [sys.executable, "-m", "benchmarks.tutorial", scale.name, str(tmp_path)]
        usage = run(command, folder=PROJECT, environment={"TF_CPP_MIN_LOG_LEVEL": "3"}).checked()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["accuracy.png", "loss.png"]
        return usage.as_json() | {"val_accuracies": json.loads(usage.output.splitlines()[-1])}

    once(whole, what="tutorial")


@cases(lambda scale: in_turn(scale.calls, ["finished", "empty"]))
def test_finished(case, project, once, tmp_path):
    number, name = case

    def call() -> Usage:
        if name == "finished":
            usage = project.snakemake()
            assert "Nothing to be done" in usage.output + usage.errors
            return usage
        (tmp_path / "Snakefile").write_text(EMPTY, encoding="utf-8")
        return run([SNAKEMAKE, "--cores", "1"], folder=tmp_path).checked()

    once(lambda: call().as_json(), what=name, round=number)


@cases(lambda scale: in_turn(scale.calls, ["template"]))
def test_template(case, project, once):
    number, _ = case
    template = project.folder / "templates" / "report.css"
    template.write_text(template.read_text(encoding="utf-8") + f"\n/* edit {number} */\n", encoding="utf-8")
    before = project.report.stat().st_mtime_ns

    def call():
        usage = project.snakemake()
        assert project.report.stat().st_mtime_ns > before
        return usage.as_json()

    once(call, what="template", round=number)
