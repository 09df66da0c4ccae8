import pytest
from support import stage_files
from support.examples import THREE, TUTORIAL, example
from support.histories import flat, run
from support.observed import of

from lrbench.reporting.sections.verdicts import numbers, verdict_rows
from lrbench.wording import rounded


def test_numbers_of_cards_are_among_those_that_can_be_looked_up():
    recommendation = stage_files.measured(THREE).recommendation
    found = numbers(recommendation)
    assert all(item in found for card in recommendation["cards"] for item in card["evidence"])
    assert len(found) == len({repr(item) for item in found}) > len(recommendation["evidence"])


@pytest.mark.parametrize(("epochs", "measure"), [(2, "Largest rise, median"), (8, "Oscillation, median")])
def test_unsteadiness_is_the_number_that_sentences_go_by(epochs, measure):
    measured = stage_files.measured(example(epochs=epochs))
    table = verdict_rows(measured)
    assert table["unsteadiness"] == measure
    known = {one["learning_rate"]: one["unsteadiness"] for one in measured.across["unsteadiness"]}
    assert [row["unsteadiness"] for row in table["rows"]] == [rounded(known[rate]) for rate in TUTORIAL]


def columns_of(make):
    table = verdict_rows(stage_files.measured(make))
    return {name for name in ("final", "balanced", "test") if table[name]}


def test_a_column_is_there_where_it_says_something():
    assert columns_of(THREE) == set()
    assert columns_of(example(class_counts=(2000, 1000), holdout=True)) == {"test"}
    assert columns_of(example(class_counts=(2001, 1000))) == {"balanced"}


def test_a_final_accuracy_far_from_the_score_stands_beside_it():
    late = [0.7] * 7 + [0.72, 0.73, 0.98]  # the score is the mean of the last two: 85.5 %
    make = of({0.01: [run(late)] * 3, 0.1: [flat(0.8)] * 3})
    table = verdict_rows(stage_files.measured(make))
    assert columns_of(make) == {"final"}
    assert [(row["accuracy"], row["final"]) for row in table["rows"]] == [
        ("85.5 ± 0.00", "98.0 ± 0.00"), ("80.0 ± 0.00", "80.0 ± 0.00"),
    ]  # fmt: skip
