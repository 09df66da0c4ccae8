"""What the claims about a low and about the default rate say in words."""

from __future__ import annotations

import math

from support.claim_histories import EPOCHS, SMOOTH, course, of, said, sgd
from support.histories import Run, run

from lrbench.analysis.pipeline import Analysis
from lrbench.findings.claims import check_claims

# Falling, rising, or neither


def test_a_loss_that_comes_back_from_an_explosion_is_not_still_falling():
    # From 500 nats to 5 in ten equal steps of its logarithm; 2.3 before training. Over the last five epochs, four
    # steps, the loss falls by 1 - 100 ** (-4 / 9) = 87 %.
    back = course([500 * 100 ** (-epoch / 9) for epoch in range(EPOCHS)])
    analysis = of(course(SMOOTH), course(SMOOTH), back)
    verdict, parts, text = said(analysis, "low-is-slow")
    assert (verdict, parts) == ("contradicted", ["inconclusive", "contradicted"])
    assert text.endswith(
        " (b) At 0.0001, all 3 runs exploded; over the last 5 epochs, validation loss at 0.0001 falls by 87 % (95 % "
        "interval 87 % to 87 %); it ends below its value before training in none of 3 runs. Contradicted by (b)."
    )
    assert said(analysis, "low-gets-stuck")[::2] == (
        "not tested",
        "At 0.0001, all 3 runs exploded; over the last 5 epochs, the logarithm of training loss at 0.0001 "
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
        " (b) At 0.0001, all 3 runs failed to learn; over the last 5 epochs, validation loss at 0.0001 hardly "
        "changes: the fitted fall is 0 % (95 % interval 0 % to 0 %); it ends below its value before training in none "
        "of 3 runs. Contradicted by (b)."
    )
    assert said(analysis, "low-gets-stuck")[::2] == (
        "not tested",
        "At 0.0001, all 3 runs failed to learn; over the last 5 epochs, the logarithm of training loss at "
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
        " (b) Over the last 5 epochs, validation loss at 0.0001 neither clearly falls nor clearly rises: the fitted "
        "fall is 26 % (95 % interval −56 % to 65 %)."
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
        "(a) Every run of both rates reaches and keeps 90 %; by the median over runs, between steps 60 and 70 at "
        "0.0001 and between steps 20 and 30 at 0.001: 2.0 to 3.5 times as many steps at 0.0001, later in 3 of 3 "
        "seeds. (b)"
    )
    _, parts, text = said(of(default, default, dipped, targets=(0.9,)), "low-is-slow")
    assert parts[0] == "inconclusive"
    assert text.startswith(
        "(a) Every run of both rates reaches and keeps 90 %; by the median over runs, first between steps 20 and 30 "
        "at 0.0001 and between steps 20 and 30 at 0.001: which of the two is sooner is not told apart; and for good "
        "between steps 60 and 70 at 0.0001 and between steps 20 and 30 at 0.001: 2.0 to 3.5 times as many steps at "
        "0.0001; by both counts 0.0001 is later in none of 3 seeds. (b)"
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
        "supported": [(0.0, 0.0, 0.0), (0.0009, 0.0009, 0.0009)],
        "inconclusive": [(0.01, 0.02, 0.03), (0.0012, 0.0012, 0.0012)],
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
