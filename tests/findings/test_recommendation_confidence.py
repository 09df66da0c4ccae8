"""How sure a recommendation is, and what lowers its confidence."""

from __future__ import annotations

from support.histories import experiment, flat, run
from support.recommendations import check_sentences, spread

from lrbench.findings.conclusions import recommend


def test_the_answer_itself_says_that_two_seeds_are_weak_ground():
    two = recommend(experiment({0.1: [flat(0.95), flat(0.951)], 0.01: [flat(0.9), flat(0.901)]}).analyse())
    assert (two["chosen"], two["confidence"]) == (0.1, "low")
    assert two["statement"].endswith(" The confidence in this is low.")


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
