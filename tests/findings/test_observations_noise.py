"""Observations of noise: what seeds and a finite validation set leave open, and whom to trust."""

from __future__ import annotations

import dataclasses

import pytest
from support.histories import experiment, flat, run
from support.observed import ALL_FAIL, ALONE, ONE_SEED, TWO, TWO_SEEDS, of, on_holdout, seen, steady

from lrbench.findings.observations.grid import unequal_classes
from lrbench.findings.observations.noise import (
    one_seed_decides,
    seed_spread,
    trust,
    validation_resolution,
)

WIDE, NARROW = (-0.03, 0.03, -0.032, 0.031, -0.029, 0.029), (0, 0.0001, 0.0002, -0.0001, -0.0002, 0)
ONLY_ONE = "Only one rate has all its runs present and learned, so"
NONE = "No rate has all its runs present and learned, so"


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            of({0.01: steady(0.93, seeds=WIDE), 0.001: steady(0.96, seeds=NARROW)}),
            "finding",
            "Between seeds the score has a standard deviation of 3.31 points at 0.01 and of 0.01 points at 0.001, the "
            "widest and the narrowest of the rates that learned: the spread depends on the rate.",
        ),
        (
            of({0.01: steady(0.93, seeds=[one / 40 for one in WIDE]), 0.001: steady(0.96, seeds=NARROW)}),
            "passed",
            "Between seeds the score has a standard deviation of 0.08 points at 0.01 and of 0.01 points at 0.001, the "
            "widest and the narrowest of the rates that learned: the spread depends on the rate, but by less than 0.1 "
            "points.",
        ),
        (
            TWO,
            "inconclusive",
            "Between seeds the score has a standard deviation of 0.05 points at 0.001 and 0.01, the same at all the "
            "rates that learned; 3 seeds are too few to compare spreads.",
        ),
        (ONE_SEED, "not applicable", "With one seed the spread between seeds cannot be measured."),
        (ALL_FAIL, "not applicable", f"{NONE} the spread means little."),
    ],
)
def test_seed_spread(made, status, statement):
    assert seen(seed_spread, made) == (status, statement)


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            of({0.01: steady(0.8), 0.001: steady(0.9)}, class_counts=(10,) * 10),  # sqrt(.9 x .1 / 100)
            "finding",
            "100 validation examples are few: the standard error of one accuracy on them is 3.00 points, so smaller "
            "differences say little about new data.",
        ),
        (
            TWO,
            "passed",
            "One accuracy on 10,000 validation examples has a standard error of 0.20 points at the best score; digits "
            "below that say nothing about new data.",
        ),
        (ALONE, "not applicable", f"{ONLY_ONE} there is no difference of accuracy to resolve."),
    ],
)
def test_validation_resolution(made, status, statement):
    assert seen(validation_resolution, made) == (status, statement)


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            of({0.01: [flat(0.95), flat(0.95), flat(0.99)], 0.001: [flat(0.96)] * 3}),
            "finding",
            "One seed decides: without the runs of seed 2, the recommended rate would be 0.001.",
        ),
        (
            of({0.01: [flat(0.96), flat(0.96), flat(0.962)], 0.001: [flat(0.9605)] * 3}),
            "finding",
            "Which of the rates that are practically tied or not resolved is recommended hangs on single seeds: "
            "without seed 2, it would be 0.001.",
        ),
        (TWO, "passed", "Leaving out any one of the 3 seeds, the recommended rate stays the same."),
        (ONE_SEED, "not applicable", "With 1 seed none can be left out and the rule applied again."),
        (TWO_SEEDS, "not applicable", "With 2 seeds none can be left out and the rule applied again."),
        (ALONE, "not applicable", "Only one rate learned in all its planned runs, so no seed decides."),
        (ALL_FAIL, "not applicable", "No rate is recommended, so no seed decides."),
    ],
)
def test_one_seed_decides(made, status, statement):
    assert seen(one_seed_decides, made) == (status, statement)


# Unequal classes

UNEQUAL = [6000] + [500] * 8  # of 10,000


