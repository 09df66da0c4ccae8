"""Each observation fires, keeps silent and steps aside where it should, and says only what it has evidence for."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
from collections.abc import Callable

import numpy as np
import pytest
from histories import Made, Run, experiment, flat, run
from statements import misplaced_evidence, unfounded_numbers

from lrbench.analysis.observations import OBSERVATIONS, observe
from lrbench.analysis.results import Analysis
from lrbench.tables.analysis import ANALYSIS_TABLES
from lrbench.tables.format import read_csv, write_csv
from lrbench.tables.training import EXPERIMENT_TABLES

SEEDS = (-0.0004, 0.0, 0.0005)  # what a seed does to an accuracy
LISTED = [
    "practically-tied",
    "separated-pairs",
    "best-disagreement",
    "failures",
    "unstable-rates",
    "targets-not-reached",
    "speed",
    "equal-accuracy-sooner",
    "reached-not-kept",
    "lead-lost",
    "overfitting",
    "loss-worsens-accuracy-does-not",
    "still-improving",
    "plateau-width",
    "best-at-edge",
    "generalisation-gap",
    "rate-against-seed",
    "seed-spread",
    "validation-resolution",
    "trust",
]


def steady(accuracy: float, epochs: int = 10, loss: float | None = None, seeds: tuple[float, ...] = SEEDS) -> list[Run]:
    """Runs that are the same at every epoch's end."""
    return [flat(accuracy + offset, epochs, loss) for offset in seeds]


def runs_of(
    val_accuracy: list[float],
    val_loss: list[float] | None = None,
    train_loss: list[float] | None = None,
    loss: list[float] | None = None,
    seeds: tuple[float, ...] = SEEDS,
    early: dict[int, float] | None = None,
) -> list[Run]:
    """Runs of one course, each a little apart by its seed."""
    return [
        run(
            [value + offset for value in val_accuracy],
            None if val_loss is None else [value * (1 + 10 * offset) for value in val_loss],
            None if train_loss is None else [value * (1 + 10 * offset) for value in train_loss],
            loss,
            {step: {"train_loss": value * (1 + 10 * offset)} for step, value in (early or {}).items()},
        )
        for offset in seeds
    ]


FALLING = np.linspace(0.5, 0.05, 10).tolist()
TURNS_UP = [0.3, 0.2, 0.2, 0.2, 0.25, 0.3, 0.3, 0.3, 0.3, 0.3]
SLOWLY = [0.5] * 4 + [0.95] * 6
RISING = [0.5, 0.6, 0.7, 0.8, 0.85, 0.87, 0.88, 0.89, 0.905, 0.915]


def holdout(made: Made) -> Made:
    """The same experiment, validated on a part of the training set."""
    settings = made.origin["settings"] | {"validation": {"protocol": "holdout", "examples": 1000}}
    return dataclasses.replace(made, origin=made.origin | {"settings": settings})


def without_runs() -> Analysis:
    """An analysis to which no run belongs."""
    found = TWO().analyse()
    return dataclasses.replace(found, runs=found.runs.iloc[:0], rates=found.rates.iloc[:0])


def of(runs: dict[float, list[Run | None]], **more: object) -> Callable[[], Made]:
    """An experiment, made when it is needed."""
    return functools.partial(experiment, runs, **more)


TWO = of({0.01: steady(0.93), 0.001: steady(0.96)})
TIED = of({0.01: steady(0.96), 0.001: steady(0.9602)})
ALONE = of({0.001: steady(0.96)})
ONE_SEED = of({0.01: [flat(0.93)], 0.001: [flat(0.96)]})
TWO_SEEDS = of({0.01: steady(0.93)[:2], 0.001: steady(0.96)[:2]})
ALL_FAIL = of({0.1: steady(0.11), 0.01: steady(0.1)})
DIVERGED = of({0.1: [flat(0.1, loss=math.nan)] * 3, 0.01: steady(0.95)})
SHORT = of({0.01: steady(0.93, epochs=1), 0.001: steady(0.96, epochs=1)})
NO_TARGETS = of({0.01: steady(0.1), 0.001: steady(0.1)}, targets={"relative": [0.95]})
DISAGREE = {0.01: steady(0.96, loss=0.5), 0.001: steady(0.93, loss=0.3)}
EARLY_LEAD = {
    0.01: runs_of([0.95] * 10, train_loss=[0.4] * 10, early={2: 0.5, 5: 0.5}),
    0.001: runs_of([0.95] * 10, train_loss=[0.2] * 10, early={2: 1.0, 5: 0.9}),
}

