"""The whole analysis: its checks of what it is given, and its tables' formats."""

from __future__ import annotations

import dataclasses

import pytest
from support.histories import experiment, flat, run

from lrbench.errors import InputError
from lrbench.tables.analysis import ANALYSIS_TABLES

MADE = experiment({0.1: [flat(0.9, 3), flat(0.91, 3)], 0.01: [flat(0.8, 3), None]})


def replaced(**parts):
    return dataclasses.replace(MADE, **parts)


def where(frame, **values):
    mask = True
    for column, value in values.items():
        mask = mask & (frame[column] == value)
    return mask


def test_every_table_keeps_its_contract():
    analysis = MADE.analyse()
    for name, table in ANALYSIS_TABLES.items():
        table.check(getattr(analysis, name), name)


@pytest.mark.parametrize("runs", [{0.1: [flat(0.1, 1)]}, {0.1: [flat(0.9, 1)], 0.01: [flat(0.1, 1)]}])
def test_tables_without_a_pair_keep_their_contract(runs):
    analysis = experiment(runs).analyse()
    assert len(analysis.comparisons) == 0
    ANALYSIS_TABLES["comparisons"].check(analysis.comparisons, "comparisons")


def test_a_planned_run_that_is_nowhere_is_no_error():
    rates = MADE.analyse().rates
    assert rates["complete"].tolist() == [False, True]
    assert rates["verdict"].tolist() == ["incomplete", "recommended"]


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (
            replaced(origin=MADE.origin | {"plan": {"learning_rates": [0.1], "seeds": [0, 1]}}),
            "the table epochs has learning rate 0.01, which is not in the plan",
        ),
        (
            replaced(origin=MADE.origin | {"plan": {"learning_rates": [0.01, 0.1], "seeds": [0]}}),
            "the table epochs has seed 1, which is not in the plan",
        ),
        (
            replaced(epochs=MADE.epochs[~where(MADE.epochs, learning_rate=0.1, seed=1)]),
            "the run of learning rate 0.1, seed 1, is in tables.json but not in the table epochs",
        ),
        (
            replaced(origin=MADE.origin | {"runs": MADE.origin["runs"][1:]}),
            "the run of learning rate 0.1, seed 0, is in epochs but not in tables.json",
        ),
        (
            replaced(epochs=MADE.epochs[~where(MADE.epochs, learning_rate=0.1, seed=1, epoch=2)]),
            "the run of learning rate 0.1, seed 1, has other epochs than 1 to 3 in the table epochs",
        ),
        (
            replaced(evaluations=MADE.evaluations[~where(MADE.evaluations, learning_rate=0.1, seed=1, step=20)]),
            "the run of learning rate 0.1, seed 1, lacks an evaluation before training or at the end of one",
        ),
        (
            replaced(evaluations=MADE.evaluations[~where(MADE.evaluations, learning_rate=0.1, seed=1, step=0)]),
            "the run of learning rate 0.1, seed 1, lacks an evaluation before training or at the end of one",
        ),
        (
            replaced(steps=MADE.steps[~where(MADE.steps, learning_rate=0.1, seed=1, step=7)]),
            "the run of learning rate 0.1, seed 1, has other steps than 1 to 30 in the table steps",
        ),
        (replaced(epochs=MADE.epochs.drop(columns="val_loss")), "the table epochs: is not a table of epochs"),
        (replaced(epochs=MADE.epochs.astype({"epoch": "float64"})), "the table epochs: column epoch holds float64"),
        (
            replaced(steps=MADE.steps.iloc[[0, *range(len(MADE.steps))]]),
            "the table steps: has learning_rate 0.01, seed 0, step 1 twice",
        ),
    ],
)
def test_bad_tables_are_one_sentence(broken, sentence):
    with pytest.raises(InputError) as raised:
        broken.analyse()
    assert str(raised.value).startswith(sentence)
    assert "run snakemake again" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_tables_without_any_run_are_refused():
    empty = replaced(
        epochs=MADE.epochs[:0],
        evaluations=MADE.evaluations[:0],
        steps=MADE.steps[:0],
        origin=MADE.origin | {"runs": []},
    )
    with pytest.raises(InputError, match="no run at all"):
        empty.analyse()


def test_no_run_disappears():
    runs = {
        1.0: [run([0.1] * 3, val_loss=[float("nan")] * 3, train_loss=[float("nan")] * 3), flat(0.1, 3)],
        0.1: [flat(0.9, 3), run([0.9, 0.9, 0.1])],
    }
    analysis = experiment(runs).analyse()
    assert len(analysis.runs) == 4
    assert analysis.rates["n"].sum() == 4
    assert len(analysis.targets) == 8
    assert analysis.reach.groupby("target")["n"].sum().tolist() == [4, 4]
