"""Observations of training itself: failures, stability, and what was still going on at the end."""

from __future__ import annotations

import pytest
from support.histories import flat, run
from support.observed import ALL_FAIL, ALONE, DIVERGED, FALLING, NO_RUN, SHORT, TWO, of, runs_of, seen, steady

from lrbench.findings.observations.accuracy import lead_lost
from lrbench.findings.observations.training import failures, still_improving, unstable_rates

BLOWS_UP = of(
    {
        0.1: [run([0.95] * 10, train_loss=[9, *[0.2] * 9]), *steady(0.95)[:2]],
        0.01: steady(0.96),
        0.001: runs_of([0.95] * 10, train_loss=[0.3, 0.1] * 5),
    }
)


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            ALL_FAIL,
            "finding",
            "2 of 6 runs learned; not every run went well: at 0.01, all 3 runs failed to learn; at 0.1, 1 of 3 runs "
            "failed to learn.",
        ),
        (DIVERGED, "finding", "3 of 6 runs learned; not every run went well: at 0.1, all 3 runs diverged."),
        (BLOWS_UP, "finding", "9 of 9 runs learned; not every run went well: at 0.1, 1 of 3 runs exploded."),
        (TWO, "passed", "All 6 runs at 2 rates learned; none diverged, collapsed or exploded."),
        (NO_RUN, "passed", "All 6 runs that are there learned; none diverged, collapsed or exploded."),
        (ALONE, "passed", "All 3 runs at 0.001 learned; none diverged, collapsed or exploded."),
        (of({0.01: [flat(0.95)]}), "passed", "The run at 0.01 learned; none diverged, collapsed or exploded."),
    ],
)
def test_failures(made, status, statement):
    assert seen(failures, made) == (status, statement)


def test_no_rate_that_failed_is_hidden_and_blow_ups_come_first():
    made = {10.0**-place: steady(0.95 if place == 3 else 0.1) for place in range(8)}
    made[1.0] = [run([0.1] * 10, train_loss=[9] * 10)] * 3
    _, statement = seen(failures, of(made))
    assert statement == (
        "3 of 24 runs learned; not every run went well: at 1, of 3 runs, all exploded and all failed to learn; at "
        "0.0001, all 3 runs failed to learn; at 0.01, all 3 runs failed to learn; at 1e-05, all 3 runs failed to "
        "learn; also at 1e-07, 1e-06 and 0.1."
    )


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            BLOWS_UP,  # from the 2.3 of step 0 to 9
            "finding",
            "The training loss blows up: at 0.1, 1 of 3 runs exploded, the training loss rising by up to 6.70 nats "
            "above its least so far. Training is also unstable, by medians over runs: at 0.001, 44 % of all movement "
            "of the training loss from epoch to epoch is upward; it oscillates by 0.18 nats.",
        ),
        (DIVERGED, "finding", "The training loss blows up: at 0.1, all 3 runs diverged."),
        (
            of({0.01: runs_of([0.95] * 4, train_loss=[0.3, 0.1] * 2)}),
            "finding",
            "Training is unstable, by medians over runs: at 0.01, 33 % of all movement of the training loss "
            "from epoch to epoch is upward, and its largest rise from one epoch to the next is 0.20 nats.",
        ),
        (
            TWO,
            "passed",
            "No rate is unstable: at none does the training loss move up from one epoch's end to the next.",
        ),
        (
            of({0.01: runs_of([0.95] * 4, train_loss=[0.5, 0.4, 0.44, 0.3])}),  # up by 0.04 of 0.1 + 0.04 + 0.14
            "passed",
            "No rate is unstable. By medians over runs, the training loss moves back most at 0.01: 14 % of "
            "all its movement from epoch to epoch is upward. It rises most from one epoch's end to the next at 0.01 "
            "(0.040 nats).",
        ),
        (
            of(
                {  # 0.01 goes back by 0.004 of 0.054; 0.001 oscillates by 0.02 while it falls by 0.1 an epoch
                    0.01: runs_of([0.95] * 10, train_loss=[0.1, 0.09, 0.08, 0.07, 0.06, 0.05, 0.054, 0.05, 0.05, 0.05]),
                    0.001: runs_of([0.95] * 10, train_loss=[1 - 0.1 * at + 0.02 * (-1) ** at for at in range(10)]),
                }
            ),
            "passed",
            "No rate is unstable. By medians over runs, the training loss moves back most at 0.01: 7 % of all its "
            "movement from epoch to epoch is upward. It oscillates most at 0.001 (0.036 nats).",
        ),
        (
            SHORT,
            "not applicable",
            "No rate has a training loss over several epochs, so its stability cannot be measured.",
        ),
        (  # moves of 0.2 nats up and down, and of 0.001
            of(
                {
                    0.1: runs_of([0.95] * 10, train_loss=[0.3, 0.1] * 5),
                    0.01: runs_of([0.96] * 10, train_loss=[0.2, 0.201] * 5),
                }
            ),
            "finding",
            "Training is unstable, by medians over runs: at 0.1, 44 % of all movement of the training loss from "
            "epoch to epoch is upward; it oscillates by 0.18 nats. Too small to count between epoch ends, by medians "
            "over runs: at 0.01, with 56 % upward, it oscillates by only 0.00089 nats.",
        ),
    ],
)
def test_unstable_rates(made, status, statement):
    assert seen(unstable_rates, made) == (status, statement)


