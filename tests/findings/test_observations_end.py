"""Observations of the end of training: when to stop, and what is lost by going on."""

from __future__ import annotations

import math

import numpy as np
import pytest
from support.histories import flat, run
from support.observed import ALL_FAIL, FALLING, SHORT, TWO, of, runs_of, seen, steady

from lrbench.analysis.course import cost_of_going_on, drop_from_peak
from lrbench.findings import numbers
from lrbench.findings.observations.end import collapse_at_the_end, peak_before_the_end, when_to_stop

RISES = [0.5, 0.3, 0.2, 0.25, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]
FALLS = [0.95] * 9 + [0.85]
PEAKS = [0.8, 0.9, 0.97, 0.96, *[0.95] * 6]
LAST = (0.12, 0.11, 0.09)
LAST_TWO = "a mean over the last 2 epochs"


def test_each_run_is_measured_from_the_epoch_that_is_best_in_the_others():
    losses = np.array([[1.0, 2.0, 4.0], [2.0, 1.0, 3.0]])  # the other's best epochs are the second and the first
    assert np.exp(cost_of_going_on(losses)) == pytest.approx([4 / 2, 3 / 2])
    assert np.exp(cost_of_going_on(losses[:1])) == pytest.approx([4])
    accuracies = np.array([[0.9, 0.8, 0.7], [0.7, 0.9, 0.8]])
    assert drop_from_peak(accuracies) == pytest.approx([0.8 - 0.7, 0.7 - 0.8])


