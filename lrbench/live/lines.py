"""What is said in lines: of a stage that passed, of how far training is now and then, and of the answer at the end."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from lrbench.live.progress import RateProgress
from lrbench.sentences import sentence
from lrbench.tables.search import round_file
from lrbench.wording import counted, percent

STAGES = {
    "dataset": "the data set is checked",
    "backpropagate": "backpropagation is worked through",
    "test_range": "the range test is measured",
    "budget_steps": "the step budget is measured",
    "aggregate": "the tables are written",
    "analyse": "the analysis is written",
    "examine": "the mistakes are counted",
    "contrast": "carried-over weights are set against fresh ones",
    "figures": "the figures are drawn",
    "report": "the report is written",
    "compare": "the variants are compared",
    "study": "the page of the study is written",
    "index": "the list of all reports is written",
}
OWN_WORDS = ("verify", "verify_fit")  # rules whose jobs write on the screen themselves
TRAIN, DECIDE = "train", "decide"


def stage_line(rule: str, wildcards: Mapping[str, str], results: Path | None) -> str | None:
    """That a stage passed; None for a rule that is none, or of which others speak.

    results : of a job that decides in a search, the folder of its experiment's results
    """
    name = wildcards.get("experiment") or wildcards.get("study") or ""
    if rule == DECIDE:
        number = wildcards.get("round", "")
        said = "" if results is None else _text(Path(round_file(results, number)), "statement")
        words = f"round {number} is decided" + (f": {said}" if said else "")
    else:
        words = STAGES.get(rule) or STAGES.get(re.split(r"_", rule)[0], "")
    if not words:
        return None
    return f"{name}: {words}" if name else f"{words[0].upper()}{words[1:]}"


def rate_line(experiment: str, rate: RateProgress) -> str:
    """That all runs at a learning rate are there."""
    last = "" if rate.accuracy is None else f", last validation accuracy {percent(rate.accuracy)}"
    return f"{experiment}: learning rate {rate.label} is trained: {counted(rate.runs, 'run')}{last}"


def heartbeat(epochs: int, planned: int, left: float | None, running: list[str]) -> str:
    """How far training is; where it is over, what is at work."""
    if epochs < planned:
        time = "" if left is None else f", about {short_duration(left)} left"
        return f"training: {epochs:,} of {planned:,} epochs{time}"
    return f"at work: {', '.join(running) or 'snakemake'}"


def short_duration(seconds: float) -> str:
    """A time in a few characters: 40 s, 12 min, 1.3 h."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def answer(name: str, path: Path) -> str | None:
    """The answer of an experiment or a study in a sentence, as its results have it; None where there is none.

    path : recommendation.json, or findings.json of a study
    """
    said = _text(path, "statement")
    return f"{name}: {said}" if said else None


def _text(path: Path, key: str) -> str:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))[key]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return sentence(str(found))