def test_a_median_that_is_too_small_to_count_hides_no_run():
    wild = run([0.95] * 10, train_loss=[0.3, 0.1] * 5)
    still = runs_of([0.96] * 10, train_loss=[0.2, 0.201] * 5)
    _, statement = seen(unstable_rates, of({0.1: steady(0.95), 0.01: [wild, *still]}))
    assert statement.endswith("it oscillates by only 0.00090 nats, though by 0.01 or more in 1 run, by 0.18.")
    _, statement = seen(unstable_rates, of({0.1: steady(0.95), 0.01: [wild, *still, wild]}))
    assert statement.endswith("though by 0.01 or more in 2 runs, in one of them by 0.18.")


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            of({0.01: runs_of([0.95] * 10, FALLING)}),
            "finding",
            "Validation loss was still falling when training ended, over the last 5 epochs: at 0.01, by 79 % (95 % "
            "interval 79 % to 79 %). What more epochs would bring was not measured.",
        ),
        (
            TWO,
            "passed",
            "No rate was still improving when training ended; over the last 5 epochs, the mean fitted "
            "validation loss falls at none.",
        ),
        (
            of({0.01: [*runs_of([0.95] * 10, FALLING)[:2], None], 0.001: steady(0.95)}),
            "passed",
            "No other rate was still improving when training ended; over the last 5 epochs, the mean fitted "
            "validation loss falls at none. Of 0.01 there are too few runs to tell.",
        ),
        (
            of({0.01: runs_of([0.95] * 10, FALLING)[:2]}),
            "inconclusive",
            "Validation loss fell most at 0.01 over the last 5 epochs, by 79 %; 2 seeds cannot show a trend.",
        ),
        (
            SHORT,
            "not applicable",
            "No rate has enough epochs of finite validation loss to see a trend at the end.",
        ),
    ],
)
def test_still_improving(made, status, statement):
    assert seen(still_improving, made) == (status, statement)


def test_runs_that_failed_are_counted_where_their_rate_is_named():
    made = of({0.01: [*runs_of([0.95] * 10, FALLING)[:2], run([0.1] * 10, FALLING)]})
    _, statement = seen(still_improving, made)
    assert "at 0.01 (where 2 of 3 planned runs learned), by 79 %" in statement


EARLY_LEAD = {
    0.01: runs_of([0.95] * 10, train_loss=[0.4] * 10, early={2: 0.5, 5: 0.5}),
    0.001: runs_of([0.95] * 10, train_loss=[0.2] * 10, early={2: 1.0, 5: 0.9}),
}


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            of(EARLY_LEAD),
            "finding",
            "An early lead is lost (5 % or more, corrected for all rates and steps looked at): 0.01 is ahead of "
            "0.001 in training loss at 2 of 2 evaluated steps, first at step 2 and last at step 5 (0.50 against 0.90 "
            "nats), and behind at the end of epoch 1 (step 10), 0.40 against 0.20 nats.",
        ),
        (
            # ahead by 0.04 of 1 nat: less than 5 %
            of(EARLY_LEAD | {0.01: runs_of([0.95] * 10, train_loss=[0.4] * 10, early={2: 0.96, 5: 0.95})}),
            "passed",
            "No rate is told apart as ahead of 0.001 in training loss at an evaluated step of epoch 1 and as behind "
            "it at the end of epoch 1 (step 10), corrected for all rates and steps looked at.",
        ),
        (
            # ahead early, and 0.004 nats, 2 %, behind at the end
            of(EARLY_LEAD | {0.01: runs_of([0.95] * 10, train_loss=[0.204] * 10, early={2: 0.5, 5: 0.5})}),
            "passed",
            "No rate is told apart as ahead of 0.001 in training loss at an evaluated step of epoch 1 and as behind "
            "it at the end of epoch 1 (step 10), corrected for all rates and steps looked at.",
        ),
        (
            of({rate: runs[:2] for rate, runs in EARLY_LEAD.items()}),
            "inconclusive",
            "2 seeds a rate is too few to say who leads at a step.",
        ),
        (
            ALONE,
            "not applicable",
            "Fewer than two rates have evaluations through the first epoch, so no lead can be lost.",
        ),
        (
            of({0.1: runs_of([0.95] * 10, train_loss=[float("nan")] * 10), 0.01: steady(0.95)}),
            "not applicable",
            "Fewer than two rates have a finite training loss at the end of epoch 1.",
        ),
    ],
)
def test_lead_lost(made, status, statement):
    assert seen(lead_lost, made) == (status, statement)


def test_a_lead_in_one_of_many_steps_is_corrected_for_all_of_them():
    """At step 5 the rate leads by 0.2, 0.3 and 0.4 nats: t = 5.2, p = 0.035 alone, but 0.07 as one of two steps."""

    def leads(further: bool) -> str:
        runs = {
            rate: [
                run(
                    [0.95] * 10,
                    train_loss=[end] * 10,
                    early=({2: {"train_loss": 0.5}} if further else {}) | {5: {"train_loss": at_5}},
                )
                for at_5 in early
            ]
            for rate, end, early in ((0.01, 0.4, (0.8, 0.7, 0.6)), (0.001, 0.2, (1.0, 1.0, 1.0)))
        }
        return seen(lead_lost, of(runs))[0]

    assert leads(further=False) == "finding"
    assert leads(further=True) == "passed"
