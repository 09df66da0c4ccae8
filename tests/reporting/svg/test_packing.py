"""SVG in few bytes: what is drawn stays."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from lrbench.reporting.svg.outlines import moved, packed_path
from lrbench.reporting.svg.packing import packed

MARK = "M 0 1.5 C 0.42 1.5 1.5 0.42 1.5 0 z"


def places(path: str) -> list[tuple[float, float]]:
    """Where each segment of packed path data ends."""
    found, at, start = [], np.zeros(2), np.zeros(2)
    for letter, text in re.findall(r"([Mmlhvcqz])([^Mmlhvcqz]*)", path):
        numbers = [float(word) for word in re.findall(r"-?[\d.]+", text)]
        size = {"h": 1, "v": 1, "c": 6, "q": 4, "z": 1}.get(letter, 2)
        for first in range(0, len(numbers) or 1, size):
            step = numbers[first : first + size]
            if letter == "z":
                at = start
            else:
                at = at + {"h": lambda one: (one[0], 0), "v": lambda one: (0, one[0])}.get(letter, lambda s: s[-2:])(
                    step
                )
            start = at if letter in "Mm" else start
            found.append(tuple(at))
    return found


def test_rounding_does_not_add_up():
    points = np.random.default_rng(0).uniform(0, 300, (200, 2))
    path = "M " + " L ".join(f"{x} {y}" for x, y in points)
    assert np.abs(np.array(places(packed_path(path))) - points).max() <= 0.0501


def test_small_outlines_keep_a_hundredth():
    assert packed_path("M 0 1.57 L 1.57 0 z") == "M0 1.57l1.57-1.57z"


def test_after_the_end_of_an_outline_places_are_relative_to_its_start():
    assert places(packed_path("M 10 10 L 40 10 L 40 40 z M 20 20 L 50 50"))[-1] == (50, 50)


def test_level_and_upright_steps_are_one_number():
    assert packed_path("M 0 0 L 20 0 L 20 30 L 50 30 L 80 30") == "M0 0h20v30h30 30"


def test_a_point_on_the_one_before_is_left_out_but_a_dot_stays():
    assert packed_path("M 0 0 L 0.01 0 L 30 0 L 30.01 0") == "M0 0h0h30".replace("h0h30", "h0 30")
    assert packed_path("M 20 20 L 20 20 M 40 20 L 40 20") == "M20 20h0m20 0h0"


def test_moving_takes_every_place_along():
    assert moved(MARK, (10, 20)) == "M 10.0 21.5 C 10.42 21.5 11.5 20.42 11.5 20.0 z"


@pytest.fixture
def drawing():
    """Packs elements as matplotlib writes them, and returns the root."""

    def pack(inside: str) -> ElementTree.Element:
        text = (
            '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="0 0 9 9"><defs><style type="text/css">*{{stroke-linecap: butt}}</style></defs>{inside}</svg>'
        )
        root = ElementTree.fromstring(packed(text))  # noqa: S314 - our own
        for element in root.iter():
            element.tag = element.tag.split("}")[1]
        return root

    return pack


def marks(name: str, outline: str, count: int, look: str = "fill: #111111; stroke: #111111") -> str:
    uses = "".join(f'<use xlink:href="#{name}" x="{20 * place}" y="5" style="{look}"/>' for place in range(count))
    return f'<g><defs><path id="{name}" d="{outline}" style="stroke: #111111"/></defs><g>{uses}</g></g>'


def test_marks_of_one_shape_share_an_outline_and_say_their_look_once(drawing):
    root = drawing(marks("a", MARK, 3) + marks("b", MARK, 2))
    assert [path.attrib for path in root.iter("path")] == [{"id": "a", "d": packed_path(MARK)}]
    assert [use.get("{http://www.w3.org/1999/xlink}href") for use in root.iter("use")] == ["#a"] * 5
    assert {use.get("style") for use in root.iter("use")} == {None}


def test_an_outline_keeps_a_look_that_its_uses_lack(drawing):
    root = drawing(marks("a", MARK, 3, look="fill: #222222"))
    assert next(root.iter("path")).get("style") == "stroke:#111111"


def test_an_outline_that_is_used_once_stands_where_it_is_used(drawing):
    root = drawing(marks("a", "M 0 0 L 30 30 z", 1).replace('x="0"', 'x="7"'))
    assert [path.get("d") for path in root.iter("path")] == ["M7 5l30 30z"]
    assert not list(root.iter("use"))


def test_rows_of_bars_are_one_path(drawing):
    root = drawing(marks("a", "M 0 2 L 0 -2", 5))
    assert [path.get("d") for path in root.iter("path")] == ["M0 7v-4m20 4v-4m20 4v-4m20 4v-4m20 4v-4"]
    assert "fill:none" in next(root.iter("path")).get("style")


@pytest.mark.parametrize(("style", "paths"), [("fill: none; stroke: #111111", 1), ("stroke: #111111", 2),
                                              ("fill: none; stroke: #111111; stroke-opacity: 0.5", 2)])  # fmt: skip
def test_only_opaque_lines_become_one_path(drawing, style, paths):
    line = f'<g id="line2d_1"><path d="M 0 0 L 30 0" style="{style}"/></g>'
    assert len(list(drawing(line + line).iter("path"))) == paths


def test_groups_of_one_rate_become_one_and_groups_of_nothing_go(drawing):
    path = '<g id="patch_1"><path d="M 0 0 L 30 0" style="stroke: #111111"/></g>'
    root = drawing("".join(f'<g id="rate-{name}">{path}</g>' for name in ("1.0", "1.1", "2.2")))
    assert [group.get("id") for group in root.iter("g")] == ["rate-1.0", "rate-2.2"]
    assert [len(group) for group in root.iter("g")] == [2, 1]


def test_what_cannot_be_seen_is_left_out(drawing):
    assert not list(drawing('<path d="M 0 0 L 30 0" style="fill: none"/>').iter("path"))


def test_a_mark_that_is_moved_is_clipped_where_it_was(drawing):
    use = marks("a", MARK, 2).replace("<g><use", '<g clip-path="url(#box)"><use', 1)
    one = use.replace('<use xlink:href="#a" x="20" y="5" style="fill: #111111; stroke: #111111"/>', "")
    root = drawing(f'<defs><clipPath id="box"><path d="M 0 0 L 30 30 z"/></clipPath></defs>{one}{marks("a", MARK, 2)}')
    assert [element.tag for element in root.iter() if "clip-path" in element.attrib] == ["g"]


def test_what_all_of_a_group_have_is_said_by_the_group(drawing):
    paths = "".join(
        f'<path d="M 0 0 L 30 0" clip-path="url(#box)" style="fill: none; stroke: {colour}"/>'
        for colour in ("#1", "#2")
    )
    clip = '<defs><clipPath id="box"><path d="M 0 0 L 30 30 z"/></clipPath></defs>'
    group = next(drawing(f'{clip}<g id="rate-1.0">{paths}</g>').iter("g"))
    assert group.attrib == {"id": "rate-1.0", "clip-path": "url(#box)", "style": "fill:none"}
    assert [path.get("style") for path in group] == ["stroke:#1", "stroke:#2"]


def test_a_blank_among_letters_goes_with_its_uses(drawing):
    root = drawing(marks("blank", "", 3) + marks("a", MARK, 2))
    assert {use.get("{http://www.w3.org/1999/xlink}href") for use in root.iter("use")} == {"#a"}
    assert [path.get("id") for path in root.iter("path")] == ["a"]
