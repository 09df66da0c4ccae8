"""The picture of the example and the diagram of the path through the network."""

from __future__ import annotations

import html
import re

from support import worked_steps
from support.examples import TUTORIAL

from lrbench.probes.backpropagation import path_picture
from lrbench.wording import exact


def test_the_picture_shows_each_bright_pixel_and_outlines_the_paths():
    record = worked_steps.worked(TUTORIAL)
    drawing = path_picture.picture(record, "7")
    covered = sum(int(width) for width in re.findall(r"h(\d+)v1", drawing))
    assert covered == sum(value > 0 for row in record["example"]["image"] for value in row)
    pixel = record["path"]["pixel"]
    assert f'class="mark" x="{pixel["column"]}" y="{pixel["row"]}"' in drawing
    assert record["example"]["image"][pixel["row"]][pixel["column"]] == pixel["brightness"]


def test_the_diagram_has_a_box_for_each_unit_and_says_all_in_words():
    record = worked_steps.worked(TUTORIAL, hidden=(12, 10, 8, 6))
    drawing = path_picture.diagram(record, "7")
    assert (drawing.count('class="box"'), drawing.count('class="edge"')) == (6, 5)
    alt = html.unescape(re.search(r'aria-label="([^"]*)"', drawing)[1])
    shown = html.unescape(" ".join(re.findall(r"<text[^>]*>([^<]*)</text>", drawing)))
    for unit in record["path"]["units"]:
        for text in (f"w = {exact(unit['weight'])}", f"δ = {exact(unit['delta'])}"):
            assert text in shown
        assert f"δ = {exact(unit['delta'])}" in alt
