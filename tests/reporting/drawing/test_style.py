from itertools import combinations

import pytest

from lrbench.reporting.drawing import style
from lrbench.reporting.drawing.colour import contrast, distance, from_oklch

THEMES = {"light": style.PAPER, "dark": style.DARK[style.PAPER]}


def test_black_on_white_has_the_contrast_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_black_and_white_are_one_apart():
    assert distance("#000000", "#ffffff") == pytest.approx(1, abs=1e-3)


def test_red_and_green_of_like_lightness_look_alike_with_deuteranopia():
    red, green = from_oklch(0.6, 0.15, 30), from_oklch(0.6, 0.15, 135)
    assert distance(red, green, deuteranopia=True) < 0.5 * distance(red, green)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("number", [1, 2, 3, 5, 6, 30])
def test_every_rate_has_three_to_one_contrast(number, theme):
    paper = list(THEMES.values())[theme]
    assert min(contrast(colours[theme], paper) for colours in style.rate_colours(number)) >= 3


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("deuteranopia", [False, True])
@pytest.mark.parametrize("number", range(2, style.PANELS_FROM))
def test_rates_that_share_a_panel_look_apart(number, deuteranopia, theme):
    colours = [both[theme] for both in style.rate_colours(number)]
    closest = min(distance(one, other, deuteranopia=deuteranopia) for one, other in combinations(colours, 2))
    assert closest >= 0.05  # twice what is told apart side by side


@pytest.mark.parametrize("number", [2, 5, 30])
def test_colours_are_ordered_by_lightness(number):
    on_white = [contrast(light, "#ffffff") for light, _ in style.rate_colours(number)]
    on_black = [contrast(dark, "#000000") for _, dark in style.rate_colours(number)]
    assert (on_white, on_black) == (sorted(on_white, reverse=True), sorted(on_black))


def test_no_two_of_thirty_rates_share_a_colour_and_none_is_a_colour_of_the_theme():
    assert len(style.variables(30)) == 30 + len(style.VARIABLES)


@pytest.mark.parametrize("paper", range(2))
def test_text_has_four_and_a_half_to_one_contrast(paper):
    inks = [(style.INK, style.DARK[style.INK])[paper], (style.MUTED, style.DARK[style.MUTED])[paper]]
    assert min(contrast(ink, list(THEMES.values())[paper]) for ink in inks) >= 4.5


def test_a_rate_keeps_its_marker():
    assert [style.marker(place) for place in (0, 1, 12)] == ["o", "s", "o"]
