"""The section on backpropagation: every number in it stands in backpropagation.json, whatever the network."""

from __future__ import annotations

import re

import matplotlib as mpl
import pytest
from support import pages, stage_files
from support.examples import THREE
from support.worked_sections import of, section_text

from lrbench.errors import InputError
from lrbench.identity.provenance import sealed, write_json, write_sealed
from lrbench.probes.backpropagation.section import content
from lrbench.registry import probe_files
from lrbench.reporting.drawing import style
from lrbench.reporting.inputs import read_measured
from lrbench.wording import rate_label, rounded

NUMBER = re.compile(r"−?(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[−-]?\d+)?")


VARIANTS = {
    "no hidden layer": {"hidden": (), "optimizer": "sgd"},
    "one hidden layer": {"hidden": (12,)},
    "four hidden layers": {"hidden": (12, 10, 8, 6), "optimizer": "momentum"},
    "in colour": {"hidden": (12,), "shape": (32, 32, 3)},
    "large": {"hidden": (5,), "shape": (60, 90, 1)},
    "dark": {"hidden": (12, 8), "dark": True},
    "numbers": {"hidden": (12,), "numbers": (-1.5, 2.5)},
    "numbers in colour, no hidden layer": {"hidden": (), "shape": (32, 32, 3), "numbers": (0.25, 0.75)},
    "six rates": {"learning_rates": tuple(float(f"1e-{power}") for power in range(6))},
}


def leaves(value):
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from leaves(part)
    elif isinstance(value, int | float):
        yield value


def spellings(record) -> set[str]:
    """Every way in which the section may write a number of the file."""
    numbers = set(leaves(record))
    texts = {rounded(value, digits) for value in numbers for digits in (1, 2, 3, 5, 13)}
    return texts | {rate_label(value) for value in numbers if value > 0} | {f"{value}" for value in numbers}


def drawn(measured, folder):
    """The figures of the report called three, with the one of the section drawn for this step."""
    with mpl.rc_context(style.RC):
        return pages.drawing("loss-along-step", measured)


@pytest.fixture(scope="module")
def figures(report_of):
    return report_of("three") / "made" / "figures"


def test_every_number_of_the_section_is_in_the_file(figures):
    measured = stage_files.measured(THREE)
    found = NUMBER.findall(section_text(measured, figures))
    known = spellings(measured.probes["backpropagation"])
    assert len(found) > 200
    assert [text for text in found if text not in known] == []
    assert "0.12345" not in known


@pytest.mark.parametrize("name", VARIANTS)
def test_every_number_of_the_section_is_in_the_file_whatever_the_network(figures, name):
    measured = of(**VARIANTS[name])
    text = section_text(measured, figures)
    drawn_step = stage_files.measured(THREE).probes["backpropagation"]  # its figure is of another step
    known = spellings([measured.probes["backpropagation"], drawn_step])
    assert [number for number in NUMBER.findall(text) if number not in known] == []


@pytest.mark.parametrize("name", VARIANTS)
def test_the_figure_says_what_its_numbers_are(figures, name):
    measured = of(**VARIANTS[name])
    drawing = drawn(measured, figures)
    known = spellings(measured.probes["backpropagation"])
    told = [drawing.title, drawing.alt, *(cell for row in drawing.rows for cell in row)]
    assert [number for text in told for number in NUMBER.findall(text) if number not in known] == []
    panels = 1 if measured.probes["backpropagation"]["optimizer"]["name"] == "sgd" else 2
    assert len(drawing.canvas.axes) == panels
    assert len(drawing.rows) == 1 + len(measured.probes["backpropagation"]["updates"])
    assert {len(row) for row in drawing.rows} == {1 + 2 * panels}
    points = sum(len(line["points"]) + len(line["at_rates"]) for line in measured.probes["backpropagation"]["lines"])
    assert len(drawing.data) == points


TURNS = {"status": "turns", "step": 0.0123, "loss": 1.4, "lower_at": None}


WORSE = {"status": "worse", "step": 0.0456, "better_at": None}


