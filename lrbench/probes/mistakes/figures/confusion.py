"""The figure of confusions: which class is taken for which at the recommended rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import Rectangle

from lrbench.probes.mistakes import ID, MOST_CLASSES
from lrbench.probes.mistakes.confusions import Found, mean_count, mistaken, pair_name, share_percent
from lrbench.reporting.drawing import style
from lrbench.reporting.drawing.panels import canvas, notice
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.inputs import Measured
from lrbench.wording import class_label, counted, rate_label

NAME = "Confusions"
PLACE = 10
FEW_CLASSES = 12  # whose cells have room for a count beside the share
LISTED_PAIRS = 20  # in the figure, where the classes are too many for a matrix
TABLE_ROWS = 50
CROWDED = 90  # characters of labels side by side, beyond which they are turned
LONGEST = 14  # characters of a class in the figure
DEEPEST = 0.35  # opacity of the most frequent confusion: text on it can be read in both themes
COLUMNS = ("Confusion", "Examples a run, mean", "Share of the true class, %")


def draw(measured: Measured, rates: Rates) -> Drawing:
    """The confusion matrix of the recommended rate, mean over its runs; of many classes, the most frequent pairs."""
    found = measured.probes[ID]
    names = measured.dataset["class_names"]
    pairs = mistaken(found)
    rate = found["learning_rate"]
    if rate is None:
        said = f"No rate is recommended after {measured.seeds_a_rate}, so no confusions are shown."
        return Drawing(notice(said), _data([], names), said, said, said, COLUMNS, [])
    labels = figure_labels(names, found["classes"])
    colour = rates.colour(rate)
    matrix = found["classes"] <= MOST_CLASSES
    drawn = _matrix(found, labels, colour) if matrix else _bars(pairs[:LISTED_PAIRS], labels, colour)
    told = [f"{pair_name(pair, names)}: {share_percent(pair['share'])} %" for pair in pairs[:3]]
    runs = len(found["runs"])
    of = f"{rate_label(rate)}, {counted(runs, 'run')} of {found['planned']} planned (n = {counted(runs, 'seed')})"
    shown = (
        "Rows are true classes, columns predicted ones. In each cell: the share of the true class's validation "
        f"examples in percent{', and below it their number' if found['classes'] <= FEW_CLASSES else ''}, mean over "
        "runs. Correct ones are on the grey diagonal; of the others, the deeper the colour, the larger the share."
        if matrix
        else f"The {len(pairs[:LISTED_PAIRS])} most frequent confusions by their number of examples, mean over runs."
    )
    return Drawing(
        canvas=drawn,
        data=_data(found["confusions"], names),
        title=_title(pairs, names),
        caption=f"{shown} {measured.rate_heading} {of}, after the last epoch.",
        alt=(
            f"Confusions at {measured.rate_heading.lower()} {rate_label(rate)}. "
            f"Most often, {'; '.join(told) or 'none'}."
        ),
        columns=COLUMNS,
        rows=[[pair_name(p, names), mean_count(p["count"]), share_percent(p["share"])] for p in pairs[:TABLE_ROWS]],
        note=f"The {TABLE_ROWS} most frequent; the CSV has more." if len(pairs) > TABLE_ROWS else "",
    )


def figure_labels(names: Sequence[str] | None, classes: int) -> list[str]:
    """What classes are called in a figure: shortened; by number where the font lacks a character."""
    font = get_font(findfont(FontProperties(family="DejaVu Sans")))
    found = []
    for number in range(classes):
        label = class_label(number, names)
        label = label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
        found.append(label if all(font.get_char_index(ord(character)) for character in label) else str(number))
    return found


def _title(pairs: Sequence[Found], names: list[str] | None) -> str:
    if not pairs:
        return "No validation example is classified wrongly"
    first = pairs[0]
    return (
        f"Most often, {pair_name(first, names)}: {mean_count(first['count'])} validation examples a run, "
        f"{share_percent(first['share'])} % of the class"
    )


def _matrix(found: Found, labels: Sequence[str], colour: str) -> Canvas:
    """A cell for each pair of classes that occurs."""
    classes = found["classes"]
    drawn = canvas(max(1.3 + 0.42 * classes if classes <= FEW_CLASSES else 1.3 + 0.32 * classes, 2.2))
    axes: Any = drawn.subplots()
    axes.grid(visible=False)
    axes.set(xlim=(-0.5, classes - 0.5), ylim=(classes - 0.5, -0.5), xlabel="Predicted class", ylabel="True class")
    crowded = max(map(len, labels)) * classes > CROWDED
    turn = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if crowded else {}
    axes.set_xticks(range(classes), labels, **turn)
    axes.set_yticks(range(classes), labels)
    most = max((pair["share"] for pair in mistaken(found)), default=1.0)
    for pair in found["confusions"]:
        row, column = pair["true"], pair["predicted"]
        look: dict[str, Any] = {"facecolor": style.GRID} if row == column else {"facecolor": colour}
        if row != column:
            look["alpha"] = round(DEEPEST * pair["share"] / most, 3)
        axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, linewidth=0, **look))
        small = classes > FEW_CLASSES
        share = share_percent(pair["share"])
        axes.text(column, row - (0 if small else 0.16), share, ha="center", va="center", fontsize=6.5 if small else 8)
        if not small:
            axes.text(column, row + 0.26, mean_count(pair["count"]), ha="center", va="center", fontsize=6.5)
    return drawn


def _bars(pairs: Sequence[Found], labels: Sequence[str], colour: str) -> Canvas:
    """A bar for each pair of classes, the most frequent at the top."""
    if not pairs:
        return notice("No validation example is classified wrongly.")
    drawn = canvas(1.1 + 0.24 * len(pairs))
    axes: Any = drawn.subplots()
    axes.barh(range(len(pairs)), [pair["count"] for pair in pairs], color=colour, height=0.7)
    axes.set_yticks(range(len(pairs)), [pair_name(pair, list(labels)) for pair in pairs])
    axes.set(ylim=(len(pairs) - 0.5, -0.5), xlabel="Validation examples a run, mean")
    axes.grid(visible=False, axis="y")
    return drawn


def _data(pairs: Sequence[Found], names: Sequence[str] | None) -> pd.DataFrame:
    rows = [
        {
            "true": pair["true"],
            "true_label": class_label(pair["true"], names),
            "predicted": pair["predicted"],
            "predicted_label": class_label(pair["predicted"], names),
            "count": pair["count"],
            "share": pair["share"],
        }
        for pair in pairs
    ]
    return pd.DataFrame(rows, columns=["true", "true_label", "predicted", "predicted_label", "count", "share"])
