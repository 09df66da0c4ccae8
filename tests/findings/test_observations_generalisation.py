"""Observations of generalisation: where validation and training part, and what the test set says."""

from __future__ import annotations

import pytest
from support.histories import flat, run
from support.observed import (
    ALL_FAIL,
    FALLING,
    ONE_SEED,
    SHORT,
    TURNS_UP,
    TWO,
    of,
    on_holdout,
    runs_of,
    seen,
    steady,
)

from lrbench.findings.observations import generalisation as observations

NO_TURN = "No rate has enough epochs of finite validation loss to see it turn up."
NEAR = (0.9496, 0.95, 0.9505)


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            of({0.01: runs_of([0.95] * 10, TURNS_UP, loss=FALLING)}),
            "finding",
            "Averaged over windows of 3 epochs, validation loss ends above its least while the running training loss "
            "falls: at 0.01, by 50 % (95 % interval 50 % to 50 %) after epoch 3.",
        ),
        (
            of({0.01: runs_of([0.95] * 10, TURNS_UP, loss=FALLING[::-1])}),
            "passed",
            "No rate overfits by the rule; averaged over windows of 3 epochs, from where the other seeds' mean is "
            "least, validation loss rises most at 0.01, by 50 % (95 % interval 50 % to 50 %) after epoch 3, while "
            "its running training loss does not fall.",
        ),
        (
            TWO,
            "passed",
            "No rate overfits: averaged over windows of 3 epochs, from where the other seeds' mean is least, "
            "validation loss rises at none.",
        ),
        (
            of({0.01: [*runs_of([0.95] * 10, TURNS_UP)[:2], None], 0.001: steady(0.96)}),
            "passed",
            "No rate overfits by the rule; averaged over windows of 3 epochs, from where the other seeds' mean is "
            "least, validation loss rises most at 0.01 (where 2 of 3 planned runs learned), by 50 % (no interval) "
            "after epoch 3, which is not told from chance. Of 0.01 there are too few runs to tell.",
        ),
        (
            of({0.01: runs_of([0.95] * 10, TURNS_UP, loss=FALLING)[:2]}),
            "inconclusive",
            "Averaged over windows of 3 epochs, from where the other seeds' mean is least, validation loss rises in "
            "2 of 2 runs at 0.01; at least 3 seeds are needed to call it overfitting.",
        ),
        (
            of({0.01: runs_of([0.95] * 10, [0.3, 0.2, 0.2, 0.2, 0.202, 0.204, *[0.206] * 4], loss=FALLING)}),
            "passed",
            "No rate overfits by the rule; averaged over windows of 3 epochs, from where the other seeds' mean is "
            "least, validation loss rises most at 0.01, by 3 % (95 % interval 3 % to 3 %) after epoch 3, less than the "
            "5 % from which on it counts.",
        ),
        (SHORT, "not applicable", NO_TURN),
    ],
)
def test_overfitting(made, status, statement):
    assert seen(observations.overfitting, made) == (status, statement)


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            of({0.01: runs_of([0.95] * 10, TURNS_UP)}),
            "finding",
            "Validation loss worsens without a fall of validation accuracy that is told from chance: at 0.01, by 50 "
            "% (95 % interval 50 % to 50 %) after epoch 3, while validation accuracy ends as it was (change: 95 % "
            "interval 0.00 to 0.00).",
        ),
        (
            of({0.01: runs_of([0.95] * 5 + [0.9] * 5, TURNS_UP)}),
            "passed",
            "Validation loss is not seen to worsen without validation accuracy: at 0.01, by 50 % (95 % interval 50 % "
            "to 50 %) after epoch 3, while validation accuracy ends 5.00 points lower (change: 95 % interval −5.00 "
            "to −5.00).",
        ),
        (
            # accuracy falls by 0, 0 and 3 points: 1 on average, but its interval is −3.3 to 5.3
            of(
                {
                    0.01: [
                        *runs_of([0.95] * 10, TURNS_UP)[:2],
                        run([0.95] * 6 + [0.92] * 4, [1.01 * loss for loss in TURNS_UP]),
                    ]
                }
            ),
            "passed",
            "Validation loss is not seen to worsen without validation accuracy: at 0.01, by 50 % (95 % interval 50 % "
            "to 50 %) after epoch 3, while validation accuracy ends 1.00 points lower (change: 95 % interval −5.30 "
            "to 3.30), and whether that is a fall cannot be told.",
        ),
        (
            of({0.01: runs_of([0.95] * 10, [0.2, 0.2, 0.2, *[0.206] * 7])}),
            "passed",
            "Averaged over windows of 3 epochs, at no rate does validation loss rise after its least by more than "
            "chance explains and by 5 % or more; most at 0.01, by 3 % (95 % interval 3 % to 3 %) after epoch 2.",
        ),
        (ONE_SEED, "inconclusive", "1 seed a rate is too few to say whether validation loss rises."),
        (SHORT, "not applicable", NO_TURN),
    ],
)
def test_loss_worsens_accuracy_does_not(made, status, statement):
    assert seen(observations.loss_worsens_accuracy_does_not, made) == (status, statement)


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            TWO,
            "finding",
            "At the end, validation loss lies above training loss by more than chance explains and by 5 % or more of "
            "it at 0.001 and 0.01; the gap is 0.020 nats (95 % interval 0.019 to 0.021, corrected for 2 rates) at "
            "0.001, the recommended rate, and 0.035 nats (95 % interval 0.034 to 0.036, corrected for 2 rates) at "
            "0.01, the largest.",
        ),
        (
            of({0.01: runs_of([0.95] * 10, [0.2] * 10, [0.196] * 10)}),  # told apart, but 2 % of the loss
            "passed",
            "At no rate does final validation loss lie above training loss by more than chance explains and by 5 % "
            "or more of it; it does so at 0.01 by less than that; the gap is 0.0040 nats (95 % interval 0.0040 to "
            "0.0040) at 0.01.",
        ),
        (
            of(
                {
                    0.01: runs_of([0.95] * 10, [0.2] * 10, [0.1] * 10),
                    0.001: runs_of([0.9] * 10, [0.2] * 10, [0.196] * 10),
                }
            ),
            "finding",
            "At the end, validation loss lies above training loss by more than chance explains and by 5 % or more of "
            "it at 0.01; it does so at 0.001 by less than that; the gap is 0.10 nats (95 % interval 0.099 to 0.10, "
            "corrected for 2 rates) at 0.01, the recommended rate, and 0.0040 nats (95 % interval 0.0039 to 0.0041, "
            "corrected for 2 rates) at 0.001, the least.",
        ),
        (
            ONE_SEED,
            "inconclusive",
            "Final validation loss less final training loss is 0.020 nats at 0.001, the recommended rate, and 0.035 "
            "nats at 0.01, the largest; 1 seed cannot show whether that is more than chance.",
        ),
        (
            ALL_FAIL,
            "not applicable",
            "No rate has all its runs present and learned, so there is nothing to generalise.",
        ),
    ],
)
def test_generalisation_gap(made, status, statement):
    assert seen(observations.generalisation_gap, made) == (status, statement)


