"""Where one rate is after a few epochs, another is at the end: said only where the seeds show it."""

from __future__ import annotations

import pytest
from support.histories import experiment, flat, run

from lrbench.findings.observations.end import equal_accuracy_sooner

RISING = [0.5, 0.6, 0.7, 0.8, 0.85, 0.87, 0.88, 0.89, 0.905, 0.915]  # score 0.91, first reached at epoch 10
SOON = [0.8] + [0.95] * 9
LATER = [0.8, 0.905] + [0.95] * 8  # at 0.91 one epoch later than SOON


def said(runs):
    found = equal_accuracy_sooner(experiment(runs).analyse())
    return found.status, found.statement


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        (  # epochs 2, 2 and 3: mean 2.33, plus or minus 4.303 x 0.577 / sqrt(3) = 1.43, cut at 1
            {0.001: [run(SOON), run(SOON), run(LATER)], 0.0001: [run(RISING)] * 3},
            (
                "finding",
                "0.001 gets sooner to the score that another rate ends with: it is at the score of 0.0001, 91.0 %, "
                "after 2 epochs of 10 (seed by seed after 2.3 on average, 95 % interval 1.0 to 3.8; n = 3 seeds), "
                "0.0001 itself after 10 (seed by seed 10.0).",
            ),
        ),
        (
            {0.001: [run(SOON)] * 2, 0.0001: [run(RISING)] * 2},
            (
                "inconclusive",
                "0.001 gets sooner to the score that another rate ends with: it is at the score of 0.0001, 91.0 %, "
                "after 2 epochs of 10, 0.0001 itself after 10; 2 seeds are too few to generalise.",
            ),
        ),
        (
            {0.001: [run(SOON)], 0.0001: [run(RISING)]},
            (
                "inconclusive",
                "0.001 gets sooner to the score that another rate ends with: it is at the score of 0.0001, 91.0 %, "
                "after 2 epochs of 10, 0.0001 itself after 10; 1 seed is too few to generalise.",
            ),
        ),
        (  # epochs 2, 2 and 9: the mean of 4.3 is soon, its upper end of 14.4 beyond the end
            {0.001: [run(SOON), run(SOON), run([0.8, *[0.9] * 7, 0.95, 0.95])], 0.0001: [run(RISING)] * 3},
            (
                "passed",
                "By the mean over seeds, 0.001 gets sooner to the score that another rate ends with, which is not "
                "told from chance seed by seed: it is at the score of 0.0001, 91.0 %, after 2 epochs of 10 (seed by "
                "seed after 4.3 on average; n = 3 seeds), 0.0001 itself after 10 (seed by seed 10.0).",
            ),
        ),
        (  # the other is at its own score as soon
            {0.001: [run(SOON)] * 3, 0.0001: [run([0.8] + [0.91] * 9)] * 3},
            (
                "passed",
                "Within half of the 10 epochs, the mean accuracy of 0.001 reaches the score of no rate that itself "
                "takes longer to get there (n = 3 seeds).",
            ),
        ),
    ],
)
def test_statement(runs, expected):
    assert said(runs) == expected


@pytest.mark.parametrize("epoch", [5, 6])
def test_half_of_the_epochs_is_the_most(epoch):
    runs = {0.001: [run([0.8] * (epoch - 1) + [0.95] * (11 - epoch))] * 3, 0.0001: [run(RISING)] * 3}
    assert said(runs)[0] == ("finding" if epoch == 5 else "passed")


def test_one_seed_that_never_gets_there_leaves_no_finding():
    short = [0.8] + [0.96] * 9
    runs = {
        0.001: [run(short), run(short), run([0.94] * 10)],
        0.0001: [run(RISING), run(RISING), run([*RISING[:8], 0.945, 0.945])],  # a score of 94.5 % in this seed
    }
    assert said(runs)[0] == "passed"


def test_a_rate_that_failed_is_not_compared():
    runs = {0.001: [run(SOON)] * 3, 0.1: [flat(0.1)] * 3}
    assert said(runs) == (
        "not applicable",
        "Fewer than two rates learned in all their runs, so there are none to compare.",
    )


def test_rates_next_to_the_recommended_one_come_first():
    runs = {rate: [run(RISING)] * 3 for rate in (1e-6, 1e-5, 1e-4, 1e-2, 1e-1)} | {1e-3: [run(SOON)] * 3}
    statement = said(runs)[1]
    places = [statement.index(f"score of {rate}, ") for rate in ("0.0001", "0.01", "1e-05")]
    assert (places, statement.endswith("; and 2 more.")) == (sorted(places), True)
