"""A search as a whole: its rounds with their reasons, and an analysis of rates that have different numbers of seeds."""

from __future__ import annotations

import copy

import pytest
from support.searched import SEARCH, ended, made_of, searched
from support.shown_numbers import contradictory_evidence, disagreements, shown_numbers
from support.stage_files import report_inputs
from support.statements import misplaced_evidence, unfounded_numbers

from lrbench.errors import InputError
from lrbench.findings.claims import check_claims
from lrbench.findings.conclusions import recommend
from lrbench.findings.next import what_next
from lrbench.findings.observations import observe
from lrbench.tables.plan import plan_of, seeds_by_rate
from lrbench.tables.search import read_round, read_rounds, round_file, searched_plan, write_round


def test_the_rounds_say_what_they_ask_for_and_why():
    _, rounds = searched()
    said = [[reason["sentence"] for reason in one["reasons"]] for one in rounds]
    assert seeds_by_rate(rounds[0]["plan"]) == dict.fromkeys((1e-4, 1e-3, 0.01, 0.1), (0, 1, 2))
    assert said[0][0] == (
        "0.0003 with 3 seeds: it lies between the best rate, 0.001, and 0.0001, which are a factor of 10 apart."
    )
    assert said[-1] == []
    assert rounds[-1]["next"] is None
    assert rounds[-1]["ends"] == "settled"


def test_a_rate_that_failed_or_is_told_apart_keeps_its_few_seeds_and_the_reason_is_said():
    _, rounds = searched()
    seeds = {rate: len(own) for rate, own in seeds_by_rate(rounds[-1]["plan"]).items()}
    verdicts = {one["learning_rate"]: one for one in rounds[-1]["standings"]}
    assert seeds[0.1] == 3
    assert verdicts[0.1]["sentence"] == "0.1 gets no more seeds: 3 of its 3 runs did not learn."
    assert len(set(seeds.values())) > 1
    assert verdicts[1e-4]["verdict"] == "apart"
    assert "told apart" in verdicts[1e-4]["sentence"]


def test_every_number_of_what_is_said_after_a_search_is_founded():
    analysis = ended().analyse()
    recommendation = recommend(analysis)
    said = [(recommendation["statement"], recommendation["evidence"], ())]
    said += [(one["reason"], one["evidence"], ()) for one in recommendation["others"]]
    said += [(one["statement"], one["evidence"], [*one["threshold"].values(), one["n"]]) for one in observe(analysis)]
    said += [(one["reason"], one["evidence"], ()) for one in what_next(analysis)["settled"]]
    known = [*analysis.thresholds.model_dump().values(), 9]
    for claim in check_claims(analysis)["claims"]:
        said += [(part["statement"], part["evidence"], known) for part in claim["parts"]]
    for text, evidence, further in said:
        assert unfounded_numbers(text, evidence, analysis, further) == [], text
        assert misplaced_evidence(evidence, analysis) == []


def test_pairs_are_over_the_seeds_that_both_rates_have():
    analysis = ended().analyse()
    planned = {float(row.learning_rate): row.planned for row in analysis.rates.itertuples()}
    assert len(set(planned.values())) > 1
    for row in analysis.comparisons.itertuples():
        assert row.n == min(planned[row.higher], planned[row.lower])


def test_what_the_last_round_tells_apart_is_what_the_page_tells_apart():
    analysis, (_, rounds) = ended().analyse(), searched()
    best = next(one["learning_rate"] for one in rounds[-1]["standings"] if one["verdict"] == "best")
    assert analysis.chosen == best
    scores = analysis.comparisons[analysis.comparisons["measure"] == "score"]
    told = [{row.higher, row.lower} for row in scores.itertuples() if row.separated]
    apart = {rate for pair in told if best in pair for rate in pair - {best}}
    assert apart == {one["learning_rate"] for one in rounds[-1]["standings"] if one["verdict"] == "apart"}


def test_a_page_of_a_search_shows_no_two_values_of_one_number():
    measured, conclusions = report_inputs(ended)
    numbers, _ = shown_numbers(measured, conclusions)
    numbers.pop(("planned seeds",), None)  # several: each rate has its own
    assert disagreements(numbers) == []
    assert contradictory_evidence(measured, conclusions) == []


def proposals(made):
    found = what_next(made.analyse())
    return {one["rule"]: one for one in found["proposals"]}, {one["rule"]: one["reason"] for one in found["settled"]}


def test_a_search_that_settled_proposes_nothing():
    found, settled = proposals(ended())
    assert found == {}
    assert settled["limits"] == "The recommended rate, 0.001, lies between the limits of the search."
    assert settled["budget"] == "By the rules of the search nothing was left to ask for."


def test_a_best_rate_at_a_limit_asks_for_wider_limits():
    made = made_of(plan_of({1e-3: 3, 1.7e-3: 3, 3e-3: 3}))
    made.settings["search"] = SEARCH | {"rates": SEARCH["rates"] | {"from": 1e-3}}
    found, _ = proposals(made)
    assert found["limits"]["asks"] == {"search": SEARCH | {"rates": SEARCH["rates"] | {"from": 1e-5}}}
    assert found["limits"]["title"] == "Search from 1e-05 to 0.1"
    assert found["limits"]["runs"] == 3 * 4  # 0.001 was trained


def test_a_spent_budget_asks_for_a_larger_one():
    found, _ = proposals(made_of(plan_of({1e-4: 3, 1e-3: 3, 0.01: 3, 0.1: 3})))
    assert found["budget"]["asks"] == {"search": SEARCH | {"rounds": 7}}
    assert "it would have asked for 0.0003 and 0.003" in found["budget"]["reason"]


@pytest.fixture
def results(tmp_path):
    made, rounds = searched()
    for number, content in enumerate(rounds, 1):
        write_round(tmp_path / round_file("e", number), content)
    return tmp_path / "e", made.origin["settings"], made.settings


def test_the_rounds_of_a_search_are_read_back_with_the_plan_it_came_to(results):
    _, rounds = searched()
    assert read_rounds(*results) == list(rounds)
    assert searched_plan(*results) == rounds[-1]["plan"]


def test_rounds_of_other_settings_or_without_their_end_are_refused(results):
    folder, settings, analysis = results
    with pytest.raises(InputError, match=r"round-1.json: is of other settings; delete it and run snakemake again"):
        read_round(round_file(folder, 1), settings, analysis | {"targets": [0.5]})
    _, rounds = searched()
    (folder / "search" / f"round-{len(rounds)}.json").unlink()
    assert searched_plan(folder, settings, analysis) is None
    with pytest.raises(InputError):
        read_rounds(folder, settings, analysis)


def test_a_round_that_breaks_its_contract_is_not_written(tmp_path):
    content = copy.deepcopy(searched()[1][0]) | {"statement": 3}
    with pytest.raises(ValueError, match="breaks its contract in statement"):
        write_round(tmp_path / "round-1.json", content)
