"""Ticks of every figure, over values that make them hard: plain numbers, none on top of another."""

import math
import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from support import pages, stage_files
from support.histories import experiment, run

from lrbench.reporting.drawing.ticks import Plain, leave_out_overlaps, tick
from lrbench.reporting.figure_files import drawing_settings
from lrbench.reporting.figures import figures


def course(end: float, epochs: int = 8):
    """A loss that falls from 2 to its end."""
    return np.linspace(2, end, epochs).tolist()


def made(losses: dict[float, float], epochs: int = 8, accuracy: float = 0.9):
    """Three runs a rate, whose training loss ends at these values, and whose validation loss is a little higher."""
    return experiment(
        {
            rate: [
                run(
                    np.linspace(0.5, accuracy + 0.001 * seed, epochs).tolist(),
                    course(end * 1.1, epochs),
                    course(end * (1 + 0.1 * seed), epochs),
                )
                for seed in range(3)
            ]
            for rate, end in losses.items()
        }
    )


CASES = {
    "a loss of exactly 0": lambda: made({0.01: 0.0, 0.1: 0.001, 1.0: 0.5}),
    "a loss that ends at 0 everywhere": lambda: made({0.01: 0.0, 0.1: 0.0}),
    "near rates": lambda: made({0.009: 0.2, 0.01: 0.21, 0.011: 0.2, 0.1: 0.4}),
    "nearly equal rates": lambda: made({0.01: 0.2, 0.010001: 0.2, 0.010002: 0.2}),
    "far rates": lambda: made({1e-9: 1.0, 0.01: 0.1, 1e5: 1.5, 1e6: 1.4}),
    "many rates": lambda: made({float(f"{rate:.3g}"): 0.3 for rate in np.geomspace(1e-5, 1, 14)}, epochs=3),
    "one rate": lambda: made({0.0012345: 0.2}),
    "one epoch": lambda: made({0.001: 0.2, 0.01: 0.1}, epochs=1),
    "equal values": lambda: experiment({rate: [run([0.9] * 8, [0.3] * 8, [0.3] * 8)] * 3 for rate in (0.01, 0.1)}),
    "huge numbers": lambda: made({0.01: 1e12, 0.1: 3e30}),
    "tiny numbers": lambda: made({0.01: 1e-12, 0.1: 3e-30}),
    "nearly equal values": lambda: experiment(
        {
            rate: [run([0.9] * 8, [0.3 + 1e-7 * (rate + seed)] * 8, [0.3] * 8) for seed in range(3)]
            for rate in (0.01, 0.1)
        }
    ),
}


@pytest.fixture(scope="module", params=CASES)
def canvases(request):
    """The drawn figures of a case, by name."""
    measured = stage_files.measured(CASES[request.param])
    drawn = {}
    with drawing_settings():
        for figure in figures():
            canvas = pages.drawing(figure.id, measured).canvas
            leave_out_overlaps(canvas)
            canvas.draw_without_rendering()
            drawn[figure.id] = canvas
    return drawn


def labels_of(canvas):
    """The visible labels of all ticks of a figure, with their boxes."""
    renderer = canvas._get_renderer()
    for axes in canvas.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for shown in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                label = shown.label1
                if label.get_visible() and label.get_text() and low <= shown.get_loc() <= high:
                    yield label.get_text(), label.get_window_extent(renderer)


def test_ticks_are_plain_text_and_apart(canvases):
    for name, canvas in canvases.items():
        labels = list(labels_of(canvas))
        assert labels or not canvas.axes, name
        for text, _ in labels:
            assert not {"$", "\\"} & set(text), (name, text)
            assert "mathdefault" not in text, (name, text)
        for (one, box), (other, beside) in combinations(labels, 2):
            assert not box.overlaps(beside), (name, one, other)


def test_every_axis_with_values_has_a_tick(canvases):
    first = canvases["loss"].axes[0]  # its ticks are those of all panels
    assert any(label.get_text() for label in first.get_yticklabels())


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0.0, 0.25, 0.5], ["0", "0.25", "0.5"]),
        ([0.1, 0.1 + 0.2, 0.5], ["0.1", "0.3", "0.5"]),
        ([1e-17, 0.1], ["0", "0.1"]),
        ([0.30001, 0.30002], ["0.30001", "0.30002"]),
        ([1e12, 2e12], ["1e12", "2e12"]),
        ([math.nan, 1.0], ["not finite", "1"]),
    ],
)
def test_plain(values, texts):
    assert Plain().format_ticks(values) == texts


def test_settings_of_a_person_change_nothing():
    with mpl.rc_context({"text.usetex": True, "lines.linewidth": 9, "font.size": 30}), drawing_settings():
        assert (mpl.rcParams["text.usetex"], mpl.rcParams["lines.linewidth"], mpl.rcParams["font.size"]) == (
            False, 1.7, 9,
        )  # fmt: skip


DRAW_ONE = """
from support import pages, stage_files
from support.examples import example
from lrbench.reporting.figure_files import drawing_settings
from lrbench.reporting.svg.writing import as_svg
measured = stage_files.measured(example((0.1,), seeds=1, epochs=2))
with drawing_settings():
    print(as_svg(pages.drawing("sweep", measured).canvas))
"""


def test_a_notebooks_backend_and_a_file_of_settings_change_no_byte(tmp_path):
    (tmp_path / "plain").mkdir()
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "matplotlibrc").write_text("text.usetex: True\nlines.linewidth: 9\nbackend: tkagg\n")
    backend = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    drawn = [
        subprocess.run(
            [sys.executable, "-c", DRAW_ONE],
            cwd=tmp_path / folder,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])} | changed,
            capture_output=True,
            check=True,
        ).stdout
        for folder, changed in (("plain", {}), ("own", backend))
    ]
    assert b"<svg" in drawn[0]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize(
    ("value", "expected"), [(0.1, "0.1"), (20.0, "20"), (100.0, "100"), (1e-5, "1e−5"), (1.5e-30, "1.5e−30")]
)
def test_tick(value, expected):
    assert tick(value) == expected
