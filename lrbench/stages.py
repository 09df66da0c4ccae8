"""The stages of the workflow: which modules' code and which libraries decide what a stage writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrbench import probes
from lrbench.errors import WorkError
from lrbench.identity.code import Code, code_digest
from lrbench.identity.discovery import names_of
from lrbench.identity.provenance import TRAINING_LIBRARIES, library_versions
from lrbench.learning.models import EXACT, FUSED, MODULES
from lrbench.probes import page_parts
from lrbench.tables.figures import figure_id


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


FIGURES = ("lrbench.reporting.figures", *page_parts(probes.FIGURES))
SECTIONS = page_parts(probes.SECTION)
STAGES = {
    "dataset": Stage(("lrbench.data.manifest",)),
    "train": Stage((MODULES[FUSED],), TRAINING_LIBRARIES),
    "train-own-model": Stage((MODULES[EXACT],), TRAINING_LIBRARIES),
    "backpropagate": Stage(("lrbench.probes.backpropagation.measurement",), TRAINING_LIBRARIES),
    "aggregate": Stage(("lrbench.learning.aggregation", "lrbench.tables.experiment")),
    "analyse": Stage(("lrbench.analysis.pipeline", "lrbench.findings.conclusions"), ("numpy", "pandas", "scipy")),
    "figures": Stage(("lrbench.reporting.figure_files", *FIGURES), ("matplotlib",)),
    "report": Stage(("lrbench.reporting.page", "lrbench.reporting.inputs", *SECTIONS), ("jinja2",)),
}


def figure_ids() -> tuple[str, ...]:
    """The id of every figure, known by the name of its file; nothing is imported."""
    root = Path(__file__).parents[1]
    folders = [str(root.joinpath(*package.split("."))) for package in FIGURES]
    return tuple(figure_id(name) for folder in folders for name in sorted(names_of([folder])))
