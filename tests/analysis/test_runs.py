"""What became of every run, from made-up histories."""

from __future__ import annotations

import math

import pytest
from support.histories import experiment, flat, run

from lrbench.analysis.runs import accuracy_above_chance, balanced_accuracy


def outcomes(made):
    return made.analyse().runs.set_index(["learning_rate", "seed"])["outcome"].to_dict()


def test_a_perfect_rate():
    row = experiment({0.1: [run([1.0, 1.0], val_loss=[0.0, 0.0])]}).analyse().runs.iloc[0]
    assert row["outcome"] == "learned"
    assert row["final_skill"] == row["score"] == row["best_val_accuracy"] == 1
    assert row["best_epoch"] == 1
    assert row["final_val_loss"] == 0
    assert not row["exploded"]


def test_nan_from_a_step_on_is_divergence_of_that_run_alone():
    broken = run(
        [0.9, 0.1], val_loss=[0.1, math.nan], train_loss=[0.1, math.nan], batch_loss={11: math.nan, 12: math.nan}
    )
    runs = experiment({0.1: [*[flat(0.9, 2)] * 19, broken]}).analyse().runs
    assert runs["outcome"].value_counts().to_dict() == {"learned": 19, "diverged": 1}
    row = runs.iloc[-1]
    assert row["non_finite"] == 3  # one evaluation, two steps
    assert math.isnan(row["final_val_loss"])
    assert math.isnan(row["backtrack"])
    assert row["best_val_loss"] == 0.1
    assert (runs["non_finite"].iloc[:-1] == 0).all()


@pytest.mark.parametrize(
    "broken",
    [
        run([0.9, 0.9], finite=False),
        run([0.9, 0.9], batch_loss={3: math.inf}),
        run([0.9, 0.9], loss=[math.nan, 0.1]),
        run([0.9, 0.9], early={5: {"train_loss": math.inf}}),
    ],
)
def test_any_loss_or_weight_that_is_not_finite_is_divergence_though_the_run_recovers(broken):
    assert outcomes(experiment({0.1: [broken]})) == {(0.1, 0): "diverged"}


def test_chance_level_with_a_constant_loss_fails():
    assert outcomes(experiment({0.1: [flat(0.1, loss=2.3)], 0.01: [flat(0.9)]})) == {
        (0.1, 0): "failed",
        (0.01, 0): "learned",
    }


def test_reached_97_and_ended_at_10_is_collapse():
    assert outcomes(experiment({0.1: [run([0.97, 0.97, 0.1])]})) == {(0.1, 0): "collapsed"}


def test_learned_between_two_epoch_ends_and_lost_is_collapse_as_well():
    assert outcomes(experiment({0.1: [run([0.1], early={5: {"val_accuracy": 0.9}})]})) == {(0.1, 0): "collapsed"}


def test_the_bar_is_a_share_of_the_best_rates_median_skill():
    # chance is 0.1: accuracies .9, .31 and .29 are skills of .889, .233 and .211; a quarter of the first is .222
    runs = {0.1: [flat(0.9)], 0.01: [flat(0.31)], 0.001: [flat(0.29)]}
    assert outcomes(experiment(runs)) == {(0.1, 0): "learned", (0.01, 0): "learned", (0.001, 0): "failed"}
    high = experiment({0.1: [flat(0.6)], 0.01: [flat(0.95)]}, thresholds={"relative_skill": 0.9})
    assert outcomes(high)[(0.1, 0)] == "failed"


def test_a_little_above_chance_is_learning_where_luck_cannot_explain_it():
    binary = {"class_counts": (500, 500)}
    assert outcomes(experiment({0.1: [flat(0.7)]}, **binary)) == {(0.1, 0): "learned"}
    assert outcomes(experiment({0.1: [flat(0.52)]}, **binary)) == {(0.1, 0): "failed"}
    assert outcomes(experiment({0.1: [flat(0.4)]}, class_counts=(20,) * 100)) == {(0.1, 0): "learned"}
    assert outcomes(experiment({0.1: [flat(0.97)]}, class_counts=(9550, 450))) == {(0.1, 0): "learned"}


def test_accuracy_above_chance_by_hand():
    # of 4 coins all 4 fall right with probability 1/16 = .0625, 3 or more with 5/16
    assert accuracy_above_chance(0.5, 4, 1, 0.07) == 1.0
    assert accuracy_above_chance(0.5, 4, 1, 0.32) == 0.75
    assert accuracy_above_chance(0.5, 4, 1, 0.06) > 1  # no accuracy on four examples is enough
    assert accuracy_above_chance(0.5, 4, 2, 0.14) == 1.0  # two looks: each at half the level


def test_balanced_accuracy_by_hand():
    assert balanced_accuracy([90, 5], [100, 10]) == pytest.approx(0.7)
    assert balanced_accuracy([100, 0], [100, 10]) == 0.5  # always the larger class
    assert balanced_accuracy([3, 0], [4, 0]) == 0.75  # a class without examples says nothing


def test_a_run_exactly_at_the_bar_has_learned():
    # a quarter of skill 1 is .25: accuracy .625 of two equal classes
    runs = experiment({0.1: [flat(1.0)], 0.01: [flat(0.625)]}, class_counts=(500, 500))
    assert outcomes(runs) == {(0.1, 0): "learned", (0.01, 0): "learned"}


def test_chance_is_the_largest_class():
    row = experiment({0.1: [flat(0.8)]}, class_counts=(600, 400)).analyse().runs.iloc[0]
    assert row["final_skill"] == pytest.approx(0.5)


def test_exploded_is_remembered_whatever_happened_later():
    row = experiment({0.1: [run([0.9, 0.9], early={2: {"train_loss": 4.6}})]}).analyse().runs.iloc[0]
    assert row["exploded"]
    assert row["outcome"] == "learned"
    assert row["largest_spike"] == pytest.approx(4.6 - 2.3)


def test_test_results_come_from_the_manifest():
    made = experiment({0.1: [run([0.9, 0.9], test={"loss": 0.2, "accuracy": 0.88}), run([0.9, 0.9])]})
    runs = made.analyse().runs
    assert runs["test_accuracy"].iloc[0] == 0.88
    assert math.isnan(runs["test_accuracy"].iloc[1])


def test_an_accuracy_that_is_not_a_number_stays_one():
    runs = experiment({0.1: [run([0.9, math.nan], val_loss=[0.1, 0.1]), flat(0.9, 2)]}).analyse().runs
    assert math.isnan(runs["final_val_accuracy"].iloc[0])
    assert runs["best_val_accuracy"].iloc[0] == 0.9
    assert list(runs["outcome"]) == ["collapsed", "learned"]


def test_targets_have_a_row_for_every_run_and_target():
    targets = experiment({0.1: [run([0.85, 0.95]), flat(0.1, 2)]}, targets=(0.9, 0.8)).analyse().targets
    assert targets[["seed", "target", "first_after", "first_at"]].to_numpy().tolist() == [
        [0, 0.8, 0, 10],
        [0, 0.9, 10, 20],
        [1, 0.8, math.inf, math.inf],
        [1, 0.9, math.inf, math.inf],
    ]
