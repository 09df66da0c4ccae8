"""Variants of a study compared: best rates, pairs, what carries over, the exponent, and what is said of them."""

from __future__ import annotations

import math

import pytest
from support.histories import experiment, run
from support.studies import compared, results, sweep

from lrbench.findings.ledger import look_up
from lrbench.studies.conclusions import conclude

LOW = {0.01: 0.95, 0.1: 0.90, 1.0: 0.80}  # best at 0.01
HIGH = {0.01: 0.80, 0.1: 0.95, 1.0: 0.90}  # best at 0.1


def said(study, name):
    (found,) = [one for one in conclude(study)["findings"] if one["id"] == name]
    return found["status"], found["statement"]


def test_variants_with_the_same_best_rate_show_no_difference():
    study = compared(results(sweep(LOW), "adam"), results(sweep(LOW), "sgd"))
    statement = conclude(study)["statement"]
    assert statement.startswith("No difference in the best learning rate can be told: 0.01 is the best rate")
    assert "no variant is told apart from adam" in statement
    status, text = said(study, "carries-over")
    assert (status, "0.01 carries over (factor 1.0" in text) == ("passed", True)


def test_variants_with_other_best_rates_depend_on_the_variant():
    study = compared(results(sweep(LOW), "adam"), results(sweep(HIGH), "sgd"))
    assert conclude(study)["statement"].startswith(
        "The best learning rate depends on the variant: it is 0.01 for adam and 0.1 for sgd."
    )
    transfer = study.transfers.iloc[0]
    assert (transfer["rate_of"], transfer["used_in"], transfer["carries"], transfer["costs"]) == (0, 1, False, True)
    assert transfer["factor"] == pytest.approx(10)
    assert transfer["cost"] == pytest.approx(0.15)
    assert said(study, "carries-over")[0] == "finding"
    assert "costs 15.00 points" in said(study, "carries-over")[1]


def test_variants_with_the_same_best_rate_are_named_together():
    made = [("adam", LOW), ("adamw", LOW), ("sgd", HIGH)]
    statement = conclude(compared(*(results(sweep(scores), name) for name, scores in made)))["statement"]
    assert "depends on the variant: it is 0.01 for adam and adamw, and 0.1 for sgd." in statement


def test_two_variants_with_one_best_rate_ask_one_thing_of_a_third():
    table = compared(*(results(sweep(one), name) for one, name in ((LOW, "a"), (LOW, "b"), (HIGH, "c")))).transfers
    same = table[(table["learning_rate"] == 0.01) & (table["used_in"] == 2)]
    assert len(same) == 2
    assert len(same[["cost", "cost_low", "cost_high"]].drop_duplicates()) == 1  # one test, corrected once
    assert same["costs"].all()


def test_two_seeds_tell_nothing():
    made = [sweep(one, seeds=2) for one in (LOW, HIGH)]
    study = compared(results(made[0], "adam"), results(made[1], "sgd"))
    assert not study.transfers["costs"].any()
    assert "cannot be told from these runs" in conclude(study)["statement"]
    assert said(study, "carries-over")[0] == "inconclusive"
    assert "some variant has 2 seeds" in said(study, "limits")[1].lower()


def test_pairs_are_by_seed_where_batches_are_the_same():
    study = compared(results(sweep(LOW), "a"), results(sweep({0.01: 0.97, 0.1: 0.9, 1.0: 0.8}), "b"))
    (row,) = study.pairs.to_dict("records")
    assert (row["paired"], row["reason"], row["n"], row["separated"]) == (True, "", 5, True)
    assert row["difference"] == pytest.approx(0.02)
    assert row["high"] - row["low"] < 0.001  # the seeds differ by the same in both, so little is left
    assert "b is 2.00 points" in said(study, "scores-apart")[1]
    assert said(study, "pairing")[0] == "passed"


@pytest.mark.parametrize(
    ("changes", "reason", "n"),
    [
        ({"batch_size": 64}, "a seed draws other batches, as they differ in batch size", 5),
        ({"train_examples": 7}, "a seed draws other batches, as they differ in number of training examples", 5),
        ({"data": "1" * 64}, "they are validated on other examples", 0),
        ({"validation": {"protocol": "own", "examples": None}}, "they are validated on other examples", 0),
    ],
)
def test_pairs_that_are_none_are_said(changes, reason, n):
    better = {0.01: 0.97, 0.1: 0.9, 1.0: 0.8}
    study = compared(results(sweep(LOW), "a"), results(sweep(better), "b", **changes))
    (row,) = study.pairs.to_dict("records")
    assert (row["paired"], row["reason"], row["n"]) == (False, reason, n)
    status, text = said(study, "pairing")
    assert status == "inconclusive"
    assert reason in text
    if n:  # by Welch's test, in which the spread over seeds stays
        assert row["high"] - row["low"] == pytest.approx(2 * 2.306 * math.sqrt(2 * 2.5 * 0.002**2 / 5), rel=1e-3)
        assert "not paired, n = 5" in said(study, "scores-apart")[1]
    else:
        assert math.isnan(row["difference"])
        assert "scores highest" not in conclude(study)["statement"]


