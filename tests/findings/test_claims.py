"""Every verdict of every claim can be reached, and each claim says only what it has evidence for."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable

import pytest
from support.histories import Made, Run, experiment, run
from support.statements import misplaced_evidence, unfounded_numbers

from lrbench.analysis.pipeline import Analysis
from lrbench.findings.claims import check_claims, combined, roles_of
from lrbench.findings.claims.parts import verdict_by

TUTORIAL = (0.01, 0.001, 0.0001)
SEEDS = (-0.02, 0.0, 0.03)  # what a seed does to a loss, as a share of it
ALIKE = (0.0, 0.001, 0.002)
EPOCHS = 10
GRADUAL = [0.5, 0.4, 0.32, 0.26, 0.21, 0.17, 0.14, 0.11, 0.09, 0.07]
CONSTANT = [0.07] * EPOCHS
RISING = [0.9 + 0.005 * epoch for epoch in range(EPOCHS)]


def zigzag(size: float, level: float = 0.07) -> list[float]:
    """A loss that goes up and down around a level."""
    return [level + size * (-1) ** epoch for epoch in range(EPOCHS)]


def runs(
    train_loss: list[float] = GRADUAL,
    val_loss: list[float] = CONSTANT,
    val_accuracy: list[float] = RISING,
    loss: list[float] | None = None,
    seeds: tuple[float, ...] = SEEDS,
    early: float | None = None,
    **more: object,
) -> list[Run]:
    """Runs of one course; a seed scales the losses a little."""
    return [
        run(
            [value + offset / 100 for value in val_accuracy],
            [value * (1 + offset) for value in val_loss],
            [value * (1 + offset * (-1) ** epoch) for epoch, value in enumerate(train_loss)],
            loss,
            early=None if early is None else {1: {"train_loss": early * (1 + offset)}},
            **more,
        )
        for offset in seeds
    ]


def of(by_rate: dict[float, list[Run]], **more: object) -> Callable[[], Made]:
    """An experiment, made when it is needed."""
    return functools.partial(experiment, by_rate, **more)


def tutorial(by_rate: dict[float, list[Run]], **more: object) -> Callable[[], Made]:
    """An experiment that also has those of the tutorial's rates that are not given: slower ones, behind in accuracy."""
    count = max(map(len, by_rate.values()))
    others = runs(scaled(GRADUAL, 3), val_accuracy=[accuracy - 0.05 for accuracy in RISING])[:count]
    return of(dict.fromkeys(TUTORIAL, others) | by_rate, **more)


def reaching(epoch: int) -> list[float]:
    """An accuracy that passes 0.9 at the end of an epoch."""
    return [0.7 if number < epoch else 0.95 for number in range(1, EPOCHS + 1)]


def scaled(losses: list[float], factor: float) -> list[float]:
    """The losses times a factor."""
    return [loss * factor for loss in losses]


WILD, CALM = runs(zigzag(0.05, 0.3)), runs(zigzag(0.005))
UNKNOWN = runs(zigzag(0.005), seeds=(-0.5, 0.0, 0.5))  # seeds so far apart that nothing can be told
DIVERGED = runs([0.3] * 5 + [math.nan] * 5, [0.3] * 5 + [math.nan] * 5, finite=False)
EXPLODED = runs([9.2, 5.0] + [2.5] * 8, [9.2, 5.0] + [2.5] * 8, [0.1] * EPOCHS)
FAILED = runs([2.3] * EPOCHS, [2.3] * EPOCHS, [0.1] * EPOCHS)
SLOWING = [run(RISING, CONSTANT, [0.5] * 5 + [0.1 * factor**k for k in range(5)]) for factor in (1, 0.97, 0.94)]
STEADY = {"train_loss": GRADUAL, "val_loss": GRADUAL, "val_accuracy": RISING}

