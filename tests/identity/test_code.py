"""Which code a result comes from, and that a process runs the code that it says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from lrbench.identity import code, discovery, provenance, regular_files
from lrbench.learning.models import FUSED, MODULES


def test_training_depends_on_few_modules():
    assert sorted(code._import_closure([MODULES[FUSED]])) == [
        "lrbench",
        "lrbench.data",
        "lrbench.data.split",
        "lrbench.data.standardization",
        "lrbench.errors",
        "lrbench.learning",
        "lrbench.learning.engine",
        "lrbench.learning.environment",
        "lrbench.learning.evaluation",
        "lrbench.learning.fused",
        "lrbench.learning.inputs",
        "lrbench.learning.model",
        "lrbench.learning.quiet",
        "lrbench.learning.schedules",
        "lrbench.learning.settings",
        "lrbench.learning.training",
        "lrbench.learning.updates",
        "lrbench.schedule_arguments",
    ]


def test_imports_inside_functions_count():
    closure = code._import_closure(("lrbench.learning.jobs",))
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
    for module in (code, discovery, provenance, regular_files):
        shutil.copy(module.__file__, package / "identity")
    (package / "errors.py").write_text("class InputError(Exception): ...\n\n\nclass WorkError(Exception): ...\n")

    def digest() -> str:
        call = "from lrbench.identity.code import code_digest; print(code_digest('lrbench.inner.top'))"
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


PROGRAM = """
import sys
from pathlib import Path

sys.path.insert(0, ".")
from lrbench.identity.code import Code, record_what_is_compiled

record_what_is_compiled()
deep = Path("lrbench/inner/deep.py")
own = Code(["lrbench.inner.top"], {expected!r})
{during}
own.check()
print("written")
"""


@pytest.fixture
def package(tmp_path):
    """A package of its own beside the code that guards it."""
    package = tmp_path / "lrbench"
    for folder in ("inner", "identity"):
        (package / folder).mkdir(parents=True)
        (package / folder / "__init__.py").write_text("")
    (package / "__init__.py").write_text("")
    (package / "inner/top.py").write_text("from lrbench.inner.deep import VALUE\n")
    (package / "inner/deep.py").write_text("VALUE = 1\n")
    for module in (code, discovery, provenance, regular_files):
        shutil.copy(module.__file__, package / "identity")
    (package / "errors.py").write_text("class InputError(Exception): ...\nclass WorkError(Exception): ...\n")
    return tmp_path


def run(folder, during="", expected=None):
    program = PROGRAM.format(during=during, expected=expected)
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout, done.stderr.strip().rpartition("\n")[2]


REFUSED = (
    "lrbench.errors.WorkError: lrbench.inner.deep changed while this stage ran: nothing was written; "
    "run snakemake again, and leave the code alone while it runs."
)
EDIT = "deep.write_text('VALUE = 2\\n')"
RESTORE = "deep.write_text('VALUE = 1\\n')"
IMPORT = "import lrbench.inner.top"


def test_code_that_stays_is_no_reason_to_refuse(package):
    assert run(package, IMPORT) == ("written\n", "")


@pytest.mark.parametrize(
    "during",
    [
        f"{IMPORT}\n{EDIT}",
        f"{EDIT}\n{IMPORT}\n{RESTORE}",  # as a branch that is switched to and back: the files are what they were
        f"{IMPORT}\ndeep.unlink()",
    ],
)
def test_code_that_changes_while_a_stage_runs_is_refused(package, during):
    assert run(package, during) == ("", REFUSED)


def test_a_stale_cache_is_not_what_runs(package):
    deep = package / "lrbench/inner/deep.py"
    deep.write_text("VALUE = 2\n")
    subprocess.run([sys.executable, "-m", "compileall", "-q", deep.parent], check=True)
    times = deep.stat()
    deep.write_text("VALUE = 1\n")
    os.utime(deep, ns=(times.st_atime_ns, times.st_mtime_ns))  # the same size and time: a cache that Python believes
    during = f"{IMPORT}\nassert lrbench.inner.top.VALUE == 1"
    assert run(package, during) == ("written\n", "")


def test_code_that_is_not_what_the_workflow_saw_is_refused(package):
    stdout, error = run(package, expected="0" * 64)
    assert stdout == ""
    assert error.startswith("lrbench.errors.WorkError: lrbench's code is ")
    assert error.endswith(
        f"here where the workflow expects {'0' * 64}: nothing was done; "
        "run snakemake again, from the environment that lrbench is installed in, and leave the code alone."
    )