def test_variants_without_a_seed_in_common_are_not_paired():
    other = sweep(LOW, seeds=3)
    made = experiment({rate: [run([0.4, 0.9])] * 3 for rate in LOW}, seeds=[7, 8, 9])
    (row,) = compared(results(other, "a"), results(made, "b")).pairs.to_dict("records")
    assert (row["paired"], row["reason"]) == (False, "they have no seed in common")


def test_a_variant_that_learns_nowhere_is_left_out_and_said():
    lost = experiment({rate: [run([0.1, 0.1])] * 3 for rate in LOW})
    study = compared(results(sweep(LOW), "adam"), results(lost, "sgd"), results(sweep(HIGH), "momentum"))
    statement = conclude(study)["statement"]
    assert "sgd learned at no rate in all planned runs and is left out" in statement
    assert [row["reason"] for row in study.pairs.to_dict("records")].count("") == 1
    assert said(study, "left-out")[1].startswith("Sgd learned at no rate in all planned runs and is left out")
    assert study.variants["sensitivity"].isna().tolist() == [False, True, False]  # the least, if it were counted
    assert "sgd has no such number" in said(study, "sensitivity")[1]
    everything_lost = conclude(compared(results(lost, "a"), results(lost, "b")))
    assert everything_lost["statement"].startswith("No variant has a best rate among several")


def test_a_variant_with_one_rate_has_no_best_one():
    single = results(sweep({1.0: 0.7}), "single")
    study = compared(results(sweep(LOW), "adam"), results(sweep(LOW), "sgd"), single)
    statement = conclude(study)["statement"]
    assert statement.startswith("No difference in the best learning rate can be told: 0.01 is the best rate")
    assert "single has one rate alone, so it has no best one and is left out." in statement
    assert study.across["grid"] == [0.01, 0.1, 1.0]  # which it does not cut short
    assert "single" not in said(study, "carries-over")[1]
    both = conclude(compared(results(sweep(LOW), "adam"), single))["statement"]
    assert both.startswith("Only adam has a best rate, 0.01. single has one rate alone")


def test_a_single_rate_has_no_part_in_the_exponent():
    variants = [
        results(sweep({0.001: 0.9, 0.002: 0.95, 0.004: 0.9}), name, value) for name, value in (("8", 8.0), ("16", 16.0))
    ]
    single = results(sweep({0.5: 0.95}), "32", 32.0)
    across = compared(*variants, single, axis="batch_size").across
    assert (across["exponent_n"], across["exponent"]) == (2, pytest.approx(0.0))
    few = compared(variants[0], single, axis="batch_size")
    assert (
        said(few, "exponent")[1] == "An exponent needs two variants with a best rate among several; here it has n = 1."
    )


def with_missing(scores, lost, seeds=5):
    """An experiment in which the last two planned runs at one rate are missing."""
    return experiment(
        {
            rate: [
                None if rate == lost and seed >= seeds - 2 else run([score / 2, score + 0.002 * (seed - 2)])
                for seed in range(seeds)
            ]
            for rate, score in scores.items()
        }
    )


def test_rates_with_missing_runs_are_said_and_take_no_part():
    study = compared(results(sweep(LOW), "adam"), results(with_missing(LOW, 0.01), "sgd"))
    assert study.variants["missing"].tolist() == [0, 2]
    assert study.variants["best"].tolist() == [0.01, 0.1]  # 0.01 lacks runs, so it is not compared
    transfer = study.transfers.iloc[0]
    assert (transfer["planned"], transfer["tested"], transfer["costs"]) == (True, False, False)
    assert math.isnan(transfer["cost"])
    assert math.isnan(study.variants["sensitivity"].iloc[1])
    assert "sgd lacks 2 of 5 planned runs at 0.01, which is no best rate" in said(study, "left-out")[1].lower()
    assert "not known, since runs are missing at 0.01" in said(study, "carries-over")[1]
    assert not conclude(study)["statement"].startswith("The best learning rate depends")
    nothing = experiment({rate: [run([0.4, 0.9]), None] for rate in LOW})
    lost = conclude(compared(results(sweep(LOW), "adam"), results(nothing, "sgd")))["statement"]
    assert "sgd has no rate at which every planned run is there and learned and is left out" in lost


def test_other_seeds_are_said_and_pairs_count_those_of_both():
    other = experiment({rate: [run([score / 2, score])] * 4 for rate, score in LOW.items()}, seeds=[2, 3, 4, 5])
    study = compared(results(sweep(LOW), "a"), results(other, "b"))
    (row,) = study.pairs.to_dict("records")
    assert (row["paired"], row["n"]) == (True, 3)
    status, text = said(study, "left-out")
    assert (status, text) == (
        "inconclusive",
        "The variants have different seeds, and pairs count those that both have.",
    )
    assert said(compared(results(sweep(LOW), "a"), results(sweep(HIGH), "b")), "left-out")[0] == "passed"


