"""Snakemake's logger `lrbench`: a bar a learning rate while training runs, and the answer at the end.

Snakemake finds it by the name of this package and imports it whenever it starts, so nothing is imported here that takes
time. profiles/default asks for it. Snakemake's own words are shown in place of it where they are asked for: by
--verbose, --printshellcmds, --debug-dag, --quiet, in a dry run, or by --logger-lrbench-plain.

Annotations are no text here: Snakemake takes the types of settings from them.
"""

import sys
from dataclasses import dataclass, field
from logging import ERROR, WARNING, Handler, LogRecord
from typing import TYPE_CHECKING, TextIO

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.settings import LogHandlerSettingsBase

if TYPE_CHECKING:
    from lrbench.live.show import Show

SHORTENED = ("progress", "rules", "all")  # what --quiet may leave out that the bars would show


@dataclass
class LogHandlerSettings(LogHandlerSettingsBase):
    """What may be said of this logger on snakemake's command line."""

    plain: bool = field(default=False, metadata={"help": "Show snakemake's own words instead.", "required": False})


class LogHandler(LogHandlerBase):
    """Shows a run on the standard error."""

    def __post_init__(self) -> None:
        """Decide whether the run is shown by bars and lines, or by snakemake's own words."""
        from snakemake.logging import ColorizingTextHandler, DefaultFormatter

        asked = self.common_settings
        formatter = DefaultFormatter(asked.quiet, asked.show_failed_logs)
        stream = sys.stdout if asked.stdout else sys.stderr
        self._plain: Handler = ColorizingTextHandler(asked.nocolor, stream, formatter)
        quiet = {str(getattr(kind, "name", kind)).lower() for kind in asked.quiet or ()}
        wordy = asked.verbose or asked.debug_dag or asked.dryrun or asked.printshellcmds
        plain = wordy or quiet.intersection(SHORTENED) or getattr(self.settings, "plain", False)
        self._show = None if plain else _show(stream, asked.nocolor)

    def emit(self, record: LogRecord) -> None:
        """Take in what snakemake says, and show what of it is worth showing."""
        try:
            if self._show is None:
                self._plain.emit(record)
            elif not self._show.take(record):
                style = "red" if record.levelno >= ERROR else "yellow" if record.levelno >= WARNING else ""
                self._show.pass_on(self._plain.format(record), style)
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Leave the screen as it stays."""
        try:
            if self._show is not None:
                self._show.close()
        finally:
            super().close()

    @property
    def writes_to_stream(self) -> bool:
        """Whether it writes on the screen, in place of snakemake's own logger."""
        return True

    @property
    def writes_to_file(self) -> bool:
        """Whether it writes a file; snakemake keeps its own log beside."""
        return False

    @property
    def has_filter(self) -> bool:
        """Whether it decides itself what --quiet leaves out; snakemake does."""
        return False

    @property
    def has_formatter(self) -> bool:
        """Whether it has a formatter of its own."""
        return True

    @property
    def needs_rulegraph(self) -> bool:
        """Whether it needs the graph of rules."""
        return False


def _show(stream: TextIO, no_colour: bool) -> "Show":
    """What shows a run on a stream."""
    import time

    from lrbench.live.screens import screen
    from lrbench.live.show import Show
    from lrbench.live.watched import TOLD

    return Show(screen(stream, no_colour, time.monotonic), TOLD)
