"""The settings of the range test, and the rates that it spans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from lrbench.settings.sections import LeftOut, Section, setting
from lrbench.settings.values import SMALLEST_FLOAT32, Rate
from lrbench.wording import rate_label

BEYOND = 100  # times the lowest and the highest rate of the grid: two decades
MOST_DECADES = 30  # whose power float32 holds
PROBE = "range_test"


class RangeTest(Section):
    """From which rate to which a range test goes."""

    lowest: Annotated[Rate | None, LeftOut()] = setting(
        None,
        alias="from",
        meaning="learning rate of the first step of a range test",
        absent="a hundredth of the lowest of `learning_rates`",
        why="two decades below the grid",
    )
    highest: Annotated[Rate | None, LeftOut()] = setting(
        None,
        alias="to",
        meaning="learning rate of its last step, one epoch later",
        absent="a hundred times the highest of `learning_rates`",
        why="two decades above the grid, where most losses diverge",
    )


def spanned(section: RangeTest, learning_rates: Sequence[float]) -> tuple[float, float]:
    """The rates of the first and of the last step."""
    low, high = min(learning_rates) / BEYOND, max(learning_rates) * BEYOND
    lowest = max(float(f"{low:.12g}"), SMALLEST_FLOAT32) if section.lowest is None else section.lowest
    return lowest, float(f"{high:.12g}") if section.highest is None else section.highest


def range_problems(section: RangeTest, learning_rates: Sequence[float], probes: Sequence[str] | None) -> Iterator[str]:
    """What speaks against a range test, seen with the rest of the config; sentences without full stops.

    probes : those that the config names, None where it names none
    """
    if section != RangeTest() and PROBE not in (probes or ()):
        yield f"{PROBE} is given but probes does not have {PROBE}; add it there, or remove {PROBE}"
    if PROBE in (probes or ()):
        lowest, highest = spanned(section, learning_rates)
        if not lowest < highest:
            yield (
                f"{PROBE} goes from {rate_label(lowest)} to {rate_label(highest)}, but must rise; "
                "write a lower `from` or a higher `to`"
            )
        elif highest / lowest > 10.0**MOST_DECADES:
            yield f"{PROBE} goes over more than {MOST_DECADES} decades; write a higher `from` or a lower `to`"


def options(section: RangeTest, learning_rates: Sequence[float]) -> dict[str, Any]:
    """The settings of the probe, as JSON has them."""
    lowest, highest = spanned(section, learning_rates)
    return {"from": lowest, "to": highest}
