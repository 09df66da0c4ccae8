"""Which rate is recommended, why, and how sure that is; every number of a sentence is looked up."""

from __future__ import annotations

import numpy as np
from support.histories import experiment, flat, run
from support.recommendations import check_sentences, recommendation, spread

from lrbench.findings.conclusions import recommend

CLEAR = {0.1: spread(0.9), 0.01: spread(0.95), 0.001: spread(0.85)}


def test_under_a_schedule_the_answer_names_a_peak_rate():
    found = recommend(experiment(CLEAR, schedule={"name": "cosine", "warmup": 0.1}).analyse())
    assert found["statement"] == (
        "Train with a peak learning rate of 0.01, under the cosine schedule: it reached 95.0 % validation accuracy on "
        "average over 5 seeds; the next, 0.1, reached 90.0 %."
    )


def test_the_highest_score_wins_where_nothing_is_tied_with_it():
    analysis = experiment(CLEAR).analyse()
    found = recommend(analysis)
    assert (found["chosen"], found["tied"], found["criterion"], found["confidence"]) == (
        0.01,
        [0.01],
        "accuracy",
        "high",
    )
    assert found["statement"] == (
        "Train with 0.01: it reached 95.0 % validation accuracy on average over 5 seeds; the next, 0.1, reached 90.0 %."
    )
    assert found["confidence_reason"] == (
        "By score 0.01 is told apart from every other rate that learned each time (0.1 and 0.001) over 5 seeds."
    )
    cards = {card["question"]: (card["value"], card["detail"]) for card in found["cards"]}
    # differences are .05 in every seed; the usual variance is 2 x .0000025 and the deviation is drawn to sqrt(2 x
    # .000005 / 6) = .00129; the pair stands out less than that with 0.001, so two means are left: t of 4 is 2.776, and
    # the interval is .05 -+ 2.776 x .00129 / sqrt(5) = .05 -+ .0016
    assert cards["By how much?"] == (
        "5.0 points",
        "more validation accuracy than 0.1, the next best (95 % interval 4.8 to 5.2; ahead in 5 of 5 seeds): "
        "told apart.",
    )
    assert cards["Which went wrong?"] == (
        "none",
        "All 15 runs learned, and at no rate is the training loss unstable.",
    )
    assert cards["Which rate?"] == ("0.01", "3 rates tried; verdicts, one for each rate: 1 recommended, 2 behind.")
    assert cards["How sure?"] == ("high", found["confidence_reason"])
    assert [other["learning_rate"] for other in found["others"]] == [0.001, 0.1]
    check_sentences(analysis)


def test_among_the_tied_the_faster_one_wins_at_the_highest_target_that_all_reach():
    slow = [run([0.85, 0.85, *[0.95] * 8])] * 3
    fast = [run([0.85, *[0.9495] * 9])] * 3
    analysis = experiment({0.1: slow, 0.01: fast, 0.001: spread(0.7, 3)}, targets=(0.8, 0.9, 0.949, 0.99)).analyse()
    found = recommend(analysis)
    assert (found["chosen"], found["tied"], found["criterion"], found["target"]) == (0.01, [0.01, 0.1], "steps", 0.949)
    reason = next(other["reason"] for other in found["others"] if other["learning_rate"] == 0.1)
    assert reason == (
        "0.1 has the best score (both 95.0 %), but is slower by the median over runs, which decides by the "
        "rule but is not told apart from chance: it first reached 94.9 % after step 20 and kept it from some step "
        "after 20 on; with 0.01 these are step 20 and step 20 at the latest."
    )
    check_sentences(analysis)


def test_overlapping_intervals_of_steps_leave_it_to_the_oscillation():
    steady, shaky = np.linspace(1, 0.1, 10), np.linspace(1, 0.1, 10) + 0.05 * (-1.0) ** np.arange(10)
    runs = {0.1: [run([0.95] * 10, train_loss=shaky)] * 3, 0.01: [run([0.9495] * 10, train_loss=steady)] * 3}
    analysis = experiment(runs).analyse()
    assert (recommend(analysis)["chosen"], recommend(analysis)["criterion"]) == (0.01, "oscillation")
    check_sentences(analysis)


def test_each_reason_has_a_sentence_and_the_best_score_is_named():
    steady, shaky = np.linspace(1, 0.1, 10), np.linspace(1, 0.1, 10) + 0.05 * (-1.0) ** np.arange(10)
    slow = [run([0.85, 0.85, *[0.95] * 8], train_loss=steady)] * 3
    fast, restless = ([run([0.85, *[0.9495] * 9], train_loss=loss)] * 3 for loss in (steady, shaky))
    found = recommend(experiment({0.1: slow, 0.01: fast, 0.003: restless}, targets=(0.949,)).analyse())
    assert found["chosen"] == 0.01
    tied = "0.003 and 0.1 (the best score) are practically tied with it (within 0.1 points of the best). "
    assert tied in found["statement"]
    reasons = found["statement"].partition(tied)[2].split(". ")
    assert [reason.split(" by the median")[0][:40] for reason in reasons[:2]] == [
        "It is preferred because",
        "Further, its median oscillation of the t",
    ]


