"""What is said of targets, word for word: first reached and kept, how many runs, and which rates are named first."""

from __future__ import annotations

import pytest
from support.histories import experiment, flat, run

from lrbench.findings.observations.targets import reached_not_kept, speed, targets_not_reached

GRID = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)


def said(observation, runs, **more):
    found = observation(experiment(runs, **more).analyse())
    return found.status, found.statement


def arriving(*epochs, dips=()):
    """Runs at 95 % from an epoch on, one for each epoch given, at 50 % before it and in the epochs of `dips`."""
    return [
        run([0.95 if epoch >= at and epoch not in dips else 0.5 for epoch in range(1, 11)], val_loss=[0.2] * 10)
        for at in epochs
    ]


@pytest.mark.parametrize(
    ("runs", "targets", "statement"),
    [
        (
            {0.01: [flat(0.883)] * 3, 0.001: [flat(0.87)] * 3},
            (0.97, 0.95),
            "No run reached 95 % or 97 %; the highest validation accuracy was 88.3 %. Set `targets` in the config to "
            "lower ones.",
        ),
        (
            {0.01: [flat(0.9496)] * 3},
            (0.95,),
            "No run reached 95 %; the highest validation accuracy was 94.96 %. Set `targets` in the config to lower "
            "ones.",
        ),
        (
            {0.01: [flat(0.85)] * 3, 0.001: [flat(0.78)] * 3},
            (0.8, 0.97),
            "No run reached 97 %; the highest validation accuracy was 85.0 %. Not every run reached every other "
            "target: at 0.001, none of 3 runs reaches 80 %.",
        ),
        (
            {0.01: [flat(0.95), flat(0.95), flat(0.85)], 0.001: [flat(0.95), flat(0.85), None]},
            (0.8, 0.9),
            "Not every run reached every target: at 0.01, 2 of 3 runs reach 90 %; at 0.001, 1 of 2 runs reaches 90 %.",
        ),
        (
            {0.01: [flat(0.95), flat(0.95)], 0.001: [flat(0.85), flat(0.7)]},
            (0.8, 0.9),
            "Not every run reached every target: at 0.001, 1 of 2 runs reaches 80 % and none of 2 runs reaches 90 %.",
        ),
        (
            {rate: [flat(0.95 if rate == 1e-3 else 0.85)] * 3 for rate in GRID},
            (0.8, 0.9),
            "Not every run reached every target: at 0.0001, none of 3 runs reaches 90 %; at 0.01, none of 3 runs "
            "reaches 90 %; at 1e-05, none of 3 runs reaches 90 %; and 2 more.",
        ),
    ],
)
def test_targets_not_reached(runs, targets, statement):
    assert said(targets_not_reached, runs, targets=targets) == ("finding", statement)


def test_every_target_reached():
    assert said(targets_not_reached, {0.01: [flat(0.95)] * 3}) == (
        "passed",
        "Every run (3) reaches every target (80 % and 90 %).",
    )


