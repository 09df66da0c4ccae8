"""Figures as files that stand alone, and the axis that keeps high accuracies apart beside low ones."""

import re
from html import unescape

import numpy as np
import pytest
from matplotlib.figure import Figure as Canvas
from PIL import Image
from support import pages, stage_files
from support.examples import EXAMPLES

from lrbench.identity.provenance import read_json
from lrbench.reporting.drawing.ticks import error_scale, flattened


def test_files_of_a_figure_have_its_title_and_say_what_the_rates_are(report_of):
    folder = report_of("three") / "made/figures"
    for figure in read_json(folder / "figures.json")["figures"]:
        svg = (folder / f"{figure['id']}.svg").read_text(encoding="utf-8")
        assert unescape(re.search(r"<svg [^>]*><title>(.*?)</title>", svg)[1]) == figure["title"]
        with Image.open(folder / f"{figure['id']}.png") as picture:
            assert picture.info["Title"] == figure["title"]
            assert picture.width == 1200
    assert "<title>" not in (report_of("three") / "made.html").read_text(encoding="utf-8").partition("</head>")[2]
    (legend,) = pages.drawing("loss", stage_files.measured(EXAMPLES["three"])).canvas.legends
    assert [text.get_text() for text in legend.get_texts()][:3] == ["learning rate 0.0001", "0.001", "0.01"]


@pytest.mark.parametrize(
    ("shares", "expected"),
    [([0.1, 0.97], True), ([0.7, 0.97], False), ([0.1, 0.6], False), ([np.nan, 0.9], False), ([np.nan], False)],
)
def test_an_axis_is_stretched_where_some_accuracies_are_far_below_high_ones(shares, expected):
    assert flattened(np.array(shares)) == expected


@pytest.mark.parametrize("shares", [[0.1, 0.97, 0.98], [0.0, 1.0], [0.3, 0.9999, np.nan]])
def test_a_stretched_axis_holds_every_accuracy_and_names_high_ones(shares):
    canvas = Canvas()
    axes = canvas.subplots()
    axes.plot(range(len(shares)), shares)
    error_scale(axes, np.array(shares))
    assert {0.9, 0.95} <= set(axes.get_yticks())
    places = axes.transData.transform([(0, share) for share in shares if np.isfinite(share)])
    heights = axes.transAxes.inverted().transform(places)[:, 1]
    assert np.all((heights > 0) & (heights < 1 + 1e-9))
    assert np.all(np.diff(heights) > 0.02)
