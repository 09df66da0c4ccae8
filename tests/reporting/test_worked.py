"""The section on backpropagation: every number in it stands in backpropagation.json, whatever the network."""

from __future__ import annotations

import dataclasses
import html
import re

import builders
import matplotlib as mpl
import pytest
import stage_files
import worked_steps
from conclusions import conclusions

from lrbench.errors import InputError
from lrbench.names import rate_label
from lrbench.provenance import sealed, write_json
from lrbench.reporting import page, path_picture, step_length, style, words, worked
from lrbench.reporting.drawing import Rates
from lrbench.reporting.inputs import read_measured

NUMBER = re.compile(r"−?(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[−-]?\d+)?")
VARIANTS = {
    "no hidden layer": {"hidden": (), "optimizer": "sgd"},
    "one hidden layer": {"hidden": (12,)},
    "four hidden layers": {"hidden": (12, 10, 8, 6), "optimizer": "momentum"},
    "in colour": {"hidden": (12,), "shape": (32, 32, 3)},
    "large": {"hidden": (5,), "shape": (60, 90, 1)},
    "dark": {"hidden": (12, 8), "dark": True},
    "six rates": {"learning_rates": tuple(float(f"1e-{power}") for power in range(6))},
}


def of(**changes):
    measured = builders.measured()
    return dataclasses.replace(measured, worked=worked_steps.worked(**{"learning_rates": builders.TUTORIAL} | changes))


