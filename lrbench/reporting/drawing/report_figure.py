"""What a figure of the report is: a module that draws it and says it in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol

import pandas as pd
from matplotlib.figure import Figure as Canvas

from lrbench.reporting.drawing.rates import Rates
from lrbench.tables.figures import figure_id


@dataclass(frozen=True)
class Drawing:
    """A drawn figure with its words and its numbers.

    title : one sentence that says what the figure shows
    caption : how to read it, with units and n
    alt : what it shows, for those who do not see it
    data : the numbers that it is drawn from, for its CSV
    columns, rows : the table under the figure, as text
    note : what that table leaves out
    """

    canvas: Canvas
    data: pd.DataFrame
    title: str
    caption: str
    alt: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


class Drawable(Protocol):
    """What figures are drawn from: `Measured` of an experiment, `ComparedVariants` of a study.

    learning_rates : what has a colour and a marker each, ascending; seeds : of each
    made_from : digests of the files that were read
    rate_heading : what the rates are called
    """

    @property
    def learning_rates(self) -> list[float]: ...  # noqa: D102

    @property
    def seeds(self) -> int: ...  # noqa: D102

    @property
    def made_from(self) -> Mapping[str, str]: ...  # noqa: D102

    @property
    def rate_heading(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class ReportFigure:
    """A figure as the report knows it, before it is drawn.

    id : anchor in the page, and name of the files
    name : what the page calls it, in a word or two
    place : figures stand in the order of their places, and those of one place in the order of their ids
    draw : the figure of what was measured; `Rates` are the experiment's rates, ascending (of a study, its variants)
    section : id of the section that shows it; None where it stands among the figures
    """

    id: str
    name: str
    place: int
    draw: Callable[[Any, Rates], Drawing]
    section: str | None = None


def figures_of(modules: Iterable[ModuleType], section: str | None = None) -> list[ReportFigure]:
    """The figures of modules, in the order of the page.

    modules : each with NAME, PLACE and draw, as the fields of a ReportFigure; the id is the module's name with dashes
    section : id of the section that shows them; None where they stand among the figures
    """
    figures = [ReportFigure(figure_id(one.__name__), one.NAME, one.PLACE, one.draw, section) for one in modules]
    return sorted(figures, key=lambda figure: (figure.place, figure.id))
