"""The package as a wheel: built, installed elsewhere, and used from there without the project beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.configs import config
from support.samples import idx_folder

PROJECT = Path(__file__).parents[1]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder with nothing but what the wheel has."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ["wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(PROJECT)]
    subprocess.run([*PIP, *build], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    target = folder / "installed"
    install = ["install", "--no-deps", "--no-index", "--target", str(target), str(wheel)]
    subprocess.run([*PIP, *install], check=True, capture_output=True)
    return target


def run(installed: Path, folder: Path, *words: str) -> tuple[int, str]:
    environment = os.environ | {"PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_the_wheel_has_every_file_that_runs(installed):
    """What lies beside the package in a clone lies in it, in `project`, and nothing else does."""
    folders = ("config", "models", "profiles", "resources", "templates", "workflow")
    expected = {path for name in folders for path in files_below(PROJECT / name, PROJECT)} | {"CITATION.cff"}
    expected |= {path.relative_to(PROJECT).as_posix() for path in PROJECT.glob("docs/*.md")}
    found = files_below(installed / "lrbench/project", installed / "lrbench/project")
    assert found == expected
    assert {"workflow/Snakefile", "config/config.yaml", "resources/mnist/train-images-idx3-ubyte.gz"} < found
    own = files_below(PROJECT / "lrbench", PROJECT)
    assert {path for path in files_below(installed / "lrbench", installed) if "/project/" not in path} == own
    assert (installed / "snakemake_logger_plugin_lrbench/__init__.py").is_file()


def files_below(folder: Path, start: Path) -> set[str]:
    """Paths of the files in a folder, but for what Python compiles."""
    found = {path.relative_to(start) for path in folder.rglob("*") if path.is_file()}
    return {path.as_posix() for path in found if "__pycache__" not in path.parts}


def test_the_wheel_is_what_runs(installed, tmp_path):
    status, said = run(installed, tmp_path, "-c", "import lrbench; print(lrbench.__file__)")
    assert (status, said.strip()) == (0, str(installed / "lrbench" / "__init__.py"))


def test_what_finds_its_own_modules_finds_them_in_a_wheel(installed, tmp_path):
    code = (
        "from lrbench.data.formats import FORMATS; from lrbench.findings.claims import claims; "
        "from lrbench.findings.observations import observations; from lrbench.stages import figure_ids; "
        "print(len(FORMATS), len(claims()), len(observations()), len(figure_ids()))"
    )
    here = run(PROJECT, tmp_path, "-c", code)
    assert run(installed, tmp_path, "-c", code) == here
    assert here[0] == 0
    assert all(int(number) > 2 for number in here[1].split())


def test_a_config_is_checked_by_the_wheel(installed, tmp_path):
    idx_folder(tmp_path / "data")
    (tmp_path / "config.yaml").write_text(config(), encoding="utf-8")
    status, said = run(installed, tmp_path, "-m", "lrbench", "check", "config.yaml")
    assert status == 0, said
    assert "learning rates x" in said


def test_a_config_is_begun_and_its_data_are_found_in_the_wheel(installed, tmp_path):
    assert run(installed, tmp_path, "-m", "lrbench", "new", "my own.yaml", "--from", "cnn") == (
        0,
        "my own.yaml: edit it, then train it by lrbench run 'my own.yaml'\n",
    )
    status, said = run(installed, tmp_path, "-m", "lrbench", "check", "my own.yaml", "config/rings.yaml")
    assert (status, said.splitlines()) == (
        0,
        [
            "my-own: 6 learning rates x 3 seeds x 8 epochs on MNIST, a tenth of it",
            "rings: 6 learning rates x 5 seeds x 20 epochs on Rings",
        ],
    )
