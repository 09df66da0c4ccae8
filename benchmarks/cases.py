"""The order in which a benchmark's cases are measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.scale import Scale


def cases(of: Callable[[Scale], Sequence[tuple[Any, ...]]]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Have a benchmark run once for each case that the scale asks for."""

    def marked(benchmark: Callable[..., None]) -> Callable[..., None]:
        benchmark.cases = of  # type: ignore[attr-defined]
        return benchmark

    return marked


def in_turn(rounds: int, names: Sequence[str]) -> list[tuple[int, str]]:
    """Round by round, everybody once a round, so that what slows the machine for a while slows everybody."""
    return [(number, name) for number in range(1, rounds + 1) for name in names]
