"""Which rate is recommended, why, and how sure that is; every number of a sentence is looked up."""

from __future__ import annotations

import math
import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.histories import experiment, flat, noisy, run
from support.observed import FALLING, TURNS_UP, runs_of, steady

from lrbench.findings.conclusions import recommend
from lrbench.findings.ledger import look_up
from lrbench.identity.provenance import canonical_json
from lrbench.wording import rate_label


def spread(accuracy, seeds=5, step=0.001, **curves):
    """Runs whose scores differ a little from seed to seed."""
    return [run([accuracy + step * (seed - (seeds - 1) / 2)] * 10, **curves) for seed in range(seeds)]


def recommendation(runs, **options):
    return recommend(experiment(runs, **options).analyse())


def check_sentences(analysis):
    """Every number of every sentence is a learning rate or a rounded piece of evidence; all evidence is true."""
    found = recommend(analysis)
    canonical_json(found)
    parts = [(found[name], found["evidence"]) for name in ("statement", "confidence_reason", "loss_statement")]
    parts += [(other["reason"], other["evidence"]) for other in found["others"]]
    parts += [(f"{card['value']} {card['detail']}", card["evidence"]) for card in found["cards"]]
    labels = {rate_label(rate) for rate in analysis.across["grid"]}
    for sentence, numbers in parts:
        for entry in numbers:
            actual = look_up(analysis, entry)
            if entry["value"] is None:
                assert not math.isfinite(actual)
            else:
                assert actual == entry["value"]
        values = [abs(entry["value"]) for entry in numbers if isinstance(entry["value"], int | float)]
        values += [entry["row"]["seed"] for entry in numbers if "seed" in entry["row"]]
        limits = re.findall(r"within (\d+(?:\.\d+)?) point", sentence or "")
        for limit in limits:  # limits are rounded up
            assert any(-1e-9 <= float(limit) - 100 * value < 0.01 for value in values), (limit, sentence)
        for number in re.findall(r"\d[\d,]*(?:\.\d+)?(?:e-?\d+)?", sentence or ""):
            if number in limits:
                continue
            number = number.rstrip(",")
            if number in labels:
                continue
            half = 0.5 * 10.0 ** -len(number.partition(".")[2]) * (1 + 1e-9)
            shown = float(number.replace(",", ""))
            assert any(abs(value * scale - shown) <= half for value in values for scale in (1, 100)), (
                number,
                sentence,
            )


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


def test_the_answer_itself_says_that_two_seeds_are_weak_ground():
    two = recommend(experiment({0.1: [flat(0.95), flat(0.951)], 0.01: [flat(0.9), flat(0.901)]}).analyse())
    assert (two["chosen"], two["confidence"]) == (0.1, "low")
    assert two["statement"].endswith(" The confidence in this is low.")


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


def test_moderate_where_only_the_correction_for_many_comparisons_takes_it_back():
    # against six rates in three seeds: differences .010, .012, .014 have sd .002 and give t = 10.4, p = .009; the
    # usual variance is 2 x .002 ^ 2, so the sd is taken as sqrt(1.5) x .002 and t as 8.5, where seven means ask for 9.2
    base = [0.95, 0.95, 0.95]
    gaps = [0.010, 0.012, 0.014]
    runs = {0.1: [flat(value) for value in base]}
    runs |= {10.0**-k: [flat(b - g) for b, g in zip(base, gaps, strict=True)] for k in range(2, 8)}
    analysis = experiment(runs).analyse()
    assert recommend(analysis)["confidence"] == "moderate"
    check_sentences(analysis)


def test_two_seeds_are_never_more_than_low_and_one_is_not_assessable():
    two = experiment({0.1: spread(0.9, 2), 0.01: spread(0.99, 2)}).analyse()
    assert recommend(two)["confidence"] == "low"
    check_sentences(two)
    one = experiment({0.1: spread(0.9, 1), 0.01: spread(0.99, 1)}).analyse()
    assert recommend(one)["confidence"] == "not assessable"
    assert recommend(one)["chosen"] == 0.01
    check_sentences(one)


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


accuracies = st.lists(st.floats(0.05, 0.99), min_size=3, max_size=3)


def made_up(scores, seed):
    generator = np.random.default_rng(seed)
    return {10.0**-index: [noisy(generator, accuracy, 0.01, 8) for accuracy in own] for index, own in enumerate(scores)}


