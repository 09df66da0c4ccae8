"""Every number that a page shows more than once is the same wherever it stands."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import stage_files
from support.examples import COLLAPSED, DIVERGED, EXAMPLES, FAILED, LEARNED, course, example
from support.histories import experiment, run
from support.observed import of, runs_of, steady
from support.samples import BOUNDED
from support.shown_numbers import IN_WORDS, contradictory_evidence, disagreements, shown_numbers

MISSING = "missing"
RATES = (0.0001, 0.0003, 0.001, 0.0011, 0.003, 0.03, 0.5)
FATES = (LEARNED,) * 9 + (FAILED, COLLAPSED, DIVERGED, MISSING)
EXPERIMENTS = 6


@st.composite
def histories(draw):
    """Experiments of up to four rates and four seeds, of which some runs fail, collapse, diverge or are missing."""
    rates = draw(st.lists(st.sampled_from(RATES), min_size=1, max_size=4, unique=True))
    seeds, epochs = draw(st.integers(1, 4)), draw(st.sampled_from((1, 2, 5, 9)))
    first_seed = draw(st.integers(0, 1000))
    fates = {rate: draw(st.lists(st.sampled_from(FATES), min_size=seeds, max_size=seeds)) for rate in rates}
    fates[rates[0]][0] = LEARNED  # an experiment without any run is none
    runs = {
        rate: [
            None if fate == MISSING else course(rate, first_seed + seed, epochs, fate)
            for seed, fate in enumerate(fates[rate])
        ]
        for rate in rates
    }
    return experiment(runs, targets=draw(st.sampled_from(([0.9, 0.95], {"relative": [0.9, 0.99]}))))


@settings(BOUNDED, max_examples=EXPERIMENTS)
@given(made=histories())
def test_a_number_is_the_same_wherever_it_is_shown(made):
    measured, conclusions = stage_files.report_inputs(lambda: made)
    assert disagreements(shown_numbers(measured, conclusions)[0]) == []
    assert contradictory_evidence(measured, conclusions) == []


FALLING = np.linspace(0.5, 0.1, 10)
SHAKING = FALLING + np.resize([0.02, -0.02], 10)
SEEN = {  # together they have every sentence that is looked for
    "all-failed": EXAMPLES["all-failed"],
    "diverged": EXAMPLES["diverged"],
    "three": EXAMPLES["three"],
    "tied and worse": of(
        {
            0.1: [run([0.9, *[0.9490 + seed / 10_000] * 9]) for seed in range(5)],
            0.01: [run([0.5, 0.6, 0.7, *[0.9498 + seed / 10_000] * 7]) for seed in range(5)],
            0.001: steady(0.85, seeds=(-0.0004, -0.0002, 0.0, 0.0002, 0.0005)),
        },
        targets=(0.9,),
    ),
    "four": example((0.0003, 0.001, 0.003, 0.03), epochs=9, targets=(0.9, 0.95)),
    "by steps": example((0.00099, 0.0031)),
    "by oscillation": of({0.01: runs_of([0.96] * 10, None, FALLING), 0.1: runs_of([0.9601] * 10, None, SHAKING)}),
    "two unstable": example((0.001, 0.03, 0.1), epochs=9),
}


def test_every_sentence_that_is_looked_for_is_seen_and_agrees():
    seen = set()
    for name, make in SEEN.items():
        measured, conclusions = stage_files.report_inputs(make)
        numbers, patterns = shown_numbers(measured, conclusions)
        assert disagreements(numbers) == [], name
        assert contradictory_evidence(measured, conclusions) == [], name
        seen |= patterns
    assert [words for place, words in enumerate(IN_WORDS) if place not in seen] == []


def in_the_answer(measured, conclusions):
    statement = measured.recommendation["statement"].replace("97.3 %", "97.4 %")
    return dataclasses.replace(measured, recommendation=measured.recommendation | {"statement": statement}), conclusions


def in_a_card(measured, conclusions):
    which, lead, *others = measured.recommendation["cards"]
    cards = [which, lead | {"value": "1.9 points"}, *others]
    return dataclasses.replace(measured, recommendation=measured.recommendation | {"cards": cards}), conclusions


def in_an_observation(measured, conclusions):
    found = tuple(
        one | {"statement": one["statement"].replace("interval 4.3", "interval 4.4")}
        for one in conclusions.observations
    )
    return measured, dataclasses.replace(conclusions, observations=found)


def in_a_claim(measured, conclusions):
    claims = [
        one | {"measurement": one["measurement"].replace("0.12 nats at 0.01", "0.13 nats at 0.01")}
        for one in conclusions.claims["claims"]
    ]
    return measured, dataclasses.replace(conclusions, claims=conclusions.claims | {"claims": claims})


def in_a_table(column, factor):
    def altered(measured, conclusions):
        rates = measured.rates.assign(**{column: factor * measured.rates[column]})
        return dataclasses.replace(measured, rates=rates), conclusions

    return altered


def in_what_is_drawn(measured, conclusions):
    epochs = measured.tables.epochs.assign(val_loss=1.1 * measured.tables.epochs["val_loss"])
    return dataclasses.replace(measured, tables=dataclasses.replace(measured.tables, epochs=epochs)), conclusions


def in_the_plan(measured, conclusions):
    plan = measured.tables.origin["plan"] | {"seeds": [0, 1]}
    tables = dataclasses.replace(measured.tables, origin=measured.tables.origin | {"plan": plan})
    return dataclasses.replace(measured, tables=tables), conclusions


def in_reach(measured, conclusions):
    return dataclasses.replace(measured, reach=measured.reach.assign(sustained_at=70.0)), conclusions


@pytest.mark.parametrize(
    ("alter", "example", "names"),
    [
        (in_the_answer, "three", {("score", 0.001)}),
        (in_a_card, "three", {("difference", 0.01, 0.001)}),
        (in_an_observation, "three", {("low", 0.001, 0.0001)}),
        (in_a_claim, "three", {("first-epoch loss", 0.01)}),
        (in_a_table("score_mean", 1.01), "three", {("score", rate) for rate in (0.0001, 0.001, 0.01)}),
        (in_a_table("backtrack_median", 1.1), "three", {("backtrack", 0.01)}),
        (in_a_table("failed", 2), "diverged", {("failed", 0.01)}),
        (in_what_is_drawn, "three", {("loss", 0.0001), ("loss", 0.001), ("loss", 0.01)}),
        (in_the_plan, "three", {("planned seeds",)}),
        (in_reach, "near", {("kept", rate, "90 %") for rate in (0.0009, 0.0011)}),
    ],
)
def test_one_place_altered_is_found(alter, example, names):
    numbers, _ = shown_numbers(*alter(*stage_files.report_inputs(EXAMPLES[example])))
    assert {name for name, _ in disagreements(numbers)} == names


def test_one_value_of_evidence_altered_is_found():
    measured, conclusions = stage_files.report_inputs(EXAMPLES["three"])
    item = measured.recommendation["evidence"][0]
    item["value"] += 1
    assert ("answer", item) in contradictory_evidence(measured, conclusions)