CASES: dict[str, dict[str, list[Callable[[], Made]]]] = {
    "practically-tied": {"finding": [TIED], "passed": [TWO], "not applicable": [ALONE, ALL_FAIL]},
    "separated-pairs": {
        "finding": [TWO],
        "passed": [TIED],
        "inconclusive": [ONE_SEED, TWO_SEEDS],
        "not applicable": [ALONE, ALL_FAIL],
    },
    "best-disagreement": {
        "finding": [of(DISAGREE)],
        "passed": [TWO],
        "inconclusive": [of({rate: runs[:1] for rate, runs in DISAGREE.items()})],
        "not applicable": [ALONE, ALL_FAIL],
    },
    "failures": {"finding": [ALL_FAIL, DIVERGED], "passed": [TWO, ALONE, ONE_SEED]},
    "unstable-rates": {
        "finding": [
            of({0.01: runs_of([0.95] * 10, train_loss=[0.3, 0.1] * 5)}),
            of({0.01: runs_of([0.95] * 4, train_loss=[0.3, 0.1] * 2)}),
        ],
        "passed": [TWO],
        "not applicable": [SHORT],
    },
    "targets-not-reached": {
        "finding": [of({0.01: steady(0.85), 0.001: steady(0.96)}), of({0.01: [flat(0.85), flat(0.91)]})],
        "passed": [TWO],
        "not applicable": [NO_TARGETS],
    },
    "speed": {
        "finding": [of({0.01: runs_of(SLOWLY), 0.001: steady(0.96)})],
        "passed": [TWO],
        "inconclusive": [of({0.01: runs_of(SLOWLY)[:1], 0.001: steady(0.96)[:1]})],
        "not applicable": [ALONE, NO_TARGETS, ALL_FAIL],
    },
    "equal-accuracy-sooner": {
        "finding": [of({0.001: runs_of([0.8] + [0.95] * 9), 0.0001: runs_of(RISING)})],
        "passed": [TWO, TIED, of({0.001: runs_of([0.8] + [0.95] * 9), 0.0001: runs_of([0.8] + [0.91] * 9)})],
        "inconclusive": [of({0.001: runs_of([0.8] + [0.95] * 9)[:2], 0.0001: runs_of(RISING)[:2]})],
        "not applicable": [ALONE, ALL_FAIL, SHORT],
    },
    "reached-not-kept": {
        "finding": [of({0.01: runs_of([0.95] * 9 + [0.7])})],
        "passed": [TWO],
        "not applicable": [NO_TARGETS, ALL_FAIL],
    },
    "lead-lost": {
        "finding": [of(EARLY_LEAD)],
        "passed": [TWO],
        "inconclusive": [of({rate: runs[:2] for rate, runs in EARLY_LEAD.items()})],
        "not applicable": [ALONE],
    },
    "overfitting": {
        "finding": [of({0.01: runs_of([0.95] * 10, TURNS_UP, loss=FALLING)})],
        "passed": [TWO, of({0.01: runs_of([0.95] * 10, TURNS_UP, loss=FALLING[::-1])})],
        "inconclusive": [of({0.01: runs_of([0.95] * 10, TURNS_UP, loss=FALLING)[:2]}), ONE_SEED],
        "not applicable": [SHORT],
    },
    "loss-worsens-accuracy-does-not": {
        "finding": [of({0.01: runs_of([0.95] * 10, TURNS_UP)})],
        "passed": [TWO, of({0.01: runs_of([0.95] * 5 + [0.9] * 5, TURNS_UP)})],
        "inconclusive": [ONE_SEED],
        "not applicable": [SHORT],
    },
    "still-improving": {
        "finding": [of({0.01: runs_of([0.95] * 10, FALLING)})],
        "passed": [TWO],
        "inconclusive": [of({0.01: runs_of([0.95] * 10, FALLING)[:2]}), ONE_SEED],
        "not applicable": [SHORT],
    },
    "plateau-width": {
        "finding": [of({0.01: steady(0.955), 0.001: steady(0.96), 0.0001: steady(0.9)})],
        "passed": [TWO],
        "not applicable": [ALONE, ALL_FAIL],
    },
    "best-at-edge": {
        "finding": [of({0.01: steady(0.96), 0.001: steady(0.95), 0.0001: steady(0.9)})],
        "passed": [of({0.01: steady(0.95), 0.001: steady(0.96), 0.0001: steady(0.9)})],
        "not applicable": [TWO, ALL_FAIL],
    },
    "generalisation-gap": {
        "finding": [TWO],
        "passed": [of({0.01: runs_of([0.95] * 10, [0.2] * 10, [0.2] * 10)})],
        "inconclusive": [ONE_SEED],
        "not applicable": [ALL_FAIL],
    },
    "rate-against-seed": {
        "finding": [TWO],
        "passed": [of({0.01: steady(0.96, seeds=(0, 0.002, 0.004)), 0.001: steady(0.96, seeds=(0.004, 0.001, 0))})],
        "not applicable": [ALONE, ONE_SEED, ALL_FAIL],
    },
    "seed-spread": {
        "finding": [
            of(
                {
                    0.01: steady(0.93, seeds=(-0.03, 0.03, -0.032, 0.031, -0.029, 0.029)),
                    0.001: steady(0.96, seeds=(0, 0.0001, 0.0002, -0.0001, -0.0002, 0)),
                }
            )
        ],
        "passed": [TWO],
        "inconclusive": [TWO_SEEDS],
        "not applicable": [ALONE, ONE_SEED, ALL_FAIL],
    },
    "validation-resolution": {"finding": [TIED], "passed": [TWO], "not applicable": [ALONE, ALL_FAIL]},
    "trust": {
        "finding": [TWO, lambda: holdout(ONE_SEED()), lambda: holdout(experiment({0.01: [flat(0.95)] * 3 + [None]}))],
        "passed": [lambda: holdout(TWO())],
    },
}
EVERY = [
    pytest.param(name, status, made, id=f"{name}-{status}-{index}")
    for name, by_status in CASES.items()
    for status, cases in by_status.items()
    for index, made in enumerate(cases)
]
DISTINCT = list(
    {id(made): made for by_status in CASES.values() for cases in by_status.values() for made in cases}.values()
)


