"""How the section on backpropagation shows the example: as an image, or as numbers on a scale of their own."""

from __future__ import annotations

import re

import pytest
from support.worked_sections import of, section_text

from lrbench.probes.backpropagation.section import content
from lrbench.wording import exact


@pytest.fixture(scope="module")
def figures(report_of):
    return report_of("three") / "made" / "figures"


@pytest.mark.parametrize(
    ("shape", "notes"),
    [
        ((28, 28), "The more ink, the brighter the pixel. Outlined: the pixel in row "),
        ((32, 32, 3), "Outlined: the pixel in row "),
        ((9, 9, 2), "The more ink, the brighter the pixel. The picture is the mean of 2 channels. Outlined: "),
        ((60, 90, 1), "The more ink, the brighter the pixel. A square of it is the mean of up to 2 by 2 pixels. "),
    ],
)
def test_how_the_picture_shows_the_image_is_said(shape, notes):
    measured = of(shape=shape, dark=min(shape[:2]) < 20)  # what is lit begins at row 6 and column 8
    said = content(measured)["picture_notes"]
    assert said.startswith(notes)
    assert (", channel " in said) == (len(shape) > 2)


@pytest.mark.parametrize(
    ("shape", "notes"),
    [
        (
            (28, 28),
            "The more ink, the larger the number: none for −1.5000, full for 2.5000. Outlined: the input in ",
        ),
        (
            (32, 32, 3),
            "Each channel is as bright as its number is large, from −1.5000 (dark) to 2.5000. Outlined: the input in ",
        ),
    ],
)
@pytest.mark.parametrize("hidden", [(), (12,)])
def test_numbers_that_are_no_pixels_are_shown_on_their_own_scale(figures, shape, notes, hidden):
    measured = of(shape=shape, numbers=(-1.5, 2.5), hidden=hidden)
    measured.probes["backpropagation"]["example"]["scale"] = {"smallest": -1.5, "largest": 2.5}
    said = content(measured)["picture_notes"]
    assert said.startswith(notes)
    pixel = measured.probes["backpropagation"]["path"]["pixel"]
    assert said.endswith(f", x = {exact(pixel['value'])}.")
    assert (pixel["brightness"], pixel["brightest"]) == (None, None)
    text = section_text(measured, figures)
    assert not re.search("pixel|bright,|the image", text)
    assert "one input " in text


def test_numbers_that_are_all_alike_are_said_to_be():
    measured = of(numbers=(0.5, 1.0), dark=True)
    assert content(measured)["picture_notes"].startswith("All its numbers are 0.50000. Outlined: the input in ")
