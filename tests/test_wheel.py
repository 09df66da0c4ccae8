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