@pytest.mark.parametrize("observation", [targets_not_reached, speed, reached_not_kept])
def test_without_targets_the_reason_is_said(observation):
    runs = {0.01: [flat(0.1)] * 3, 0.001: [flat(0.1)] * 3}
    assert said(observation, runs, targets={"relative": [0.95]}) == (
        "not applicable",
        "There are no target accuracies, because no rate gets above 10.0 %, the accuracy of always naming the largest "
        "class.",
    )


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        (
            {0.001: arriving(2, 2, 2), 0.01: arriving(5, 5, 6, dips=(9,))},
            (
                "finding",
                "0.001 reaches 90 % between steps 10 and 20 and keeps it, 0.01 reaches 90 % first between steps 40 and "
                "50, for good between steps 90 and 100 (medians of 3 runs each): 0.01 needs 2.0 to 5.0 times as many "
                "steps to get there and 4.5 to 10 times as many to stay there.",
            ),
        ),
        (  # one dip near the end: first reached much sooner, kept much later
            {0.001: arriving(1, 1, 1, dips=(9,)), 0.01: arriving(5, 5, 5)},
            (
                "passed",
                "0.001 reaches 90 % first between steps 0 and 10, for good between steps 90 and 100, 0.01 reaches 90 % "
                "between steps 40 and 50 and keeps it (medians of 3 runs each): 0.001 is not seen to be faster, since "
                "first reaching a target and keeping it do not agree.",
            ),
        ),
        (  # adjacent intervals: the ratio of 20 to 40 steps over 20 includes 1
            {0.001: arriving(2, 2, 2), 0.01: arriving(3, 3, 3)},
            (
                "passed",
                "0.001 reaches 90 % between steps 10 and 20 and keeps it, 0.01 reaches 90 % between steps 20 and 30 "
                "and keeps it (medians of 3 runs each): 0.001 is not seen to be faster.",
            ),
        ),
        (
            {0.001: arriving(2, 2, 9), 0.01: arriving(5, 5, 3)},
            (
                "passed",
                "0.001 reaches 90 % between steps 10 and 20 and keeps it, 0.01 reaches 90 % between steps 40 and 50 "
                "and keeps it (medians of 3 runs each): 0.001 is not seen to be faster; it is earlier in both "
                "senses, first and for good, in 2 of 3 seeds, no more than chance explains.",
            ),
        ),
        (
            {0.001: [*arriving(2, 2), None], 0.01: arriving(5, 5, 5)},
            (
                "inconclusive",
                "0.001 reaches 90 % between steps 10 and 20 and keeps it, 0.01 reaches 90 % between steps 40 and 50 "
                "and keeps it (medians of 2 and 3 runs): 0.01 needs 2.0 to 5.0 times as many steps, on too few seeds "
                "(2) to generalise.",
            ),
        ),
    ],
)
def test_speed(runs, expected):
    assert said(speed, runs, targets=(0.9,)) == expected


def test_of_several_slower_rates_the_slowest_that_is_seen_to_be_is_named():
    runs = {0.1: arriving(2, 2, 2), 0.01: arriving(5, 5, 5), 0.001: arriving(9, 9, 3)}  # 0.001 is slow in two of three
    assert said(speed, runs, targets=(0.9,))[1].endswith(
        ": 0.01 needs 2.0 to 5.0 times as many steps. 0.001 (for good between steps 80 and 90) keeps it in every run, "
        "too."
    )


def test_what_is_reached_and_lost():
    lost = [run([0.95] * 9 + [0.7])] * 2
    runs = {0.01: [*lost, flat(0.95)], 0.001: [flat(0.96)] * 3, 0.1: [*lost, run([0.95] * 9 + [0.85])]}
    assert said(reached_not_kept, runs) == (
        "finding",
        "Some targets are reached but not kept: at 0.01, 3 of 3 runs reach 80 %, 1 of which holds it at the end, and 3 "
        "of 3 runs reach 90 %, 1 of which holds it at the end; at 0.1, 3 of 3 runs reach 80 %, 1 of which holds it at "
        "the end, and 3 of 3 runs reach 90 %, none of which holds it at the end.",
    )


def test_a_single_run_that_loses_a_target():
    assert said(reached_not_kept, {0.01: [run([0.95] * 9 + [0.85]), flat(0.85)]}) == (
        "finding",
        "Some targets are reached but not kept: at 0.01, 1 of 2 runs reaches 90 % but does not hold it at the end.",
    )


def test_a_rate_of_which_targets_are_lost_is_one_part_of_the_list():
    lost = [run([0.95] * 9 + [0.7])] * 3
    runs = dict.fromkeys(GRID, lost) | {1e-3: [flat(0.95)] * 3}
    statement = said(reached_not_kept, runs)[1]
    places = [statement.index(f"at {rate}, ") for rate in ("0.0001", "0.01", "1e-05")]
    assert (places, statement.endswith("; and 2 more.")) == (sorted(places), True)