def test_intervals_from_a_picked_epoch_use_half_of_the_level():
    """Logs 0.20, 0.25 and 0.30: a mean of 0.25 and a standard error of 0.05 / sqrt(3); t of 2 degrees at 1.25 %."""
    losses = [[0.2, 0.3, 0.2 * math.exp(cost)] for cost in (0.20, 0.25, 0.30)]
    analysis = of({0.01: [run([0.95] * 3, values) for values in losses]})().analyse()
    low = numbers.going_on_cost(analysis, learning_rate=0.01, statistic="low")
    assert math.log1p(low) == pytest.approx(0.25 - 6.205347 * 0.05 / math.sqrt(3), rel=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_what_has_no_logarithm_has_no_cost(bad):
    assert np.isnan(cost_of_going_on(np.array([[1.0, bad], [1.0, 2.0]]))).all()


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            of({0.01: runs_of([0.95] * 10, RISES)}),
            "finding",
            "At 0.01 the mean validation loss is least after epoch 3 of 10; going on to the end raised it, seed by "
            "seed from where the other seeds' mean is least, by 50 % (97.5 % interval 50 % to 50 %), more than "
            "chance explains.",
        ),
        (
            of({0.01: runs_of([0.95] * 10, [*[0.3] * 4, *[0.2] * 3, *[0.204] * 3])}),
            "passed",
            "At 0.01 the mean validation loss is least after epoch 5 of 10; going on to the end raised it, seed by "
            "seed from where the other seeds' mean is least, by 2.0 % (97.5 % interval 2.0 % to 2.0 %), which is "
            "little.",
        ),
        (  # the last loss alone is as it was; windows of three epochs end far above their least
            of(
                {
                    0.01: [
                        run([0.95] * 9, [0.3, *[0.1] * 5, 0.3, 0.3, end], loss=FALLING[:9])
                        for end in (0.12, 0.11, 0.09)
                    ]
                }
            ),
            "passed",
            "At 0.01 the mean validation loss is least after epoch 2 of 9; seed by seed, from the epoch at which the "
            "other seeds' mean is least, it changed by −0.3 % (97.5 % interval −30.4 % to 42.8 %), which is not told "
            "from chance, although over wider windows it is told.",
        ),
        (
            of({0.01: [run([0.95] * 4, losses) for losses in ([1, 2, 3, 2], [2, 1, 3, 2], [1, 2, 3, 2])]}),
            "passed",
            "At 0.01 the mean validation loss is least after epoch 1 of 4; seed by seed, from the epoch at which the "
            "other seeds' mean is least, it changed by 59 % (97.5 % interval −62 % to 566 %), which is not told from "
            "chance.",
        ),
        (
            of({0.01: runs_of([0.95] * 10, FALLING)}),
            "passed",
            "At 0.01 the mean validation loss is least after epoch 10 of 10, the last: nothing was lost by going on.",
        ),
        (
            of({0.01: runs_of([0.95] * 10, RISES)[:2]}),
            "inconclusive",
            "At 0.01 the mean validation loss is least after epoch 3 of 10; 2 seeds cannot show whether going on to "
            "the end cost more than chance.",
        ),
        (SHORT, "not applicable", "With one epoch there is no earlier one to stop at."),
        (ALL_FAIL, "not applicable", "No rate is recommended, so there is no training to stop."),
    ],
)
def test_when_to_stop(made, status, statement):
    assert seen(when_to_stop, made) == (status, statement)


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            of({0.01: runs_of(FALLS), 0.001: [flat(0.95), flat(0.95), run(FALLS)]}),
            "finding",
            f"Accuracy after the last epoch is below the score, {LAST_TWO}: at 0.01, 85.0 % after a score of 90.0 % "
            "(5.00 points lower, 95 % interval 5.00 to 5.00, corrected for 2 rates). It is lower, too, "
            "but not told from chance, at 0.001, 91.7 % after a score of 93.3 % (1.67 points lower).",
        ),
        (
            of({0.01: [flat(0.95), flat(0.95), run(FALLS)]}),  # 0, 0 and 5 points: 1.67 ± 4.303 x 2.887 / sqrt(3)
            "passed",
            f"Final accuracy is below the score, {LAST_TWO}, but no fall in the last epochs is told from chance: at "
            "0.01, 91.7 % after a score of 93.3 % (1.67 points lower).",
        ),
        (
            TWO,
            "passed",
            f"At no rate do the score, {LAST_TWO}, and the final accuracy differ by more than the margin of 0.20 "
            "points.",
        ),
        (
            of({0.01: runs_of(FALLS)[:2]}),  # with one digit less the score would read as the target of 90 %
            "inconclusive",
            f"Final accuracy is below the score, {LAST_TWO}, but no fall in the last epochs is told from chance: at "
            "0.01, 85.0 % after a score of 89.98 % (5.00 points lower).",
        ),
        (
            of({0.01: runs_of([0.95] * 9 + [0.97])}),
            "passed",
            f"At no rate is the final accuracy below the score, {LAST_TWO}, by more than the margin of 0.20 points. It "
            "is higher, by more than 0.20 points, at 0.01, 97.0 % after a score of 96.0 % (1.00 points higher); no "
            "rise is tested here.",
        ),
        (SHORT, "not applicable", "The score is the accuracy of the last epoch, so the two cannot differ."),
    ],
)
def test_collapse_at_the_end(made, status, statement):
    assert seen(collapse_at_the_end, made) == (status, statement)


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            of({0.01: runs_of(PEAKS), 0.001: steady(0.94)}),
            "finding",
            "Of all epoch ends, validation accuracy is highest early: at 0.01, after epoch 3 of 10, and the score of "
            "95.0 % is 2.00 points lower (seed by seed, from where the other seeds' mean is highest: 2.00, 97.5 % "
            "interval 2.00 to 2.00, corrected for 2 rates).",
        ),
        (
            of({0.01: runs_of([0.8, 0.9, 0.93, 0.94, 0.95, 0.96, 0.97, 0.96, 0.95, 0.95])}),  # in the second half
            "passed",
            "At no rate of which a run learned does validation accuracy peak at an epoch's end in the first half and "
            "end lower by more than the margin of 0.22 points.",
        ),
        (
            of({0.01: runs_of(PEAKS)[:2]}),
            "inconclusive",
            "Of all epoch ends, validation accuracy is highest in the first half, but no fall from there is told "
            "from chance: at 0.01, after epoch 3 of 10, and the score of 95.0 % is 2.00 points lower.",
        ),
        (  # peaks in other seeds' epochs: by the mean the score is 16.67 - 10 points lower, seed by seed by less
            of(
                {
                    0.1: [run(own) for own in ([0.3, *[0.1] * 4], [0.1, 0.3, *[0.1] * 3], [0.1] * 5)],
                    0.01: steady(0.95, epochs=5),
                }
            ),
            "passed",
            "At no rate of which a run learned does validation accuracy peak at an epoch's end in the first half and "
            "end lower by more than the margin of 0.22 points.",
        ),
        (SHORT, "not applicable", "1 epoch has no first half."),
    ],
)
def test_peak_before_the_end(made, status, statement):
    assert seen(peak_before_the_end, made) == (status, statement)
