"""The results of one finished study."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lrbench.api.experiment import Results, load
from lrbench.api.findings import Finding, findings_of
from lrbench.api.folders import results_folder
from lrbench.api.html import answer_html
from lrbench.errors import InputError
from lrbench.reporting.study.inputs import ComparedVariants, read_comparison
from lrbench.tables.names import STUDY_INDEX, TABLES_INDEX
from lrbench.tables.study import read_study

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def load_study(folder: Path | str) -> StudyResults:
    """The results of a finished study, as `load_study("results/optimizers")`.

    folder : the study's folder of results; those of its variants lie beside it

    Raises InputError, with one sentence, where a file is missing, damaged or changed since its stage wrote it, or a
    variant was analysed anew since.
    """
    others = {TABLES_INDEX: "an experiment; load it by load"}
    with results_folder(folder, STUDY_INDEX, "a study", others) as path:
        study, _ = read_study(path / STUDY_INDEX)
        return StudyResults(path, read_comparison(path / STUDY_INDEX, study))


@dataclass(frozen=True, repr=False)
class StudyResults:
    """What a study measured of its variants; `load_study` reads it.

    folder : the study's folder of results
    compared : as the page is made from it

    docs/tables.md says what each column of each table means.
    """

    folder: Path
    compared: ComparedVariants

    @property
    def name(self) -> str:
        """The name of the study."""
        return self.folder.name

    @property
    def variants(self) -> pd.DataFrame:
        """A row for each variant; `place` counts them."""
        return self.compared.variants

    @property
    def curves(self) -> pd.DataFrame:
        """A row for each variant and learning rate."""
        return self.compared.curves

    @property
    def pairs(self) -> pd.DataFrame:
        """A row for each pair of variants, each at its best rate."""
        return self.compared.pairs

    @property
    def transfers(self) -> pd.DataFrame:
        """A row for the best rate of each variant, used in each other."""
        return self.compared.transfers

    @property
    def statement(self) -> str:
        """The answer."""
        return str(self.compared.findings["statement"])

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found about the variants."""
        return findings_of(self.compared.findings["findings"])

    @property
    def labels(self) -> tuple[str, ...]:
        """What each variant is called, by place."""
        return tuple(self.compared.labels)

    def variant(self, label: str) -> Results:
        """The results of a variant's own experiment. Raises InputError where there is none, or as `load` does."""
        names = dict(zip(self.labels, (one["name"] for one in self.compared.asked["variants"]), strict=True))
        if label not in names:
            raise InputError(f"{label!r} is no variant of {self.name}; its variants are {', '.join(names)}.")
        return load(self.folder.with_name(names[label]))

    @property
    def figures(self) -> tuple[str, ...]:
        """The ids of the figures that `figure` draws."""
        from lrbench.reporting.study.figures import figures

        return tuple(one.id for one in figures())

    def figure(self, figure: str) -> Figure:
        """A figure of the study's page, drawn anew, as a matplotlib Figure that a notebook shows.

        figure : its id, as in `figures`

        Raises InputError where there is no such figure.
        """
        from lrbench.api.figures import drawn
        from lrbench.reporting.study.figures import figures

        for one in figures():
            if one.id == figure:
                return drawn(one, self.compared)
        raise InputError(f"{figure!r} is no figure of {self.name}; its figures are {', '.join(self.figures)}.")

    def __repr__(self) -> str:
        """The answer."""
        return f"<results of {self.name}: {self.statement}>"

    def _repr_html_(self) -> str:
        """The answer and a row for each variant, for notebooks."""
        from lrbench.reporting.study.page import variant_rows

        heads = ["Variant", "Best rate", "Recommended by its report", "Score there", "Interval", "Verdicts"]
        names = ("label", "best", "recommended", "score", "interval", "verdicts")
        rows = [[str(row[name]) for name in names] for row in variant_rows(self.compared)]
        return answer_html(self.name, self.statement, heads, rows)