@settings(max_examples=25, deadline=None)
@given(st.lists(accuracies, min_size=1, max_size=4), st.integers(0, 1000))
def test_order_changes_nothing_and_every_sentence_is_true(scores, seed):
    made = experiment(made_up(scores, seed))
    analysis, mixed = made.analyse(), made.shuffled(np.random.default_rng(seed)).analyse()
    assert recommend(mixed) == recommend(analysis)
    assert mixed.across == analysis.across
    for name in ("runs", "targets", "reach", "rates", "comparisons"):
        assert getattr(mixed, name).equals(getattr(analysis, name)), name
    counted = analysis.rates[["diverged", "failed", "collapsed", "learned"]].sum(axis=1)
    assert (counted == analysis.rates["n"]).all()
    check_sentences(analysis)


@settings(max_examples=25, deadline=None)
@given(st.lists(accuracies, min_size=1, max_size=4), st.integers(0, 1000))
def test_a_clearly_worse_rate_changes_no_choice(scores, seed):
    runs = made_up(scores, seed)
    alone = recommendation(runs)
    worse = recommendation(runs | {1e-9: [flat(0.05, 8)] * 3})
    assert worse["chosen"] == alone["chosen"]
    assert worse["tied"] == alone["tied"]


@settings(max_examples=25, deadline=None)
@given(st.lists(accuracies, min_size=2, max_size=4), st.integers(0, 1000), st.permutations(range(3)))
def test_permuting_seeds_changes_no_choice(scores, seed, order):
    runs = made_up(scores, seed)
    permuted = {rate: [own[index] for index in order] for rate, own in runs.items()}
    one, other = recommendation(runs), recommendation(permuted)
    assert (one["chosen"], one["criterion"], one["confidence"]) == (
        other["chosen"],
        other["criterion"],
        other["confidence"],
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(accuracies, min_size=2, max_size=4), st.integers(0, 1000), st.sampled_from([0.5, 2.0, 4.0]))
def test_scaling_all_losses_leaves_the_ranks(scores, seed, factor):
    made = experiment(made_up(scores, seed), thresholds={"oscillation": 0.0})  # the one limit of a loss in nats
    losses = ["train_loss", "val_loss"]
    scaled = type(made)(
        made.epochs.assign(**{name: made.epochs[name] * factor for name in ("loss", "val_loss")}),
        made.evaluations.assign(**{name: made.evaluations[name] * factor for name in losses}),
        made.steps,
        made.origin,
        made.dataset,
        made.settings,
    )
    before, after = made.analyse(), scaled.analyse()
    assert recommend(after)["chosen"] == recommend(before)["chosen"]
    for column in ("final_val_loss_mean", "oscillation_median", "backtrack_median", "score_mean"):
        assert after.rates[column].rank().equals(before.rates[column].rank())
    assert after.runs["outcome"].equals(before.runs["outcome"])


def test_one_bad_seed_decides_nothing_silently():
    # 0.1 wins in four of five seeds and loses the mean by one
    good = {0.1: [flat(0.960), flat(0.961), flat(0.962), flat(0.960), flat(0.70)], 0.01: spread(0.95)}
    analysis = experiment(good).analyse()
    found = recommend(analysis)
    assert found["chosen"] == 0.01
    assert found["without_seed"] == [{"seed": 4, "chosen": 0.1}]
    assert found["confidence"] == "low"
    assert found["confidence_reason"].endswith(
        "One seed decides: without the runs of seed 4, the recommended rate would be 0.1."
    )
    assert list(analysis.rates["verdict"]) == ["recommended", "not told apart"]
    check_sentences(analysis)


def test_a_chosen_rate_that_is_a_little_but_surely_worse_than_one_it_is_tied_with_lowers_the_confidence():
    quick = [run([0.9, *[0.9490 + seed / 10_000] * 9]) for seed in range(5)]
    better = [run([0.5, 0.6, 0.7, *[0.9498 + seed / 10_000] * 7]) for seed in range(5)]
    analysis = experiment({0.1: quick, 0.01: better, 0.001: spread(0.85)}, targets=(0.9,)).analyse()
    found = recommend(analysis)
    assert (found["chosen"], found["criterion"], found["confidence"]) == (0.1, "steps", "moderate")
    assert (
        "Of the rates it is tied with, some score higher, little but more than chance would: 0.01 by 0.080 points "
        "(95 % interval 0.064 to 0.096; ahead in 5 of 5 seeds)." in (found["confidence_reason"])
    )
    check_sentences(analysis)


