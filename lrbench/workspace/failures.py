"""What a snakemake call that failed says last: the sentence of each job that failed, or that it was interrupted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from lrbench.sentences import INTERRUPTED, printable, sentence

MAX_JOBS = 5
LOGS = re.compile(r"^ +log: (.+) \(check log file\(s\) for error details\)$", re.MULTILINE)
USER_REQUEST = "Terminating processes on user request"  # what snakemake logs when it is interrupted
SENTENCE = re.compile(r"^lrbench: (.+)$", re.MULTILINE)
LAST_CHARACTERS = 200


def last_words(logs: Iterable[Path | str]) -> list[str]:
    """The lines that tell a person why a snakemake call failed, each a whole line to print.

    Parameters
    ----------
    logs : the files in which that snakemake logged; the jobs' own log files that they name are read, too
    """
    logged = "".join(_content(log) for log in logs)
    interrupted = USER_REQUEST in logged
    files = dict.fromkeys(file for names in LOGS.findall(logged) for file in names.split(", "))
    said = dict.fromkeys(filter(None, (_why(file, interrupted) for file in files)))
    lines = [f"lrbench: {words}" for words in list(said)[:MAX_JOBS]]
    if len(said) > MAX_JOBS:
        lines.append(f"lrbench: {len(said) - MAX_JOBS} more jobs failed; their logs are in the folder logs.")
    return [*lines, f"lrbench: {INTERRUPTED}"] if interrupted else lines


def _why(log: str, interrupted: bool) -> str:
    """The sentence in a failed job's log; empty where the job was interrupted."""
    content = _content(log)
    sentences = SENTENCE.findall(content)
    if sentences:
        words = sentence(sentences[-1])
        return "" if interrupted and words == INTERRUPTED else words
    if interrupted:
        return ""
    lines = content.split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    words = f"its last line is {printable(last[:LAST_CHARACTERS])!r}" if last else "it is empty"
    return f"{sentence(log)}: the job that writes this log ended without saying why, and {words}; look there."


def _content(path: Path | str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
