"""Whether one rate is told apart as faster than another, and that verdict, finding and answer go by the same test."""

import dataclasses

import pytest
from support.histories import experiment, run

from lrbench.findings.conclusions import recommend
from lrbench.findings.numbers import speeds_of
from lrbench.findings.observations.targets import speed


def arriving(*epochs, end=0.96, never=0.5):
    """Runs at 93 % from an epoch on (0: never), while validation loss falls; they end at `end`."""
    return [
        run(
            [never if not at or epoch < at else 0.93 if epoch < 9 else end + 0.0001 * seed for epoch in range(1, 11)],
            val_loss=[0.5 / epoch for epoch in range(1, 11)],
        )
        for seed, at in enumerate(epochs)
    ]


@pytest.mark.parametrize(
    ("slow", "verdict", "status"),
    [
        ((8, 8, 8), "too slow", "finding"),  # 70 steps at the least against 20 at the most, in each seed
        ((8, 8, 2), "behind", "passed"),  # slower by the median alone
        ((2, 2, 2), "behind", "passed"),
    ],
)
def test_the_verdict_too_slow_goes_by_the_test_of_the_observation(slow, verdict, status):
    analysis = experiment({0.1: arriving(2, 2, 2), 0.01: arriving(*slow, end=0.94)}, targets=(0.93,)).analyse()
    assert analysis.rates.set_index("learning_rate")["verdict"].to_dict() == {0.1: "recommended", 0.01: verdict}
    assert speed(analysis).status == status


@pytest.mark.parametrize("fast", [(2, 2, 2), (9, 9, 9)])
def test_a_run_that_never_reaches_a_target_reaches_it_after_the_last_step(fast):
    # Of 100 steps: the least ratios are 100 / 20 = 5 and 100 / 90 = 1.11, in every seed.
    analysis = experiment({0.1: arriving(*fast), 0.01: arriving(0, 0, 0)}, targets=(0.93,)).analyse()
    assert speeds_of(analysis).slower(0.01, 0.1)
    two = dataclasses.replace(analysis, targets=analysis.targets[analysis.targets["seed"] < 2])
    assert not speeds_of(two).slower(0.01, 0.1)


def test_the_recommended_rate_is_slower_than_none():
    analysis = experiment({0.1: arriving(2, 2, 2), 0.01: arriving(8, 8, 8)}, targets=(0.93,)).analyse()
    assert not speeds_of(analysis).slower(0.1, 0.1)
    assert not speeds_of(analysis).slower(0.1, 0.01)
    assert not speeds_of(analysis).slower(0.01, None)


@pytest.mark.parametrize(
    ("slow", "told"),
    [
        ((8, 8, 8), "which is more than chance explains"),
        ((8, 8, 2), "which decides by the rule but is not told apart from chance"),
    ],
)
def test_the_answer_says_whether_a_lead_by_steps_is_told_apart(slow, told):
    analysis = experiment({0.1: arriving(2, 2, 2), 0.01: arriving(*slow)}, targets=(0.93,)).analyse()
    assert (
        "It is preferred because by the median over runs it got to 93 % sooner than 0.01, for good by step 20, "
    ) in recommend(analysis)["statement"]
    assert "but is slower by the median over runs, " in recommend(analysis)["others"][0]["reason"]