NEVER = {"status": "never", "step": None, "better_at": None}


COURSES = {
    "turns": (
        (TURNS, WORSE),
        "lowers the first batch's loss most at a rate of 0.0123; from a rate of 0.0456 on it raises "
        "it, at every higher rate, up to 0.500",
        "falls to 1.4000 at a rate of 0.012300 and then rises; it is above its start from 0.045600 on, as far as the "
        "line goes, to 0.50000",
    ),
    "turns twice": (
        (TURNS | {"lower_at": 0.3}, WORSE | {"better_at": 0.2}),
        "lowers the first batch's loss more at a higher rate up to 0.0123, and less just beyond it; it first "
        "raises it at a rate of 0.0456",
        "falls to 1.4000 at a rate of 0.012300 and then rises; it is lower still at 0.30000; it is above its start "
        "from 0.045600 on, and below it again at 0.20000",
    ),
    "rises": (
        ({"status": "rises", "step": 0.0, "loss": 2.3, "lower_at": None}, WORSE | {"step": 0.0}),
        "raises the first batch's loss already at the lowest rates",
        "rises from the start; it is above its start from there on, as far as the line goes, to 0.50000",
    ),
    "vanishes": (
        ({"status": "vanishes", "step": 0.345, "loss": 9e-13, "below": 1e-12, "lower_at": None}, NEVER),
        "brings the first batch's loss below 1e−12 nats at a rate of 0.345",
        "falls below 1e−12 nats at a rate of 0.34500",
    ),
    "falls": (
        ({"status": "falls", "step": None, "loss": None, "lower_at": None}, NEVER),
        "lowers the first batch's loss more, the higher the rate, all the way to 0.500",
        "falls all the way to a rate of 0.50000, where the line ends",
    ),
    "flat": (
        ({"status": "flat", "step": None, "loss": None, "lower_at": None}, NEVER),
        "changes the first batch's loss by no more than rounding, all the way to 0.500",
        "does not change beyond rounding to a rate of 0.50000, where the line ends",
    ),
}


@pytest.mark.parametrize("name", COURSES)
def test_where_the_loss_turns_is_said(name):
    (turn, worse), title, course = COURSES[name]
    measured = stage_files.measured(THREE)
    for line in measured.probes["backpropagation"]["lines"]:
        line["points"] = [point for point in line["points"] if point["step"] < 0.5]
        line["points"].append({"step": 0.5, "loss": 1.0, "status": "finite"})
        line["turn"], line["worse"] = turn, worse
    figure = drawn(measured, None)
    section = content(measured)
    assert figure.title == f"The first step of adam {title}"
    assert f"As the rate grows, it {course}. " in section["too_large"]
    assert section["alone"].startswith(
        f"As the learning rate grows, the loss of this example alone after the first step of adam {course}. "
    )
    assert ("Vertical line:" in figure.caption) == (turn["status"] == "turns")
    assert ("is too large" in section["too_large"]) == (worse["step"] is not None)


def test_how_many_weights_have_a_gradient_of_0_is_said(figures):
    measured = stage_files.measured(THREE)
    measured.probes["backpropagation"]["gradient_zeros"] = {"entries": 109386, "zero_entries": 96528}
    for line in measured.probes["backpropagation"]["lines"]:
        line["gradient_zeros"] = {"entries": 109386, "zero_entries": 53410}
        for point, moved in zip(line["at_rates"], (55000, 55976, 55976), strict=True):
            point["moved"] = moved
    text = " ".join(section_text(measured, figures).split())
    assert "the gradient is 0 for 96,528 of 109,386 weights and biases" in text
    assert "For this example it is exactly 0 for 96,528 of the 109,386 weights and biases, because what enters" in text
    assert "This batch's gradient is exactly 0 for 53,410 of the 109,386 weights and biases." in text
    assert "the first step of adam changes 55,000 to 55,976, depending on the rate." in text
    assert "every weight is told" not in text
    assert "moves every weight" not in text