def always_the_largest():
    """At 0.1 each run names the largest class for every example: 60 % right, and a ninth of the classes."""
    made = experiment({0.1: [flat(0.6)] * 3, 0.01: [flat(0.96)] * 3}, class_counts=UNEQUAL)
    runs = [
        one | {"validation": {"class_correct": [6000] + [0] * 8}} if one["learning_rate"] == 0.1 else one
        for one in made.origin["runs"]
    ]
    return dataclasses.replace(made, origin=made.origin | {"runs": runs})


LARGEST = "Always naming the largest class would be right on 60.0 % of the validation examples (the smallest has 5.0 %)"


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            always_the_largest,
            "finding",
            f"{LARGEST}; 96.0 % at 0.01 is a balanced accuracy of 96.0 %, the mean over classes; near chance: 60.0 % "
            "at 0.1 is a balanced accuracy of 11.1 %.",
        ),
        (
            of({0.1: [flat(0.6)] * 3}, class_counts=UNEQUAL),
            "finding",
            f"{LARGEST}; near chance: 60.0 % at 0.1 is a balanced accuracy of 60.0 %.",
        ),
        (
            TWO,
            "not applicable",
            "The largest class of the validation data has at most twice the examples of the smallest.",
        ),
        (
            of({0.1: steady(0.96)}, class_counts=[600, 1200]),  # just twice
            "not applicable",
            "The largest class of the validation data has at most twice the examples of the smallest.",
        ),
    ],
)
def test_unequal_classes(made, status, statement):
    assert seen(unequal_classes, made) == (status, statement)


# Trust

ON_TEST_SET = "validation ran on the test set, so no accuracy here is an independent test of the rate chosen"


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            on_holdout(TWO),
            "passed",
            "Nothing speaks against relying on this: all 6 planned runs are present; 3 seeds at each rate; 1 pair of "
            "rates compared, the confidence is high, and validation examples were kept apart from the test set.",
        ),
        (
            TWO,
            "finding",
            f"Before relying on this: {ON_TEST_SET}. Otherwise: all 6 planned runs are present; 3 seeds at each rate; "
            "1 pair of rates compared.",
        ),
        (
            on_holdout(ONE_SEED),
            "finding",
            "Before relying on this: with 1 seed a rate, what the seed does cannot be told from what the "
            "rate does; the confidence in the recommended rate cannot be assessed. Otherwise: all 2 planned "
            "runs are present; 1 seed at each rate; 1 pair of rates compared.",
        ),
        (
            of({0.1: steady(0.11), 0.01: steady(0.95), 0.001: steady(0.96)}),
            "finding",
            f"Before relying on this: {ON_TEST_SET}. Otherwise: all 9 planned runs are present; 3 seeds at each rate; "
            "1 pair of rates compared (of those that learned in all planned runs).",
        ),
        (
            on_holdout(of({0.01: [*steady(0.95), None]})),
            "finding",
            "Before relying on this: 1 of 4 planned runs is missing; no rate learned in all its planned runs, so none "
            "is recommended. Otherwise: 3 seeds at each rate.",
        ),
        (
            on_holdout(
                of({0.01: [run([0.96] * 10, train_loss=[9, *[0.2] * 9]), *steady(0.96)[:2]], 0.001: steady(0.9)})
            ),
            "finding",
            "Before relying on this: at the recommended 0.01 the training loss exploded in 1 of 3 runs. Otherwise: all "
            "6 planned runs are present; 3 seeds at each rate; 1 pair of rates compared.",
        ),
    ],
)
def test_trust(made, status, statement):
    assert seen(trust, made) == (status, statement)


@pytest.mark.parametrize(
    ("made", "doubt"),
    [
        (of({0.01: steady(0.8), 0.001: steady(0.9)}, class_counts=(10,) * 10), "100 validation examples are few"),
        (
            of({0.01: [flat(0.95), flat(0.95), flat(0.99)], 0.001: [flat(0.96)] * 3}),
            "one seed decides: without the runs of seed 2",
        ),
        (of({0.01: [flat(0.95), flat(0.95), flat(0.99)], 0.001: [flat(0.96)] * 3}), "recommended rate is low"),
    ],
)
def test_every_doubt_about_the_answer_is_a_reason_not_to_rely_on_it(made, doubt):
    status, statement = seen(trust, on_holdout(made))
    assert (status, doubt in statement) == ("finding", True)
