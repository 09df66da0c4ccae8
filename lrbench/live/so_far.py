"""What is there of an experiment so far, as a table for a terminal: a look at part of it, and no report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lrbench.wording import MISSING, counted, percent

HEADINGS = ("rate", "runs", "epochs", "val. accuracy of finished runs")


@dataclass(frozen=True)
class RateSoFar:
    """What is there of the runs at one learning rate.

    label : the rate; planned : how many runs it has; epochs : that each run has
    finished : the last validation accuracy of each finished run, by seed
    begun : finished epochs and last validation accuracy of each run that is not finished, by seed
    """

    label: str
    planned: int
    epochs: int
    finished: Mapping[int, float] = field(default_factory=dict)
    begun: Mapping[int, tuple[int, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class SoFar:
    """What is there of an experiment.

    part : which part of its runs is meant, such as the present round of a search; empty for all
    at_work : whether somebody trains here; page : its report, where it is there
    """

    name: str
    rates: Sequence[RateSoFar]
    part: str
    at_work: bool
    page: str | None

    @property
    def finished(self) -> int:
        """How many runs are finished."""
        return sum(len(rate.finished) for rate in self.rates)

    @property
    def planned(self) -> int:
        """How many runs are planned."""
        return sum(rate.planned for rate in self.rates)


def so_far(look: SoFar) -> RenderableType:
    """A line that says how much is there, the table of rates, and what to make of it."""
    part = f" {look.part}" if look.part else ""
    head = f"{look.name}: {look.finished} of {counted(look.planned, 'run')}{part} finished"
    if look.planned == 0:
        return Text(f"{look.name}: nothing is planned yet")
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    headings = (*HEADINGS, "in training" if look.at_work else "broken off")
    for heading in headings:
        table.add_column(Text(heading, style="dim"), justify="right")
    for rate in look.rates:
        begun = sum(epochs for epochs, _ in rate.begun.values()) if look.at_work else 0  # else they are lost
        done = len(rate.finished) * rate.epochs + begun
        table.add_row(
            rate.label,
            f"{len(rate.finished)} of {rate.planned}",
            f"{done:,}/{rate.planned * rate.epochs:,}",
            _accuracies(rate.finished),
            _begun(rate),
        )
    return Group(Text(head, style="bold"), table, Text(_end(look)))


def _accuracies(finished: Mapping[int, float]) -> str:
    """Mean and range of accuracies; of one run its own."""
    values = sorted(value for value in finished.values() if math.isfinite(value))
    if not values:
        return MISSING
    mean = percent(sum(values) / len(values))
    return mean if len(values) == 1 else f"{mean} ({percent(values[0])} to {percent(values[-1])})"


def _begun(rate: RateSoFar) -> str:
    if not rate.begun:
        return MISSING
    shown = [f"seed {seed}: epoch {epoch}, {percent(last)}" for seed, (epoch, last) in sorted(rate.begun.items())]
    return "; ".join(shown[:2]) + (f"; and {len(shown) - 2} more" if len(shown) > 2 else "")


def _end(look: SoFar) -> str:
    if look.finished < look.planned:
        begun = any(rate.begun for rate in look.rates)
        state = "Training goes on." if look.at_work else "Nothing trains here now; the same call goes on from here."
        lost = " Runs that were broken off begin anew." if begun and not look.at_work else ""
        return f"{state}{lost} Nothing is concluded from part of the runs."
    if look.page is None:
        return "All of these runs are finished; what follows from them is concluded by the stages after training."
    return f"All of these runs are finished; the report: {look.page}"