def test_a_gradient_without_zeros_is_said():
    measured = stage_files.measured(THREE)
    measured.probes["backpropagation"]["gradient_zeros"] = {"entries": 7850, "zero_entries": 0}
    section = content(measured)
    assert section["heading"].endswith("and the gradient is nowhere 0 among 7,850 weights and biases")
    assert section["zeros"].startswith("It has an entry other than 0 for each of the 7,850 weights and biases.")


def test_the_example_is_named_as_the_files_of_the_data_set_count(figures):
    text = " ".join(section_text(of(), figures).split())
    assert "example 48123 in the training part of the data set's files, counted from 0, of class 0" in text


@pytest.mark.parametrize("name", VARIANTS)
def test_only_a_network_with_hidden_layers_is_described_with_them(figures, name):
    measured = of(**VARIANTS[name])
    text = section_text(measured, figures)
    hidden = bool(measured.probes["backpropagation"]["hidden_units"])
    for word in ("ReLU", "hidden", "active unit", " units", "a what it passes on", "kink"):
        assert (word in text) == hidden, word


def test_the_step_of_plain_gradient_descent_is_shown_once(figures):
    for optimizer, rows in (("sgd", 1), ("adam", 2)):
        measured = of(optimizer=optimizer)
        assert len(content(measured)["steps"]) == rows
        assert ("which is the step of sgd" in section_text(measured, figures)) == (rows == 1)


def test_a_batch_of_one_example_is_not_compared_with_its_example(figures):
    measured = of()
    assert "One example and a batch" in section_text(measured, figures)
    for line in measured.probes["backpropagation"]["lines"]:
        line["examples"] = 1
    text = section_text(measured, figures)
    assert "One example and a batch" not in text
    assert "of 1 example, the loss is" in text


def test_a_loss_that_is_not_finite_is_said_and_drawn_at_the_top():
    measured = stage_files.measured(THREE)
    for line in measured.probes["backpropagation"]["lines"]:
        line["at_rates"][-1] |= {"loss": None, "status": "not finite"}
    drawing = drawn(measured, None)
    assert drawing.rows[-1] == ["0.01", *["not finite"] * 4]
    crosses = [line for line in drawing.canvas.axes[0].lines if line.get_marker() == "x"]
    assert [list(line.get_ydata()) for line in crosses] == [[drawing.canvas.axes[0].get_ylim()[1]]] * 2
    assert "not finite at 0.01" in content(measured)["too_large"]


def test_what_is_at_the_top_of_the_figure_is_said_where_there_is_any():
    measured = stage_files.measured(THREE)
    caption = drawn(measured, None).caption
    assert "filled for the batch and open for the example. Horizontal lines: the losses before the step." in caption
    assert "at the top" not in caption
    measured.probes["backpropagation"]["lines"][0]["at_rates"][-1] |= {"loss": 99.0}
    assert "Crosses at the top: above the axis, or not finite." in drawn(measured, None).caption


def test_a_kink_is_said():
    measured = stage_files.measured(THREE)
    measured.probes["backpropagation"]["weight"]["finite_difference"] |= {"status": "kink", "units_switched": 2}
    assert "A ReLU switches between the two sides (2 units)" in content(measured)["difference"]


def test_a_silent_path_is_said():
    assert content(of(dark=True))["path"].startswith("No path carries anything")


def test_a_step_from_other_weights_than_the_runs_is_refused(tmp_path):
    made, index = THREE(), tmp_path / "analysis" / "analysis.json"
    stage_files.write_experiment(made, tmp_path)
    measured, file = stage_files.read_experiment(made, tmp_path)[0], index.with_name("backpropagation.json")
    given = (measured.tables, index, made.settings, measured.dataset, probe_files({"backpropagation": file}))
    assert read_measured(*given).probes["backpropagation"]["seed"] == 0
    write_json(file, sealed(measured.probes["backpropagation"]) | {"lines": []})
    with pytest.raises(InputError, match="has changed since it was written"):
        read_measured(*given)
    write_sealed(file, measured.probes["backpropagation"] | {"initial_weights": "other"})
    with pytest.raises(InputError, match="begins with other weights than the runs"):
        read_measured(*given)
