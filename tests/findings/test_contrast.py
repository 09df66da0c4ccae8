"""What carrying weights over changes, against the same experiment with fresh weights: exact rows and sentences."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from support.histories import experiment, run

from lrbench.analysis.pipeline import Analysis
from lrbench.errors import InputError
from lrbench.findings.conclusions import recommend
from lrbench.findings.contrast import contrast
from lrbench.findings.observations import CARRIED as CARRIED_SENTENCE
from lrbench.findings.observations import NOT_APPLICABLE, observe
from lrbench.tables.contracts import check_shape
from lrbench.tables.contrast import SHAPE, read_contrast, write_contrast

ORDER = [0.01, 0.001, 0.0001]
LEARNING = [0.8, 0.85, *[0.9] * 8]


def runs(accuracies: Sequence[float], start: float = 0.1, seeds: int = 3, spread: float = 0.001):
    """Runs of one course, a little apart by seed, which begin at a training accuracy."""
    return [
        run([value + spread * seed for value in accuracies], initial={"train_accuracy": start}) for seed in range(seeds)
    ]


def carried(made: dict, seeds: int = 3) -> Analysis:
    found = experiment(made)
    found.origin["settings"]["initial_weights"] = {"order": ORDER}
    return found.analyse()


FRESH = {
    0.01: runs(LEARNING),
    0.001: runs([0.9, 0.93, *[0.96] * 8]),
    0.0001: runs([0.5, 0.7, *[0.85] * 8]),
}
CARRIED = {
    0.01: FRESH[0.01],
    0.001: runs([0.94, 0.95, *[0.96] * 8], start=0.9),
    0.0001: [
        run([value + step for value in [0.965] * 10], initial={"train_accuracy": 0.97}) for step in (0.0, 0.0015, 0.002)
    ],
}


@pytest.fixture(scope="module")
def found():
    return contrast(carried(CARRIED), experiment(FRESH).analyse(), "mine-fresh")


def test_it_keeps_its_contract(found):
    check_shape(found | {"made_from": {"analysis": {}, "carried": "a", "fresh": "b"}}, SHAPE, "contrast.json")
    assert (found["fresh"], found["order"], found["level"]) == ("mine-fresh", ORDER, "95 %")


def test_rates_stand_in_their_order_with_where_they_begin(found):
    assert [row["learning_rate"] for row in found["rates"]] == ORDER
    last = found["rates"][-1]
    assert (last["before_carried"], last["before_fresh"]) == pytest.approx((0.97, 0.1))
    assert last["first_epoch_fresh"] == pytest.approx(0.501)
    assert last["n"] == 3


def test_the_first_rate_has_no_difference(found):
    first = found["rates"][0]
    assert (first["difference"], first["low"], first["high"]) == (0, 0, 0)


def test_the_difference_is_of_scores_paired_by_seed_with_an_interval_corrected_for_two_rates(found):
    # Scores differ by 0.115, 0.1155 and 0.115: mean 0.115167, sd 0.000289, t of 2 degrees at 1 - 0.05/2/2 is 6.2053.
    last = found["rates"][-1]
    assert last["difference"] == pytest.approx(0.115167, abs=1e-6)
    assert last["high"] - last["difference"] == pytest.approx(6.2053 * 0.000288675 / 3**0.5, rel=1e-3)


def test_the_sentences(found):
    assert found["statements"] == [
        "Before its first step, 0.0001, the last rate, already classifies 97.0 % of the training examples correctly, "
        "against 10.0 % with fresh weights; while it trains over its first epoch it is at 96.6 %, against 50.1 % (on "
        "average over 3 seeds).",
        "Paired by seed, corrected for 2 rates, the score is 11.5 points higher at 0.0001 (95 % interval 11.4 to 11.6) "
        "than with fresh weights; at 0.001 a difference is not told from chance.",
        "0.0001 is recommended here, and 0.001 with fresh weights.",
        found["statements"][3],
    ]


def test_claims_are_judged_in_both(found):
    assert [claim["id"] for claim in found["claims"]] == [
        "high-learns-faster",
        "high-fluctuates",
        "default-balances",
        "low-is-stable",
        "low-is-slow",
        "low-gets-stuck",
    ]
    turned = [claim for claim in found["claims"] if claim["carried"] != claim["fresh"]]
    assert turned
    assert found["statements"][3].startswith(f"Of 6 claims, {len(turned)} ha")
    for claim in turned:
        assert (
            f"“{claim['claim'].removesuffix('.')}” is {claim['carried']} here, {claim['fresh']} with fresh weights"
            in found["statements"][3]
        )


def test_where_nothing_changes_that_is_said():
    same = contrast(carried(FRESH), experiment(FRESH).analyse(), "mine-fresh")
    assert same["statements"][1:] == [
        "At 0.001 and 0.0001 a difference is not told from chance.",
        "Both recommend 0.001.",
        "All 6 claims have the same verdict.",
    ]


def test_a_rate_that_diverged_is_not_compared():
    lost = CARRIED | {0.0001: [run([float("nan")] * 10, initial={"train_accuracy": float("nan")})] * 3}
    found = contrast(carried(lost), experiment(FRESH).analyse(), "mine-fresh")
    assert found["statements"][0] == (
        "At 0.0001, the last rate, some accuracy is not finite, so where it begins cannot be compared."
    )
    assert found["rates"][-1]["difference"] is None


def test_it_is_refused_where_it_was_changed_or_is_of_other_tables_or_settings(found, tmp_path):
    path = tmp_path / "contrast.json"
    write_contrast(path, found | {"made_from": {"analysis": {"targets": []}, "carried": "a", "fresh": "b"}})
    assert read_contrast(path, "a", {"targets": []})["fresh"] == "mine-fresh"
    for tables, analysis in (("c", {"targets": []}), ("a", {"targets": [0.9]})):
        with pytest.raises(InputError, match="is of other tables or settings; delete it and run"):
            read_contrast(path, tables, analysis)
    path.write_text(path.read_text().replace("mine-fresh", "mine-other"))
    with pytest.raises(InputError, match="contrast"):
        read_contrast(path, "a", {"targets": []})


def test_the_answer_says_with_which_weights_its_runs_began():
    assert recommend(carried(CARRIED))["statement"].endswith(
        " Its runs began with the weights that those at 0.01 and 0.001 ended with, not with fresh ones."
    )
    assert "began with" not in recommend(experiment(CARRIED).analyse())["statement"]


def test_observations_of_what_training_does_from_fresh_weights_on_are_not_made_of_carried_over_ones():
    looked = {one["id"]: one for one in observe(carried(CARRIED))}
    for name in ("when-to-stop", "speed", "equal-accuracy-sooner", "range-that-trains", "lead-lost", "best-at-edge"):
        assert (looked[name]["status"], looked[name]["statement"]) == (NOT_APPLICABLE, CARRIED_SENTENCE)
    assert looked["failures"]["status"] != NOT_APPLICABLE
    assert CARRIED_SENTENCE not in [one["statement"] for one in observe(experiment(CARRIED).analyse())]


def test_a_loss_before_training_that_differs_from_rate_to_rate_gives_no_sensitivity():
    assert carried(CARRIED).across["sensitivity"] is None
    assert experiment(CARRIED).analyse().across["sensitivity"] is not None
