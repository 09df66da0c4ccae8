"""Observations of accuracy: ties, pairs that are told apart, and whether loss agrees."""

from __future__ import annotations

import pytest
from support.histories import flat
from support.observed import ALL_FAIL, ALONE, ONE_SEED, TIED, TWO, TWO_SEEDS, of, seen, steady

from lrbench.findings.conclusions import recommend
from lrbench.findings.observations.accuracy import best_disagreement, practically_tied, separated_pairs

NO_PAIR = "Fewer than two rates learned in all their planned runs, so no pair is compared."


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            TIED,
            "finding",
            "0.001 and 0.01 are practically tied: their scores (validation accuracy averaged over the last 2 epochs) "
            "are 96.0 % and 96.0 %, within 0.1 points of the best, a difference too small to matter.",
        ),
        (
            of({0.01: steady(0.9), 0.001: steady(0.902)}, class_counts=(1000, 1000)),
            "finding",
            "0.01 (90.0 %) is not resolved from the best (0.001, 90.2 %): the difference is within one standard error "
            "of an accuracy on 2,000 validation examples.",
        ),
        (
            TWO,
            "passed",
            "No other rate is practically tied with 0.001 or not resolved from it; its score (validation "
            "accuracy averaged over the last 2 epochs) is 96.0 %, and the next, 0.01, is 3.0 points below, "
            "more than the margin of 0.20 points.",
        ),
        (
            of({0.01: steady(0.93, epochs=1), 0.001: steady(0.96, epochs=1)}),
            "passed",
            "No other rate is practically tied with 0.001 or not resolved from it; its score (validation "
            "accuracy of the last epoch) is 96.0 %, and the next, 0.01, is 3.0 points below, more than the "
            "margin of 0.20 points.",
        ),
        (ALONE, "not applicable", "Only one rate has all its runs present and learned, so there is nothing to tie."),
        (ALL_FAIL, "not applicable", "No rate has all its runs present and learned, so there is nothing to tie."),
    ],
)
def test_practically_tied(made, status, statement):
    assert seen(practically_tied, made) == (status, statement)


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            TWO,
            "finding",
            "By score 0.001 is told apart from 0.01: 0.001 over 0.01, by 3.0 points (95 % interval 2.9 to 3.1; ahead "
            "in 3 of 3 seeds).",
        ),
        (
            TIED,
            "passed",
            "0.001 is not told apart from 0.01: 0.001 over 0.01, by 0.02 points (95 % interval −0.09 to 0.13; ahead in "
            "3 of 3 seeds).",
        ),
        (ONE_SEED, "inconclusive", "With 1 seed a rate, no pair of rates can be told apart by score."),
        (TWO_SEEDS, "inconclusive", "With 2 seeds a rate, no pair of rates can be told apart by score."),
        (ALONE, "not applicable", NO_PAIR),
        (ALL_FAIL, "not applicable", NO_PAIR),
    ],
)
def test_separated_pairs(made, status, statement):
    assert seen(separated_pairs, made) == (status, statement)


def test_every_rate_that_is_told_apart_is_named_and_the_nearest_are_described():
    rates = {10.0**-place: steady(0.96 - 0.02 * abs(place - 3)) for place in range(1, 7)}
    _, statement = seen(separated_pairs, of(rates))
    assert statement.startswith("By score 0.001 is told apart from 0.0001, 0.01, 1e-05, 0.1 and 1e-06: ")
    described = [f"0.001 over {rate}, by" in statement for rate in ("0.0001", "0.01", "1e-05", "0.1", "1e-06")]
    assert described == [True, True, True, False, False]
    assert "also at 1e-06 and 0.1" in statement


def test_runs_that_failed_keep_a_rate_out_of_the_pairs():
    made = of({0.01: steady(0.93), 0.001: steady(0.96), 0.1: [flat(0.99), flat(0.99), flat(0.1)]})
    _, statement = seen(separated_pairs, made)
    assert "0.1 " not in statement


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            of({0.01: steady(0.96, loss=0.5), 0.001: steady(0.93, loss=0.3)}),
            "finding",
            "The recommended 0.01 scores 96.0 % against 93.0 %, while the mean final validation loss is least at 0.001 "
            "(0.30 against 0.50 nats), and both differences are more than chance explains.",
        ),
        (
            of({0.01: steady(0.96, loss=0.11), 0.001: steady(0.93, loss=0.1099)}),
            "inconclusive",
            "The recommended 0.01 scores 96.0 % against 93.0 %, while the mean final validation loss is least at 0.001 "
            "(0.1099 against 0.1100 nats), but loss does not tell the two rates apart.",
        ),
        (
            of({0.01: [flat(0.96, loss=0.5)], 0.001: [flat(0.93, loss=0.3)]}),
            "inconclusive",
            "The recommended 0.01 scores 96.0 % against 93.0 %, while the mean final validation loss is least at 0.001 "
            "(0.30 against 0.50 nats), but accuracy and loss do not tell the two rates apart.",
        ),
        (
            TWO,
            "passed",
            "The recommended 0.001 (score 96.0 %) has the least mean validation loss at the end (0.040 "
            "nats), told apart from that of 0.01, the next.",
        ),
        (
            ALONE,
            "not applicable",
            "Only one rate has all its runs present and learned, so accuracy and loss have nothing to disagree about.",
        ),
    ],
)
def test_best_disagreement(made, status, statement):
    assert seen(best_disagreement, made) == (status, statement)


@pytest.mark.parametrize("made", [TWO, TIED, of({0.01: steady(0.96, loss=0.5), 0.001: steady(0.93, loss=0.3)})])
def test_the_answer_and_the_observation_name_the_same_rate_of_least_loss(made):
    analysis = made().analyse()
    status, statement = seen(best_disagreement, analysis)
    prefers = recommend(analysis)["loss_prefers"]
    assert (prefers is None) == (status == "passed")
    assert prefers is None or f"least at {prefers:g} " in statement
