"""What stages leave on disk, written by their own code from made-up experiments, and indexes given new digests."""

from __future__ import annotations

import copy
import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.budgeted import budgeted
from support.histories import Made
from support.mistaken import mistaken
from support.ranged import ranged
from support.worked_steps import worked

from lrbench.analysis.pipeline import analyse
from lrbench.findings.conclusions import write_analysis
from lrbench.identity.provenance import SEAL, read_json, write_sealed, write_text
from lrbench.registry import PROBES, probe_files
from lrbench.reporting.inputs import Conclusions, Measured, read_conclusions, read_measured
from lrbench.stages import figure_ids
from lrbench.tables.analysis import ANALYSIS_TABLES
from lrbench.tables.experiment import read_manifest, read_tables, write_tables
from lrbench.tables.figures import FIGURES_INDEX, figure_files
from lrbench.tables.index import write_index
from lrbench.tables.names import CONCLUSIONS
from lrbench.tables.training import EXPERIMENT_TABLES


def write_experiment(made: Made, folder: Path) -> None:
    """Write what figures and report read: tables.json, manifest.json, and in `analysis` what analysis makes of them.

    Beside analysis.json lie the files of the probes: a step worked through by a small model, what made-up runs get
    wrong, a range test of made-up losses, and budgets of made-up steps.
    """
    files = {name: folder / f"{name}.{'parquet' if name == 'steps' else 'csv'}" for name in EXPERIMENT_TABLES}
    write_tables({name: [getattr(made, name)] for name in files}, files, made.origin, folder / "tables.json")
    write_sealed(folder / "manifest.json", made.dataset)
    tables = read_tables(folder / "tables.json", made.origin["settings"], made.origin["plan"])
    analysis = analyse(tables, read_manifest(folder / "manifest.json", tables), made.settings)
    written = {name: folder / "analysis" / f"{name}.csv" for name in ANALYSIS_TABLES}
    written |= {name: folder / "analysis" / f"{name}.json" for name in CONCLUSIONS}
    write_analysis(analysis, made.settings, tables.digest, written, folder / "analysis" / "analysis.json")
    begun = {run["seed"]: run["weights"]["initial"] for run in made.origin["runs"]}
    made_from = {"data": made.dataset["digest"], "plan": made.origin["plan"], "settings": made.origin["settings"]}
    step = worked(tuple(made.origin["plan"]["learning_rates"]))
    step |= {"initial_weights": begun.get(step["seed"], "0"), "made_from": made_from}
    write_sealed(folder / "analysis" / "backpropagation.json", step)
    chosen = read_json(folder / "analysis" / "recommendation.json")["chosen"]
    write_sealed(folder / "analysis" / "mistakes.json", mistaken(made, chosen) | {"made_from": made_from})
    write_sealed(folder / "analysis" / "range_test.json", ranged(made) | {"made_from": made_from})
    write_sealed(folder / "analysis" / "step_budget.json", budgeted(made) | {"made_from": made_from})


def read_experiment(made: Made, folder: Path) -> tuple[Measured, Conclusions]:
    """What the report is made from, read from a folder that `write_experiment` filled."""
    tables = read_tables(folder / "tables.json", made.origin["settings"], made.origin["plan"])
    dataset = read_manifest(folder / "manifest.json", tables)
    index = folder / "analysis" / "analysis.json"
    probes = probe_files({name: index.with_name(f"{name}.json") for name in PROBES})
    measured = read_measured(tables, index, made.settings, dataset, probes)
    return measured, read_conclusions(index)


@functools.cache
def _inputs(make: Callable[[], Made]) -> tuple[Measured, Conclusions]:
    made = make()
    with tempfile.TemporaryDirectory() as folder:
        write_experiment(made, Path(folder))
        return read_experiment(made, Path(folder))


def report_inputs(make: Callable[[], Made]) -> tuple[Measured, Conclusions]:
    """What the report of an experiment is made from, analysed once; each call gives a copy, which a test may change."""
    return copy.deepcopy(_inputs(make))


def measured(make: Callable[[], Made]) -> Measured:
    """What the figures of an experiment are drawn from, a copy as of `report_inputs`."""
    return report_inputs(make)[0]


def seal(index: Path, **changes: Any) -> None:
    """Have an index give the digests that its files have now."""
    content = read_json(index)
    content.pop(SEAL)
    files = {name: index.with_name(file["name"]) for name, file in content.pop("files").items()}
    write_index(index, files, content | changes)


def write_pictures(
    folder: Path, made_from: dict[str, str], svg: str = "<svg xmlns='http://www.w3.org/2000/svg'/>"
) -> Path:
    """An index of figures none of which is shown, and their pictures."""
    files = {file: folder / file for figure in figure_ids() for file in figure_files(figure)}
    for file in files.values():
        write_text(file, svg)
    write_index(folder / FIGURES_INDEX, files, {"figures": [], "made_from": made_from, "rates": []})
    return folder / FIGURES_INDEX
