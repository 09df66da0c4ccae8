"""What claims say in words, sentence by sentence, on made-up histories whose numbers are worked out by hand.

With seeds that scale a difference d by 1 - s, 1 and 1 + s, its standard deviation is d s, and the half-width of its
95 % interval 4.303 d s / sqrt(3) = 2.484 d s.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from histories import Run, experiment, run

from lrbench.analysis.claims import check_claims
from lrbench.analysis.results import Analysis

EPOCHS = 10
SCALES = (0.98, 1.0, 1.02)
SMOOTH = [1.0, 0.8, 0.6, 0.5, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15]


def course(
    train_loss: Sequence[float], val_accuracy: float | Sequence[float] = 0.98, early: float | None = None
) -> list[Run]:
    """Runs of three seeds, each with a loss of its own scale, training and validation alike, and the same accuracy."""
    accuracies = [val_accuracy] * len(train_loss) if isinstance(val_accuracy, float) else val_accuracy
    return [
        run(
            accuracies,
            [scale * loss for loss in train_loss],
            [scale * loss for loss in train_loss],
            early=None if early is None else {1: {"train_loss": scale * early}},
        )
        for scale in SCALES
    ]


def said(analysis: Analysis, claim: str) -> tuple[str, list[str], str]:
    """A claim's verdict, those of its parts, and its measurement."""
    found = next(found for found in check_claims(analysis)["claims"] if found["id"] == claim)
    return found["verdict"], [part["verdict"] for part in found["parts"]], found["measurement"]


def of(high: list[Run], default: list[Run], low: list[Run], **more: object) -> Analysis:
    """The analysis of the tutorial's three rates with Adam."""
    return experiment({0.01: high, 0.001: default, 0.0001: low}, **more).analyse()


EXPLODED = course([9.2, 5.0] + [2.5] * 8, 0.1)
DIVERGED = [run([0.1] * EPOCHS, [0.3] * 9 + [math.nan], [0.3] * 9 + [math.nan], finite=False)] * 3


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
        "steps, and above it at none, by intervals corrected for looking at 3 steps. (b) At the end of epoch 1 "
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


def test_ahead_at_one_first_step_and_behind_at_another_decides_nothing():
    sure = (0.9, 1.0, 1.1)
    behind = tuple(-lead for lead in sure)
    assert said(first_steps([sure, behind]), "high-learns-faster")[1][0] == "inconclusive"
    assert said(first_steps([behind, behind]), "high-learns-faster")[1][0] == "contradicted"
    _, parts, text = said(first_steps([sure, (math.nan,) * 3]), "high-learns-faster")
    assert (parts[0], "; at 1 of them some loss is not finite. (b)" in text) == ("supported", True)


# Unsteady, and ends higher


def sgd(**more: object) -> Analysis:
    """An experiment with SGD: of five rates, two fail at the high end."""
    runs = {1: DIVERGED, 0.3: EXPLODED, 0.1: course(SMOOTH), 0.03: course(SMOOTH, 0.975), 0.01: course(SMOOTH, 0.94)}
    return experiment(runs, optimizer="sgd", **more).analyse()


def test_with_sgd_the_high_rate_of_the_grid_diverges():
    # 0.98, 1 and 1.02 times 2.5 and 0.2: differences 2.3 by 2.484 times 0.02, 0.114, to either side.
    assert said(sgd(), "high-fluctuates") == (
        "supported",
        ["supported", "supported"],
        "(a) Of 3 runs at 0.3, all exploded (training loss rose to 2 times its value before training, or more). "
        "(b) Of 3 runs at 0.3, all exploded and all failed to learn; over the last 3 epochs, training loss is 2.5 "
        "nats at 0.3, higher than 0.20 at 0.1: the difference is 2.3 (95 % interval 2.2 to 2.4); where the minimum "
        "lies was not measured.",
    )


def test_runs_that_diverged_are_said_first_and_have_no_mean():
    assert said(of(DIVERGED, course(SMOOTH), course(SMOOTH)), "high-fluctuates") == (
        "supported",
        ["supported", "supported"],
        "(a) Of 3 runs at 0.01, all diverged (a loss or a weight was not finite). (b) Of 3 runs at 0.01, all "
        "diverged; over the last 3 epochs, training loss is not finite at 0.01 and 0.20 nats at 0.001, a "
        "difference without an interval; it is higher or not finite at 0.01 in 3 of 3 seeds; where the minimum "
        "lies was not measured.",
    )


