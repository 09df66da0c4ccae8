"""Figures of many rates and seeds: which rates get a panel, and what is drawn instead of single runs."""

from types import SimpleNamespace

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest

from lrbench.reporting.drawing.curves import CHOSEN_PANELS, MAX_PANELS, panel_choice, panels_caption
from lrbench.reporting.drawing.marks import boxed, draw_box, draw_count
from lrbench.reporting.drawing.panels import labelled_rows
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.figures.steps_to_target import _table
from lrbench.wording import target_label


def measured(rates: int, seeds: int = 3, chosen: int | None = None, scores: list[float] | None = None):
    values = [float(rate) for rate in range(1, rates + 1)]
    table = pd.DataFrame({"learning_rate": values, "score_mean": scores or [0.5] * rates})
    plan = {"learning_rates": values, "seeds": list(range(seeds))}
    return SimpleNamespace(
        rates=table,
        learning_rates=values,
        seeds=seeds,
        chosen=None if chosen is None else values[chosen],
        tables=SimpleNamespace(origin={"plan": plan}),
    )


def test_few_enough_rates_all_have_a_panel():
    asked = measured(MAX_PANELS)
    assert panel_choice(asked, Rates(asked.learning_rates)) == asked.learning_rates
    assert "have a panel" not in panels_caption(Rates(asked.learning_rates), asked.learning_rates)


@pytest.mark.parametrize("chosen", [None, 0, 50, 99])
def test_of_many_rates_those_that_matter_have_a_panel(chosen):
    scores = [0.5] * 100
    scores[7], scores[91] = 0.1, 0.9
    asked = measured(100, chosen=chosen, scores=scores)
    shown = panel_choice(asked, Rates(asked.learning_rates))
    assert {1.0, 8.0, 92.0, 100.0} <= set(shown)
    if chosen is not None:
        assert {rate for rate in (chosen, chosen + 1.0, chosen + 2.0) if 1 <= rate <= 100} <= set(shown)
    assert shown == sorted(set(shown))
    assert CHOSEN_PANELS - 8 <= len(shown) <= CHOSEN_PANELS
    assert f"Of 100 rates, {len(shown)} have a panel" in panels_caption(Rates(asked.learning_rates), shown)


@pytest.mark.parametrize(
    ("rates", "seeds", "asked", "rows", "cut"),
    [
        (1, 3, 20, 1 * 3 * 20, False),  # each run
        (50, 5, 20, 50 * 20, False),  # each rate
        (51, 5, 20, 51 * 4, True),  # each rate, of the targets that are drawn
        (100, 20, 20, 100 * 4, True),
    ],
)
def test_the_table_of_many_targets_is_bounded(rates, seeds, asked, rows, cut):
    targets = [round(0.5 + place / 50, 2) for place in range(asked)]
    reach = pd.DataFrame({"learning_rate": np.repeat(np.arange(rates) + 1.0, asked), "target": targets * rates})
    counted = ["n", "first_reached", "sustained_reached", "first_at", "sustained_at"]
    reach = reach.assign(**dict.fromkeys(counted, 1))
    by_run = pd.concat([reach.assign(seed=seed) for seed in range(seeds)])
    drawn = targets[:: asked // 4][:4]
    _, table, only_drawn = _table(SimpleNamespace(reach=reach, targets=by_run, rate_heading="Learning rate"), drawn)
    assert (len(table), only_drawn) == (rows, cut)
    if cut:
        assert {row[1] for row in table} == {target_label(target) for target in drawn}


def test_a_choice_of_rates_without_any_score():
    asked = measured(50, scores=[np.nan] * 50)
    assert panel_choice(asked, Rates(asked.learning_rates))[0] == 1.0


@pytest.mark.parametrize(("rates", "seeds", "expected"), [(30, 20, False), (1, 40, False), (1, 41, True),
                                                          (50, 20, False), (51, 20, True)])  # fmt: skip
def test_single_runs_are_drawn_until_there_are_too_many(rates, seeds, expected):
    assert boxed(measured(rates, seeds)) is expected


def test_a_box_reaches_over_all_finite_runs_and_over_the_middle_half():
    axes = matplotlib.figure.Figure().subplots()
    draw_box(axes, Rates([0.1]), 0.1, np.array([0.0, 1.0, 2.0, 3.0, 8.0, np.nan]), 5)
    assert [line.get_xdata().tolist() for line in axes.lines] == [[0, 8], [1, 3]]
    assert {y for line in axes.lines for y in line.get_ydata()} == {5}


def test_lost_runs_are_one_cross_with_their_number():
    axes = matplotlib.figure.Figure().subplots()
    draw_count(axes, Rates([0.1]), 0.1, 17, (1.0, 2.0), axes.transData)
    draw_count(axes, Rates([0.1]), 0.1, 0, (1.0, 3.0), axes.transData)
    assert [text.get_text() for text in axes.texts] == ["17"]
    assert len(axes.lines) == 1


@pytest.mark.parametrize(("rows", "labels"), [(1, 1), (50, 50), (51, 26), (100, 50), (101, 34)])
def test_labels_of_rows_are_as_many_as_have_room_and_name_the_last(rows, labels):
    named = labelled_rows(rows)
    assert len(named) == labels
    assert named[-1] == rows - 1
