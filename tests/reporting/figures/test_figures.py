import dataclasses
import math
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from pypdf import PdfReader
from support import pages, stage_files
from support.examples import EXAMPLES, THREE, example
from support.histories import run
from support.observed import NO_RUN, of

from lrbench.identity.provenance import read_json
from lrbench.reporting.drawing import marks, style
from lrbench.reporting.drawing.curves import broken, wide_rows
from lrbench.reporting.drawing.panels import panel_grid
from lrbench.reporting.drawing.ticks import leave_out_overlaps, scale_for
from lrbench.reporting.figure_files import draw_figures
from lrbench.reporting.figures import figures
from lrbench.stages import figure_ids

SMALL = [name for name in EXAMPLES if name not in ("thirty", "eight")]


@pytest.fixture
def drawn(report_of):
    """Folders of figures by experiment."""
    return lambda name: report_of(name) / "made" / "figures"


def words_of(folder, name):
    return next(item for item in read_json(folder / "figures.json")["figures"] if item["id"] == name)


def test_figures_stand_in_the_order_of_their_places():
    assert [figure.id for figure in figures()] == [
        "loss", "accuracy", "first-epoch", "sweep", "steps-to-target", "stability", "gradients", "differences",
    ]  # fmt: skip
    assert [(figure.id, figure.section) for figure in pages.ALL_FIGURES[8:]] == [
        ("loss-along-step", "backpropagation"),
        ("confusion", "mistakes"),
        ("range-test", "range_test"),
        ("step-budget", "step_budget"),
    ]


def test_the_ids_of_all_figures_are_those_of_their_files_and_need_no_drawing():
    asked = "import sys; from lrbench.stages import figure_ids; print(*figure_ids()); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    ids, modules = (line.split() for line in done.stdout.splitlines())
    assert ids == [
        "accuracy", "differences", "first-epoch", "gradients", "loss", "stability", "steps-to-target", "sweep",
        "loss-along-step", "confusion", "range-test", "step-budget",
    ]  # fmt: skip
    assert sorted(ids) == sorted(figure.id for figure in pages.ALL_FIGURES)
    assert not {"matplotlib", "pandas", "lrbench.reporting"} & set(modules)


@pytest.mark.parametrize("name", SMALL)
def test_every_figure_has_its_files(drawn, name):
    files = {path.name for path in drawn(name).iterdir()}
    assert files == {
        "figures.json",
        *(f"{figure}.{kind}" for figure in figure_ids() for kind in ("svg", "png", "pdf", "csv")),
    }


@pytest.mark.parametrize("name", SMALL)
def test_every_figure_is_said_in_words(drawn, name):
    for figure in read_json(drawn(name) / "figures.json")["figures"]:
        assert figure["title"]
        assert "seed" in figure["caption"]
        assert len(figure["alt"]) > 40
        assert all(len(row) == len(figure["columns"]) for row in figure["rows"])


@pytest.mark.parametrize("name", SMALL)
def test_only_colours_that_follow_the_theme_are_drawn(drawn, name):
    rates = len(stage_files.measured(EXAMPLES[name]).learning_rates)
    for figure in figure_ids():
        svg = (drawn(name) / f"{figure}.svg").read_text()
        assert set(re.findall(r"#[0-9a-f]{6}\b", svg)) <= set(style.variables(rates))


@pytest.mark.parametrize("figure", figure_ids())
def test_the_svg_is_well_formed(drawn, figure):
    root = ElementTree.parse(drawn("three") / f"{figure}.svg").getroot()  # noqa: S314 - our own file
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_figures_drawn_again_are_the_same_bytes(drawn, tmp_path):
    draw_figures(stage_files.measured(THREE), pages.ALL_FIGURES, tmp_path)
    again = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert again == {path.name: path.read_bytes() for path in drawn("three").iterdir()}


@pytest.mark.parametrize("figure", figure_ids())
def test_the_pdf_is_one_page_without_a_date_whose_fonts_come_with_it(drawn, figure):
    reader = PdfReader(drawn("three") / f"{figure}.pdf")
    (page,) = reader.pages
    assert list(reader.metadata or ()) == ["/Title"]
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].get_object().values()]
    assert fonts
    for font in fonts:
        assert font["/Subtype"] == "/Type0"
        assert "/FontFile2" in font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()


def test_the_numbers_of_a_figure_are_all_there(drawn):
    measured = stage_files.measured(THREE)
    saved = pd.read_csv(drawn("three") / "loss.csv")
    assert saved["val_loss"].tolist() == measured.tables.epochs["val_loss"].tolist()


