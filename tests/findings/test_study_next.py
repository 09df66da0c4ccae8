"""What to train next in a study: rates where a variant needs them, seeds and epochs for all, and why nothing."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest
import yaml
from support.histories import experiment, run
from support.statements import misplaced_evidence, unfounded_numbers
from support.studies import asked_of, compared, results, sweep

from lrbench.identity.provenance import canonical_json
from lrbench.next_config import study_changes_text
from lrbench.studies.findings import FACTORS
from lrbench.studies.next import what_next
from lrbench.tables.conclusions import NEXT
from lrbench.tables.contracts import check_shape

EDGE = {0.01: 0.80, 0.1: 0.90, 1.0: 0.95}  # best at the largest rate
INNER = {0.01: 0.80, 0.1: 0.95, 1.0: 0.90}
FINE = {0.05: 0.80, 0.1: 0.95, 0.2: 0.90}


def proposed(*variants, axis=None, changes=None):
    """The content of proposals.json, every number of which is looked up."""
    study = compared(*variants, axis=axis)
    found = what_next(study, asked_of(*variants, axis=axis, changes=changes))
    check_shape(found, NEXT, "next")
    canonical_json(found)
    like = SimpleNamespace(rates=study.curves, runs=variants[0].runs, targets_asked=())
    exponents = [power for power, _ in FACTORS]
    for one in (*found["proposals"], *found["settled"]):
        assert unfounded_numbers(one["reason"], one["evidence"], like, exponents) == [], one["reason"]
        known = [item for item in one["evidence"] if item["value"] is not None]  # there may be no exponent
        assert misplaced_evidence(known, study) == []
    return found


def proposal(found, rule):
    (one,) = [one for one in found["proposals"] if one["rule"] == rule]
    return one


def reason(found, rule):
    (one,) = [one for one in found["settled"] if one["rule"] == rule]
    return one["reason"]


def test_rates_that_serve_all_variants_are_asked_for_once_in_base():
    one = proposal(proposed(results(sweep(EDGE), "adam"), results(sweep(EDGE), "sgd")), "beyond")
    assert one["title"] == "Try 10 and 100 in every variant"
    assert one["reason"] == (
        "The best rate of adam, 1 (95.0 %), is the largest of 3 tried; the best rate of sgd, 1 (95.0 %), is the "
        "largest of 3 tried. Other rates may do better."
    )
    assert study_changes_text(one["asks"]) == "base:\n  learning_rates: [0.01, 0.1, 1, 10, 100]"
    assert (one["runs"], one["epochs"]) == (2 * 2 * 5, 2 * 2 * 5 * 2)


def test_a_variant_with_rates_of_its_own_gets_its_own():
    made = [results(sweep(INNER), "adam"), results(sweep(EDGE), "sgd")]
    one = proposal(proposed(*made, changes={"sgd": "learning_rates: [0.01, 0.1, 1]"}), "beyond")
    assert one["title"] == "Try 10 and 100 with sgd"
    text = study_changes_text(one["asks"])
    assert text == "variants:\n  sgd:\n    learning_rates: [0.01, 0.1, 1, 10, 100]"
    assert one["runs"] == 2 * 5


def test_a_name_that_yaml_reads_as_a_number_is_quoted():
    text = study_changes_text({"variants": {"64": {"seeds": [0, 1]}}})
    assert yaml.safe_load(text) == {"variants": {"64": {"seeds": [0, 1]}}}


def test_an_axis_of_rates_leaves_no_rate_to_ask_for():
    made = [results(sweep(EDGE), "a"), results(sweep(EDGE), "b")]
    changes = {"a": "learning_rates: [0.01, 0.1, 1]", "b": "learning_rates: [0.01, 0.1, 1]"}
    found = proposed(*made, axis="learning_rates", changes=changes)
    assert reason(found, "beyond").endswith("A config's limits leave no further rate to ask for there.")


def test_an_exponent_that_cannot_be_told_asks_for_the_middles():
    made = [results(sweep(INNER), f"b{size}", float(size)) for size in (32, 48, 64)]
    one = proposal(proposed(*made, axis="batch_size"), "between")
    assert one["title"] == "Try 0.03 and 0.3 in every variant"
    assert one["reason"] == (
        "It cannot be told whether the exponent is 0, no dependence, ½, the square-root rule or 1, the linear rule. "
        "Best rates are known to a step of the rates only."
    )


def test_an_exponent_of_two_variants_needs_a_longer_axis():
    made = [results(sweep(INNER), f"b{size}", float(size)) for size in (32, 64)]
    said = reason(proposed(*made, axis="batch_size"), "between")
    assert said == "Two variants give an exponent no interval: a longer axis helps, and no finer rates."


def test_an_exponent_that_is_told_asks_for_none():
    scores = [{0.05: 0.95, 0.1: 0.8}, {0.05: 0.8, 0.1: 0.95}]
    made = [results(sweep(scores[n > 1]), "abcd"[n], 10.0 ** (3 * n)) for n in range(4)]
    said = reason(proposed(*made, axis="batch_size"), "between")
    assert said == "The exponent agrees with one rule at most, so no finer rates are needed for it."


def test_best_rates_a_step_apart_ask_for_the_middles_between_them():
    low = {0.001: 0.8, 0.01: 0.95, 0.1: 0.9, 1.0: 0.8}
    high = {0.001: 0.7, 0.01: 0.8, 0.1: 0.95, 1.0: 0.9}
    one = proposal(proposed(results(sweep(low), "adam"), results(sweep(high), "sgd")), "between")
    assert one["reason"] == (
        "From adam to sgd the best rate differs by a factor of 10, one step of the rates. Best rates are known to a "
        "step of the rates only."
    )
    assert one["asks"] == {"base": {"learning_rates": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]}}


def test_rates_that_are_fine_enough_ask_for_none():
    other = {0.05: 0.80, 0.1: 0.90, 0.2: 0.95, 0.4: 0.8}
    fine = {**FINE, 0.4: 0.8}
    said = reason(proposed(results(sweep(fine), "adam"), results(sweep(other), "sgd")), "between")
    assert said == (
        "From adam to sgd the best rate differs by a factor of 2.0, one step of the rates. The rates beside the best "
        "ones are within a factor of 2, near enough."
    )


def test_too_few_seeds_ask_for_the_same_of_all_variants():
    one = proposal(proposed(*(results(sweep(FINE, seeds=2), name) for name in ("adam", "sgd"))), "seeds")
    assert (one["title"], one["reason"]) == (
        "Train every variant with 3 seeds more",
        "With 2 seeds nothing is told apart.",
    )
    assert study_changes_text(one["asks"]) == "base:\n  seeds: [0, 1, 2, 3, 4]"
    assert one["runs"] == 2 * 3 * 3


def test_other_seeds_in_a_variant_ask_for_the_same():
    changes = {"sgd": "seeds: [0, 1, 2]"}
    made = results(sweep(FINE), "adam"), results(sweep(FINE, seeds=3), "sgd")
    one = proposal(proposed(*made, changes=changes), "seeds")
    assert (one["title"], one["reason"]) == (
        "Train every variant with the same seeds",
        "The variants have different seeds, and only those that two variants share pair.",
    )
    seeds = {"seeds": [0, 1, 2, 3, 4]}
    assert (one["asks"], one["runs"]) == ({"base": seeds, "variants": {"sgd": seeds}}, 2 * 3)


def noisy(ends):
    """An experiment of which the runs at 0.1 end at these accuracies."""
    runs = {rate: [run([0.4, score])] * len(ends) for rate, score in FINE.items()}
    return experiment({**runs, 0.1: [run([0.4, end]) for end in ends]})


def test_best_ones_that_are_not_told_apart_ask_for_seeds():
    made = noisy((0.95,) * 5), noisy((0.94, 0.97, 0.96, 0.94, 0.965))
    one = proposal(proposed(results(made[0], "adam"), results(made[1], "sgd")), "seeds")
    assert one["reason"] == "Sgd is 0.50 points above adam, not told apart by 5 seeds."
    seeds = one["asks"]["base"]["seeds"]
    assert (seeds[:6], 40 < len(seeds) < 80) == ([0, 1, 2, 3, 4, 5], True)  # (1.96 + 0.84)² (1.4 / 0.5)² is 61


def test_a_difference_that_takes_too_many_seeds_is_not_worth_it():
    made = noisy((0.95,) * 5), noisy((0.94, 0.96, 0.96, 0.94, 0.9575))
    said = reason(proposed(results(made[0], "adam"), results(made[1], "sgd")), "seeds")
    assert said == (
        "Sgd is 0.15 points above adam, not told apart by 5 seeds: that would take more than 200 seeds, which is not "
        "worth it."
    )


def test_nothing_left_is_said_with_why():
    found = proposed(results(sweep(FINE), "adam"), results(sweep(FINE), "sgd"))
    assert (found["proposals"], found["statement"]) == (
        [],
        "Nothing more to train: by these rules, no rate, seed or epoch more is worth asking for.",
    )
    assert {one["rule"]: one["reason"] for one in found["settled"]} == {
        "beyond": "The best and the recommended rate of every variant lie between other rates of it.",
        "between": "No two neighbouring variants have best rates that differ by one step of their rates or less.",
        "seeds": "5 seeds tell every two variants apart that are compared and not practically tied.",
        "epochs": "No variant's report asks for longer training.",
    }


def test_missing_runs_come_first():
    lacking = experiment({rate: [run([0.4, score])] * 2 + [None] for rate, score in FINE.items()})
    found = proposed(results(lacking, "adam"), results(sweep(FINE, seeds=3), "sgd"))
    assert (found["statement"], reason(found, "missing")) == (
        "First the study has to be whole.",
        "Adam lacks 3 planned runs. The same config, run again, trains what is missing.",
    )


def test_no_rate_is_proposed_where_weights_are_carried_over():
    found = proposed(results(sweep(EDGE), "fresh"), results(sweep(EDGE), "kept", initial_weights={"from": "before"}))
    assert reason(found, "beyond").endswith(
        "Weights are carried over from rate to rate in kept, where what a rate reaches depends on the rates before it, "
        "so no rate is proposed."
    )


@pytest.mark.parametrize(("axis", "changes"), [(None, {}), ("epochs", {"a": "epochs: 2", "b": "epochs: 2"})])
def test_longer_training_is_for_all_variants_or_none(axis, changes):
    one = results(sweep(FINE), "a")
    asks = {
        "rule": "epochs",
        "title": "",
        "reason": "",
        "evidence": [],
        "asks": {"epochs": 4},
        "runs": 15,
        "epochs": 60,
    }
    one = dataclasses.replace(one, next={"proposals": [asks], "settled": [], "statement": ""})
    found = proposed(one, results(sweep(FINE), "b"), axis=axis, changes=changes)
    if axis:
        assert reason(found, "epochs") == (
            "The report of a may say more after longer training, but the study's axis sets it."
        )
    else:
        longer = proposal(found, "epochs")
        assert longer["reason"] == (
            "The report of a may say more after longer training; all variants train equally long, so that they can be "
            "compared."
        )
        assert (longer["asks"], longer["runs"], longer["epochs"]) == ({"base": {"epochs": 4}}, 30, 120)