CASES: dict[str, dict[str, list[Callable[[], Made]]]] = {
    "high-learns-faster": {
        "supported": [tutorial({0.01: runs(scaled(GRADUAL, 0.5), early=0.5), 0.001: runs(early=1.0)})],
        "contradicted": [tutorial({0.01: runs(scaled(GRADUAL, 2), early=2.0), 0.001: runs(early=1.0)})],
        "mixed": [tutorial({0.01: runs(scaled(GRADUAL, 2), early=0.5), 0.001: runs(early=1.0)})],
        "inconclusive": [
            tutorial({0.01: runs(scaled(GRADUAL, 1.01), seeds=(0.2, -0.1, 0.05)), 0.001: runs()}),
            tutorial({0.01: runs()[:2], 0.001: runs(scaled(GRADUAL, 2))[:2]}),
        ],
        "not tested": [of({0.001: runs(), 0.0001: runs()})],
    },
    "high-fluctuates": {
        "supported": [tutorial({0.01: WILD, 0.001: CALM}), tutorial({0.01: DIVERGED, 0.001: CALM})],
        "contradicted": [tutorial({0.01: CALM, 0.001: WILD})],
        "mixed": [
            tutorial(
                {0.01: runs(zigzag(0.05, 0.1), seeds=ALIKE), 0.001: runs(zigzag(0.005, 0.3), seeds=ALIKE)},
            )
        ],
        "inconclusive": [
            tutorial({0.01: UNKNOWN, 0.001: CALM}),
            tutorial({0.01: WILD[:2], 0.001: CALM[:2]}),
            tutorial({0.01: runs(CONSTANT, seeds=(0, 0, 0)), 0.001: CALM}),
            of({1: EXPLODED, 0.1: FAILED}),
        ],
        "not tested": [of({0.001: CALM}), of({1: FAILED, 0.1: FAILED})],
    },
    "default-balances": {
        "supported": [tutorial({0.001: runs(**STEADY)}), of({0.1: runs(**STEADY)})],
        "contradicted": [
            tutorial({0.001: EXPLODED, 0.01: runs()}),
            of({0.1: runs(zigzag(0.05), CONSTANT, [0.95] * EPOCHS)}),
        ],
        "mixed": [
            tutorial({0.001: runs(**STEADY, loss=zigzag(0.05))}),
            tutorial({0.001: runs(**STEADY | {"val_loss": GRADUAL[::-1]})}),
            tutorial({0.001: runs(**STEADY | {"val_accuracy": [0.95] * EPOCHS})}),
            tutorial({0.001: runs(**STEADY), 0.01: runs(val_accuracy=[0.98] * EPOCHS)}),
        ],
        "inconclusive": [
            tutorial({0.001: runs(**STEADY)[:2]}),
            tutorial({0.001: [*runs(**STEADY), None], 0.01: [*runs(), *runs()[:1]]}),
        ],
        "not tested": [of({0.01: FAILED})],
    },
    "low-is-stable": {
        "supported": [tutorial({0.0001: CALM, 0.001: WILD}), tutorial({0.0001: CALM, 0.001: EXPLODED})],
        "contradicted": [tutorial({0.0001: WILD, 0.001: CALM}), tutorial({0.0001: EXPLODED, 0.001: CALM})],
        "inconclusive": [
            tutorial({0.0001: UNKNOWN, 0.001: CALM}),
            tutorial({0.0001: CALM[:1], 0.001: WILD[:1]}),
            tutorial({0.0001: EXPLODED, 0.001: EXPLODED}),
        ],
        "not tested": [of({0.0001: CALM, 0.01: WILD})],
    },
    "low-is-slow": {
        "supported": [tutorial({0.0001: runs(val_loss=GRADUAL, val_accuracy=reaching(8)), 0.001: runs()})],
        "contradicted": [tutorial({0.0001: runs(val_accuracy=reaching(8)), 0.001: runs(val_accuracy=reaching(7))})],
        "mixed": [
            tutorial({0.0001: runs(val_loss=GRADUAL, val_accuracy=reaching(8)), 0.001: runs(val_accuracy=reaching(7))}),
            tutorial({0.0001: runs(val_loss=CONSTANT, val_accuracy=reaching(8)), 0.001: runs()}),
        ],
        "inconclusive": [
            tutorial({0.0001: runs(val_loss=GRADUAL, val_accuracy=reaching(3)), 0.001: runs(val_accuracy=reaching(2))}),
            tutorial({0.0001: runs(val_loss=GRADUAL), 0.001: runs()}, targets=(0.99,)),
            tutorial({0.0001: runs(val_loss=GRADUAL)[:2], 0.001: runs()[:2]}),
        ],
        "not tested": [of({0.0001: runs()})],
    },
    "low-gets-stuck": {
        "inconclusive": [
            tutorial({0.0001: runs([0.5] * EPOCHS, seeds=(-0.02, 0.01, 0.02)), 0.01: runs()}),
            tutorial({0.0001: SLOWING}),
            tutorial({0.0001: runs()[:2]}),
        ],
        "not tested": [
            tutorial({0.0001: runs(GRADUAL), 0.01: runs()}),
            tutorial({0.0001: runs([0.05] * EPOCHS), 0.01: runs([0.5] * EPOCHS)}),
            tutorial({0.0001: runs([2.3] * EPOCHS, seeds=(0, 0, 0)), 0.01: runs()}),
            tutorial({0.0001: runs(GRADUAL[::-1])}),
            of({0.01: runs()}),
        ],
    },
}
EVERY = [
    pytest.param(name, verdict, made, id=f"{name}-{verdict}-{index}")
    for name, by_verdict in CASES.items()
    for verdict, cases in by_verdict.items()
    for index, made in enumerate(cases)
]


