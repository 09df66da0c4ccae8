"""Observations of the grid: how far the rate can be moved, where training breaks, and what an error costs."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest
from support.histories import Made, flat
from support.observed import ALL_FAIL, ALONE, ONE_SEED, TIED, TWO, analysed, of, seen, steady

from lrbench.findings.observations.grid import best_at_edge, plateau_width, price_of_erring, range_that_trains

NO_CHOICE = "No rate is recommended, since none has all its runs present and learned."
BREAKS = of(
    {
        1.0: steady(0.1),
        0.1: steady(0.9),
        0.01: steady(0.96),
        0.001: steady(0.95),
        0.0001: [flat(0.9), flat(0.1), flat(0.9)],
    }
)


def with_first_updates() -> Made:
    """The experiment that breaks on both sides, its first update 1.2 times the rate as large as the weights."""
    made = BREAKS()
    first = made.evaluations.loc[made.evaluations["step"] == 0].assign(step=1, epoch=0.1)
    first["update_ratio"] = 1.2 * first["learning_rate"]
    return dataclasses.replace(made, evaluations=pd.concat([made.evaluations, first], ignore_index=True))


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            with_first_updates,
            "finding",
            "Every run learned at each tried rate from 0.001 to 0.1, a factor of 100 (2.0 decades). Below 0.001, at "
            "0.0001, 1 of 3 runs failed to learn (its first update is 0.012 % of the size of the weights, that of 0.01 "
            "1.2 %); above 0.1, at 1, all 3 runs failed to learn (its first update is 120 % of the size of the "
            "weights, "
            "that of 0.01 1.2 %).",
        ),
        (
            BREAKS,
            "finding",
            "Every run learned at each tried rate from 0.001 to 0.1, a factor of 100 (2.0 decades). Below 0.001, at "
            "0.0001, 1 of 3 runs failed to learn; above 0.1, at 1, all 3 runs failed to learn.",
        ),
        (
            of({1.0: steady(0.1), 0.01: steady(0.96)}),
            "finding",
            "Every run learned at 0.01, but at no tried rate next to it. Below 0.01 no rate was tried; above 0.01, at "
            "1, all 3 runs failed to learn.",
        ),
        (
            of({0.1: steady(0.9), 0.01: steady(0.96)}),
            "passed",
            "Every run learned at each tried rate from 0.01 to 0.1, a factor of 10 (1.0 decades). No rate was tried "
            "below or above.",
        ),
        (ALONE, "not applicable", "With one rate tried there is no range."),
        (ALL_FAIL, "not applicable", NO_CHOICE),
    ],
)
def test_range_that_trains(made, status, statement):
    assert seen(range_that_trains, made) == (status, statement)


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            BREAKS,
            "finding",
            "Against 0.01, 0.001, 10 times too low, costs 1.0 points (95 % interval 0.9 to 1.1; 0.01 ahead in 3 of 3 "
            "seeds); 0.1, 10 times too high, costs 6.0 points (95 % interval 5.8 to 6.2; 0.01 ahead in 3 of 3 seeds).",
        ),
        (
            of({1.0: steady(0.1), 0.1: steady(0.9), 0.01: steady(0.8)}),
            "finding",
            "Against 0.1, 0.01, 10 times too low, costs 10.0 points (95 % interval 9.9 to 10.1; 0.1 ahead in 3 of 3 "
            "seeds); 1, 10 times too high, cannot be relied on: all 3 runs failed to learn.",
        ),
        (
            TIED,
            "passed",
            "Against 0.001, ten times too low was not tried; 0.01, 10 times too high, scores 0.02 points less (95 % "
            "interval −0.09 to 0.13; 0.001 ahead in 3 of 3 seeds), which does not tell the two apart.",
        ),
        (
            ONE_SEED,
            "inconclusive",
            "Against 0.001, ten times too low was not tried; 0.01, 10 times too high, scores 3.0 points less (0.001 "
            "ahead in 1 of 1 seed), but 1 seed is too few to tell that from chance.",
        ),
        (
            of({0.03: steady(0.9), 0.01: steady(0.96)}),
            "not applicable",
            "No rate about ten times as low or as high as 0.01 was tried.",
        ),
        (ALL_FAIL, "not applicable", NO_CHOICE),
    ],
)
def test_price_of_erring(made, status, statement):
    assert seen(price_of_erring, made) == (status, statement)


@pytest.mark.parametrize(("low", "told"), [(0.0005, True), (0.002, True), (0.00049, False), (0.0021, False)])
def test_ten_times_is_anything_within_a_factor_of_two_of_it(low, told):
    _, statement = seen(price_of_erring, of({0.1: steady(0.9), 0.01: steady(0.96), low: steady(0.8)}))
    assert ("too low was not tried" not in statement) == told


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            of({0.01: steady(0.955), 0.001: steady(0.96), 0.0001: steady(0.9)}),
            "finding",
            "0.001 and 0.01, 2 of 3 rates tried and a factor of 10 from the lowest to the highest, score "
            "within 1 point of the best (95.5 % to 96.0 %); what lies between them was not measured.",
        ),
        (
            TWO,
            "passed",
            "Of 2 rates tried, no neighbour of 0.001, which has the best score, comes within 1 point of it.",
        ),
        (
            ALONE,
            "not applicable",
            "Only one rate has all its runs present and learned, so a plateau has no width.",
        ),
        (ALL_FAIL, "not applicable", "No rate has all its runs present and learned, so a plateau has no width."),
    ],
)
def test_plateau_width(made, status, statement):
    assert seen(plateau_width, made) == (status, statement)


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            of({0.01: steady(0.96), 0.001: steady(0.95), 0.0001: steady(0.9)}),
            "finding",
            "The recommended rate, 0.01 (96.0 %), is the largest of 3 tried; whether a larger one does better was not "
            "measured.",
        ),
        (
            of({1.0: steady(0.1), 0.01: steady(0.96), 0.001: steady(0.95)}),
            "finding",
            "The recommended of 3 rates, 0.01 (96.0 %), lies between 0.001 and 1, but not between rates that learned: "
            "at 1, all 3 runs failed to learn. What lies between them was not measured.",
        ),
        (
            of({0.01: steady(0.95), 0.001: steady(0.96), 0.0001: steady(0.9)}),
            "passed",
            "The recommended of 3 rates, 0.001 (96.0 %), lies between 0.0001 and 0.01, at both of which runs learned.",
        ),
        (
            TWO,
            "not applicable",
            "With 2 rates tried, whichever is best lies at the edge of the grid; a wider grid is needed to see where "
            "accuracy falls off.",
        ),
        (ALL_FAIL, "not applicable", NO_CHOICE),
    ],
)
def test_best_at_edge(made, status, statement):
    assert seen(best_at_edge, made) == (status, statement)


def test_a_rate_that_is_left_out_is_said_to_be():
    _, statement = seen(range_that_trains, of({0.01: steady(0.96), 0.1: [flat(0.9), flat(0.9), None]}))
    assert "from 0.01 to 0.1" in statement
    assert analysed(BREAKS).choice.chosen == 0.01
