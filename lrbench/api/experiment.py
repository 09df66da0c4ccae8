"""The results of one finished experiment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lrbench.api.findings import (
    Claim,
    Observation,
    Recommendation,
    claims_of,
    observations_of,
    recommendation_of,
)
from lrbench.api.folders import results_folder
from lrbench.api.html import experiment_html
from lrbench.errors import InputError
from lrbench.identity.provenance import read_sealed
from lrbench.registry import FIGURES, PROBES, probe_figures, probe_files
from lrbench.reporting.inputs import Conclusions, Measured, read_conclusions, read_measured
from lrbench.tables.experiment import SHAPE, read_manifest, read_origin, read_tables
from lrbench.tables.format import read_parquet
from lrbench.tables.names import ANALYSIS_INDEX, STUDY_INDEX, TABLES_INDEX
from lrbench.tables.training import EXPERIMENT_TABLES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lrbench.reporting.drawing.report_figure import ReportFigure


def load(folder: Path | str) -> Results:
    """The results of a finished experiment, as `load("results/tutorial")`.

    folder : the experiment's folder of results

    Raises InputError, with one sentence, where a file is missing, damaged, changed since its stage wrote it, or made
    from something else than the others.
    """
    with results_folder(folder, TABLES_INDEX, "an experiment", {STUDY_INDEX: "a study; load it by load_study"}) as path:
        asked = read_sealed(path / TABLES_INDEX, SHAPE)
        tables = read_tables(path / TABLES_INDEX, asked["settings"], asked["plan"])
        dataset = read_manifest(path / "dataset" / "manifest.json", tables)
        analysed = path / ANALYSIS_INDEX
        analysis = read_sealed(analysed, {"settings": {"thresholds": dict}})["settings"]
        measured = read_measured(tables, analysed, analysis, dataset, {})
        return Results(path, measured, read_conclusions(analysed))


@dataclass(frozen=True, repr=False)
class Results:
    """What one experiment measured and what was concluded from it; `load` reads it.

    folder : the experiment's folder of results
    measured, conclusions : as the report is made from them

    docs/tables.md says what each column of each table means.
    """

    folder: Path
    measured: Measured
    conclusions: Conclusions

    @property
    def name(self) -> str:
        """The name of the experiment."""
        return self.folder.name

    @property
    def epochs(self) -> pd.DataFrame:
        """A row for each epoch of each run: Keras' own history."""
        return self.measured.tables.epochs

    @property
    def evaluations(self) -> pd.DataFrame:
        """A row for each moment of each run at which it was evaluated with the weights held still."""
        return self.measured.tables.evaluations

    @cached_property
    def steps(self) -> pd.DataFrame:
        """A row for each step of each run, read when it is first asked for. Raises InputError as `load` does."""
        tables = self.measured.tables
        read_origin(self.folder / TABLES_INDEX, tables.origin["settings"], tables.origin["plan"])
        return read_parquet(tables.steps, EXPERIMENT_TABLES["steps"])

    @property
    def runs(self) -> pd.DataFrame:
        """A row for each run."""
        return self.measured.runs

    @property
    def targets(self) -> pd.DataFrame:
        """A row for each run and target: when it was reached."""
        return self.measured.targets

    @property
    def reach(self) -> pd.DataFrame:
        """A row for each learning rate and target: when its runs reached it."""
        return self.measured.reach

    @property
    def rates(self) -> pd.DataFrame:
        """A row for each learning rate."""
        return self.measured.rates

    @property
    def comparisons(self) -> pd.DataFrame:
        """A row for each pair of learning rates and each measure that they are compared by."""
        return self.measured.comparisons

    @property
    def recommendation(self) -> Recommendation:
        """The rate to train with, and why."""
        return recommendation_of(self.measured.recommendation)

    @property
    def observations(self) -> tuple[Observation, ...]:
        """What was observed, in the report's order."""
        return observations_of(self.conclusions.observations)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Sentences from teaching material, held against the measurement."""
        return claims_of(self.conclusions.claims["claims"])

    @property
    def figures(self) -> tuple[str, ...]:
        """The ids of the figures that `figure` draws, those of probes that were measured among them."""
        from lrbench.reporting.figures import figures

        return tuple(one.id for one in [*figures(), *probe_figures(self._probes)])

    def figure(self, figure: str) -> Figure:
        """A figure of the report, drawn anew, as a matplotlib Figure that a notebook shows.

        figure : its id, as in `figures`: loss, accuracy, sweep

        Raises InputError where there is no such figure, or a probe's file is damaged or of another experiment.
        """
        from lrbench.api.figures import drawn
        from lrbench.reporting.figures import figures

        if not isinstance(figure, str) or figure not in self.figures:
            raise InputError(f"{figure!r} is no figure of {self.name}; its figures are {', '.join(self.figures)}.")
        own: dict[str, ReportFigure] = {one.id: one for one in figures()}
        if figure in own:
            return drawn(own[figure], self.measured)
        for probe in self._probes:
            for one in probe_figures([probe]):
                if one.id == figure:
                    return drawn(one, self._with_probe(probe))
        raise AssertionError(figure)

    @property
    def _probes(self) -> list[str]:
        """The probes that have figures and were measured."""
        return [name for name, probe in PROBES.items() if FIGURES in probe.parts and self._probe_file(name).is_file()]

    def _probe_file(self, probe: str) -> Path:
        return self.folder / f"{probe}.json"

    def _with_probe(self, probe: str) -> Measured:
        """The measurements with those of a probe."""
        file = probe_files({probe: self._probe_file(probe)})[probe]
        found = file.read(self.measured.tables.origin, self.measured.recommendation)
        return replace(self.measured, probes={probe: found})

    def __repr__(self) -> str:
        """The answer."""
        return f"<results of {self.name}: {self.measured.recommendation['statement']}>"

    def _repr_html_(self) -> str:
        """The answer and the verdicts, for notebooks."""
        return experiment_html(self.name, self.measured)