def test_a_small_validation_set_is_a_warning_in_the_answer():
    analysis = experiment({0.1: [flat(0.9)] * 3, 0.01: [flat(0.4)] * 3}, class_counts=(10,) * 10).analyse()
    found = recommend(analysis)
    assert found["confidence"] == "moderate"  # lowered from high
    assert found["confidence_reason"].endswith(
        "100 validation examples are few: the standard error of one accuracy on them is 3.00 points, so smaller "
        "differences say little about new data."
    )


def test_what_the_validation_set_cannot_resolve_is_not_called_a_tie():
    analysis = experiment({0.1: spread(0.9), 0.01: spread(0.898), 0.001: spread(0.8)}).analyse()
    found = recommend(analysis)
    assert (found["candidates"], found["tied"], found["unresolved"]) == ([0.01, 0.1], [0.1], [0.01])
    assert "not resolved from it by 10,000 validation examples (a standard error of 0.30 points)" in found["statement"]
    assert "tied" not in found["statement"]
    check_sentences(analysis)


def test_a_next_best_that_scored_higher_is_not_called_behind():
    slow = [run([0.85, 0.85, *[0.95] * 8])] * 3
    fast = [run([0.85, *[0.9495] * 9])] * 3
    found = recommendation({0.1: slow, 0.01: fast}, targets=(0.949,))
    lead = next(card for card in found["cards"] if card["question"] == "By how much?")
    assert found["chosen"] == 0.01
    assert lead["detail"].startswith("less validation accuracy than 0.1, which has the best score but is not preferred")
    assert lead["value"][0].isdigit()


def test_exploding_on_the_way_is_said_with_the_recommendation_and_on_its_card():
    blown = [run([0.95] * 10, early={2: {"train_loss": 50.0}})] * 3
    analysis = experiment({0.1: blown, 0.01: [flat(0.9)] * 3}).analyse()
    found = recommend(analysis)
    assert "Its training loss exploded on the way in 3 of 3 runs." in found["statement"]
    card = next(card for card in found["cards"] if card["question"] == "Which went wrong?")
    assert (card["value"], card["detail"]) == ("0.1", "At 0.1, all 3 runs exploded.")
    check_sentences(analysis)


def test_the_test_set_is_shown_where_it_took_no_part():
    runs = {0.1: [run([0.95] * 10, test={"loss": 0.2, "accuracy": 0.94})] * 3, 0.01: [flat(0.9)] * 3}
    made = experiment(runs)
    made.origin["settings"]["validation"] = {"protocol": "holdout", "examples": 10_000}
    found = recommend(made.analyse())
    card = next(card for card in found["cards"] if card["question"] == "On new data?")
    assert card["value"] == "94.0 %"
    assert not [card for card in recommendation(runs)["cards"] if card["question"] == "On new data?"]


def test_no_card_speaks_of_a_test_set_that_the_data_do_not_have():
    made = experiment({0.1: [flat(0.95)] * 3, 0.01: [flat(0.9)] * 3})
    made.origin["settings"]["validation"] = {"protocol": "holdout", "examples": 10_000}
    assert "On new data?" not in [card["question"] for card in recommend(made.analyse())["cards"]]


def test_a_rate_that_lost_by_accuracy_has_the_margin_and_its_instability_among_the_reasons():
    shaken = runs_of([0.93] * 10, train_loss=[0.3, 0.1] * 5)
    (other,) = recommendation({0.1: shaken, 0.01: steady(0.95)})["others"]
    assert other["reason"] == (
        "0.1 scored 93.0 % against 95.0 %, 2.0 points less (95 % interval 1.9 to 2.1; 0.01 ahead in 3 of 3 seeds). "
        "That is outside the margin of 0.22 points, within which accuracy alone does not decide. Its training is "
        "unstable, too."
    )


def test_the_card_of_what_went_wrong_names_a_rate_that_overfits():
    found = recommendation({0.01: runs_of([0.95] * 10, TURNS_UP, loss=FALLING), 0.001: steady(0.9)})
    card = next(card for card in found["cards"] if card["question"] == "Which went wrong?")
    assert (card["value"], card["detail"]) == (
        "none failed",
        "All 6 runs learned, and at no rate is the training loss unstable. But validation loss ends well above its "
        "least, by more than chance explains, at 0.01.",
    )
