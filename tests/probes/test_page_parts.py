"""What probes bring for the report is found by its name, and is no code of the stage that measures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lrbench import registry
from lrbench.errors import InputError
from lrbench.registry import CONTRACT, FIGURES, SECTION, by_probe, find_probes, probe_modules


def test_backpropagation_has_every_part():
    assert probe_modules(["backpropagation"], CONTRACT, SECTION, FIGURES) == (
        "lrbench.probes.backpropagation.contract",
        "lrbench.probes.backpropagation.section",
        "lrbench.probes.backpropagation.figures",
    )


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Three probes of which two have sections."""
    for module in ("range_test/section.py", "budget/section.py", "budget/figures/__init__.py", "plain/measurement.py"):
        for file in (tmp_path / "made" / module, tmp_path / "made" / module.split("/")[0] / "__init__.py"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("COMMAND, ABOUT = 'measure', 'Measure.'\n")
    (tmp_path / "made" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(registry, "PROBES", find_probes("made"))
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "made"]:
        del sys.modules[name]


def test_a_probe_without_a_part_is_left_out_and_probes_stand_in_the_order_of_their_names(made):
    assert list(registry.PROBES) == ["budget", "plain", "range_test"]
    assert probe_modules(registry.PROBES, SECTION) == ("made.budget.section", "made.range_test.section")
    assert probe_modules(registry.PROBES, FIGURES) == ("made.budget.figures",)


def test_files_are_known_by_their_names_in_any_order(made):
    files = [Path("there/range_test.json"), Path("budget.json")]
    assert list(by_probe(files).items()) == [("budget", files[1]), ("range_test", files[0])]
    assert by_probe([]) == {}


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        (
            ["a/range-test.json"],
            "--probes: a/range-test.json is named after no probe (did you mean range_test?); "
            "give files of budget, plain, range_test.",
        ),
        (["a/x.json"], "--probes: a/x.json is named after no probe; give files of budget, plain, range_test."),
        (
            ["a/plain.json", "b/plain.json"],
            "--probes: plain is there twice, as a/plain.json and b/plain.json; give one of them.",
        ),
    ],
)
def test_files_of_no_probe_or_twice_of_one_are_refused(made, files, problem):
    with pytest.raises(InputError) as refused:
        by_probe(map(Path, files))
    assert str(refused.value) == problem


def test_a_section_and_a_figure_load_nothing_that_measures():
    asked = (
        "import sys; from lrbench.registry import *; probe_figures(PROBES); probe_files(dict.fromkeys(PROBES)); "
        "[import_module(name) for name in probe_modules(PROBES, SECTION)]; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "lrbench.probes.backpropagation.figures.loss_along_step" in loaded
    assert not {"tensorflow", "keras", "lrbench.learning", "lrbench.probes.backpropagation.measurement"} & loaded