def test_some_of_the_runs_are_counted():
    high = [*course(SMOOTH)[:2], EXPLODED[2]]
    _, parts, text = said(of(high, course(SMOOTH), course(SMOOTH)), "high-fluctuates")
    assert parts[0] == "supported"
    assert text.startswith("(a) Of 3 runs at 0.01, 1 exploded (training loss rose to 2 times its value before")
    assert "(b) Of 3 runs at 0.01, 1 exploded and 1 failed to learn; over the last 3 epochs" in text


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
        "Of 3 runs at 0.001, all exploded and all failed to learn; no run at 0.0001 exploded or diverged.",
    )
    assert said(of(EXPLODED, EXPLODED, EXPLODED), "low-is-stable")[::2] == (
        "inconclusive",
        "Of 3 runs at 0.0001, all exploded and all failed to learn; of 3 runs at 0.001, all exploded and all "
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


# Falling, rising, or neither


def test_a_loss_that_comes_back_from_an_explosion_is_not_still_falling():
    # From 500 nats to 5 in ten equal steps of its logarithm; 2.3 before training. Over the last five epochs, four
    # steps, the loss falls by 1 - 100 ** (-4 / 9) = 87 %.
    back = course([500 * 100 ** (-epoch / 9) for epoch in range(EPOCHS)])
    analysis = of(course(SMOOTH), course(SMOOTH), back)
    verdict, parts, text = said(analysis, "low-is-slow")
    assert (verdict, parts) == ("contradicted", ["inconclusive", "contradicted"])
    assert text.endswith(
        " (b) Of 3 runs at 0.0001, all exploded; over the last 5 epochs, validation loss at 0.0001 falls by 87 % "
        "(95 % interval 87 % to 87 %); it ends below its value before training in none of 3 runs. Contradicted by (b)."
    )
    assert said(analysis, "low-gets-stuck")[::2] == (
        "not tested",
        "Of 3 runs at 0.0001, all exploded; over the last 5 epochs, the logarithm of training loss at 0.0001 "
        "changes by −2.05 (95 % interval −2.05 to −2.05); training loss ends below its value before training in "
        "none of 3 runs, so there is no minimum near which it could be stuck.",
    )
    assert said(of(course(SMOOTH), back, course(SMOOTH)), "default-balances")[1][:2] == ["contradicted", "contradicted"]


def test_one_run_that_ends_above_its_beginning_leaves_it_open():
    back = [*course(SMOOTH)[:2], course([500 * 100 ** (-epoch / 9) for epoch in range(EPOCHS)])[2]]
    _, parts, text = said(of(course(SMOOTH), course(SMOOTH), back), "low-is-slow")
    assert (parts[1], "; it ends below its value before training in 2 of 3 runs." in text) == ("inconclusive", True)


def test_a_loss_that_stays_where_it_began_neither_falls_nor_is_stuck():
    constant = [run([0.1] * EPOCHS, [2.3] * EPOCHS, [2.3] * EPOCHS)] * 3
    analysis = of(course(SMOOTH), course(SMOOTH), constant)
    assert said(analysis, "low-is-slow")[2].endswith(
        " (b) Of 3 runs at 0.0001, all failed to learn; over the last 5 epochs, validation loss at 0.0001 hardly "
        "changes: the fitted fall is 0 % (95 % interval 0 % to 0 %); it ends below its "
        "value before training in none of 3 runs. Contradicted by (b)."
    )
    assert said(analysis, "low-gets-stuck")[::2] == (
        "not tested",
        "Of 3 runs at 0.0001, all failed to learn; over the last 5 epochs, the logarithm of training loss at "
        "0.0001 changes by 0.00 (95 % interval 0.00 to 0.00); training loss ends below its value before training "
        "in none of 3 runs, so there is no minimum near which it could be stuck.",
    )


def late(*changes: float) -> list[Run]:
    """A run for each change of the logarithm of both losses over the last five of ten epochs."""
    courses = [[1.0] * 5 + [0.5 * math.exp(change * epoch / 4) for epoch in range(5)] for change in changes]
    return [run([0.98] * EPOCHS, losses, losses) for losses in courses]


def test_words_follow_the_interval_of_a_trend():
    # Changes -0.6, -0.3 and 0: half-width 4.303 * 0.3 / sqrt(3) = 0.745.
    unsure, smooth = late(-0.6, -0.3, 0.0), course(SMOOTH)
    change = "the logarithm of {} loss{} changes by −0.30 (95 % interval −1.05 to 0.45)"
    _, parts, text = said(of(smooth, unsure, smooth), "default-balances")
    assert parts[1] == "inconclusive"
    assert f"{change.format('validation', '')}, which leaves open whether it falls by more than 0.05." in text
    assert said(of(smooth, smooth, unsure), "low-gets-stuck")[::2] == (
        "inconclusive",
        f"Over the last 5 epochs, {change.format('training', ' at 0.0001')}: whether training loss has stopped "
        "changing cannot be told.",
    )
    # 1 - exp(-0.3) = 26 %, 1 - exp(0.445) = -56 %, 1 - exp(-1.045) = 65 %.
    assert said(of(smooth, smooth, unsure), "low-is-slow")[2].endswith(
        " (b) Over the last 5 epochs, validation loss at 0.0001 neither clearly falls nor clearly rises: the "
        "fitted fall is 26 % (95 % interval −56 % to 65 %)."
    )
    # exp(0.2) - 1 = 22 %.
    rising = late(0.2, 0.2, 0.2)
    assert said(of(smooth, smooth, rising), "low-is-slow")[2].endswith(
        " (b) Over the last 5 epochs, validation loss at 0.0001 rises by 22 % (95 % interval 22 % to 22 %). "
        "Contradicted by (b)."
    )
    assert said(of(smooth, smooth, rising), "low-gets-stuck")[2].endswith(
        ": training loss is rising, so no plateau is seen."
    )


def test_a_plateau_is_a_change_within_the_limits():
    # Half-width 2.484 * 0.01: -0.02 lies within 0.05 to either side, -0.04 does not and falls by too little.
    smooth = course(SMOOTH)
    assert said(of(smooth, smooth, late(-0.03, -0.02, -0.01)), "low-gets-stuck")[::2] == (
        "inconclusive",
        "Over the last 5 epochs, the logarithm of training loss at 0.0001 changes by −0.02 (95 % interval −0.04 to "
        "0.00): a plateau is seen, at 0.49 nats against 0.20 at 0.001; its cause was not measured.",
    )
    assert said(of(smooth, smooth, late(-0.2, -0.2, -0.2)), "low-gets-stuck")[2].endswith(
        ": training loss is still falling, so no plateau is seen."
    )


# Steps to a target


def accuracies(*values: float) -> list[float]:
    """Accuracies at the ends of ten epochs: those given, then 0.95."""
    return [*values, *[0.95] * (EPOCHS - len(values))]


def test_a_lead_to_a_target_counts_where_first_reached_and_kept_agree():
    below, above = 0.7, 0.95
    at_three, at_seven = accuracies(below, below), accuracies(*[below] * 6)
    dips = accuracies(below, below, *[above] * 3, below)  # first at 30 like `at_three`, for good at 70
    default, slow, dipped = (course(SMOOTH, own) for own in (at_three, at_seven, dips))
    _, parts, text = said(of(default, default, slow, targets=(0.9,)), "low-is-slow")
    assert parts[0] == "supported"
    assert text.startswith(
        "(a) Every run of both rates reaches and keeps 90 %; the median run does so between steps 60 and 70 at "
        "0.0001 and between steps 20 and 30 at 0.001: 2.0 to 3.5 times as many steps at 0.0001, later in 3 of 3 "
        "seeds. (b)"
    )
    _, parts, text = said(of(default, default, dipped, targets=(0.9,)), "low-is-slow")
    assert parts[0] == "inconclusive"
    assert text.startswith(
        "(a) Every run of both rates reaches and keeps 90 %; the median run reaches it between steps 20 and 30 at "
        "0.0001 and between steps 20 and 30 at 0.001: which of the two is sooner is not told apart; it stays there "
        "from between steps 60 and 70 at 0.0001 and between steps 20 and 30 at 0.001 on: 2.0 to 3.5 times as many "
        "steps at 0.0001; by both counts 0.0001 is later in none of 3 seeds. (b)"
    )


def test_no_shared_target():
    below = course(SMOOTH, [0.7] * EPOCHS)
    assert said(of(below, course(SMOOTH), below, targets=(0.9, 0.975)), "low-is-slow")[2].startswith(
        "(a) No target (90 % and 97.5 %) is reached and kept by every run of 0.0001 and 0.001. (b)"
    )


# The recommendation


def score_apart(*differences: float) -> Analysis:
    """An analysis in which the default's accuracy is so far below the high rate's, seed by seed."""
    high = course(SMOOTH, 0.98)
    default = [run([0.98 - difference] * EPOCHS, SMOOTH, SMOOTH) for difference in differences]
    return of(high, default, course(SMOOTH, 0.9))


def test_the_default_is_held_against_the_recommendation():
    # Two other rates are eligible: t at 1 - 0.05 / 4 with two degrees of freedom is 6.205.
    # Differences of 0.02 with a standard deviation of 0.01 reach 0.036 to either side; with 0.001, 0.0036.
    made = {
        "supported": [(0.0, 0.0, 0.0), (0.001, 0.001, 0.001)],
        "inconclusive": [(0.01, 0.02, 0.03)],
        "contradicted": [(0.019, 0.02, 0.021)],
    }
    found = {
        verdict: {said(score_apart(*own), "default-balances")[1][3] for own in differences}
        for verdict, differences in made.items()
    }
    assert found == {verdict: {verdict} for verdict in made}
    text = said(score_apart(0.01, 0.02, 0.03), "default-balances")[2]
    assert (
        " (d) 0.001 is neither the rate recommended here, 0.01, nor practically tied with it, but their scores are not "
        "told apart seed by seed." in text
    )


def test_a_default_of_which_some_runs_failed():
    default = [*course(SMOOTH)[:2], course(SMOOTH, 0.1)[2]]
    text = said(of(course(SMOOTH), default, course(SMOOTH)), "default-balances")[2]
    assert " (d) 2 of 3 runs at 0.001 learned, so it is not recommended." in text


def test_a_default_from_the_sweep_is_not_held_against_the_recommendation():
    found = next(claim for claim in check_claims(sgd())["claims"] if claim["id"] == "default-balances")
    assert ([part["id"] for part in found["parts"]], "recommended" in found["prediction"]) == (["a", "b", "c"], False)
