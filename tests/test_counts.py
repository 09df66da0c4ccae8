"""The line of inputs fuzzed: what hypothesis really gave to the tests, whatever process they ran in."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
TEST = """
from hypothesis import given, strategies as st
from support.samples import fuzz

@fuzz(3)
@given(value=st.integers())
def test_passes(value):
    with open(__file__ + ".drawn", "a") as file:
        file.write("drawn\\n")

@fuzz(3)
@given(value=st.none())
def test_fails(value):
    with open(__file__ + ".drawn", "a") as file:
        file.write("drawn\\n")
    raise KeyError
"""


@pytest.mark.parametrize(("processes", "chosen"), [("0", "not long"), ("1", "long")])
def test_inputs_are_counted(tmp_path, processes, chosen):
    (tmp_path / "conftest.py").write_text((TESTS / "conftest.py").read_text())
    (tmp_path / "test_it.py").write_text(TEST)
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {TESTS}\nmarkers =\n fuzz\n long\n")
    command = [sys.executable, "-m", "pytest", "-q", "-n", processes, "-m", chosen, str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    drawn = (tmp_path / "test_it.py.drawn").read_text().count("drawn")
    counted = re.search(r"^inputs fuzzed: (\d+), in 2 tests, of which failed: 1$", done.stdout, re.MULTILINE)
    assert counted, done.stdout
    assert int(counted[1]) in (drawn - 1, drawn)  # hypothesis runs a failure once more, to show it
    assert drawn > 100 if chosen == "long" else drawn < 10
