"""Where a run is shown: a terminal, with a part at its foot that is drawn anew, or anything else, line by line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Protocol, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from lrbench.live.lines import heartbeat
from lrbench.live.view import Shown, view


class Screen(Protocol):
    """What shows a run.

    interval : seconds after which it wants to know how far the run is
    """

    interval: float

    def line(self, text: str, style: str = "") -> None:
        """Show a line of lrbench that stays."""

    def pass_on(self, words: str, style: str) -> None:
        """Show words of snakemake as they are."""

    def show(self, shown: Shown, now: float) -> None:
        """Show how far the run is."""

    def pause(self) -> None:
        """Leave the screen to others until the next `show`."""


class Terminal:
    """A terminal: lines that stay, and below them bars that are drawn anew."""

    interval = 0.5

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None

    def line(self, text: str, style: str = "") -> None:
        """Show a line that stays, above the bars; a long one is broken between words."""
        self._console.print(Text(text, style=style))

    def pass_on(self, words: str, style: str) -> None:
        """Show words of snakemake above the bars."""
        self._console.print(Text(words, style=style), soft_wrap=True)

    def show(self, shown: Shown, now: float) -> None:
        """Draw the bars anew."""
        drawn = view(shown, self._console.height)
        if self._live is None:
            own = sys.stdout.isatty()  # else what is written there goes elsewhere, and must
            self._live = Live(drawn, console=self._console, auto_refresh=False, transient=True, redirect_stdout=own)
            self._live.start(refresh=True)
        else:
            self._live.update(drawn, refresh=True)

    def pause(self) -> None:
        """Remove the bars."""
        if self._live is not None:
            self._live.stop()
            self._live = None


class Lines:
    """A file or a pipe: a line for what is said, and how far the run is after half a minute without one."""

    interval = 5.0
    SILENCE = 30.0  # seconds

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock
        self._last = clock()

    def line(self, text: str, style: str = "") -> None:
        """Write a line."""
        print(text, file=self._stream, flush=True)
        self._last = self._clock()

    def pass_on(self, words: str, style: str) -> None:
        """Write words of snakemake."""
        self.line(words)

    def show(self, shown: Shown, now: float) -> None:
        """Write how far the run is, where nothing was written for half a minute."""
        if now - self._last >= self.SILENCE:
            self.line(heartbeat(shown.epochs, shown.planned, shown.left, list(shown.running)))

    def pause(self) -> None:
        """Nothing: what is written stays."""


def screen(stream: TextIO, no_colour: bool, clock: Callable[[], float]) -> Screen:
    """The screen that a stream is."""
    console = Console(file=stream, no_color=no_colour or None, highlight=False, emoji=False, markup=False)
    return Terminal(console) if console.is_terminal and not console.is_dumb_terminal else Lines(stream, clock)
