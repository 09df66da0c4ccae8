"""A run as snakemake's events tell it, written to a pipe and to a terminal, by a clock of the test's own."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path

import pytest
from rich.console import Console

from lrbench.live.screens import Lines, Terminal, screen
from lrbench.live.show import Show
from lrbench.live.watched import Told, Watched
from lrbench.places import SAYS_REPORTS

PLAN = {"learning_rates": [0.01, 0.1], "seeds": [0, 1]}
LINE = "learning rate {}, seed {}, epoch {}/2: loss 0.5, accuracy 0.8, val_loss 0.4, val_accuracy {}\n"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def record(event=None, msg="", level=logging.INFO, **more) -> logging.LogRecord:
    made = logging.LogRecord("snakemake", level, "", 0, msg, (), None)
    made.__dict__.update(more | ({"event": event} if event else {}))
    return made


class Run:
    """A run of an experiment `e` in a folder, and what was shown of it."""

    def __init__(self, whole=True) -> None:
        self.clock, self.stream = Clock(), io.StringIO()
        results = Path("results/e")
        told = Told(
            (Watched("e", PLAN, 2, 2, results),),
            {"e": (results / "recommendation.json", Path("reports/e.html"))},
            lambda: whole,
        )
        self.lines = Lines(self.stream, self.clock)
        self.show = Show(self.lines, told, self.clock)
        self.show._ticking = object()  # time goes on where the test says so

    def begin(self, number, rule, **wildcards) -> None:
        log = f"logs/{number}.log"
        self.show.take(record("job_info", jobid=number, rule_name=rule, wildcards=wildcards, log=[log]))

    def finish(self, number, done, total) -> None:
        self.show.take(record("job_finished", job_id=number))
        self.show.take(record("progress", done=done, total=total))

    def tick(self, now) -> None:
        self.clock.now = now
        self.show._show()

    def said(self) -> list[str]:
        return self.stream.getvalue().splitlines()


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(SAYS_REPORTS, raising=False)
    for folder in ("logs", "results/e", "reports"):
        Path(folder).mkdir(parents=True)
    Path("results/e/recommendation.json").write_text(json.dumps({"statement": "Train with 0.1."}))
    Path("reports/e.html").touch()
    return tmp_path


def test_a_pipe_gets_a_line_a_finished_stage_a_heartbeat_and_the_answer(here):
    run = Run()
    for words in ("Building DAG of jobs...", "Using shell: /usr/bin/bash", "Select jobs to execute...", "host: here"):
        assert run.show.take(record(msg=words))
    run.begin(1, "dataset", experiment="e")
    run.finish(1, 1, 6)
    run.begin(2, "train", experiment="e", learning_rate="0.01", block="0")
    Path("logs/2.log").write_text("ready to train after 1.0 s\n")
    run.tick(10.0)
    Path("logs/2.log").write_text("ready to train after 1.0 s\n" + LINE.format(0.01, 0, 1, 0.75))
    run.tick(20.0)
    run.tick(29.0)
    run.tick(31.0)
    run.tick(50.0)
    run.tick(61.0)
    Path("logs/2.log").write_text("ready to train after 1.0 s\n" + LINE.format(0.01, 0, 1, 0.75) * 4)
    run.finish(2, 2, 6)
    run.begin(5, "figures_alone", experiment="e")
    run.finish(5, 5, 6)
    run.begin(6, "all")
    run.finish(6, 6, 6)
    run.show.close()
    run.show.close()
    assert run.said() == [
        "e: the data set is checked",
        "training: 1 of 8 epochs, about 60 s left",
        "training: 1 of 8 epochs, about 60 s left",
        "e: learning rate 0.01 is trained: 2 runs, last validation accuracy 75.0 %",
        "e: the figures are drawn",
        "e: Train with 0.1.",
        "The report: reports/e.html",
    ]


def test_errors_and_warnings_are_left_to_snakemake_s_words_and_no_answer_follows(here):
    run = Run()
    run.begin(2, "train", experiment="e", learning_rate="0.01", block="0")
    assert not run.show.take(record("job_error", level=logging.ERROR, jobid=2, msg="Error in rule train"))
    assert not run.show.take(record(msg="a warning", level=logging.WARNING))
    assert not run.show.take(record(msg="Complete log(s): here"))
    run.show.take(record("progress", done=1, total=6))
    run.show.pass_on("Error in rule train:\n    log: logs/2.log")
    run.show.close()
    assert run.said() == ["Error in rule train:", "    log: logs/2.log"]


def test_words_of_snakemake_that_are_not_known_are_shown(here):
    run = Run()
    assert not run.show.take(record(msg="Unlocked working directory."))
    assert not run.show.take(record(msg="Terminating processes on user request, this might take some time."))
    assert run.show.take(record(msg="Complete log(s): here"))


def test_where_nothing_is_to_be_done_the_answer_is_still_said(here):
    run = Run()
    assert not run.show.take(record(msg="Nothing to be done (all requested files are present and up to date)."))
    run.show.close()
    assert run.said() == ["e: Train with 0.1.", "The report: reports/e.html"]


def test_a_call_for_some_files_ends_without_an_answer_unless_it_wrote_the_page(here, monkeypatch):
    monkeypatch.setenv(SAYS_REPORTS, "1")
    for rule, said in (("analyse", []), ("report", ["e: Train with 0.1."])):
        run = Run(whole=False)
        run.begin(1, rule, experiment="e")
        run.finish(1, 1, 1)
        run.show.close()
        assert run.said()[1:] == said


def test_a_workflow_that_nobody_told_of_is_shown_in_snakemake_s_words():
    show = Show(Lines(io.StringIO(), Clock()), Told())
    assert not show.take(record("job_info", jobid=1, rule_name="other", wildcards={}, log=[]))
    assert not show.take(record("progress", done=1, total=2))


def test_a_round_of_a_search_is_said_with_what_it_decided(here):
    Path("results/e/search").mkdir()
    Path("results/e/search/round-1.json").write_text(json.dumps({"statement": "0.1 needs more seeds.", "next": None}))
    run = Run()
    run.begin(1, "decide", experiment="e", round="1")
    run.finish(1, 1, 6)
    assert run.said() == ["e: round 1 is decided: 0.1 needs more seeds."]


def test_a_terminal_has_bars_until_the_end_and_none_beside_a_job_that_writes_itself(here):
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=60, height=24, no_color=True, legacy_windows=False)
    run = Run()
    terminal = run.show._screen = Terminal(console)
    run.begin(1, "train", experiment="e", learning_rate="0.01", block="0")
    assert terminal._live is not None
    assert "0.01" in stream.getvalue()
    run.show.pass_on("a warning " * 20)
    run.begin(2, "verify")
    assert terminal._live is None
    run.tick(1.0)
    assert terminal._live is None
    run.finish(2, 1, 1)
    assert terminal._live is not None
    run.show.close()
    assert terminal._live is None
    assert stream.getvalue().endswith("The report: reports/e.html\n")
    assert stream.getvalue().count("\x1b[?25l") == stream.getvalue().count("\x1b[?25h")  # the cursor is shown again


def test_what_is_no_terminal_or_cannot_move_its_cursor_gets_lines(monkeypatch):
    class Typewriter(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(screen(Typewriter(), False, Clock()), Terminal)
    assert isinstance(screen(io.StringIO(), False, Clock()), Lines)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(screen(Typewriter(), False, Clock()), Lines)