@functools.cache
def analysed(made: Callable[[], Made]) -> Analysis:
    """The analysis of an experiment, computed once."""
    return made().analyse()


@functools.cache
def checked(made: Callable[[], Made]) -> dict[str, dict]:
    """The claims of an experiment by id, computed once."""
    return {found["id"]: found for found in check_claims(analysed(made))["claims"]}


def test_order_is_that_of_the_design():
    assert list(checked(EVERY[0].values[2])) == list(CASES)


@pytest.mark.parametrize(("name", "verdict", "made"), EVERY)
def test_verdict(name, verdict, made):
    found = checked(made)[name]
    assert (found["verdict"], found["measurement"]) == (verdict, found["measurement"])


@pytest.mark.parametrize(("name", "verdict", "made"), EVERY)
def test_every_number_has_its_evidence(name, verdict, made):
    analysis = analysed(made)
    for found in checked(made).values():
        if not found["parts"] and found["verdict"] == "not tested":
            lacking = roles_of(analysis).missing.values()
            assert found["measurement"] in {f"Not tested. {reason}" for reason in lacking}
            continue
        evidence = [item for part in found["parts"] for item in part["evidence"]]
        allowed = [found["n"], *analysis.thresholds.model_dump().values()]
        assert unfounded_numbers(found["measurement"], evidence, analysis, allowed, TUTORIAL) == [], found[
            "measurement"
        ]
        for part in found["parts"]:
            own = unfounded_numbers(part["statement"], part["evidence"], analysis, allowed, TUTORIAL)
            assert own == [], part["statement"]
            assert misplaced_evidence(part["evidence"], analysis) == [], found["id"]
    assert json.loads(json.dumps(list(checked(made).values()), allow_nan=False)) == list(checked(made).values())


def test_predictions_hold_the_thresholds():
    made = tutorial({0.001: runs()}, thresholds={"slower": 3.0, "rising_epochs": 0.25})
    predictions = {name: found["prediction"] for name, found in checked(made).items()}
    assert "in at most 25 % of" in predictions["default-balances"]
    assert "at least 3 times the steps of 0.001" in predictions["low-is-slow"]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["supported", "supported"], "supported"),
        (["supported", "contradicted", "inconclusive"], "mixed"),
        (["contradicted", "inconclusive", "not tested"], "contradicted"),
        (["supported", "inconclusive"], "inconclusive"),
        (["supported", "not tested"], "inconclusive"),
        (["not tested"], "not tested"),
    ],
)
def test_combined(verdicts, expected):
    assert combined(verdicts) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-2, -1, "below"),
        (1, 2, "above"),
        (-1, 1, "inconclusive"),
        (0, 1, "inconclusive"),
        (math.nan, math.nan, "inconclusive"),
    ],
)
def test_verdict_by(low, high, expected):
    assert verdict_by(low, high, "below", "above") == expected


def test_the_ratio_of_oscillations_is_paired_by_seed():
    oscillations = [(1.0, 0.5), (2.0, 1.0), (4.0, 2.0)]  # half as much in every seed, whatever the seed's own level
    high = [run([0.95] * EPOCHS, train_loss=zigzag(0.01 * one)) for one, _ in oscillations]
    default = [run([0.95] * EPOCHS, train_loss=zigzag(0.01 * other)) for _, other in oscillations]
    made = of({0.01: high, 0.001: default, 0.0001: default})
    found = checked(made)["high-fluctuates"]
    ratios = {
        item["row"]["statistic"]: item["value"]
        for item in found["parts"][0]["evidence"]
        if item["column"] == "lrbench.findings.numbers.ratio"
    }
    assert ratios == pytest.approx({"mean": 2.0, "low": 2.0, "high": 2.0})