def test_the_largest_gap_is_that_of_the_rates_that_learned_where_some_did_not():
    _, statement = seen(
        observations.generalisation_gap, of({0.1: [flat(0.1)] * 3, 0.01: steady(0.9), 0.001: steady(0.96)})
    )
    assert "at 0.01, the largest of the rates that learned" in statement or (
        "at 0.01, the least of the rates that learned" in statement
    )


def on_both(validated, tests):
    """Runs whose accuracy on validation and test data is this."""
    return [
        run([accuracy] * 10, test={"loss": 0.1, "accuracy": test})
        for accuracy, test in zip(validated, tests, strict=True)
    ]


ON_TEST = "On 10,000 test examples, which took no part in training or in the choice, 0.01 reaches"


@pytest.mark.parametrize(
    ("made", "status", "statement"),
    [
        (
            # differences −1.96, −1.9 and −1.85: over seeds 0.03, by the sets sqrt(.93 .07 + .95 .05) = 0.335 points
            on_holdout(of({0.01: on_both(NEAR, (0.93, 0.931, 0.932))})),
            "finding",
            f"{ON_TEST} 93.1 % (95 % interval 92.9 % to 93.3 % over seeds), mean of 3 runs; its validation score is "
            "95.0 %: the test accuracy is 1.90 points lower (95 % interval −2.57 to −1.23), more than chance explains.",
        ),
        (
            # every seed is 0.4 points lower, which the finite sets explain
            on_holdout(of({0.01: on_both(NEAR, [accuracy - 0.004 for accuracy in NEAR])})),
            "passed",
            f"{ON_TEST} 94.6 % (95 % interval 94.5 % to 94.7 % over seeds), mean of 3 runs; its validation score is "
            "95.0 %: the two differ by no more than chance explains.",
        ),
        (
            on_holdout(of({0.01: on_both(NEAR[:2], NEAR[:2])})),
            "inconclusive",
            f"{ON_TEST} 95.0 % (95 % interval 94.7 % to 95.2 % over seeds), mean of 2 runs; its validation score is "
            "95.0 %; 2 runs are too few to say whether the two differ by more than chance.",
        ),
        (
            TWO,
            "not applicable",
            "Validation ran on the test set, so no examples are left for an independent test.",
        ),
        (on_holdout(TWO), "not applicable", "No test accuracy of 0.001 was measured."),
        (on_holdout(ALL_FAIL), "not applicable", "No rate is recommended, so none is tested."),
    ],
)
def test_accuracy_on_the_test_set(made, status, statement):
    assert seen(observations.test_accuracy, made) == (status, statement)
