"""What stands at the foot of a terminal while training runs: a bar a learning rate, and how far all is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from lrbench.live.lines import short_duration
from lrbench.live.progress import DONE, TRAINING, WAITING, RateProgress
from lrbench.wording import MISSING, counted, percent

AROUND = 4  # lines of a terminal that are left to other things
HEADINGS = ("rate", "", "epochs", "val. accuracy", "time left")


@dataclass(frozen=True)
class Shown:
    """What a view is made from.

    experiments : the rates of each, by its name, in the order in which they are asked for
    epochs, planned, left : of all of them, as `Progress.total` has it
    jobs : how many jobs of snakemake are done, and how many there are
    running : the other stages that are at work
    """

    experiments: Sequence[tuple[str, Sequence[RateProgress]]]
    epochs: int
    planned: int
    left: float | None
    jobs: tuple[int, int]
    running: Sequence[str]


def view(shown: Shown, height: int) -> RenderableType:
    """The bars and the line below them, in so many lines as a terminal of this height has left.

    Where there is no room for all, an experiment that trains keeps its bars longest, and another one has a line.
    """
    lines = max(height - AROUND, 3)
    chosen, left_out = _chosen(shown.experiments, lines)
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(ratio=1, min_width=6)
    for _ in range(3):
        table.add_column(justify="right", no_wrap=True)
    if chosen:
        table.add_row(*(Text(heading, style="dim") for heading in HEADINGS))
    several = len(shown.experiments) > 1
    for name, rates, whole in chosen:
        if several and whole:
            table.add_row(Text(name, style="bold", overflow="ellipsis"))
        rows = rates if whole else [_together(name, rates)]
        for rate in rows:
            table.add_row(
                Text(rate.label, overflow="ellipsis"),
                ProgressBar(total=max(rate.planned, 1), completed=rate.epochs),
                f"{rate.epochs:,}/{rate.planned:,}",
                MISSING if rate.accuracy is None else percent(rate.accuracy),
                _time_left(rate),
            )
    more = [Text(f"and {counted(left_out, 'experiment')} more", style="dim")] if left_out else []
    return Group(table, *more, Text(_foot(shown), overflow="ellipsis", no_wrap=True))


def _chosen(
    experiments: Sequence[tuple[str, Sequence[RateProgress]]], lines: int
) -> tuple[list[tuple[str, Sequence[RateProgress], bool]], int]:
    """The experiments that are shown, each with whether a line a rate; and how many are left out."""
    known = [(name, rates) for name, rates in experiments if rates]
    room = lines - 2  # the headings and the foot
    if len(known) == 1:
        ((name, rates),) = known
        return [(name, rates, len(rates) <= room)], 0
    order = sorted(range(len(known)), key=lambda place: _importance(known[place][1]))
    shown: dict[int, bool] = {}
    for number, place in enumerate(order):
        rates = known[place][1]
        kept = room - (number + 1 < len(order))  # a line says how many are left out
        whole = any(rate.state == TRAINING for rate in rates) and 1 + len(rates) <= kept
        if kept < 1:
            break
        shown[place] = whole
        room -= 1 + len(rates) * whole
    return [(*known[place], shown[place]) for place in sorted(shown)], len(known) - len(shown)


def _importance(rates: Iterable[RateProgress]) -> int:
    states = {rate.state for rate in rates}
    return 0 if TRAINING in states else 2 if states == {DONE} else 1


def _together(name: str, rates: Sequence[RateProgress]) -> RateProgress:
    """All rates of an experiment in one."""
    states = {rate.state for rate in rates}
    state = TRAINING if TRAINING in states else DONE if states == {DONE} else WAITING
    epochs, planned = sum(rate.epochs for rate in rates), sum(rate.planned for rate in rates)
    return RateProgress(name, sum(rate.runs for rate in rates), epochs, planned, None, state, None)


def _time_left(rate: RateProgress) -> str:
    if rate.state != TRAINING:
        return rate.state
    return MISSING if rate.left is None else short_duration(rate.left)


def _foot(shown: Shown) -> str:
    done, jobs = shown.jobs
    parts = [f"{shown.epochs:,} of {shown.planned:,} epochs"] if shown.epochs < shown.planned else []
    if shown.epochs < shown.planned and shown.left is not None:
        parts.append(f"about {short_duration(shown.left)} of training left")
    if jobs:
        parts.append(f"{done} of {jobs} jobs")
    return " · ".join([*parts, *shown.running])
