"""What probes bring for the report is found by its name, and is no code of the stage that measures."""

from __future__ import annotations

import subprocess
import sys

from lrbench import probes


def test_probes_with_figures_and_with_a_section_are_found():
    assert probes.page_parts(probes.FIGURES) == ("lrbench.probes.backpropagation.figures",)
    assert probes.page_parts(probes.SECTION) == ("lrbench.probes.backpropagation.section",)


def test_a_probe_without_a_part_is_left_out_and_probes_stand_in_the_order_of_their_names(tmp_path, monkeypatch):
    for module in ("range_test/section.py", "budget/section.py", "budget/figures/__init__.py", "plain/measurement.py"):
        for file in (tmp_path / module, (tmp_path / module.split("/")[0]) / "__init__.py"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
    monkeypatch.setattr(probes, "__path__", [str(tmp_path)])
    assert probes.page_parts(probes.SECTION) == ("lrbench.probes.budget.section", "lrbench.probes.range_test.section")
    assert probes.page_parts(probes.FIGURES) == ("lrbench.probes.budget.figures",)


def test_a_section_and_a_figure_load_nothing_that_measures():
    asked = (
        "import sys, lrbench.probes.backpropagation.section as s; from lrbench.probes.backpropagation.figures import "
        "figures; figures(); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "lrbench.probes.backpropagation.figures.loss_along_step" in loaded
    assert not {"tensorflow", "keras", "lrbench.learning", "lrbench.probes.backpropagation.measurement"} & loaded