def test_other_data_are_said_and_no_scores_compared():
    study = compared(results(sweep(LOW), "a"), results(sweep(LOW), "b"), results(sweep(LOW), "c", data="1" * 64))
    assert study.pairs["n"].tolist() == [5, 0, 0]
    assert said(study, "pairing")[1] == ("A and c; b and c: not compared, since they are validated on other examples.")
    assert "scores highest" not in conclude(study)["statement"]


def test_limits_name_seeds_grid_and_edges():
    study = compared(results(sweep(LOW), "a"), results(sweep(LOW, seeds=2), "b"))
    text = said(study, "limits")[1]
    assert "some variant has 2 seeds" in text.lower()
    assert "rates of a and b reach an end of the grid" in text
    assert "Best rates are known to a step of their grid, a factor of 10.0." in text


def axis_of(bests, values=(32, 128, 512), rates=(0.001, 0.004, 0.016, 0.064, 0.256)):
    """Variants along an axis, with the best rates named by their place in the grid."""
    variants = []
    for value, best in zip(values, bests, strict=True):
        scores = {rate: 0.95 - 0.05 * abs(place - best) for place, rate in enumerate(rates)}
        variants.append(results(sweep(scores, seeds=2), str(value), float(value), batch_size=value))
    return compared(*variants, axis="batch_size")


def test_the_exponent_is_that_of_the_best_rates():
    study = axis_of((1, 2, 3))
    across = study.across
    assert (across["exponent"], across["exponent_n"]) == (pytest.approx(1.0), 3)
    # the step of the grid is a factor 4: rounding to it leaves a deviation of log(4) / sqrt(12)
    reach = 12.706 * math.log(4) / math.sqrt(12) / math.sqrt(2 * math.log(4) ** 2)
    assert across["exponent_high"] == pytest.approx(1.0 + reach, rel=1e-4)
    status, text = said(study, "exponent")
    assert status == "inconclusive"
    assert "n = 3 variants" in text
    assert "on this grid it cannot be told whether that is 0, no dependence, ½, the square-root rule or 1" in text


def test_an_exponent_of_many_variants_excludes_rules():
    values = tuple(16 * 2**place for place in range(5))
    study = axis_of(range(5), values, tuple(0.001 * 2**place for place in range(5)))
    status, text = said(study, "exponent")
    assert status == "finding"
    assert "agrees with 1, the linear rule, and not with 0" in text


def test_an_exponent_of_rates_at_an_edge_may_be_another():
    text = said(axis_of((0, 1, 2)), "exponent")[1]
    assert text.endswith(
        "1, the linear rule. The best or tied rates of 32 reach an end of the grid, beyond which better "
        "ones may lie, so the exponent may be another."
    )


def test_two_variants_give_a_slope_and_no_interval():
    study = axis_of((1, 3), (32, 128))
    assert study.across["exponent"] == pytest.approx(2.0)
    assert study.across["exponent_low"] is None
    assert said(study, "exponent")[1].endswith("two points give no interval, so it cannot be told which rule holds.")


def test_named_variants_have_no_exponent():
    study = compared(results(sweep(LOW), "a"), results(sweep(HIGH), "b"))
    assert said(study, "exponent")[0] == "not applicable"


def test_rates_that_are_not_in_the_other_grid_are_not_called_carried_over():
    other = sweep({0.02: 0.9, 0.2: 0.95, 2.0: 0.8})
    study = compared(results(sweep(LOW), "a"), results(other, "b"))
    assert study.across["grid"] == []
    assert "it is not known, since it does not have 0.01" in said(study, "carries-over")[1]
    assert said(study, "sensitivity")[0] == "not applicable"


def test_other_targets_are_not_compared():
    study = compared(results(sweep(LOW, targets=[0.5]), "a"), results(sweep(LOW, targets=[0.6]), "b"))
    assert study.across["target"] is None
    assert study.variants["steps_at"].isna().all()
    assert said(study, "steps-to-target")[0] == "not applicable"
    third = results(sweep(LOW, targets=[0.5]), "c")
    most = compared(results(sweep(LOW, targets=[0.5]), "a"), results(sweep(LOW, targets=[0.6]), "b"), third)
    assert (most.across["target"], most.across["target_of"]) == (0.5, [0, 2])
    assert most.variants["steps_at"].isna().tolist() == [False, True, False]
    assert "b has other targets, and no steps here." in said(most, "steps-to-target")[1]
    shared = compared(results(sweep(LOW, targets=[0.4, 0.9]), "a"), results(sweep(LOW, targets=[0.4, 0.99]), "b"))
    assert shared.across["target"] == 0.4
    assert "The median run keeps 40 % for good: a between steps" in said(shared, "steps-to-target")[1]


def test_every_item_of_evidence_can_be_looked_up_again():
    study = axis_of((1, 2, 3))
    concluded = conclude(study)
    items = [*concluded["evidence"], *(item for one in concluded["findings"] for item in one["evidence"])]
    assert len(items) > 40
    for item in items:
        value = look_up(study, item)
        shown = None if isinstance(value, float) and not math.isfinite(value) else value
        assert shown == item["value"], item
