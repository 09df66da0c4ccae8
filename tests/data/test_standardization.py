"""Features standardized by the examples that train, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.samples import BOUNDED

from lrbench.data import standardization
from lrbench.data.split import Examples, Parts, split
from lrbench.data.standardization import standardized
from lrbench.errors import InputError

TRAIN = np.array([[1, 5, 2], [3, 5, 2], [5, 5, 8]], np.float32)  # means 3, 5, 4; deviations √(8/3), 0, √8
TEST = np.array([[3, 6, 12]], np.float32)


def test_by_hand():
    train, test = standardized(TRAIN, TEST)
    first = 2 / np.sqrt(8 / 3)
    expected = [[-first, 0, -2 / np.sqrt(8)], [0, 0, -2 / np.sqrt(8)], [first, 0, 4 / np.sqrt(8)]]
    np.testing.assert_array_equal(train, np.array(expected, np.float32), strict=True)
    np.testing.assert_array_equal(test, np.array([[0, 0, 8 / np.sqrt(8)]], np.float32), strict=True)


@pytest.mark.parametrize("rows", [1, 2, 1000])
def test_however_many_rows_are_taken_at_a_time(monkeypatch, rows):
    many = np.random.default_rng(0).normal(7, 3, (50, 2, 2)).astype(np.float32)
    expected = (many - many.mean(axis=0, dtype=float)) / many.std(axis=0, dtype=float)
    monkeypatch.setattr(standardization, "ROWS", rows)
    np.testing.assert_allclose(standardized(many)[0], expected, rtol=1e-6)


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=2, max_size=6))
@BOUNDED
def test_any_finite_numbers_have_mean_0_and_deviation_1(values):
    (found,) = standardized(np.array(values, np.float32)[:, None])
    assert np.isfinite(found).all()
    assert abs(found.mean(dtype=float)) < 1e-5
    assert found.std(dtype=float) == pytest.approx(1, abs=1e-4) or not found.any()


def test_a_value_too_far_away_is_refused():
    with pytest.raises(InputError, match=r"^dataset\.standardize: a value of the validation or test part lies so far"):
        standardized(np.array([[0], [1e-38]], np.float32), np.array([[1e38]], np.float32))


@pytest.mark.parametrize("wanted", [None, 8])
def test_only_examples_that_train_count(wanted):
    images = np.random.default_rng(1).normal(size=(12, 2)).astype(np.float32)
    data = Parts(
        Examples(images, np.arange(12, dtype=np.uint8) % 2), Examples(images[:2], np.arange(2, dtype=np.uint8))
    )
    settings = {"train_examples": wanted, "validation": {"protocol": "holdout", "examples": 4}}
    plain, scaled = split(data, settings), split(data, settings | {"data_options": {"standardize": True}})
    given = (plain.train.images, plain.validation.images, plain.test.images)
    for found, expected in zip((scaled.train, scaled.validation, scaled.test), standardized(*given), strict=True):
        np.testing.assert_array_equal(found.images, expected, strict=True)
    np.testing.assert_array_equal(scaled.train.labels, plain.train.labels)
