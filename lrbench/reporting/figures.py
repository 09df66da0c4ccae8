"""The report's figures: drawn from tables, each with a title that says what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import matplotlib as mpl

from lrbench.identity.provenance import atomic_path, write_text
from lrbench.reporting import curves, differences, stability, step_length, style, sweep, targets, words
from lrbench.reporting.drawing import Drawing, Figure, Rates
from lrbench.reporting.inputs import FIGURE_FILES, FIGURES_INDEX, Measured
from lrbench.reporting.ticks import leave_out_overlaps
from lrbench.reporting.writing import as_svg, marker_outline
from lrbench.tables.index import write_index
from lrbench.tables.names import FIGURES

DRAW: Mapping[str, Callable[[Measured, Rates], Drawing]] = {
    "loss": curves.loss,
    "accuracy": curves.accuracy,
    "first-epoch": curves.first_epoch,
    "sweep": sweep.sweep,
    "steps-to-target": targets.steps_to_target,
    "stability": stability.stability,
    "gradients": curves.gradients,
    "differences": differences.differences,
    "loss-along-step": step_length.loss_along_step,
}


def _of_one_run(figure: Figure, measured: Measured) -> dict[str, str]:
    """Title and description without means and medians, where there is one run a rate and so no such thing."""
    if measured.seeds > 1:
        return {}
    return {"title": words.of_one_run(figure.title), "alt": words.of_one_run(figure.alt)}


@contextmanager
def drawing_settings() -> Iterator[None]:
    """Settings of matplotlib that depend on no file and no variable of a person: its own defaults and the project's."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(style.RC)
        yield


def draw_figures(measured: Measured, folder: Path, check: Callable[[], None] = lambda: None) -> None:
    """Write every figure as SVG, PNG and CSV, and the index that says what each shows.

    check : called before the index is written, without which no figure is read; may raise
    """
    described = []
    rates = Rates(measured.learning_rates)
    with drawing_settings():
        for name in FIGURES:
            drawing = DRAW[name](measured, Rates(measured.learning_rates))
            leave_out_overlaps(drawing.canvas)
            write_text(folder / f"{name}.svg", as_svg(drawing.canvas))
            with atomic_path(folder / f"{name}.png") as temporary:
                drawing.canvas.savefig(temporary, format="png", dpi=150, metadata={"Software": None})
            with atomic_path(folder / f"{name}.csv") as temporary:
                drawing.data.to_csv(temporary, index=False, na_rep="NaN", lineterminator="\n")
            described.append(asdict(drawing.figure) | _of_one_run(drawing.figure, measured))
    looks = [{"learning_rate": rate, "marker": marker_outline(rates.marker(rate))} for rate in rates]
    files = {name: folder / file for name, file in FIGURE_FILES.items()}
    content = {"figures": described, "made_from": dict(measured.made_from), "rates": looks}
    check()
    write_index(folder / FIGURES_INDEX, files, content)