def test_then_the_score_then_the_smaller_rate():
    same = np.linspace(1, 0.1, 10)
    wobbles = same + 0.005 * (-1.0) ** np.arange(10)  # by 0.009 nats, less than matters
    runs = {0.1: [run([0.95] * 10, train_loss=wobbles)] * 3, 0.01: [run([0.9495] * 10, train_loss=same)] * 3}
    found = experiment(runs).analyse()
    assert (recommend(found)["chosen"], recommend(found)["criterion"]) == (0.1, "score")
    check_sentences(found)
    equal = experiment({0.1: runs[0.1], 0.01: runs[0.1]}).analyse()
    assert (recommend(equal)["chosen"], recommend(equal)["criterion"]) == (0.01, "smaller rate")
    check_sentences(equal)


def test_a_third_rate_that_is_slower_does_not_win_by_its_steadiness():
    def tied(steps, wobble):
        loss = np.linspace(1, 0.1, 10) + wobble * (-1.0) ** np.arange(10)
        return [run([0.7] * (steps - 1) + [0.95] * (11 - steps), train_loss=loss)] * 3

    analysis = experiment({0.1: tied(1, 0.05), 0.01: tied(1, 0.02), 0.001: tied(3, 0.0)}).analyse()
    assert (recommend(analysis)["chosen"], recommend(analysis)["criterion"]) == (0.01, "oscillation")
    reasons = {other["learning_rate"]: other["reason"] for other in recommend(analysis)["others"]}
    assert "oscillation of its training loss is higher" in reasons[0.1]
    assert "slower" in reasons[0.001]
    check_sentences(analysis)


def test_ignorance_is_not_a_tie():
    wild = [flat(0.9 + 0.04 * (-1) ** seed) for seed in range(4)]
    found = recommendation({0.1: wild, 0.01: spread(0.95, 4)})
    assert found["tied"] == [0.01]
    assert found["confidence"] == "low"
    assert found["statement"].endswith("which is not told apart from it. The confidence in this is low.")


def test_a_single_rate():
    analysis = experiment({0.1: spread(0.95)}).analyse()
    assert (recommend(analysis)["chosen"], recommend(analysis)["criterion"]) == (0.1, "only eligible")
    assert recommend(analysis)["confidence"] == "not assessable"
    assert recommend(analysis)["others"] == []
    check_sentences(analysis)


def test_where_all_fail_none_is_recommended():
    analysis = experiment({0.1: [flat(0.1)] * 3, 1.0: [run([0.1] * 10, finite=False), *[flat(0.1)] * 2]}).analyse()
    found = recommend(analysis)
    assert (found["chosen"], found["criterion"], found["confidence"]) == (None, "none eligible", None)
    assert found["statement"].startswith("No rate can be recommended")
    assert list(analysis.rates["verdict"]) == ["fails to learn", "diverges"]
    assert analysis.across["plateau"] is None
    assert analysis.across["delta"] is None
    check_sentences(analysis)


def test_the_best_rate_lacking_a_seed_is_out_and_shrinks_nobody():
    best = [*spread(0.98)[:4], None]
    analysis = experiment({0.1: best, 0.01: spread(0.95), 0.001: spread(0.9)}).analyse()
    found = recommend(analysis)
    assert found["chosen"] == 0.01
    assert found["confidence"] == "high"  # the incomplete rate is no candidate, and the reasons say so
    assert analysis.rates.set_index("learning_rate")["n"].to_dict() == {0.001: 5, 0.01: 5, 0.1: 4}
    reasons = {other["learning_rate"]: other["reason"] for other in found["others"]}
    assert reasons[0.1] == "0.1 is out of the choice: only 4 of 5 planned runs are there."
    check_sentences(analysis)


def test_a_rate_with_no_run_at_all_is_incomplete():
    made = experiment({0.1: [None] * 3, 0.01: spread(0.95, 3)})
    analysis = made.analyse()
    assert list(analysis.rates["verdict"]) == ["recommended", "incomplete"]
    assert analysis.rates["n"].tolist() == [3, 0]
    check_sentences(analysis)


def test_a_validation_loss_that_prefers_another_rate_is_reported():
    runs = {0.1: spread(0.95, val_loss=[0.3] * 10), 0.01: spread(0.93, val_loss=[0.2] * 10)}
    analysis = experiment(runs).analyse()
    assert (recommend(analysis)["chosen"], recommend(analysis)["loss_prefers"]) == (0.1, 0.01)
    check_sentences(analysis)


def test_what_the_validation_set_cannot_resolve_is_not_called_a_tie():
    analysis = experiment({0.1: spread(0.9), 0.01: spread(0.898), 0.001: spread(0.8)}).analyse()
    found = recommend(analysis)
    assert (found["candidates"], found["tied"], found["unresolved"]) == ([0.01, 0.1], [0.1], [0.01])
    assert "not resolved from it by 10,000 validation examples (a standard error of 0.30 points)" in found["statement"]
    assert "tied" not in found["statement"]
    check_sentences(analysis)


def test_the_answer_says_where_the_rate_it_names_is_unstable():
    shaky = np.linspace(1, 0.5, 10) + 0.3 * (-1.0) ** np.arange(10)
    analysis = experiment({0.1: [run([0.95] * 10, train_loss=shaky)] * 3, 0.01: spread(0.7, 3)}).analyse()
    found = recommend(analysis)
    assert found["chosen"] == 0.1
    assert " But its training is unstable: the loss moves back up and fluctuates." in found["statement"]
