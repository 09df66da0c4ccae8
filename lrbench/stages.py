"""The stages of the workflow: which modules' code and which libraries decide what a stage writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrbench.errors import WorkError
from lrbench.identity.code import Code, code_digest
from lrbench.identity.discovery import names_of
from lrbench.identity.provenance import TRAINING_LIBRARIES, library_versions
from lrbench.learning.models import EXACT, FUSED, MODULES
from lrbench.registry import CONTRACT, FIGURES, MEASUREMENT, PROBES, SECTION, probe_modules
from lrbench.tables.figures import figure_id

REPORT_FIGURES = "lrbench.reporting.figures"


@dataclass(frozen=True)
class Stage:
    """What of lrbench and of other libraries decides the results of a stage.

    modules : their source counts, and that of all of lrbench that they import
    libraries : distributions whose version counts
    """

    modules: tuple[str, ...]
    libraries: tuple[str, ...] = ()

    def origin(self) -> dict[str, Any]:
        """The digest of the code, and the version of each library, as they are now."""
        return {"code": code_digest(*self.modules), "versions": library_versions(*self.libraries)}

    def begin(self, expected: Mapping[str, Any] | None) -> Code:
        """The code of this process, taken before it imports the stage's modules.

        expected : an `origin`, taken when the workflow was planned; None where nobody said

        Raises WorkError where code or versions are not the expected ones.
        """
        code = Code(self.modules, None if expected is None else expected["code"])
        if expected is not None:
            for name, version in library_versions(*self.libraries).items():
                if version != expected["versions"].get(name):
                    raise WorkError(
                        f"{name} is {version} here, where snakemake has {expected['versions'].get(name)}: nothing was "
                        "done; run snakemake again, from the environment that lrbench is installed in."
                    )
        return code


STAGES = {
    "dataset": Stage(("lrbench.data.manifest",), ("pillow",)),
    "train": Stage((MODULES[FUSED],), TRAINING_LIBRARIES),
    "train-own-model": Stage((MODULES[EXACT],), TRAINING_LIBRARIES),
    **{probe.command: Stage(probe.modules(MEASUREMENT, CONTRACT), TRAINING_LIBRARIES) for probe in PROBES.values()},
    "decide": Stage(
        ("lrbench.findings.rounds", "lrbench.learning.aggregation", "lrbench.tables.search"),
        ("numpy", "pandas", "scipy"),
    ),
    "aggregate": Stage(("lrbench.learning.aggregation", "lrbench.tables.experiment")),
    "analyse": Stage(("lrbench.analysis.pipeline", "lrbench.findings.conclusions"), ("numpy", "pandas", "scipy")),
    "contrast": Stage(("lrbench.findings.contrast", "lrbench.tables.contrast"), ("numpy", "pandas", "scipy")),
    "figures": Stage(("lrbench.reporting.figure_files", REPORT_FIGURES), ("matplotlib",)),
    "report": Stage(
        ("lrbench.reporting.page", "lrbench.reporting.inputs", "lrbench.tables.fit", "lrbench.tables.search"),
        ("jinja2",),
    ),
    "compare": Stage(
        ("lrbench.studies.comparison", "lrbench.studies.variants", "lrbench.studies.conclusions"),
        ("numpy", "pandas", "scipy"),
    ),
    "study": Stage(
        ("lrbench.reporting.study.page", "lrbench.reporting.study.figures", "lrbench.reporting.figure_files"),
        ("jinja2", "matplotlib"),
    ),
    "index": Stage(("lrbench.reporting.index.page",), ("jinja2",)),
}
SHOWN = {"figures": (CONTRACT, FIGURES), "report": (CONTRACT, SECTION)}  # the parts of probes that are code of a stage


def with_probes(stage: str, probes: Iterable[str]) -> Stage:
    """A stage that shows what probes measured, with the code that they bring for it."""
    plain = STAGES[stage]
    return Stage((*plain.modules, *probe_modules(probes, *SHOWN[stage])), plain.libraries)


def figure_ids(probes: Iterable[str] = tuple(PROBES)) -> tuple[str, ...]:
    """The ids of the figures of the report and of probes, known by the names of their files; nothing is imported."""
    root = Path(__file__).parents[1]
    folders = [str(root.joinpath(*package.split("."))) for package in (REPORT_FIGURES, *probe_modules(probes, FIGURES))]
    return tuple(figure_id(name) for folder in folders for name in sorted(names_of([folder])))
