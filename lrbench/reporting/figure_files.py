"""The files of the report's figures: each as SVG, PNG, PDF and CSV, and the index that says what each shows."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl

from lrbench.identity.provenance import atomic_path
from lrbench.reporting.drawing import style
from lrbench.reporting.drawing.marks import points_as_marks
from lrbench.reporting.drawing.pictures import as_png
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawable, Drawing, ReportFigure
from lrbench.reporting.drawing.ticks import leave_out_overlaps
from lrbench.reporting.svg.writing import as_svg, marker_outline, titled
from lrbench.tables.contracts import check_shape
from lrbench.tables.figures import FIGURES_INDEX, INDEX, figure_files
from lrbench.tables.index import write_index

AVERAGES = (
    ("The mean score", "The score"),
    ("mean score", "score"),
    ("Mean training", "Training"),
    ("Mean validation", "Validation"),
    ("Median update", "Update"),
    ("Median over runs of the size", "Size"),
    ("By the median over runs, ", ""),
    ("by the median over runs, ", ""),
    ("Median ", ""),
)


@contextmanager
def drawing_settings() -> Iterator[None]:
    """Settings of matplotlib that depend on no file and no variable of a person: its own defaults and the project's."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(style.RC)
        yield


def draw_figures(
    measured: Drawable, figures: Iterable[ReportFigure], folder: Path, check: Callable[[], None] = lambda: None
) -> None:
    """Write figures as SVG, PNG, PDF and CSV, and the index that says what each shows.

    figures : in the order of the page
    check : called when all are drawn, before anything is written; may raise
    """
    described: list[dict[str, Any]] = []
    drawn: dict[str, bytes] = {}
    rates = Rates(measured.learning_rates, measured.rate_heading)
    with drawing_settings():
        for figure in figures:
            drawing = figure.draw(measured, Rates(measured.learning_rates, measured.rate_heading))
            described.append(_described(figure, drawing, measured))
            drawn |= _files(drawing, figure.id, described[-1]["title"])
    looks = [{"learning_rate": rate, "marker": marker_outline(rates.marker(rate))} for rate in rates]
    files = {file: folder / file for one in described for file in figure_files(one["id"])}
    content = {"figures": described, "made_from": dict(measured.made_from), "rates": looks}
    check_shape(content, INDEX, FIGURES_INDEX)
    check()
    for file, whole in drawn.items():
        with atomic_path(folder / file) as temporary:
            temporary.write_bytes(whole)
    write_index(folder / FIGURES_INDEX, files, content)


def _files(drawing: Drawing, name: str, title: str) -> dict[str, bytes]:
    """The files of a figure, by name: the figure as SVG, PNG and PDF, each with its title, and its data as CSV."""
    leave_out_overlaps(drawing.canvas)
    svg = titled(as_svg(drawing.canvas), title).encode()
    points_as_marks(drawing.canvas)
    png = as_png(drawing.canvas, title)
    pdf = io.BytesIO()
    metadata = {"Title": title, **dict.fromkeys(("CreationDate", "Creator", "Producer"))}
    drawing.canvas.savefig(pdf, format="pdf", metadata=metadata)
    csv = drawing.data.to_csv(index=False, na_rep="NaN", lineterminator="\n").encode()
    return dict(zip(figure_files(name), (svg, png, pdf.getvalue(), csv), strict=True))


def _described(figure: ReportFigure, drawing: Drawing, measured: Drawable) -> dict[str, Any]:
    """What the index says of a figure; of one run a rate, without means and medians, of which there are none."""
    said = _of_one_run if measured.seeds == 1 else str
    return {
        "alt": said(drawing.alt),
        "caption": drawing.caption,
        "columns": list(drawing.columns),
        "id": figure.id,
        "name": figure.name,
        "note": drawing.note,
        "rows": [list(row) for row in drawing.rows],
        "section": figure.section,
        "title": said(drawing.title),
    }


def _of_one_run(text: str) -> str:
    """A title that speaks of means and medians over runs, said of one run a rate, of which there are none."""
    for average, plain in AVERAGES:
        text = text.replace(average, plain)
    return text[:1].upper() + text[1:]
