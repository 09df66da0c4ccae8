import math

import pytest

from lrbench.reporting import words


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0789, "0.079"),
        (-0.0789, "−0.079"),
        (0.0, "0"),
        (12345.6, "12,346"),
        (2.3e7, "2.3e7"),
        (1.5e-6, "1.5e−6"),
        (math.nan, "not finite"),
        (math.inf, "not finite"),
        (None, "–"),
    ],
)
def test_number(value, expected):
    assert words.number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(0.12345, "0.1235"), (-0.00001, "0.0000"), (math.nan, "not finite"), (1e30, "1.00e30")]
)
def test_fixed(value, expected):
    assert words.fixed(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(0.978, "97.8 %"), (math.nan, "not finite"), (None, "–")])
def test_percent(value, expected):
    assert words.percent(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(18750.0, "18,750"), (math.inf, "never"), (math.nan, "–")])
def test_steps(value, expected):
    assert words.steps(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(0.1, "0.1"), (20.0, "20"), (100.0, "100"), (1e-5, "1e−5"), (1.5e-30, "1.5e−30")]
)
def test_tick(value, expected):
    assert words.tick(value) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.01], "0.01"),
        ([0.01, 0.001], "0.001 and 0.01"),
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], "6 rates from 0.1 to 0.6"),
    ],
)
def test_rates(values, expected):
    assert words.rates(values) == expected


@pytest.mark.parametrize(("significance", "level"), [(0.05, "95 %"), (0.1, "90 %"), (0.001, "99.9 %")])
def test_the_level_of_an_interval_is_that_of_its_tests(significance, level):
    assert words.level(significance) == level


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"value": 0.97410001}, "0.9741"),
        ({"value": None, "status": "never"}, "never"),
        ({"value": True}, "yes"),
        ({"value": 5}, "5"),
        ({"value": "learned"}, "learned"),
    ],
)
def test_evidence_value(item, expected):
    assert words.evidence_value(item) == expected


def test_row_name():
    assert words.row_name({"learning_rate": 0.01, "seed": 3}) == "learning rate 0.01, seed 3"
