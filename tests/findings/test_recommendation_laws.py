"""What changes no recommendation: the order of rates and seeds, a rate that is worse, the scale of the losses."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.histories import experiment, flat, noisy
from support.recommendations import check_sentences, recommendation

from lrbench.findings.conclusions import recommend

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