def test_what_is_not_finite_is_in_the_numbers_and_on_the_strip(drawn):
    saved = pd.read_csv(drawn("diverged") / "loss.csv")
    assert int(saved["val_loss"].isna().sum()) == 3 * 6
    assert (
        "Crosses above a panel mark where a value is not finite (3 runs)."
        in words_of(drawn("diverged"), "loss")["caption"]
    )
    assert "not finite" in words_of(drawn("diverged"), "loss")["rows"][-1]


def test_titles_are_computed(drawn):
    titles = {
        "loss": "Mean validation loss ends lowest at 0.001 (0.077), highest at 0.0001 (0.25)",
        "sweep": "The mean score is highest at 0.001 (97.3 %) and lowest at 0.0001 (90.7 %)",
    }
    assert {name: words_of(drawn("three"), name)["title"] for name in titles} == titles


def test_a_tie_is_called_a_tie_by_every_title(drawn):
    assert stage_files.measured(EXAMPLES["near"]).candidates == [0.0009, 0.001, 0.0011]
    titles = {name: words_of(drawn("near"), name)["title"] for name in ("accuracy", "sweep")}
    assert titles["sweep"].endswith("are practically tied or not resolved")
    assert titles["accuracy"].endswith("whose scores are practically tied or not resolved")
    assert "0.0009, 0.001 and 0.0011" in titles["sweep"]
    assert "at 96.0 % at 0.0009, 96.0 % at 0.001 and 96.1 % at 0.0011, " in titles["accuracy"]
    for title in titles.values():
        assert re.search("best|highest|ahead", title) is None


@pytest.mark.parametrize(
    ("experiment", "figure", "title"),
    [
        ("all-diverged", "loss", "No learning rate ends with a finite mean validation loss"),
        ("all-failed", "loss", "Mean validation loss ends at 2.3 at 0.0001, 0.001 and 0.01"),
        ("all-failed", "sweep", "At no learning rate did every planned run learn; of 9 runs, 6 failed and 3 collapsed"),
        ("all-failed", "first-epoch", "Mean training loss: 2.4 at 0.0001, 0.001 and 0.01 at the end of epoch 1"),
        ("all-failed", "steps-to-target", "No run reached 95 % or 97 %; the highest validation accuracy was 37.9 %"),
        ("diverged", "sweep",
         "Only 0.001 learned in every planned run; its mean score is 97.3 %; of 9 runs, 3 diverged and 3 failed"),
        ("diverged", "first-epoch",
         "Mean training loss: 0.17 (0.001) to 2.4 (0.01) at the end of epoch 1; 1 rate without a finite mean"),
        ("diverged", "loss",
         "Mean validation loss ends lowest at 0.001 (0.077), highest at 0.01 (2.3, 0 of 3 runs learned); "
         "1 rate without a finite end"),
        ("one-seed", "sweep",
         "The score is highest at 0.001 (97.5 %, not told apart from 0.0001 and 0.01) and lowest at 0.0001 (90.3 %)"),
        ("one-rate", "differences", "No two rates to compare"),
        ("one-seed", "differences", "With 1 seed no pair of rates can be told apart"),
    ],
)  # fmt: skip
def test_titles_of_what_went_wrong(drawn, experiment, figure, title):
    assert words_of(drawn(experiment), figure)["title"] == title


def test_a_measure_that_is_finite_nowhere_leaves_the_axes_of_the_other_logarithmic():
    # the first step is finite, and so large that no gradient after it is
    blown_up = run([0.1] * 2, [math.nan] * 2, finite=False, gradient_norm=[math.nan] * 2)
    drawing = pages.drawing("gradients", stage_files.measured(of({1e10: [blown_up] * 3})))
    assert [axes.get_yscale() for axes in drawing.canvas.axes] == ["linear", "log"]
    leave_out_overlaps(drawing.canvas)


def test_a_rate_without_any_run_is_drawn_without_a_warning():
    assert pages.drawing("loss", stage_files.measured(NO_RUN)).title.startswith("Mean validation loss ends lowest at ")


def test_units_of_a_table_are_those_of_its_headings(drawn):
    differences = words_of(drawn("three"), "differences")
    measured = stage_files.measured(THREE)
    pair = measured.comparisons[(measured.comparisons["measure"] == "score")].iloc[0]
    row = next(row for row in differences["rows"] if row[1] == "score, percentage points")
    assert differences["columns"][3:5] == ["Difference", "95 % interval, corrected"]
    assert float(row[3].replace("−", "-")) == pytest.approx(100 * pair["difference"], rel=5e-3)
    low, high = (float(end.replace("−", "-")) for end in row[4].split(" to "))
    assert (low, high) == pytest.approx((100 * pair["low"], 100 * pair["high"]), rel=5e-3)
    for figure in ("accuracy", "first-epoch", "sweep"):
        shown = words_of(drawn("three"), figure)
        cells = [cell for row in shown["rows"] for cell in row if cell.endswith("%")]
        assert cells
        assert all(re.fullmatch(r"\d+\.\d\d? %", cell) for cell in cells)


