"""What the claims about a high rate say in words, and those of experiments with few epochs."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from support.claim_histories import DIVERGED, EPOCHS, EXPLODED, SMOOTH, course, of, said, sgd
from support.histories import Run, experiment, run

from lrbench.analysis.pipeline import Analysis
from lrbench.findings.claims import check_claims

# Faster at first


def test_a_lead_that_is_lost_within_the_first_epoch_is_mixed():
    high, default = course([1.0] * 9 + [0.2], early=0.5), course([0.5] * 9 + [0.1], early=1.0)
    assert said(of(high, default, default), "high-learns-faster") == (
        "mixed",
        ["supported", "contradicted"],
        "(a) At step 1, the only one evaluated in the first tenth of epoch 1, training loss is 0.50 nats at "
        "0.01, lower "
        "than 1.0 at 0.001: the difference is −0.50 (95 % interval −0.52 to −0.48). (b) At the end of epoch 1 "
        "(step 10), "
        "training loss is 1.0 nats at 0.01, higher than 0.50 at 0.001: the difference is 0.50 (95 % interval 0.48 to "
        "0.52). Supported by (a), contradicted by (b).",
    )


def first_steps(leads: Sequence[Sequence[float]]) -> Analysis:
    """An analysis with several evaluations in the first tenth of epoch 1.

    leads : for each step, what the three seeds' training loss at the high rate is below the default's 2.0
    """
    ends = SMOOTH[:2]
    high = [
        run([0.98] * 2, ends, ends, early={step: {"train_loss": 2.0 - own[seed]} for step, own in enumerate(leads, 1)})
        for seed in range(3)
    ]
    default = [run([0.98] * 2, ends, ends, early={step: {"train_loss": 2.0} for step, _ in enumerate(leads, 1)})] * 3
    analysis = of(high, default, default)
    rows = analysis.evaluations
    early = rows["step"] <= len(leads)
    return dataclasses.replace(analysis, evaluations=rows.assign(epoch=rows["epoch"].where(~early, rows["step"] / 100)))


def test_leads_in_the_first_steps_are_corrected_for_the_steps_looked_at():
    # t at 1 - 0.05 / 2 / 3 with two degrees of freedom is 7.649: half-widths 4.303 s / sqrt(3) and 7.649 s / sqrt(3).
    # At s = 0.3, 1 - 0.745 is above 0 and 1 - 1.325 is not; at s = 0.1, 1 - 0.442 is.
    unsure, sure, none = (0.7, 1.0, 1.3), (0.9, 1.0, 1.1), (0.0, 0.0, 0.0)
    verdict, parts, text = said(first_steps([unsure, sure, none]), "high-learns-faster")
    assert (verdict, parts) == ("inconclusive", ["supported", "inconclusive"])
    assert text == (
        "(a) In the first tenth of epoch 1, up to step 3, training loss at 0.01 is below that at 0.001 at 1 of 3 "
        "evaluated "
        "steps, and above it at none of them, by intervals corrected for looking at 3 steps. (b) At the end of epoch 1 "
        "(step 10), "
        "training loss is 1.0 nats at 0.01 and 1.0 at 0.001: the difference is 0 (95 % interval 0 to 0), which "
        "does not "
        "tell them apart."
    )
    _, parts, text = said(first_steps([unsure, none]), "high-learns-faster")
    assert parts[0] == "inconclusive"
    assert text.startswith(
        "(a) In the first tenth of epoch 1, up to step 2, training losses at 0.01 and 0.001 are told apart at "
        "none of 2 "
        "evaluated steps, by intervals corrected for looking at 2 steps. (b)"
    )


def test_leads_in_the_first_steps_are_corrected_stepwise():
    # p of the surer lead is 0.0033, below 0.05 / 2; that of the other, 0.0287, is then held against 0.05.
    _, parts, text = said(first_steps([(0.7, 1.0, 1.3), (0.9, 1.0, 1.1)]), "high-learns-faster")
    assert parts[0] == "supported"
    assert (
        "training loss at 0.01 is below that at 0.001 at 2 of 2 evaluated steps, and above it at none of them" in text
    )


def test_ahead_at_one_first_step_and_behind_at_another_decides_nothing():
    sure = (0.9, 1.0, 1.1)
    behind = tuple(-lead for lead in sure)
    assert said(first_steps([sure, behind]), "high-learns-faster")[1][0] == "inconclusive"
    assert said(first_steps([behind, behind]), "high-learns-faster")[1][0] == "contradicted"
    _, parts, text = said(first_steps([sure, (math.nan,) * 3]), "high-learns-faster")
    assert (parts[0], "; at one of them some loss is not finite. (b)" in text) == ("supported", True)


# Unsteady, and ends higher


def test_with_sgd_the_high_rate_of_the_grid_diverges():
    # 0.98, 1 and 1.02 times 2.5 and 0.2: differences 2.3 by 2.484 times 0.02, 0.114, to either side.
    assert said(sgd(), "high-fluctuates") == (
        "supported",
        ["supported", "supported"],
        "(a) Of 3 runs at 0.3, all exploded (training loss rose to 2 times its value before training, or more). "
        "(b) At 0.3, of 3 runs, all exploded and all failed to learn; over the last 3 epochs, training loss is 2.5 "
        "nats at 0.3, higher than 0.20 at 0.1: the difference is 2.3 (95 % interval 2.2 to 2.4); where the minimum "
        "lies was not measured.",
    )


def test_runs_that_diverged_are_said_first_and_have_no_mean():
    assert said(of(DIVERGED, course(SMOOTH), course(SMOOTH)), "high-fluctuates") == (
        "supported",
        ["supported", "supported"],
        "(a) Of 3 runs at 0.01, all diverged (a loss or a weight was not finite). (b) At 0.01, all 3 runs "
        "diverged; over the last 3 epochs, training loss is not finite at 0.01 and 0.20 nats at 0.001, a "
        "difference without an interval; it is higher or not finite at 0.01 in 3 of 3 seeds; where the minimum "
        "lies was not measured.",
    )


def test_some_of_the_runs_are_counted():
    high = [*course(SMOOTH)[:2], EXPLODED[2]]
    _, parts, text = said(of(high, course(SMOOTH), course(SMOOTH)), "high-fluctuates")
    assert parts[0] == "supported"
    assert text.startswith("(a) Of 3 runs at 0.01, 1 exploded (training loss rose to 2 times its value before")
    assert "(b) At 0.01, of 3 runs, 1 exploded and 1 failed to learn; over the last 3 epochs" in text


def zigzag(sizes: Sequence[float]) -> list[Run]:
    """Runs whose training loss goes up and down around 0.5, by a size for each seed."""
    return [run([0.98] * EPOCHS, train_loss=[0.5 + size * (-1) ** epoch for epoch in range(EPOCHS)]) for size in sizes]


def test_a_ratio_whose_interval_holds_1_is_no_finding():
    # Ratios 1/2, 1 and 2: the mean of their logarithms is 0, its half-width 2.484 log 2 = 1.722, exp(1.722) = 5.6.
    default = zigzag([0.01] * 3)
    verdict, parts, text = said(of(zigzag([0.005, 0.01, 0.02]), default, default), "high-fluctuates")
    assert (verdict, parts) == ("inconclusive", ["inconclusive", "inconclusive"])
    assert "seed by seed their ratio is 1.0 (95 % interval 0.18 to 5.6), which does not tell them apart. (b)" in text
    # Ratios 4 in every seed.
    text = said(of(zigzag([0.04] * 3), default, default), "high-fluctuates")[2]
    assert "seed by seed their ratio is 4.0 (95 % interval 4.0 to 4.0). (b)" in text


def test_a_low_rate_beside_a_default_that_exploded():
    assert said(of(EXPLODED, EXPLODED, course(SMOOTH)), "low-is-stable") == (
        "supported",
        ["supported"],
        "At 0.001, of 3 runs, all exploded and all failed to learn; no run at 0.0001 exploded or diverged.",
    )
    assert said(of(EXPLODED, EXPLODED, EXPLODED), "low-is-stable")[::2] == (
        "inconclusive",
        "At 0.0001, of 3 runs, all exploded and all failed to learn; at 0.001, of 3 runs, all exploded and all "
        "failed to learn.",
    )


def test_without_a_default_only_diverging_is_checked():
    exploded = experiment({1: EXPLODED, 0.1: course([2.3] * EPOCHS, 0.1)}, optimizer="sgd").analyse()
    assert said(exploded, "high-fluctuates") == (
        "inconclusive",
        ["supported", "not tested"],
        "(a) Of 3 runs at 1, all exploded (training loss rose to 2 times its value before training, or more). (b) "
        "Without a default there is no training loss to compare with.",
    )
    others = {claim["verdict"] for claim in check_claims(exploded)["claims"] if claim["id"] != "high-fluctuates"}
    assert others == {"not tested"}
    constant = experiment({1: course([2.3] * EPOCHS, 0.1)}, optimizer="sgd").analyse()
    assert said(constant, "high-fluctuates") == (
        "not tested",
        ["not tested", "not tested"],
        "(a) Of 3 runs at 1, none exploded or diverged; without a default, whether this rate is high and what its "
        "oscillation compares with are not known. (b) Without a default there is no training loss to compare with.",
    )


# Few epochs


def test_one_epoch():
    # Losses 0.2 and 0.1: the difference 0.1 by 2.484 times 0.002, 0.005, to either side.
    analysis = of(course([0.2]), course([0.1]), course([0.3]))
    assert said(analysis, "high-fluctuates")[::2] == (
        "inconclusive",
        "(a) Of 3 runs at 0.01, none exploded or diverged; oscillation is measured from 8 epochs on, and this "
        "experiment has 1 epoch. (b) After the only epoch, training loss is 0.20 nats at 0.01, higher than 0.10 at "
        "0.001: the difference is 0.10 (95 % interval 0.095 to 0.10); where the minimum lies was not measured.",
    )
    assert said(analysis, "default-balances")[::2] == (
        "inconclusive",
        "(a) With one epoch, the running training loss has no course. (b) A trend needs 3 epochs; this experiment "
        "has 1 epoch. (c) A trend needs 3 epochs; this experiment has 1 epoch. (d) 0.001 is practically tied with "
        "the rate recommended here.",
    )
    assert said(analysis, "low-gets-stuck")[::2] == (
        "not tested",
        "A trend needs 3 epochs; this experiment has 1 epoch.",
    )
    assert said(analysis, "low-is-stable")[::2] == (
        "not tested",
        "Oscillation is measured from 8 epochs on, and this experiment has 1 epoch.",
    )
    predictions = {claim["id"]: claim["prediction"] for claim in check_claims(analysis)["claims"]}
    assert "; (b) after the only epoch, training loss at 0.01 is above that at 0.001." in predictions["high-fluctuates"]
    assert "; (b) over at least 3 epochs, validation loss" in predictions["low-is-slow"]


def test_two_epochs():
    analysis = of(course([0.4, 0.2]), course([0.3, 0.1]), course([0.5, 0.3]))
    assert "(b) Over the last 2 epochs, training loss is 0.30 nats at 0.01" in said(analysis, "high-fluctuates")[2]
    assert said(analysis, "default-balances")[2].startswith(
        "(a) The running training loss falls in every one of 3 steps from epoch to epoch. (b) A trend needs 3 "
        "epochs; this experiment has 2 epochs."
    )
    assert said(analysis, "low-is-slow")[1] == ["inconclusive", "not tested"]
    assert all("last 3 epochs" not in claim["prediction"] for claim in check_claims(analysis)["claims"])
