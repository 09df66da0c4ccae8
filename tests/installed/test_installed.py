"""The wheel in an environment that has nothing else of lrbench: run by somebody who has only that, without a network.

`make test-installed` makes `.venv-installed` from requirements.lock and starts these tests with the Python of `.venv`.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.outer import write_outer

PROJECT = Path(__file__).parents[2]
BIN = PROJECT / ".venv-installed" / "bin"
NOBODY = 65534

pytestmark = pytest.mark.installed


@functools.cache
def as_nobody() -> list[str]:
    """The words before a command that root runs as nobody and without a network; none where that cannot be done.

    It cannot where the environment's interpreter lies in a folder of root's alone.
    """
    without_network = ["unshare", "--net", "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    if os.geteuid() != 0 or not shutil.which("setpriv") or not shutil.which("unshare"):
        return []
    reached = subprocess.run([*without_network, "sh", "-c", 'exec "$0" -c ""', BIN / "python"], check=False)
    return without_network if reached.returncode == 0 else []


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """An empty folder, with a blank and an umlaut in its path, of the user who runs lrbench; the wheel is installed."""
    with tempfile.TemporaryDirectory() as text:
        place = Path(text)
        build = ["wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", place / "dist", PROJECT]
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        subprocess.run([*pip, *build], check=True)
        (wheel,) = (place / "dist").glob("*.whl")
        install = ["--python", BIN / "python", "install", "--no-deps", "--no-index", "--force-reinstall", wheel]
        subprocess.run([*pip, *install], check=True)
        here = place / "Meine Übung"
        here.mkdir()
        (place / "home").mkdir()
        if as_nobody():
            for path in (place, here, place / "home"):
                os.chown(path, NOBODY, NOBODY)
        yield here


def run(folder: Path, *words: str, status: int = 0) -> str:
    """What a command of the environment prints, without a network where root may take it away."""
    environment = {"HOME": str(folder.parent / "home"), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    done = subprocess.run(
        [*as_nobody(), BIN / "python", "-P", *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout
    return done.stdout


def test_nothing_of_the_clone_is_in_that_environment(folder):
    where = run(folder, "-c", "import lrbench.places as p; print(p.PROJECT, p.SNAKEFILE.exists())")
    assert where == f"{next(BIN.parent.glob('lib/python*/site-packages'))}/lrbench/project True\n"


def test_from_an_empty_folder_to_a_report(folder):
    lrbench = str(BIN / "lrbench")
    run(folder, lrbench, "new", "Übung.yaml", "--from", "quick")
    said = run(folder, lrbench, "run", "Übung.yaml", "--cores", "2")
    report = folder / "reports/ubung.html"
    assert said.splitlines()[-1] == f"The report: {report}"
    assert "</html>" in report.read_text(encoding="utf-8")
    assert sorted(path.name for path in folder.iterdir()) == [".snakemake", "logs", "reports", "results", "Übung.yaml"]
    before = report.stat().st_mtime_ns
    assert "Nothing to be done" in run(folder, "-m", "lrbench", "run", "Übung.yaml")
    assert report.stat().st_mtime_ns == before


def test_the_default_experiment_needs_no_config(folder):
    said = run(folder, "-m", "lrbench", "run", "--", "--dry-run", "--quiet")
    assert said.startswith("tutorial: 3 learning rates x 5 seeds x 10 epochs on MNIST\n")
    assert "The report" not in said


def test_another_workflow_uses_it_as_a_module_and_the_report_is_the_same(folder):
    places = run(folder, "-c", "import lrbench.places as p; print(p.SNAKEFILE)").strip()
    outer, alone = folder / "outer", folder / "alone"
    write_outer(outer, Path(places))
    write_outer(alone, Path(places))
    if as_nobody():
        for path in (outer, alone, *outer.rglob("*"), *alone.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    targets = ("lr/reports/tiny.html", "lr/reports/other.html", "rates.txt")
    run(outer, str(BIN / "snakemake"), "--cores", "2", "--", *targets)
    assert (outer / "work/rates.txt").read_text().split()[1::2][:2] == [
        "lr/results/tiny/rates.csv",
        "lr/results/other/rates.csv",
    ]
    run(alone / "work", "-m", "lrbench", "run", "tiny.yaml", "--cores", "2")
    assert (outer / "work/lr/reports/tiny.html").read_bytes() == (alone / "work/reports/tiny.html").read_bytes()
    assert "Nothing to be done" in run(outer, str(BIN / "snakemake"), "--cores", "1")
