"""What a verification says of two runs that differ."""

from __future__ import annotations

import numpy as np
import pytest

from lrbench.learning.environment import PROCESSOR
from lrbench.learning.jobs import machine
from lrbench.learning.verification import _causes, _difference
from lrbench.tables.training import RUN_TABLES

ORIGIN = {"code": "c", "data": "d", "machine": {"cpu": "x"}, "versions": {"numpy": "2", "tensorflow": "2"}}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({}, "neither the machine nor the versions, code or data differ, so what is stored was not computed by them"),
        ({"machine": {"cpu": "y"}}, "what differs beside it: the machine (cpu x then, cpu y now)"),
        (
            {"versions": {"numpy": "2", "tensorflow": "3"}},
            "what differs beside it: library versions (numpy 2 tensorflow 2 then, numpy 2 tensorflow 3 now)",
        ),
        (
            {"data": "e", "code": "f"},
            "what differs beside it: the data (d then, e now), lrbench's code (c then, f now)",
        ),
    ],
)
def test_what_differs_is_named(changed, sentence):
    assert _causes(ORIGIN, ORIGIN | changed) == sentence


@pytest.mark.parametrize(
    ("losses", "sentence"),
    [
        ([0.5, np.nan, np.inf], ""),
        ([0.5, np.nan, 1.0], "steps (1 of 3 rows, by inf at most)"),
        ([0.25, np.nan, np.inf], "steps (1 of 3 rows, by 0.25 at most)"),
        ([0.5, 0.5, np.inf], "steps (1 of 3 rows, by nan at most)"),
        ([0.5, np.nan], "steps (3 rows stored, 2 now)"),
    ],
)
def test_rows_are_compared_exactly(losses, sentence):
    def columns(values):
        return {"step": np.arange(1, len(values) + 1), "batch_loss": np.array(values, "float32")}

    stored = RUN_TABLES["steps"].frame(columns([0.5, np.nan, np.inf]))
    assert _difference("steps", stored, columns(losses)) == sentence


@pytest.mark.parametrize("name", ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"])
def test_a_limit_on_instructions_makes_another_machine(monkeypatch, name):
    for limit in ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", *PROCESSOR):
        monkeypatch.delenv(limit, raising=False)
    here = machine()
    monkeypatch.setenv(name, "AVX2")
    assert machine() == here | {"cpu": f"{here['cpu']}, limited to AVX2"}
