"""Observations of noise: what seeds and a finite validation set leave open, and whom to trust."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import stats
from support.histories import experiment, flat, run
from support.observed import ALL_FAIL, ALONE, ONE_SEED, TIED, TWO, TWO_SEEDS, of, on_holdout, seen, steady

from lrbench.analysis.statistics import power, seeds_to_tell_apart
from lrbench.findings.observations.grid import unequal_classes
from lrbench.findings.observations.noise import (
    one_seed_decides,
    seed_spread,
    seeds_needed,
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


# Seeds needed


@pytest.mark.parametrize(
    ("difference", "sd", "seeds"),
    [
        (1.0, 1.0, 10),
        (0.5, 1.0, 34),
        (-0.5, 1.0, 34),
        (2.0, 1.0, 5),
        (100.0, 1.0, 3),
        (0.19, 1.0, np.inf),
        (0, 1, np.inf),
    ],
)
def test_seeds_needed_by_the_tables_of_the_t_test(difference, sd, seeds):
    """10 and 34 for effects of 1 and 0.5 are the sample sizes of the tables for 80 % and 5 % (Cohen 1988)."""
    assert seeds_to_tell_apart(difference, sd, 0.05) == seeds


@pytest.mark.parametrize(("seeds", "effect"), [(3, 1.0), (5, 0.8), (10, 0.5), (50, 0.3), (100, 0.0)])
def test_power_is_that_of_the_noncentral_t(seeds, effect):
    critical, shift = stats.t.ppf(0.975, seeds - 1), effect * np.sqrt(seeds)
    expected = stats.nct.sf(critical, seeds - 1, shift) + stats.nct.cdf(-critical, seeds - 1, shift)
    assert power(seeds, effect, 1.0, 0.05) == pytest.approx(expected, abs=1e-4)


def test_power_agrees_with_simulated_experiments():
    generator = np.random.default_rng(5)
    samples = 1.0 + generator.standard_normal((20_000, 10))
    t = samples.mean(axis=1) / (samples.std(axis=1, ddof=1) / np.sqrt(10))
    assert power(10, 1.0, 1.0, 0.05) == pytest.approx((np.abs(t) > 2.262157).mean(), abs=0.01)  # t of 9 degrees


TOO_LITTLE = "within 0.1 points, too little to matter, so no number of seeds is worked out for it"
IF = "if the difference is as measured, its spread is the one that the tests use, and only this pair is tested"


FEW = f"{IF}; 3 seeds hardly show that spread, so the number may be far off"


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            of(
                {
                    0.01: [flat(value) for value in (0.950, 0.960, 0.955, 0.955, 0.955)],
                    0.001: [flat(value) for value in (0.952, 0.957, 0.950, 0.954, 0.952)],
                }
            ),
            "finding",
            "To tell 0.01 from 0.001, the nearest rate that 5 seeds do not tell apart from it (0.20 points), about 24 "
            f"seeds a rate would be needed for a chance of 80 %, {IF}.",
        ),
        (
            of(
                {
                    0.01: [flat(value) for value in (0.950, 0.960, 0.955)],
                    0.001: [flat(value) for value in (0.952, 0.957, 0.950)],
                    0.0001: steady(0.9),
                }
            ),
            "inconclusive",
            "To tell 0.01 from 0.001, the nearest rate that 3 seeds do not tell apart from it (0.2 points), about 41 "
            f"seeds a rate would be needed for a chance of 80 %, {FEW}.",
        ),
        (
            of(
                {
                    0.01: [flat(value) for value in (0.950, 0.960, 0.9585)],
                    0.001: [flat(value) for value in (0.960, 0.950, 0.955)],
                }
            ),
            "inconclusive",
            "To tell 0.01 from 0.001, the nearest rate that 3 seeds do not tell apart from it (0.12 points), more than "
            f"200 seeds a rate would be needed for a chance of 80 %, {FEW}.",
        ),
        (TIED, "passed", f"The measured difference of 0.001 to 0.01 is {TOO_LITTLE}."),
        (TWO, "passed", "0.001 is told apart from every other rate that learned each time."),
        (
            ONE_SEED,
            "inconclusive",
            "With one seed the spread of differences is unknown, and so is the number of seeds needed.",
        ),
        (ALONE, "not applicable", f"{ONLY_ONE} there is no rival."),
        (ALL_FAIL, "not applicable", f"{NONE} there is no rival."),
    ],
)
def test_seeds_needed(made, status, statement):
    assert seen(seeds_needed, made) == (status, statement)


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
