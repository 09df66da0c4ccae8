"""How many seeds would tell two rates apart: the observation, and the power that it rests on."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from support.histories import flat
from support.observed import ALL_FAIL, ALONE, ONE_SEED, TIED, TWO, of, seen, steady

from lrbench.analysis.statistics import power, seeds_to_tell_apart
from lrbench.findings.observations.noise import (
    seeds_needed,
)

WIDE, NARROW = (-0.03, 0.03, -0.032, 0.031, -0.029, 0.029), (0, 0.0001, 0.0002, -0.0001, -0.0002, 0)
ONLY_ONE = "Only one rate has all its runs present and learned, so"
NONE = "No rate has all its runs present and learned, so"


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
        (TWO, "passed", "By score 0.001 is told apart from every other rate that learned each time."),
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
