"""What a real snakemake shows of a run: on a terminal, and in a pipe."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import pytest

pytestmark = pytest.mark.workflow
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def on_a_terminal(workspace, columns: int) -> str:
    """What a terminal of so many columns gets of a call of snakemake."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {key: value for key, value in workspace.environment.items() if key not in ("COLUMNS", "LINES")}
    running = subprocess.Popen(
        workspace.command(),
        stdin=follower,
        stdout=follower,
        stderr=follower,
        cwd=workspace.folder,
        env=environment | {"TERM": "xterm"},
    )
    os.close(follower)
    parts = []
    try:
        while part := os.read(leader, 65536):
            parts.append(part)
    except OSError:  # the other side is closed
        pass
    os.close(leader)
    assert running.wait() == 0, b"".join(parts).decode()
    return b"".join(parts).decode().replace("\r\n", "\n")


def test_a_terminal_has_bars_and_the_answer_and_a_pipe_the_answer_alone(workspace):
    (workspace.folder / "reports/tiny.html").unlink()
    statement = workspace.read("results/tiny/recommendation.json")["statement"]
    raw = on_a_terminal(workspace, 60)
    shown = CONTROL.sub("", raw)
    assert re.search(r"rate +epochs +val\. accuracy +time left\n", shown)
    bars = re.findall(r"^ *(0\.01|0\.1) +\S+ +4/4 +[\d.]+ % +done *$", shown, re.MULTILINE)
    assert set(bars) == {"0.01", "0.1"}
    assert max(map(len, re.findall(r"^ *0\.0?1 .*$", shown, re.MULTILINE))) <= 60
    assert "tiny: the report is written\n" in shown
    end = " ".join(shown[shown.rindex("tiny: Train") :].split())
    assert end == f"tiny: {statement} The report: reports/tiny.html"
    assert raw.count("\x1b[?25l") == raw.count("\x1b[?25h") == 1  # the cursor is shown again
    assert "Reason:" not in shown
    printed = workspace.snakemake().splitlines()
    assert "Nothing to be done" in "\n".join(printed)
    assert printed[-2:] == [f"tiny: {statement}", "The report: reports/tiny.html"]