def test_many_runs_are_summed_up_in_tables_by_rate():
    measured = stage_files.measured(example((0.001, 0.01), seeds=31, epochs=3))
    drawing = pages.drawing("sweep", measured)
    assert [row[0] for row in drawing.rows] == ["0.001", "0.01"]


@pytest.mark.parametrize(("count", "grid"), [(6, (3, 2)), (9, (3, 3)), (10, (4, 3)), (20, (5, 4)), (30, (6, 5))])
def test_panel_grid(count, grid):
    assert panel_grid(count) == grid


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([0.1, 0.5], "linear"),
        ([0.001, 5.0], "log"),
        ([0.0, 0.001, 5.0], "symlog"),
        ([math.nan], "linear"),
        ([math.inf, 0.1], "linear"),
    ],
)
def test_scale_for(values, scale):
    assert scale_for(np.array(values))["value"] == scale


def test_lines_of_one_path_are_parted():
    x, y = broken(np.array([1.0, 2.0]), [np.array([3.0, 4.0]), np.array([5.0, 6.0])])
    np.testing.assert_array_equal([x, y], [[1, 2, np.nan, 1, 2, np.nan], [3, 4, np.nan, 5, 6, np.nan]])


def table_of(frame, shown):
    """The rows and the note of the table under a figure of curves."""
    measures, heading = {"loss": "training"}, "Learning rate"
    return wide_rows(frame, "epoch", measures, lambda _, value: f"{value}", True, heading, shown)[1:]


def test_a_mean_in_a_table_keeps_what_is_not_finite():
    frame = pd.DataFrame({"learning_rate": 0.1, "seed": [0, 1], "epoch": 1, "loss": [0.5, math.nan]})
    assert table_of(frame, [0.1]) == ([["0.1", "training", "nan"]], "")


def test_a_table_of_many_rates_has_those_with_a_panel_and_says_so():
    frame = pd.DataFrame({"learning_rate": [0.1, 0.2], "seed": 0, "epoch": 1, "loss": [0.5, 0.25]})
    note = "1 of 2 rates, those that have a panel; the CSV has them all."
    assert table_of(frame, [0.2]) == ([["0.2", "training", "0.25"]], note)


@pytest.mark.parametrize("name", ["sweep", "stability", "steps-to-target"])
def test_more_runs_than_can_be_seen_are_drawn_as_boxes_and_said_to_be(monkeypatch, name):
    asked = stage_files.measured(THREE)
    dots = pages.drawing(name, asked)
    monkeypatch.setattr(marks, "MANY_SEEDS", 0)
    drawing = pages.drawing(name, asked)
    wide = [line for axes in drawing.canvas.axes for line in axes.lines if line.get_linewidth() == 4.0]
    assert len(wide) >= 2
    assert drawing.alt.startswith("Box plots")
    assert "thick ones over the middle half" in drawing.caption
    assert "middle half" not in dots.caption
    pd.testing.assert_frame_equal(drawing.data, dots.data)


def test_a_figure_that_breaks_its_contract_leaves_no_index(tmp_path):
    drawn = pages.drawing("loss", stage_files.measured(THREE))
    broken_figure = dataclasses.replace(pages.BY_ID["loss"], draw=lambda *_: dataclasses.replace(drawn, rows=[[0.5]]))
    with pytest.raises(ValueError, match=r"figures\.json: what is to be written breaks its contract in figures\.$"):
        draw_figures(stage_files.measured(THREE), [broken_figure], tmp_path)
    assert not (tmp_path / "figures.json").exists()


def test_points_of_many_runs_are_in_the_picture_in_pixels_too():
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from lrbench.reporting.drawing.marks import draw_dots, points_as_marks
    from lrbench.reporting.drawing.rates import Rates

    canvas = Figure(figsize=(1, 1))
    FigureCanvasAgg(canvas)
    axes = canvas.add_axes((0, 0, 1, 1))
    axes.axis("off")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    draw_dots(axes, Rates([0.1]), 0.1, np.array([0.3, 0.7]), np.array([0.3, 0.7]), 8.0, many=True)

    def inked():
        canvas.canvas.draw()
        return (np.asarray(canvas.canvas.buffer_rgba())[..., :3].min(axis=2) < 200).sum()

    assert inked() == 0  # a line without length
    points_as_marks(canvas)
    assert inked() > 20
