"""Which rate is recommended, why, and how sure that is; every number of a sentence is looked up."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from histories import experiment, flat, noisy, run
from hypothesis import given, settings
from hypothesis import strategies as st

from lrbench.analysis.wording import points_between
from lrbench.names import rate_label
from lrbench.provenance import canonical_json


def spread(accuracy, seeds=5, step=0.001, **curves):
    """Runs whose scores differ a little from seed to seed."""
    return [run([accuracy + step * (seed - (seeds - 1) / 2)] * 10, **curves) for seed in range(seeds)]


def recommendation(runs, **options):
    return experiment(runs, **options).analyse().recommendation


def looked_up(analysis, entry):
    """The value that a piece of evidence points at."""
    if entry["table"] == "across":
        value = analysis.across[entry["column"]]
        if isinstance(value, list):
            (value,) = [row[entry["column"]] for row in value if entry["row"].items() <= row.items()]
        return value
    table = getattr(analysis, entry["table"])
    for column, value in entry["row"].items():
        table = table[table[column] == value]
    (value,) = table[entry["column"]]
    return value


def check_sentences(analysis):
    """Every number of every sentence is a learning rate or a rounded piece of evidence; all evidence is true."""
    found = analysis.recommendation
    canonical_json(found)
    parts = [(found[name], found["evidence"]) for name in ("statement", "confidence_reason", "loss_statement")]
    parts += [(other["reason"], other["evidence"]) for other in found["others"]]
    labels = {rate_label(rate) for rate in analysis.across["grid"]}
    for sentence, numbers in parts:
        for entry in numbers:
            actual = looked_up(analysis, entry)
            if entry["value"] is None:
                assert not math.isfinite(actual)
            else:
                assert actual == entry["value"]
        values = [abs(entry["value"]) for entry in numbers if entry["value"] is not None]
        for number in re.findall(r"\d[\d,]*(?:\.\d+)?(?:e-?\d+)?", sentence or ""):
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


def test_the_highest_score_wins_where_nothing_is_tied_with_it():
    analysis = experiment(CLEAR).analyse()
    found = analysis.recommendation
    assert (found["chosen"], found["tied"], found["criterion"], found["confidence"]) == (
        0.01,
        [0.01],
        "accuracy",
        "high",
    )
    assert found["statement"] == (
        "Train with 0.01: it reached 95.0 % validation accuracy on average over 5 seeds, "
        "more than any other rate; the next, 0.1, reached 90.0 %."
    )
    assert [other["learning_rate"] for other in found["others"]] == [0.001, 0.1]
    check_sentences(analysis)


def test_the_answer_itself_says_that_two_seeds_are_weak_ground():
    two = experiment({0.1: [flat(0.95), flat(0.951)], 0.01: [flat(0.9), flat(0.901)]}).analyse().recommendation
    assert (two["chosen"], two["confidence"]) == (0.1, "low")
    assert two["statement"].endswith(" The confidence in this is low.")


def test_among_the_tied_the_faster_one_wins_at_the_highest_target_that_all_reach():
    slow = [run([0.85, 0.85, *[0.95] * 8])] * 3
    fast = [run([0.85, *[0.9495] * 9])] * 3
    analysis = experiment({0.1: slow, 0.01: fast, 0.001: spread(0.7, 3)}, targets=(0.8, 0.9, 0.949, 0.99)).analyse()
    found = analysis.recommendation
    assert (found["chosen"], found["tied"], found["criterion"], found["target"]) == (0.01, [0.01, 0.1], "steps", 0.949)
    reason = next(other["reason"] for other in found["others"] if other["learning_rate"] == 0.1)
    assert reason == (
        "0.1 is practically tied in accuracy (95.0 % against 95.0 %), but slower: its median run stayed at or above "
        "94.9 % only after step 20, that of 0.01 by step 20."
    )
    check_sentences(analysis)


def test_overlapping_intervals_of_steps_leave_it_to_the_oscillation():
    steady, shaky = np.linspace(1, 0.1, 10), np.linspace(1, 0.1, 10) + 0.005 * (-1.0) ** np.arange(10)
    runs = {0.1: [run([0.95] * 10, train_loss=shaky)] * 3, 0.01: [run([0.9495] * 10, train_loss=steady)] * 3}
    analysis = experiment(runs).analyse()
    assert (analysis.recommendation["chosen"], analysis.recommendation["criterion"]) == (0.01, "oscillation")
    check_sentences(analysis)


def test_then_the_score_then_the_smaller_rate():
    same = np.linspace(1, 0.1, 10)
    runs = {0.1: [run([0.95] * 10, train_loss=same)] * 3, 0.01: [run([0.9495] * 10, train_loss=same)] * 3}
    found = experiment(runs).analyse()
    assert (found.recommendation["chosen"], found.recommendation["criterion"]) == (0.1, "score")
    check_sentences(found)
    equal = experiment({0.1: runs[0.1], 0.01: runs[0.1]}).analyse()
    assert (equal.recommendation["chosen"], equal.recommendation["criterion"]) == (0.01, "smaller rate")
    check_sentences(equal)


def test_a_third_rate_that_is_slower_does_not_win_by_its_steadiness():
    def tied(steps, wobble):
        loss = np.linspace(1, 0.1, 10) + wobble * (-1.0) ** np.arange(10)
        return [run([0.7] * (steps - 1) + [0.95] * (11 - steps), train_loss=loss)] * 3

    analysis = experiment({0.1: tied(1, 0.005), 0.01: tied(1, 0.002), 0.001: tied(3, 0.0)}).analyse()
    assert (analysis.recommendation["chosen"], analysis.recommendation["criterion"]) == (0.01, "oscillation")
    reasons = {other["learning_rate"]: other["reason"] for other in analysis.recommendation["others"]}
    assert "less steady" in reasons[0.1]
    assert "slower" in reasons[0.001]
    check_sentences(analysis)


def test_ignorance_is_not_a_tie():
    wild = [flat(0.9 + 0.04 * (-1) ** seed) for seed in range(4)]
    found = recommendation({0.1: wild, 0.01: spread(0.95, 4)})
    assert found["tied"] == [0.01]
    assert found["confidence"] == "low"


def test_moderate_where_only_the_correction_for_many_comparisons_takes_it_back():
    # against six rates in three seeds: differences .010, .012, .014 give t = 10.4, p = .009 and x21 = .19
    base = [0.95, 0.95, 0.95]
    gaps = [0.010, 0.012, 0.014]
    runs = {0.1: [flat(value) for value in base]}
    runs |= {10.0**-k: [flat(b - g) for b, g in zip(base, gaps, strict=True)] for k in range(2, 8)}
    analysis = experiment(runs).analyse()
    assert analysis.recommendation["confidence"] == "moderate"
    check_sentences(analysis)


def test_two_seeds_are_never_more_than_low_and_one_is_not_assessable():
    two = experiment({0.1: spread(0.9, 2), 0.01: spread(0.99, 2)}).analyse()
    assert two.recommendation["confidence"] == "low"
    check_sentences(two)
    one = experiment({0.1: spread(0.9, 1), 0.01: spread(0.99, 1)}).analyse()
    assert one.recommendation["confidence"] == "not assessable"
    assert one.recommendation["chosen"] == 0.01
    check_sentences(one)


def test_a_single_rate():
    analysis = experiment({0.1: spread(0.95)}).analyse()
    assert (analysis.recommendation["chosen"], analysis.recommendation["criterion"]) == (0.1, "only eligible")
    assert analysis.recommendation["confidence"] == "not assessable"
    assert analysis.recommendation["others"] == []
    check_sentences(analysis)


def test_where_all_fail_none_is_recommended():
    analysis = experiment({0.1: [flat(0.1)] * 3, 1.0: [run([0.1] * 10, finite=False), *[flat(0.1)] * 2]}).analyse()
    found = analysis.recommendation
    assert (found["chosen"], found["criterion"], found["confidence"]) == (None, "none eligible", None)
    assert found["statement"].startswith("No rate can be recommended")
    assert list(analysis.rates["verdict"]) == ["fails to learn", "diverges"]
    assert analysis.across["plateau"] is None
    assert analysis.across["delta"] is None
    check_sentences(analysis)


def test_the_best_rate_lacking_a_seed_is_out_and_shrinks_nobody():
    best = [*spread(0.98)[:4], None]
    analysis = experiment({0.1: best, 0.01: spread(0.95), 0.001: spread(0.9)}).analyse()
    found = analysis.recommendation
    assert found["chosen"] == 0.01
    assert found["confidence"] == "low"  # it is not shown to be above the incomplete one
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
    assert (analysis.recommendation["chosen"], analysis.recommendation["loss_prefers"]) == (0.1, 0.01)
    check_sentences(analysis)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.0099, -0.006, "0.6 to 1.0 points lower"),
        (0.00601, 0.00604, "0.601 to 0.604 points higher"),
        (-0.002, 0.001, "between 0.2 points lower and 0.1 points higher"),
        (0.0001, 0.001, "0.01 to 0.10 points higher"),
    ],
)
def test_intervals_in_words(low, high, words):
    assert points_between(low, high, 1) == words


accuracies = st.lists(st.floats(0.05, 0.99), min_size=3, max_size=3)


def made_up(scores, seed):
    generator = np.random.default_rng(seed)
    return {10.0**-index: [noisy(generator, accuracy, 0.01, 8) for accuracy in own] for index, own in enumerate(scores)}


@settings(max_examples=25, deadline=None)
@given(st.lists(accuracies, min_size=1, max_size=4), st.integers(0, 1000))
def test_order_changes_nothing_and_every_sentence_is_true(scores, seed):
    made = experiment(made_up(scores, seed))
    analysis, mixed = made.analyse(), made.shuffled(np.random.default_rng(seed)).analyse()
    assert mixed.recommendation == analysis.recommendation
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
    made = experiment(made_up(scores, seed))
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
    assert after.recommendation["chosen"] == before.recommendation["chosen"]
    for column in ("final_val_loss_mean", "oscillation_median", "backtrack_median", "score_mean"):
        assert after.rates[column].rank().equals(before.rates[column].rank())
    assert after.runs["outcome"].equals(before.runs["outcome"])
