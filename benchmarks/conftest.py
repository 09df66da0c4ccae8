"""What the benchmarks share: the scale, and how one measurement is timed and kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.scale import FULL, SCALES, Scale


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--scale", choices=sorted(SCALES), default=FULL.name, help="how much to measure")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a benchmark the cases that its module's `cases` names for the scale, in that order."""
    if "case" in metafunc.fixturenames:
        scale = SCALES[metafunc.config.getoption("--scale")]
        cases = metafunc.function.cases(scale)
        metafunc.parametrize("case", cases, ids=["-".join(map(str, case)) for case in cases])


@pytest.fixture(scope="session")
def scale(pytestconfig: pytest.Config) -> Scale:
    return SCALES[pytestconfig.getoption("--scale")]


@pytest.fixture
def once(benchmark: Any, scale: Scale) -> Callable[..., Any]:
    """Time one call of a function, and keep the record that it returns beside the time."""

    def timed(function: Callable[..., dict[str, Any]], *arguments: Any, **named: Any) -> dict[str, Any]:
        record = benchmark.pedantic(function, args=arguments, rounds=1, iterations=1)
        benchmark.extra_info.update(named | {"scale": scale.name, "record": record})
        return record

    return timed