@functools.cache
def analysed(made: Callable[[], Made]) -> Analysis:
    """The analysis of an experiment, computed once."""
    return made().analyse()


def seen(analysis: Analysis, name: str) -> dict[str, object]:
    """One observation of an analysis."""
    return OBSERVATIONS[LISTED.index(name)](analysis).as_dict()


def test_order_is_that_of_the_design():
    assert [found["id"] for found in observe(TWO().analyse())] == LISTED
    assert list(CASES) == LISTED


@pytest.mark.parametrize(("name", "status", "made"), EVERY)
def test_status(name, status, made):
    found = seen(analysed(made), name)
    assert (found["status"], found["statement"]) == (status, found["statement"])


@pytest.mark.parametrize("function", OBSERVATIONS, ids=LISTED)
def test_without_runs_nothing_applies(function):
    found = function(without_runs()).as_dict()
    assert (found["status"], found["statement"]) == ("not applicable", "There are no runs.")


@pytest.mark.parametrize("made", DISTINCT)
def test_every_number_has_its_evidence(made, tmp_path):
    analysis = analysed(made)
    again = read_back(analysis, tmp_path)
    for found in observe(analysis):
        allowed = [*found["threshold"].values(), found["n"]]
        assert unfounded_numbers(found["statement"], found["evidence"], analysis, allowed) == [], found["statement"]
        assert misplaced_evidence(found["evidence"], again) == [], found["id"]


