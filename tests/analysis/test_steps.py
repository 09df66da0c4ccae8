"""The steps' summary is the same however the table is parted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lrbench.analysis.measurements import summarise_steps
from lrbench.errors import InputError
from lrbench.tables.training import EXPERIMENT_TABLES

STEPS = EXPERIMENT_TABLES["steps"].frame(
    {
        "learning_rate": [0.1] * 4 + [0.01] * 2,
        "seed": [0, 0, 1, 1, 0, 0],
        "step": [1, 2, 1, 2, 1, 2],
        "batch_loss": [2.0, np.nan, np.inf, -np.inf, 1.0, 0.5],
    }
)


def test_a_row_for_each_run_in_one_part_or_in_many():
    whole = summarise_steps([STEPS])
    assert whole.to_dict("index") == {
        (0.01, 0): {"rows": 2, "first": 1, "last": 2, "non_finite": 0},
        (0.1, 0): {"rows": 2, "first": 1, "last": 2, "non_finite": 1},
        (0.1, 1): {"rows": 2, "first": 1, "last": 2, "non_finite": 2},
    }
    parts = [part for _, part in STEPS.groupby(["learning_rate", "seed"])]
    pd.testing.assert_frame_equal(summarise_steps(parts), whole)


def test_a_run_in_two_parts_is_refused():
    with pytest.raises(InputError, match=r"has the run of learning rate 0\.1, seed 1, in two parts; run snakemake"):
        summarise_steps([STEPS[:5], STEPS[5:]])


def test_no_part_at_all_is_refused():
    with pytest.raises(InputError, match="the table steps: is empty; run snakemake"):
        summarise_steps([])
