"""What TensorFlow writes on the screen while it is loaded, whatever its own settings say, kept from the reader."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator

NOTES = re.compile(r"(I\d{4} \d|WARNING: All log messages before absl::InitializeLog)")  # how a line of them begins


@contextlib.contextmanager
def without_notes() -> Iterator[None]:
    """Leave out TensorFlow's notes on the standard error meanwhile; all else that is written there follows after."""
    with contextlib.ExitStack() as stack:
        try:
            kept = stack.enter_context(tempfile.TemporaryFile())
        except OSError:  # there is no room for one: better notes than no training
            yield
            return
        sys.stderr.flush()
        screen = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(screen, 2)
            os.close(screen)
            kept.seek(0)
            for line in kept.read().decode(errors="replace").splitlines(keepends=True):
                if not NOTES.match(line):
                    os.write(2, line.encode())
