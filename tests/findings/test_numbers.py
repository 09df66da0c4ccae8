"""Numbers are public functions, each with the sentence that says what it computes."""

from __future__ import annotations

import inspect

import pytest
from support.histories import experiment, flat

from lrbench.findings import numbers
from lrbench.findings.ledger import COMPUTED, Ledger, look_up
from lrbench.findings.numbers.training import early_leads

QUANTITIES = [getattr(numbers, name) for name in numbers.__all__ if hasattr(getattr(numbers, name), "sentence")]


def test_every_function_that_a_module_of_numbers_defines_is_public_under_its_name():
    for quantity in QUANTITIES:
        assert quantity.__module__.startswith("lrbench.findings.numbers.")
        assert next(iter(inspect.signature(quantity).parameters)).lstrip("_") == "analysis"
    assert len(QUANTITIES) >= 80


@pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda quantity: quantity.__name__)
def test_a_sentence_says_what_a_quantity_computes(quantity):
    assert len(quantity.sentence) > 20
    assert not quantity.sentence.endswith(".")


def test_evidence_names_the_public_function():
    ledger = Ledger(experiment({0.1: [flat(0.9)] * 3}).analyse())
    assert ledger.take(numbers.most_seeds) == 3
    (item,) = ledger.items
    assert item == {
        "value": 3,
        "table": COMPUTED,
        "column": "lrbench.findings.numbers.most_seeds",
        "row": {},
        "from": numbers.most_seeds.sentence,
    }
    assert look_up(ledger.analysis, item) == 3


@pytest.mark.parametrize("name", ["os.getcwd", "lrbench.findings.numbers.nothing", "lrbench.findings.ledger.plain"])
def test_evidence_names_no_other_function(name):
    analysis = experiment({0.1: [flat(0.9)] * 3}).analyse()
    with pytest.raises(LookupError, match="is no function that evidence can name"):
        look_up(analysis, {"table": COMPUTED, "column": name, "row": {}})


def test_leads_are_computed_once_for_each_analysis_and_rate():
    analysis = experiment({1.0: [flat(0.9)] * 3, 0.1: [flat(0.9)] * 3}).analyse()
    leads = early_leads(analysis, 0.1)
    assert early_leads(analysis, 0.1) is leads
    assert early_leads(analysis, 1.0) is not leads