def section_text(measured, folder) -> str:
    whole = page.render(measured, conclusions(measured), builders.experiment(), folder, builders.TEMPLATES)
    section = re.search(r'<section id="backpropagation".*?(?=<section id="claims")', whole, re.DOTALL)[0]
    labels = " ".join(re.findall(r'aria-label="([^"]*)"', section))
    section = re.sub(r'<svg class="figure".*?</svg>', "", section, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", " ", section) + " " + labels)


def leaves(value):
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from leaves(part)
    elif isinstance(value, int | float):
        yield value


def spellings(record) -> set[str]:
    """Every way in which the section may write a number of the file."""
    numbers = set(leaves(record))
    rounded = {words.number(value, digits) for value in numbers for digits in (1, 2, 3, 5, 13)}
    return rounded | {rate_label(value) for value in numbers if value > 0} | {f"{value}" for value in numbers}


def drawn(measured, folder):
    """The figures of the report called three, with the one of the section drawn for this step."""
    with mpl.rc_context(style.RC):
        return step_length.loss_along_step(measured, Rates(measured.learning_rates))


@pytest.fixture(scope="module")
def figures(report_of):
    return report_of("three") / "made" / "figures"


def test_every_number_of_the_section_is_in_the_file(figures):
    measured = builders.measured()
    found = NUMBER.findall(section_text(measured, figures))
    known = spellings(measured.worked)
    assert len(found) > 200
    assert [text for text in found if text not in known] == []
    assert "0.12345" not in known


@pytest.mark.parametrize("name", VARIANTS)
def test_every_number_of_the_section_is_in_the_file_whatever_the_network(figures, name):
    measured = of(**VARIANTS[name])
    text = section_text(measured, figures)
    known = spellings([measured.worked, builders.measured().worked])  # its figure is of another step
    assert [number for number in NUMBER.findall(text) if number not in known] == []


@pytest.mark.parametrize("name", VARIANTS)
def test_the_figure_says_what_its_numbers_are(figures, name):
    measured = of(**VARIANTS[name])
    drawing = drawn(measured, figures)
    known = spellings(measured.worked)
    told = [drawing.figure.title, drawing.figure.alt, *(cell for row in drawing.figure.rows for cell in row)]
    assert [number for text in told for number in NUMBER.findall(text) if number not in known] == []
    panels = 1 if measured.worked["optimizer"]["name"] == "sgd" else 2
    assert len(drawing.canvas.axes) == panels
    assert len(drawing.figure.rows) == 1 + len(measured.worked["updates"])
    assert {len(row) for row in drawing.figure.rows} == {1 + 2 * panels}
    points = sum(len(line["points"]) + len(line["at_rates"]) for line in measured.worked["lines"])
    assert len(drawing.data) == points


@pytest.mark.parametrize(
    ("turn", "worse", "title"),
    [
        (
            ("turns", 0.02, 1.4),
            0.04,
            "The first step of adam lowers the first batch's loss less and less beyond a rate of",
        ),
        (("rises", 0.0, 2.3), 0.001, "The first step of adam raises the first batch's loss at any rate"),
        (
            ("vanishes", 3.0, 0.0),
            None,
            "The first step of adam lowers the first batch's loss at every rate that was tried",
        ),
        (
            ("falls", None, None),
            None,
            "The first step of adam lowers the first batch's loss at every rate that was tried",
        ),
    ],
)
def test_where_the_loss_turns_is_said(turn, worse, title):
    measured = builders.measured()
    for line in measured.worked["lines"]:
        line["turn"] = dict(zip(("status", "step", "loss"), turn, strict=True))
        line["worse"] = {"status": "never" if worse is None else "worse", "step": worse}
    assert drawn(measured, None).figure.title.startswith(title)
    assert ("does harm" in worked.section(measured)["too_large"]) == (turn[0] == "turns")


def test_a_loss_that_is_not_finite_is_said_and_drawn_at_the_top():
    measured = builders.measured()
    for line in measured.worked["lines"]:
        line["at_rates"][-1] |= {"loss": None, "status": "not finite"}
    drawing = drawn(measured, None)
    assert drawing.figure.rows[-1] == ["0.01", *["not finite"] * 4]
    crosses = [line for line in drawing.canvas.axes[0].lines if line.get_marker() == "x"]
    assert [list(line.get_ydata()) for line in crosses] == [[drawing.canvas.axes[0].get_ylim()[1]]] * 2
    assert "not finite at 0.01" in worked.section(measured)["too_large"]


def test_a_kink_is_said():
    measured = builders.measured()
    measured.worked["weight"]["finite_difference"] |= {"status": "kink", "units_switched": 2}
    assert "A ReLU switches between the two sides (2 units)" in worked.section(measured)["difference"]


def test_a_silent_path_is_said():
    assert worked.section(of(dark=True))["path"].startswith("No path carries anything")


def test_the_picture_shows_each_bright_pixel_and_outlines_the_paths():
    record = worked_steps.worked(builders.TUTORIAL)
    drawing = path_picture.picture(record)
    covered = sum(int(width) for width in re.findall(r"h(\d+)v1", drawing))
    assert covered == sum(value > 0 for row in record["example"]["image"] for value in row)
    pixel = record["path"]["pixel"]
    assert f'class="mark" x="{pixel["column"]}" y="{pixel["row"]}"' in drawing
    assert record["example"]["image"][pixel["row"]][pixel["column"]] == pixel["brightness"]


def test_the_diagram_has_a_box_for_each_unit_and_says_all_in_words():
    record = worked_steps.worked(builders.TUTORIAL, hidden=(12, 10, 8, 6))
    drawing = path_picture.diagram(record)
    assert (drawing.count('class="box"'), drawing.count('class="edge"')) == (6, 5)
    alt = html.unescape(re.search(r'aria-label="([^"]*)"', drawing)[1])
    shown = html.unescape(" ".join(re.findall(r"<text[^>]*>([^<]*)</text>", drawing)))
    for unit in record["path"]["units"]:
        for text in (f"w = {path_picture.number(unit['weight'])}", f"δ = {path_picture.number(unit['delta'])}"):
            assert text in shown
        assert f"δ = {path_picture.number(unit['delta'])}" in alt


def test_a_step_from_other_weights_than_the_runs_is_refused(tmp_path):
    measured = builders.measured()
    analysed, file = stage_files.write_analysis(measured, tmp_path, {"thresholds": {}})
    given = (measured.tables, analysed, {"thresholds": {}}, measured.dataset, file)
    assert read_measured(*given).worked["seed"] == 0
    write_json(file, sealed(measured.worked) | {"lines": []})
    with pytest.raises(InputError, match="has changed since it was written"):
        read_measured(*given)
    write_json(file, sealed(measured.worked | {"initial_weights": "other"}))
    with pytest.raises(InputError, match="begins with other weights than the runs"):
        read_measured(*given)