def read_back(analysis: Analysis, folder) -> Analysis:
    """The analysis with its tables as the CSV files give them back."""
    tables = {}
    for name, table in (ANALYSIS_TABLES | EXPERIMENT_TABLES).items():
        if name != "steps":
            write_csv(getattr(analysis, name), table, folder / f"{name}.csv")
            tables[name] = read_csv(folder / f"{name}.csv", table)
    return dataclasses.replace(analysis, **tables)


@pytest.mark.parametrize("made", [TWO, ONE_SEED, ALL_FAIL, DIVERGED, SHORT, ALONE, NO_TARGETS])
def test_all_are_data_for_json_and_sentences(made):
    found = observe(made().analyse())
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    for one in found:
        assert one["statement"].endswith(".")
        assert "nan" not in one["statement"]
        assert "inf " not in one["statement"]


def test_order_of_rows_changes_nothing():
    made = experiment(EARLY_LEAD | {0.0001: runs_of([0.9] * 10, FALLING, loss=FALLING)})
    assert observe(made.shuffled(np.random.default_rng(0)).analyse()) == observe(made.analyse())


@pytest.mark.parametrize(
    ("name", "made", "statement"),
    [
        (
            "practically-tied",
            TIED,
            "0.001 and 0.01 are practically tied: their scores (validation accuracy averaged over the last 2 "
            "epochs) are "
            "96.0 % and 96.0 %, within 0.20 points of the best.",
        ),
        (
            "failures",
            DIVERGED,
            "Not every run went well (3 of 6 learned): at 0.1, of 3 runs, 3 diverged.",
        ),
        (
            "speed",
            of({0.01: runs_of(SLOWLY), 0.001: runs_of([0.5] + [0.96] * 9)}),
            "0.001 reaches 90 % between steps 10 and 20 and keeps it, 0.01 reaches 90 % between steps 40 and 50 and "
            "keeps it (medians of 3 runs each): 0.01 needs 2.0 to 5.0 times as many steps.",
        ),
        (
            "lead-lost",
            of(EARLY_LEAD),
            "An early lead is lost: 0.01 is ahead of 0.001 in training loss first at step 2, last at step 5 (0.50 "
            "against 0.90 nats), and behind at the end of epoch 1 (step 10), 0.40 against 0.20 nats.",
        ),
        (
            "trust",
            lambda: experiment({0.01: [flat(0.95)] * 3, 0.001: [flat(0.96), flat(0.95), None]}),
            "Before relying on this: validation ran on the test set, so no accuracy here is an independent test of the "
            "rate chosen; with 2 seeds at some rate, what the seed does cannot be told from what the rate does; 1 of 6 "
            "planned runs is missing. Otherwise: at least 2 seeds at each rate; 1 pair of rates compared, with "
            "p values "
            "corrected for that.",
        ),
    ],
)
def test_statement(name, made, statement):
    assert seen(made().analyse(), name)["statement"] == statement


def test_a_rate_of_few_seeds_takes_nothing_from_another():
    made = experiment({0.01: runs_of([0.95] * 10, FALLING), 0.001: [*steady(0.95)[:1], None, None]})
    found = seen(made.analyse(), "still-improving")
    assert (found["status"], "at 0.01" in found["statement"]) == ("finding", True)


def test_what_never_happens_is_null_and_says_so():
    found = seen(of({0.01: runs_of(SLOWLY), 0.001: steady(0.96)})().analyse(), "speed")
    most = next(item for item in found["evidence"] if item["row"].get("bound") == "most")
    assert (most["value"], most["status"]) == (None, "never")
