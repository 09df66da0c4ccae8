"""Quantities are found by name: each name stands for one function."""

from __future__ import annotations

from lrbench.findings.quantities import QUANTITIES, THEMES


def test_no_name_stands_for_two_quantities():
    assert len(QUANTITIES) == sum(len(theme.quantity) for theme in THEMES)


def test_a_quantity_stands_under_the_name_of_its_function():
    assert [function.__name__ for function in QUANTITIES.values()] == list(QUANTITIES)
